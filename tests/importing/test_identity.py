from articles.importing.identity import Index, Known, Sight, headline_key, text_key
from articles.importing.story import Form, Prompt, Story

TEXT = "<p>" + "The river rose again on Monday. " * 10 + "</p>"


def sight(headline="Ferry leaves", html=TEXT, name="a.txt", **fields):
    return Sight.of(Story(headline, html, **fields), name)


def known(*sights):
    one = Known(1)
    for each in sights:
        one.take(each)
        one.see(each)
    return Index([one]), one


def test_a_headline_is_its_letters_however_they_are_written():
    assert headline_key("Pezeshkian ‘urges' Aliyev") == headline_key("  PEZESHKIAN 'urges’\xa0Aliyev!")
    assert headline_key("???") != headline_key("!!!")
    assert headline_key("საბჭო") != headline_key("წყალი")


def test_a_text_is_its_first_200_letters_in_whatever_paragraphs():
    assert text_key("<p>One &amp; two.</p>\n<p>Three.</p>") == text_key(
        '<p>One & two. <em>Three</em>.</p>\n<hr data-mark="ad">'
    )
    assert text_key(TEXT + "\n<p>More.</p>") == text_key(TEXT)
    assert text_key("") == text_key("<p>…</p>") == ""


def test_any_two_of_headline_text_and_place_are_the_same_story():
    index, one = known(sight())
    other = "<p>Something else was written here.</p>"
    assert index.find(sight(name="b.txt")) is one
    assert index.find(sight(html=other)) is one
    assert index.find(sight("Boat leaves")) is one
    assert index.find(sight(html=other, name="b.txt")) is None
    assert index.find(sight("Boat leaves", name="b.txt")) is None
    assert index.find(sight("Boat leaves", other)) is None
    assert index.find(sight(html=other, place=1)) is None


def test_stories_without_letters_are_not_alike_for_that():
    index, _one = known(sight(html='<hr data-mark="ad">'))
    assert index.find(sight("Boat", html="<p>…</p>", name="b.txt")) is None


def test_ids_and_two_known_sources_tell_stories_apart():
    index, one = known(sight(source="OC Media", external_id="a"))
    assert index.find(sight(source="Hill Radio")) is None
    assert index.find(sight(source="oc media")) is one
    assert index.find(sight()) is one
    assert index.find(sight(external_id="b")) is None
    assert index.find(sight("Boat", "<p>Else.</p>", "b.txt", external_id="a", source="Hill Radio")) is one


def test_a_writing_that_was_seen_is_known_whatever_the_story_became_since():
    first = sight()
    index, one = known(first, sight("Boat leaves", "<p>Quite another text by now.</p>"))
    assert index.find(sight(name="z.txt")) is one


def test_the_digest_is_of_what_a_story_says_not_of_where_and_how_it_came():
    story = Story("Ferry", "<p>One.</p>\n<p>Two.</p>", form=Form.LINE)
    same = Story("Ferry", "<p>One. Two.</p>", form=Form.LINE, line=9, place=3, source="OC Media", prompt=Prompt("Join"))
    assert story.digest() == same.digest()
    assert story.digest() != Story("Ferry", "<p>One.</p>\n<p>Two.</p>").digest()
    assert story.digest() != Story("Ferry", "<p>One. Too.</p>", form=Form.LINE).digest()
    assert story.digest() != Story("Ferry", "<p>One. Two.</p>", form=Form.LINE, audio="registered").digest()
