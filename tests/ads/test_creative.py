"""An advertisement's own HTML: in a frame from which nothing is loaded, run or reached."""

import base64
import hashlib

import pytest

from articles.ads import markup
from tests.ads.bookings import book

pytestmark = pytest.mark.django_db

STYLE = ".bread { color: teal }"
GOOD = f'<style>{STYLE}</style><p class="bread"><a href="{{click}}" target="_blank">Rolls &amp; bread</a></p>'


@pytest.fixture
def bread():
    return book("Bread", kind="html", html=GOOD, width=300, height=250)


def policy(response):
    told = (directive.split() for directive in response["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in told}


def digest(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_it_is_served_with_a_policy_of_its_own(bread, stranger):
    response = stranger.get(f"/creative/{bread.pk}/?at=inline1")
    assert policy(response) == {
        "default-src": ["'none'"],
        "img-src": ["data:"],
        "font-src": ["data:"],
        "style-src": [digest(STYLE)],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
    }
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "noindex" in response["X-Robots-Tag"]
    assert response.content.decode().startswith("<!DOCTYPE html>\n<style>")


def test_its_links_lead_through_the_address_that_counts(bread, stranger):
    text = stranger.get(f"/creative/{bread.pk}/?at=inline1").content.decode()
    assert f'href="/go/{bread.pk}/?at=inline1"' in text
    assert "{click}" not in text


@pytest.mark.parametrize("at", ['"><script>', "inline1&x", "//evil.example"])
def test_nothing_of_the_address_comes_into_it(bread, stranger, at):
    text = stranger.get(f"/creative/{bread.pk}/", {"at": at}).content.decode()
    assert f'href="/go/{bread.pk}/?at=elsewhere"' in text
    assert at not in text


def test_only_such_creatives_have_a_document(stranger):
    words = book("Words")
    for path in (f"/creative/{words.pk}/", "/creative/4711/", f"/creative/{10**17}/"):
        assert stranger.get(path).status_code == 404


def test_one_that_is_past_its_time_is_still_shown_where_a_page_is_open(bread, stranger, now):
    type(bread.campaign).objects.update(ends_at=now)
    assert stranger.get(f"/creative/{bread.pk}/").status_code == 200


def test_the_page_around_may_hold_frames_of_ours_alone(stranger, story):
    assert policy(stranger.get(story().get_absolute_url()))["frame-src"] == ["'self'"]


def test_it_is_laid_into_a_page_in_a_frame_of_its_size(bread, stranger, story):
    text = stranger.get(story(html=f"<p>{'words ' * 60}</p>" * 8).get_absolute_url()).content.decode()
    frame = text[text.index("<iframe") : text.index("</iframe>")]
    for words in (
        f'src="/creative/{bread.pk}/?at=inline1"',
        'sandbox="allow-popups allow-popups-to-escape-sandbox"',
        'width="300" height="250"',
        'title="Advertisement"',
        'loading="lazy"',
    ):
        assert words in frame


# What is pasted -> a word of what is said about it; None: nothing.
LOOKED_AT = {
    "good": (GOOD, None),
    "a whole document": (f"<!doctype html><html><head><title>x</title></head><body>{GOOD}</body></html>", None),
    "a picture inside": (GOOD + '<img src="data:image/gif;base64,AAAA" alt="">', None),
    "a place of its own": (GOOD + '<a href="#more">more</a>', None),
    "a drawing": (GOOD + '<svg><use href="#a"/><image href="data:image/gif;base64,AA"/></svg>', None),
    "a style with a picture inside": (GOOD + "<style>p { background: url('data:image/gif;base64,AA') }</style>", None),
    "no link": ("<p>Rolls</p>", "no link"),
    "a link in the frame": (GOOD + '<a href="{click}">x</a>', "target"),
    "a link elsewhere": (GOOD + '<a href="https://evil.example/">x</a>', "{click}"),
    "a script as a link": (GOOD + '<a href=" javascript:alert(1)">x</a>', "{click}"),
    "a ping": (GOOD + '<a href="{click}" ping="https://evil.example/">x</a>', "{click}"),
    "a picture elsewhere": (GOOD + '<img src="https://evil.example/x.gif">', "data: addresses"),
    "a set of pictures": (GOOD + '<img srcset="x.gif 1x">', "data: addresses"),
    "a video's poster": (GOOD + '<video poster="//evil.example/x">', "data: addresses"),
    "a drawing that loads": (GOOD + '<svg><image href="https://evil.example/x"/></svg>', "data: addresses"),
    "a style that loads": (GOOD + "<style>p { background: url(//evil.example/x) }</style>", "style loads"),
    "a style that imports": (GOOD + "<style>@IMPORT 'https://evil.example/x.css'</style>", "style loads"),
    "a script": (GOOD + "<script>alert(1)</script>", "Scripts"),
    "a script in capitals": (GOOD + "<SCRIPT src=x></SCRIPT>", "Scripts"),
    "a handler": (GOOD + '<p onClick="x()">', "onclick"),
    "an inline style": (GOOD + '<p style="color:red">', "class"),
    "a style sheet": (GOOD + '<link rel="stylesheet" href="{click}">', "<link>"),
    "a frame": (GOOD + "<iframe srcdoc=x></iframe>", "frame in the frame"),
    "an object": (GOOD + "<object></object>", "<object>"),
    "an embed": (GOOD + "<embed>", "<embed>"),
    "a form": (GOOD + "<form></form>", "Forms"),
    "a base": (GOOD + "<base href='{click}'>", "<base>"),
    "a refresh": (GOOD + '<meta http-equiv="refresh" content="0;url=//evil.example">', "http-equiv"),
    "a style that does not end": (GOOD + "<style>p { color: red }", "not closed"),
}


@pytest.mark.parametrize("case", LOOKED_AT)
def test_what_will_not_work_is_said_with_what_to_do(case):
    html, words = LOOKED_AT[case]
    said = [str(problem) for problem in markup.looked_at(html).problems]
    assert (said == []) if words is None else any(words in one for one in said), said


def test_each_thing_is_said_once():
    assert len(markup.looked_at(GOOD + "<script></script>" * 5).problems) == 1


def test_digests_are_of_what_browsers_read():
    """Ends of lines come from a form as CR LF; browsers make LF of them before they look at a style."""
    style = "a {\r\n  color: red\r}\n"
    document = markup.document(f"<style>{style}</style>", "/go/1/")
    assert digest("a {\n  color: red\n}\n") in markup.policy(document)


def test_two_styles_are_both_let_in_and_the_same_one_once():
    told = markup.policy("<style>a{}</style><style>b{}</style><style>a{}</style>")
    assert told.count("sha256-") == 2


def test_without_a_style_none_is_let_in():
    assert "style-src" not in markup.policy("<p>x</p>")


def test_a_policy_cannot_be_widened_by_what_a_style_says():
    told = markup.policy("<style>a{} /* ; script-src * */</style>")
    assert "script-src" not in told
