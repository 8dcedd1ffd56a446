"""The sanitiser and the blocks: hostile markup in, canonical HTML out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import body

# what comes in -> what the canonical HTML is
HOSTILE = {
    "<p>a</p><p>b</p>": "<p>a</p>\n<p>b</p>",
    "bare text <strong>bold</strong><p>z</p>tail": "<p>bare text <strong>bold</strong></p>\n<p>z</p>\n<p>tail</p>",
    "<div>a</div><div>b<p>c</p></div>": "<p>a</p>\n<p>b</p>\n<p>c</p>",
    "<script>x()</script><p>a</p>": "<p>a</p>",
    "<style>p{}</style><p>a</p>": "<p>a</p>",
    "<p onclick=x() style='color:red' class=y id=z>a</p>": "<p>a</p>",
    "<img src=x onerror=x()>": "",
    "<svg><script>x()</script></svg><p>a</p>": "<p>a</p>",
    "<p><a href='javascript:x()'>a</a></p>": '<p><a rel="noopener">a</a></p>',
    "<p><a href='https://example.com/?a=1&b=2' target=_blank>a</a></p>": '<p><a href="https://example.com/?a=1&amp;b=2" rel="noopener">a</a></p>',
    "<p><a href='data:text/html,x'>a</a></p>": '<p><a rel="noopener">a</a></p>',
    "<iframe src='https://example.com'></iframe><p>a</p>": "<p>a</p>",
    "a < b & c": "<p>a &lt; b &amp; c</p>",
    "<p>open <strong>and never closed": "<p>open <strong>and never closed</strong></p>",
    "<strong>open <p>x</p> more": "<p><strong>open</strong></p>\n<p>x</p>\n<p>more</p>",
    "<li>orphan</li><td>cell</td>": "<p>orphan</p>\n<p>cell</p>",
    "<p><br></p><p>&nbsp;</p><p> </p><p>a</p>": "<p>a</p>",
    "<hr data-mark=ad><hr data-mark=evil>": '<hr data-mark="ad">\n<hr>',
    "<hr data-mark=wall><p>a</p><hr data-mark=wall>": '<hr data-mark="wall">\n<p>a</p>',
    "<figure data-image='7'><img src=x><figcaption>Cap</figcaption></figure>": '<figure data-image="7"><figcaption>Cap</figcaption></figure>',
    "<figure data-image='7 OR 1'><figcaption>Cap</figcaption></figure>": "<p>Cap</p>",
    "<figure data-embed='https://evil.example/youtube.com'></figure>": "",
    "<figure data-embed='https://youtube.com.evil.example/x'></figure>": "",
    "<figure data-embed='http://youtube.com/x'></figure>": "",
    "<figure data-embed='https://user@youtube.com/x'></figure>": "",
    "<figure data-embed='https://www.youtube.com/watch?v=a&t=1'></figure>": '<figure data-embed="https://www.youtube.com/watch?v=a&amp;t=1"></figure>',
    "<blockquote data-kind=pull><p>x</p><cite>y</cite></blockquote>": '<blockquote data-kind="pull"><p>x</p><cite>y</cite></blockquote>',
    "<blockquote data-kind=evil class=x><p>x</p></blockquote>": "<blockquote><p>x</p></blockquote>",
    "<h1>Big</h1><h2>Small</h2>": "<p>Big</p>\n<h2>Small</h2>",
    "<ul><li>a<ul><li>b</li></ul></li></ul>": "<ul><li>a<ul><li>b</li></ul></li></ul>",
    "<p>კითხვა <span lang=ka onclick=x>მთა</span></p>": '<p>კითხვა <span lang="ka">მთა</span></p>',
    "\x00<p>a\x00b</p>": "<p>ab</p>",
    "<!-- <p>hidden</p> --><p>a</p>": "<p>a</p>",
    "<template><p>x</p></template><p>a</p>": "<p>a</p>",
    "": "",
}  # fmt: skip


@pytest.mark.parametrize(("markup", "canonical"), HOSTILE.items())
def test_hostile_markup_becomes_canonical(markup, canonical):
    assert body.clean(markup).replace(' rel="noopener"', "") == canonical.replace(' rel="noopener"', "")


PIECES = st.one_of(
    st.sampled_from(
        [f"<{slash}{tag}>" for slash in ("", "/") for tag in (
            "p", "div", "h2", "ul", "li", "blockquote", "cite", "strong", "a", "em", "table", "tr", "td", "figure",
            "figcaption", "hr", "br", "script", "section", "svg", "template", "textarea", "select", "pre",
        )]
        + ['<hr data-mark="ad">', '<hr data-mark="wall">', '<figure data-image="3">', "<a href='https://x.com/'>"]
    ),
    st.text(max_size=6),
    st.sampled_from(["word ", "&amp;", "&lt;p&gt;", "<", "&nbsp;", "\n", "&#x3c;script&#x3e;"]),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=14))
def test_cleaning_twice_changes_nothing_and_every_block_is_known(pieces):
    canonical = body.clean("".join(pieces))
    assert body.clean(canonical) == canonical
    kinds = {*body.BLOCK_KINDS.values(), "embed", "pullquote", "ad_break", "wall"}
    assert {block.kind for block in body.blocks(canonical)} <= kinds
    assert "<script" not in canonical


def test_the_text_of_a_block_keeps_words_whole_and_apart():
    (block,) = body.blocks("<ul><li>o<strong>n</strong>e</li><li>two &amp; three</li></ul>")
    assert block.text == "one two & three"


def paragraphs(*kinds):
    return [body.Block(kind, f"<p>{number}</p>") for number, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("kinds", "free"),
    [
        (["paragraph"] * 5, 2),
        (["paragraph", "heading", "paragraph", "paragraph"], 3),
        (["paragraph", "paragraph"], 1),
        (["paragraph"], 0),
        ([], 0),
        (["heading", "list"], 0),
        (["paragraph", "wall", "paragraph"], 1),
        (["wall", "paragraph"], 0),
        (["paragraph", "paragraph", "paragraph", "wall"], 3),
    ],
)
def test_the_preview_ends_at_the_mark_else_after_two_paragraphs_and_never_is_all(kinds, free):
    preview, rest = body.split_preview(paragraphs(*kinds))
    assert len(preview) == free
    assert len(preview) + len(rest) == sum(kind != "wall" for kind in kinds)


def test_plain_text_becomes_a_paragraph_in_which_less_than_is_text():
    assert body.clean(body.paragraph("1 < 2 & <script>")) == "<p>1 &lt; 2 &amp; &lt;script&gt;</p>"


@given(st.lists(PIECES, max_size=14))
def test_what_is_stored_is_read_as_any_markup_is(pieces):
    canonical = body.clean("".join(pieces))
    assert body.stored(canonical) == body.blocks(canonical)


@pytest.mark.parametrize(
    "tampered",
    [
        "<p>a</p><script>alert(1)</script>", "<p onclick='x'>a</p>", "<p>a</p>\n\n<p>b</p>", "loose", "<p>a\x01</p>",
        "<p>a", "<em>a</em>", "<div><p>a</p></div>", "", "\n", "<p>a</p>\n</p>", '<hr data-mark="wall">\n<p>b</p>\nc',
        '<figure data-embed="https://evil.example/"></figure>', "<p>a</p>\n<!-- b -->", "<figure></figure>",
    ],
)  # fmt: skip
def test_what_was_put_into_the_database_by_another_hand_is_sanitised_all_the_same(tampered):
    assert body.html(body.stored(tampered)) == body.html(body.blocks(tampered))
