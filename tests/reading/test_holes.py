"""What fills the slots: ads in turn, prompts that fit, the reader's corner."""

import pytest

pytestmark = pytest.mark.django_db


def test_the_corner_says_who_is_asking(story, stranger, as_, aram, leyla, nino):
    story()
    assert "Sign in" in stranger.get("/").content.decode()
    for user, says, never in ((aram, "Aram", "Desk"), (leyla, "Leyla", "Desk"), (nino, "Desk", "Sign in")):
        text = as_(user).get("/").content.decode()
        corner = text[: text.index("<main")]
        assert says in corner
        assert never not in corner


def test_a_name_is_text(story, as_, aram):
    aram.display_name = "<b>Aram</b>"
    aram.save()
    assert "&lt;b&gt;Aram&lt;/b&gt;" in as_(aram).get("/").content.decode()


def test_nobody_can_write_a_slot_into_a_story(story, stranger):
    text = stranger.get(story(html="<p>a</p><!--x:ad:0--><p>&lt;!--x:ad:0--&gt;</p><p>b</p>").get_absolute_url())
    assert text.content.decode().count('data-insert="ad"') == 0
