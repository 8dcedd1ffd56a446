"""The editor in a real browser: what it is given it gives back, under the strict policy and without a complaint."""

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from PIL import Image as Picture

from articles import body, publishing
from articles.models import Article, Body, Image, Revision
from tests.desk.people import with_role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NODES = {
    "paragraph": "<p>Plain words — with a dash, “quotes” and a&nbsp;fixed space.</p>",
    "marks": "<p>One <em>word</em>, <strong>bold</strong>, <em><strong>both</strong></em>, <u>under</u>, <s>gone</s>, H<sub>2</sub>O, m<sup>2</sup>, <code>code</code>.</p>",
    "line break": "<p>One line<br>and the next</p>",
    "links": '<p>A <a href="https://example.com/a?b=1&amp;c=2">link</a>, a <a href="mailto:desk@example.com">mail</a>, a <a href="/join/">page</a>.</p>',
    "a link with a title": '<p><a href="https://example.com/" title="Where it leads">Link</a></p>',
    "heading 2": "<h2>A heading</h2>",
    "heading 3": "<h3>A <em>smaller</em> one</h3>",
    "heading 4": "<h4>The smallest</h4>",
    "list": "<ul><li>One</li><li>Two <em>words</em></li></ul>",
    "numbered list": '<ol start="3"><li>Three</li><li>Four</li></ol>',
    "nested lists": "<ul><li>One<ul><li>Inner<ol><li>Innermost</li></ol></li><li>Second</li></ul></li><li>Two</li></ul>",
    "loose list": "<ul><li><p>One.</p><p>Still one.</p></li><li><p>Two.</p></li></ul>",
    "quote": "<blockquote><p>Said once.</p><p>And again.</p></blockquote>",
    "quote with its speaker": "<blockquote><p>Said once.</p><cite>Davit</cite></blockquote>",
    "quote with a list": "<blockquote><p>Three things:</p><ul><li>One</li></ul></blockquote>",
    "pull quote": '<blockquote data-kind="pull"><p>The river is late</p></blockquote>',
    "pull quote with cite": '<blockquote data-kind="pull"><p>The river is <em>late</em></p><cite>Nino, ferrywoman</cite></blockquote>',
    "cited work": "<p>He read <cite>The Knight</cite> twice.</p>",
    "table": "<table><thead><tr><th>Place</th><th>Litres</th></tr></thead><tbody><tr><td>Dzor</td><td>12</td></tr><tr><td>Kar</td><td>9</td></tr></tbody></table>",
    "table without heads": "<table><tbody><tr><td>Dzor</td><td>12</td></tr></tbody></table>",
    "table with title, foot, spans": '<table><caption>Water</caption><thead><tr><th>Place</th><th>Litres</th></tr></thead><tbody><tr><th scope="row">Dzor</th><td>12</td></tr><tr><td colspan="2">None</td></tr></tbody><tfoot><tr><td>Sum</td><td>12</td></tr></tfoot></table>',
    "figure": '<figure data-image="{image}"><figcaption>The <em>bakery</em>, 2026</figcaption></figure>',
    "figure with its words": '<figure data-image="{image}" data-alt="Bread &amp; “salt”"><figcaption>At dawn <small>Photo: <a href="https://example.com/">Nino</a></small></figcaption></figure>',
    "figure with a credit alone": '<figure data-image="{image}"><figcaption><small>Nino</small></figcaption></figure>',
    "figure without caption": '<figure data-image="{image}"></figure>',
    "embed": '<figure data-embed="https://www.youtube.com/watch?v=abc&amp;t=1"><figcaption>The film</figcaption></figure>',
    "embed without title": '<figure data-embed="https://vimeo.com/1"></figure>',
    "ad break": '<hr data-mark="ad">',
    "wall mark": '<hr data-mark="wall">',
    "rule": "<hr>",
    "Georgian": "<p>ქართული ანბანი ძველია.</p>",
    "Armenian": "<p>Հայերեն՝ «գիր ու գրականություն»։</p>",
    "Arabic": "<p>النص العربي من اليمين.</p>",
    "words of a language": '<p>They say <span lang="ka">გამარჯობა</span> here.</p>',
    "paragraph of a language": '<p lang="hy">Բարեւ։</p>',
    "last paragraph": "<p>The end.</p>",
}  # fmt: skip


@pytest.fixture
def image():
    made = io.BytesIO()
    Picture.new("RGB", (600, 400), "teal").save(made, "PNG")
    made.seek(0)
    return Image.objects.store(made, alt="The bakery", credit="Nino", caption="At dawn")


@pytest.fixture
def desk(browser, live_server):
    """An editor's browser."""
    client = Client()
    client.force_login(with_role("editor@example.com"))
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 1000})
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    yield context
    context.close()


@pytest.fixture
def page(desk):
    """A page that fails the test for any line in its console."""
    opened = desk.new_page()
    complaints = []
    opened.on("console", lambda line: complaints.append(f"{line.text} {line.location.get('url')}"))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    assert [line for line in complaints if "/favicon.ico" not in line] == []


@pytest.fixture
def draft():
    """draft(html) is a stored draft of a story."""
    return lambda html: publishing.save([publishing.Draft(Article(headline="The ferry"), html)])[0]


def open_form(page, story):
    page.goto(reverse("admin:articles_article_change", args=[story.pk]))
    return page.locator(".story-text")


def save(page, story):
    """Press the button; the blocks that are stored then."""
    with page.expect_navigation():
        page.locator("input[name=_continue]").click()
    assert page.locator(".errornote").count() == 0, page.locator(".errorlist").all_inner_texts()
    return [block.html for block in Body.of(story.pk)]


def test_every_node_comes_back_as_it_was(page, draft, image):
    given = {name: html.replace("{image}", str(image.pk)) for name, html in NODES.items()}
    canonical = {name: body.clean(html) for name, html in given.items()}
    assert canonical == given
    story = draft("\n".join(given.values()))
    text = open_form(page, story)
    go_to_end(page, text.locator("p", has_text="The end."))
    page.keyboard.type(" Or not.")
    assert save(page, story) == [*list(given.values())[:-1], "<p>The end. Or not.</p>"]


def test_a_text_that_nobody_touched_is_saved_as_it_was(page, draft):
    html = "<p>One.</p><ul><li>Two</li></ul>"
    story = draft(html)
    open_form(page, story)
    save(page, story)
    assert Revision.of(story.pk).count() == 1


def test_spaces_are_typed_as_spaces(page, draft):
    story = draft("<p>One</p>")
    go_to_end(page, open_form(page, story).locator("p"))
    page.keyboard.type(" two three ")
    page.keyboard.type("four")
    assert save(page, story) == ["<p>One two three four</p>"]


def go_to_end(page, block):
    """The cursor behind the last letter of a block. The editor hears of a click a moment after the browser does; a
    key that comes in between would be taken where the cursor was before."""
    block.click()
    page.keyboard.press("End")
    page.wait_for_function("""() => {
        const { empty, $from } = document.querySelector(".story-text.ProseMirror-focused")?.editor.state.selection ?? {}
        return empty && $from.parent.content.size && $from.parentOffset === $from.parent.content.size
    }""")


def press(page, name):
    page.locator(f'.toolbar button[data-name="{name}"]').click()


def test_a_story_is_written_with_the_buttons(page, draft, image):
    story = draft("<p>Lead.</p>")
    text = open_form(page, story)
    go_to_end(page, text.locator("p"))
    for name in ("ad", "wallButton", "rule"):
        press(page, name)
    press(page, "pullQuote")
    page.keyboard.type("The river is late")
    press(page, "attribution")
    page.keyboard.type("Davit")
    page.keyboard.press("Enter")
    page.keyboard.type("Why")
    press(page, "heading2")
    page.keyboard.press("Enter")
    press(page, "bulletList")
    page.keyboard.type("One")
    page.keyboard.press("Enter")
    page.keyboard.type("Two")
    assert save(page, story) == [
        "<p>Lead.</p>", '<hr data-mark="ad">', '<hr data-mark="wall">', "<hr>",
        '<blockquote data-kind="pull"><p>The river is late</p><cite>Davit</cite></blockquote>',
        "<h2>Why</h2>", "<ul><li>One</li><li>Two</li></ul>",
    ]  # fmt: skip


MARKS = {"ad": '<hr data-mark="ad">', "wallButton": '<hr data-mark="wall">', "rule": "<hr>"}
AFTER = {
    "quote": "<blockquote><p>Free too.</p></blockquote>",
    "bulletList": "<ul><li>Free too.</li></ul>",
    "heading2": "<h2>Free too.</h2>",
    None: "<p>Free too.</p>",
}


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("kind", AFTER)
def test_what_is_typed_after_a_mark_stands_below_it(page, draft, mark, kind):
    story = draft("<p>Lead.</p>")
    open_form(page, story).locator("p").click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("Free intro.")
    page.keyboard.press("Enter")
    if kind:
        press(page, kind)
    page.keyboard.type("Free too.")
    press(page, mark)
    page.keyboard.type("gated first.")
    page.keyboard.press("Enter")
    page.keyboard.type("gated second.")
    assert save(page, story) == [
        "<p>Free intro.</p>", AFTER[kind], MARKS[mark], "<p>gated first.</p>", "<p>gated second.</p>",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("<p>Old.</p>", ["<p>New. Old.</p>"]),
        ("<h2>Old.</h2>", ["<p>New.</p>", "<h2>Old.</h2>"]),
        ("<hr>", ["<p>New.</p>", "<hr>"]),
    ],
)
def test_a_mark_in_the_midst_of_a_story_keeps_what_follows_below_it(page, draft, below, expected):
    story = draft(f"<p>Lead.</p>{below}")
    open_form(page, story).locator("p", has_text="Lead.").click()
    press(page, "wallButton")
    page.keyboard.type("New. ")
    assert save(page, story) == ["<p>Lead.</p>", '<hr data-mark="wall">', *expected]


def test_a_mark_in_an_empty_paragraph_stands_above_what_is_typed_there(page, draft):
    story = draft("<p>Lead.</p><p>Old.</p>")
    go_to_end(page, open_form(page, story).locator("p", has_text="Lead."))
    page.keyboard.press("Enter")
    press(page, "wallButton")
    page.keyboard.type("New.")
    assert save(page, story) == ["<p>Lead.</p>", '<hr data-mark="wall">', "<p>New.</p>", "<p>Old.</p>"]


def test_letters_do_not_take_the_place_of_a_mark_that_was_clicked_on(page, draft):
    story = draft('<p>Lead.</p><hr data-mark="wall"><p>Old.</p>')
    text = open_form(page, story)
    text.locator(".break").click()
    text.locator(".break.ProseMirror-selectednode").wait_for()
    page.keyboard.type("New. ")
    assert save(page, story) == ["<p>Lead.</p>", '<hr data-mark="wall">', "<p>New. Old.</p>"]


def test_a_wall_that_is_set_anew_leaves_its_old_place(page, draft):
    story = draft('<p>One.</p><hr data-mark="wall"><p>Two.</p>')
    open_form(page, story).locator("p", has_text="Two.").click()
    press(page, "wallButton")
    assert save(page, story) == ["<p>One.</p>", "<p>Two.</p>", '<hr data-mark="wall">']


def test_an_image_is_chosen_from_the_library(page, draft, image):
    story = draft("<p>Lead.</p>")
    open_form(page, story).locator("p").click()
    press(page, "image")
    page.locator("dialog input[type=search]").fill("bakery")
    page.locator("dialog .tile", has_text="The bakery").click()
    page.locator(f'.story-text img[src$="/{image.pk}/thumbnail/"]').wait_for()
    assert save(page, story) == [
        "<p>Lead.</p>",
        f'<figure data-image="{image.pk}" data-alt="The bakery"><figcaption>At dawn <small>Nino</small></figcaption></figure>',
    ]


def test_a_figure_carries_its_own_words(page, draft, image):
    html = f'<figure data-image="{image.pk}"><figcaption>At dawn</figcaption></figure>'
    story = draft(f"<p>Lead.</p>{html}{html}")
    text = open_form(page, story)
    words = text.get_by_label("Alternative text")
    words.first.click()
    page.keyboard.type("A “baker")
    page.keyboard.press("Backspace")
    page.keyboard.type("ry”")
    page.keyboard.press("Enter")
    words.last.fill("Gone again")
    words.last.fill("")
    go_to_end(page, text.locator("figcaption").first)
    page.keyboard.type(" ")
    press(page, "credit")
    page.keyboard.type("Nino")
    assert save(page, story) == [
        "<p>Lead.</p>",
        f'<figure data-image="{image.pk}" data-alt="A “bakery”"><figcaption>At dawn <small>Nino</small></figcaption></figure>',
        html,
    ]


def test_a_caption_typed_before_a_credit_is_no_credit(page, draft, image):
    Image.objects.filter(pk=image.pk).update(caption="", alt="")
    story = draft("<p>Lead.</p>")
    open_form(page, story).locator("p").click()
    press(page, "image")
    page.locator("dialog .tile").click()
    page.locator(".story-text figcaption").wait_for()
    page.keyboard.type("Dusk")
    assert save(page, story) == [
        "<p>Lead.</p>", f'<figure data-image="{image.pk}"><figcaption>Dusk <small>Nino</small></figcaption></figure>',
    ]  # fmt: skip


def test_a_lead_image_is_chosen_from_the_library(page, draft, image):
    story = draft("<p>Lead.</p>")
    open_form(page, story)
    page.locator(".image-choice button").click()
    page.locator("dialog .tile").click()
    assert page.locator("#id_image").input_value() == str(image.pk)
    save(page, story)
    assert Article.objects.get(pk=story.pk).image == image


def test_an_embed_of_an_unknown_provider_is_refused_where_it_is_typed(page, draft):
    story = draft("<p>Lead.</p>")
    open_form(page, story).locator("p").click()
    press(page, "embed")
    page.locator("dialog input").fill("https://evil.example/x")
    page.keyboard.press("Enter")
    assert "cannot be embedded. Known are: YouTube" in page.locator("dialog .refusal").inner_text()
    page.locator("dialog input").fill("https://youtu.be/abc")
    page.keyboard.press("Enter")
    assert save(page, story) == ["<p>Lead.</p>", '<figure data-embed="https://youtu.be/abc"></figure>']


def test_a_link_is_set_on_chosen_words_and_a_script_is_none(page, draft):
    story = draft("<p>Lead</p>")
    open_form(page, story).locator("p").click()
    page.keyboard.press("ControlOrMeta+A")
    press(page, "link")
    page.locator("dialog input").fill("javascript:alert(1)")
    page.keyboard.press("Enter")
    assert "Take an address" in page.locator("dialog .refusal").inner_text()
    page.locator("dialog input").fill("https://example.com/")
    page.keyboard.press("Enter")
    assert save(page, story) == ['<p><a href="https://example.com/">Lead</a></p>']


def test_a_table_is_made_and_grows(page, draft):
    story = draft("<p>Lead.</p>")
    open_form(page, story).locator("p").click()
    press(page, "table")
    page.locator('dialog input[name="rows"]').fill("2")
    page.locator('dialog input[name="cols"]').fill("2")
    page.locator("dialog button[type=submit]").click()
    for word in ("Place", "Litres", "Dzor", "12"):
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    page.keyboard.type("Kar")
    heads = "<thead><tr><th>Place</th><th>Litres</th></tr></thead>"
    rows = "<tbody><tr><td>Dzor</td><td>12</td></tr><tr><td>Kar</td><td></td></tr></tbody>"
    assert save(page, story) == ["<p>Lead.</p>", f"<table>{heads}{rows}</table>"]


def test_what_word_and_google_docs_paste_comes_out_clean(page, draft):
    story = draft("<p>Lead.</p>")
    go_to_end(page, open_form(page, story).locator("p"))
    page.keyboard.type(" x")
    page.locator(".story-text p", has_text="Lead. x").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('.story-text p').length === 2")
    pasted = (
        '<b style="font-weight:normal" id="docs-internal-guid-1"><p class="MsoNormal" style="margin:0"><span style="'
        'font-family:Arial;font-weight:700">Bold</span><span style="color:red"> red</span></p></b>'
    )
    page.evaluate(
        """(html) => {
            const clipboardData = new DataTransfer()
            clipboardData.setData("text/html", html)
            const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true })
            document.querySelector(".story-text").dispatchEvent(event)
        }""",
        pasted,
    )
    assert save(page, story) == ["<p>Lead. x</p>", "<p><strong>Bold</strong> red</p>"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_desk_draws_a_complaint_from_the_browser(page, draft, image, scheme):
    story = draft("<p>Lead.</p>")
    page.emulate_media(color_scheme=scheme)
    for name in ("article", "image", "section", "author"):
        for kind in ("changelist", "add"):
            page.goto(reverse(f"admin:articles_{name}_{kind}"))
            assert page.locator("#content h1").is_visible()
    for kind in ("revisions", "history", "delete"):
        page.goto(reverse(f"admin:articles_article_{kind}", args=[story.pk]))
        assert page.locator("#content h1").is_visible()
    page.goto("/admin/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_list_form_and_library(desk, draft, image, scheme):
    story = draft(f'<p>Lead.</p><hr data-mark="wall"><figure data-image="{image.pk}"></figure>')
    page = desk.new_page()
    page.emulate_media(color_scheme=scheme)
    for address in ("/admin/", reverse("admin:articles_article_changelist"), reverse("admin:articles_image_add")):
        page.goto(address)
        assert serious(page) == []
    open_form(page, story)
    assert serious(page) == []
    press(page, "image")
    page.locator("dialog .tile").wait_for()
    assert serious(page) == []


LATE_READY = """addEventListener("DOMContentLoaded", () => django.jQuery.holdReady(true))
addEventListener("load", () => setTimeout(() => django.jQuery.holdReady(false), 100))"""
NAMES = {"aria-input-field-name", "empty-table-header", "label", "select-name"}


def test_each_field_and_each_column_of_the_forms_has_a_name(desk, draft):
    story, other = draft("<p>Lead.</p>"), draft("<p>Other.</p>")
    publishing.relate([(story.pk, other.pk)])
    page = desk.new_page()
    page.add_init_script(LATE_READY)

    def nameless():
        return [one for one in violations(page) if one["id"] in NAMES]

    page.goto(reverse("admin:members_grant_add"))
    page.locator(".select2-selection").wait_for()
    assert nameless() == []
    for address in (
        reverse("admin:articles_article_add"),
        reverse("admin:articles_article_change", args=[story.pk]),
    ):
        page.goto(address)
        page.locator(".field-translation_of .select2-selection").wait_for()
        page.locator("#bylines-group .add-row a").click()
        page.locator("#bylines-0 .select2-selection").wait_for()
        assert nameless() == []


def violations(page):
    return Axe().run(page).response["violations"]


def serious(page):
    found = violations(page)
    return [(one["id"], one["nodes"][0]["target"]) for one in found if one["impact"] in ("serious", "critical")]
