"""Page dumps as they come: what each odd one must yield. Written before the parser."""

from datetime import UTC, datetime
from html import unescape

import pytest

from articles.body import AD_BREAK
from articles.importing.formats.dump import parse
from tests.importing.dumps import AUDIO, BODY, BUTTON, LINE, PROMPT, TAGS, dump, related

NOON = datetime(2025, 7, 4, 12, tzinfo=UTC)
AD = "AD"
B1, B2, _AD, B3 = BODY
BODY_TOLD = [B1, B2, AD, B3]
LINE_TOLD = [
    "The ferry stayed at its post on Friday. The wind was blamed.",
    AD,
    "Passengers waited for three hours. 'We had tea', one of them said.",
]
TAGS_TOLD = ("Water", "Upper Dzor", "Dams")
OTHER_PROMPT = (
    "Somebody has to count.",
    "We count the votes in every village.",
    "Count on us — become a member of the Post today",
)
GEORGIAN = (
    "საბჭო ხუთშაბათს შეიკრიბა. არაფერი გადაწყდა. მერმა თქვა: „მოვიცადოთ. დრო გვაქვს.“ შემდეგი სხდომა კვირას იქნება."
)
LONG_TAG = "Relations between the upper town and all the lower towns of the valley"
LONG = f"{'word ' * 125}end."
SIXTY = ("valley " * 9)[:60]


def text_of(story):
    lines = story.html.split("\n")
    return [AD if line == AD_BREAK else unescape(line.removeprefix("<p>").removesuffix("</p>")) for line in lines]


def case(name, text, *stories, failures=(), warnings=()):
    return pytest.param(text, stories, failures, warnings, id=name)


def main(text=BODY_TOLD, **told):
    return {"text": text, "headline": "Council agrees on nothing", "place": 0, **told}


def other(text=LINE_TOLD, **told):
    return {"text": text, "headline": "Ferry stays in port", **told}


def without(lines, *names):
    return "\n".join(line for line in lines.split("\n") if line not in names)


CASES = [
    case("the plain page", dump(), main(tags=TAGS_TOLD, hashtags=(), audio="", source="", published=NOON)),
    case("with the audio sentence", dump(audio=AUDIO), main(audio="registered", tags=TAGS_TOLD)),
    case("with the audio sentence in its tidy wording",
         dump(audio="Sign in or become a member to unlock the audio version of this article"), main(audio="registered")),
    case("with the audio sentence on four lines",
         dump(audio="Sign in or\nor\nBecome a member\nto unlock the audio version of this article"),
         main(audio="registered", tags=TAGS_TOLD)),
    case("with the audio sentence after the prompt", dump(tags=f"{AUDIO}\n{TAGS}"), main(audio="registered", tags=TAGS_TOLD)),
    case("with the audio sentence and no prompt", dump(audio=AUDIO, prompt=None), main(audio="registered", prompt=None, tags=TAGS_TOLD)),
    case("without a prompt", dump(prompt=None), main(prompt=None, tags=TAGS_TOLD)),
    case("with a prompt of one line", dump(prompt=("Join us.",)), main(words=("Join us.", "", ""), tags=TAGS_TOLD)),
    case("with a prompt of two lines", dump(prompt=("Join us.", "Today")), main(words=("Join us.", "", "Today"))),
    case("with a prompt of six lines", dump(prompt=("One.", "Two.", "Three.", "Four.", "Five.", "Six")),
         main(words=("One.", "Two.\n\nThree.\n\nFour.\n\nFive.", "Six"), tags=TAGS_TOLD)),
    case("with a prompt that looks like tags", dump(prompt=("Join us, read us", "Now")), main(words=("Join us, read us", "", "Now"), tags=TAGS_TOLD)),
    case("with an advertisement before the prompt", dump(audio="Advertisement"), main([AD, *BODY_TOLD], tags=TAGS_TOLD)),
    case("with an advertisement before the tags", dump(tags=f"Advertisement\n{TAGS}"), main([AD, *BODY_TOLD], tags=TAGS_TOLD)),
    case("with the prompt again below the text", dump(body=(*BODY, *PROMPT, BUTTON)), main(tags=TAGS_TOLD)),
    case("with a button alone in the text", dump(body=(B1, BUTTON, B2)), main([B1, B2]), warnings=["Become a member"]),
    case("with one tag", dump(tags="Water"), main(tags=("Water",))),
    case("with one tag of two words", dump(tags="Upper Dzor"), main(tags=("Upper Dzor",))),
    case("with a tag twice and an empty one", dump(tags="Water, , water, Dams,"), main(tags=("Water", "Dams"))),
    case("without tags", dump(tags=None), main(tags=())),
    case("with a first paragraph that has commas and a full stop", dump(tags="Rain, snow, and wind."),
         main(["Rain, snow, and wind.", *BODY_TOLD], tags=())),
    case("with a first paragraph that ends in a quoted stop", dump(tags="'Rain', he said, 'and snow.'"),
         main(["'Rain', he said, 'and snow.'", *BODY_TOLD], tags=())),
    case("with a first paragraph that asks", dump(tags="Rain, again?"), main(["Rain, again?", *BODY_TOLD], tags=())),
    case("with a part of over 60 characters, which is no tag", dump(tags=f"Water, {LONG_TAG}"),
         main([f"Water, {LONG_TAG}", *BODY_TOLD], tags=())),
    case("with a tag of 60 characters", dump(tags=f"Water, {SIXTY}"), main(tags=("Water", SIXTY))),
    case("with a later paragraph that looks like tags", dump(body=(B1, "Water, Dams", B2)), main([B1, "Water, Dams", B2], tags=TAGS_TOLD)),
    case("with no advertisement", dump(body=(B1, B2)), main([B1, B2], ad_breaks=[])),
    case("with three advertisements", dump(body=(B1, AD_LINE := "Advertisement", B2, AD_LINE, B3, AD_LINE, B1)),
         main([B1, AD, B2, AD, B3, AD, B1], ad_breaks=[1, 2, 3])),
    case("with an advertisement after the last paragraph", dump(body=(B1, B2, AD_LINE)), main([B1, B2, AD])),
    case("with the word advertisement in sentences",
         dump(body=("Advertisement is costly, he said.", "An advertisement hung there. 'Advertisement!' it said.", "Advertisement.")),
         main(["Advertisement is costly, he said.", "An advertisement hung there. 'Advertisement!' it said.", "Advertisement."], ad_breaks=[])),
    case("with the word in the headline", dump(headline="Advertisement Standards Board quits"), main(headline="Advertisement Standards Board quits")),
    case("with the words of the page in its text",
         dump(body=("Hashtags were everywhere.", "Comments and Hashtags", "Comments", "Related Articles of the treaty fell.")),
         main(["Hashtags were everywhere.", "Comments and Hashtags", "Comments", "Related Articles of the treaty fell."])),
    case("with a paragraph that is the word Hashtags", dump(body=(B1, "Hashtags", B2)), main([B1, "Hashtags", B2])),
    case("with hashtags, one a line", dump(hashtags=("#UpperDzor", "#Water")), main(hashtags=("UpperDzor", "Water"))),
    case("with hashtags on one line", dump(hashtags=("#UpperDzor #Water, #water",)), main(hashtags=("UpperDzor", "Water"))),
    case("with a stray line after the hashtags", dump(hashtags=("#Water", "Orange background")), main(hashtags=("Water",)), warnings=["Orange"]),
    case("without the lines of the AI features", dump(features=()), main()),
    case("without comments and related stories", dump(comments=None, stories=None), main()),
    case("that ends at the hashtags", dump(features=(), comments=None, stories=None), main()),
    case("with comments", dump(comments=("Anna", "Well said! Related Articles", "2 hours ago")), main(),
         warnings=["Anna", "Well said! Related Articles", "2 hours ago"]),
    case("with comments and the note that there are none", dump(comments=("No comments yet...", "First!")), main(), warnings=["First!"]),
    case("with blank lines between all lines", dump(stories=[related()]).replace("\n", "\n\n"), main(tags=TAGS_TOLD), other()),
    case("with spaces around all lines", dump(stories=[related()]).replace("\n", " \t\xa0\n  "), main(tags=TAGS_TOLD), other()),
    case("with CRLF", dump(stories=[related()]).replace("\n", "\r\n"), main(tags=TAGS_TOLD), other()),
    case("with a headline of odd spaces", dump(headline="  Council\xa0agrees  on nothing "), main()),
    case("with a no-break space in the text", dump(body=("At 5\xa0km the road\u2028ends.",)), main(["At 5\xa0km the road\u2028ends."])),
    case("in Georgian", dump(headline="საბჭო შეიკრიბა", tags="წყალი, ზემო ძორი", body=(GEORGIAN,)),
         main([GEORGIAN], headline="საბჭო შეიკრიბა", tags=("წყალი", "ზემო ძორი"))),
    case("with markup, which is text", dump(body=("He wrote <b>no</b> & <script>alert(1)</script>.",)),
         main(["He wrote <b>no</b> & <script>alert(1)</script>."]), warnings=["<b>"]),
    case("with signs that are no markup", dump(body=("If 3 < 4 and 5 > 4 then x<y.",)), main(["If 3 < 4 and 5 > 4 then x<y."])),
    case("with a text that breaks off", dump(body=(B1, "And then the lights went")), main([B1, "And then the lights went"]), warnings=["mid-sentence"]),
    # related stories
    case("with a related story", dump(stories=[related()]), main(),
         other(source="OC Media", audio="", words=PROMPT, form=1, place=1, tags=(), ad_breaks=[1])),
    case("with a related story that has an audio sentence", dump(stories=[related(audio=AUDIO)]), main(audio=""), other(audio="registered")),
    case("with a related story without prompt", dump(stories=[related(prompt=None)]), main(words=PROMPT), other(prompt=None)),
    case("with another prompt in one related story, which may be its text", dump(stories=[related("Snow", "It fell.", prompt=OTHER_PROMPT)]),
         main(words=PROMPT), {"headline": "Snow", "prompt": None, "text": [f"{' '.join(OTHER_PROMPT)} It fell."]},
         warnings=["stood alone", "words like a membership prompt were left"]),
    case("with another prompt in two related stories", dump(stories=[related(prompt=OTHER_PROMPT), related("Snow", "It fell.", prompt=OTHER_PROMPT)]),
         main(words=PROMPT), other(words=OTHER_PROMPT), other(["It fell."], headline="Snow", words=OTHER_PROMPT)),
    case("with one story twice, whose words are no prompt for that", dump(stories=[related("Snow", "So it is. Become a member Now.", prompt=None)] * 2),
         main(), *[other(["So it is. Now."], headline="Snow", prompt=None)] * 2,
         warnings=["stood alone", "left in the text", "stood alone", "left in the text"]),
    case("with its own prompt reworded in a related story", dump(stories=[related(prompt=(PROMPT[0], "Send oil"))]),
         main(words=PROMPT), other(words=(PROMPT[0], "", "Send oil"))),
    case("with its own prompt and the button's words after it", dump(stories=[related(text=f"It rained. {BUTTON} Today, he said.")]),
         main(), other(["It rained. Today, he said."], words=PROMPT), warnings=["stood alone"]),
    case("with a prompt of 20 lines", dump(prompt=(*["A line."] * 19, "Now")), main(words=("A line.", "\n\n".join(["A line."] * 18), "Now"), tags=TAGS_TOLD)),
    case("with a prompt of 20 lines and no tags, met again below",
         dump(tags=None, prompt=(*["A line."] * 19, "Now"), stories=[related(prompt=(*["A line."] * 19, "Now"))]), main(tags=()), other()),
    case("with a prompt of long lines", dump(prompt=(LONG, LONG, LONG, "Now")), main(words=(LONG, f"{LONG}\n\n{LONG}", "Now")),
         warnings=["over 600 letters"] * 3),
    case("with an advertisement in the prompt", dump(prompt=(PROMPT[0], "Advertisement", *PROMPT[1:])), main(words=PROMPT, tags=TAGS_TOLD)),
    case("without a prompt, and with a button after an advertisement", dump(prompt=None, body=(B1, "Advertisement", B2, BUTTON, B3)),
         main([B1, AD, B2, B3], prompt=None, tags=TAGS_TOLD), warnings=["stood alone"]),
    case("without a prompt, and with a button among its first lines", dump(prompt=None, body=(B1, B2, BUTTON, B3)),
         main([B1, B2, B3], prompt=None, tags=TAGS_TOLD), warnings=["stood alone"]),
    *[case(f"with an advertisement before {quote}", dump(stories=[related(text=f"It rained. Advertisement {quote} it was.")]),
           main(), other(["It rained.", AD, f"{quote} it was."]))
      for quote in ("'uncovered damning intel'", "“too dear”", "'[the] men'", "«so»", "„so“", "‘so’", "\"so\"", "»so«")],
    case("with an advertisement before a bracket, which is none", dump(stories=[related(text="It rained. Advertisement (so) it was.")]),
         main(), other(["It rained. Advertisement (so) it was."])),
    case("without a prompt, and one in the related story", dump(prompt=None, stories=[related()]), main(prompt=None), other(words=PROMPT)),
    case("without a prompt, and one before a quote in the related story",
         dump(prompt=None, stories=[related(text="'We had tea', she said. It was cold.")]), main(), other(["'We had tea', she said. It was cold."], words=PROMPT)),
    case("without a prompt, and the button's words in a sentence",
         dump(prompt=None, stories=[related(prompt=None, text="They said: become a member of it. Become a member of what, he asked.")]),
         main(), other(["They said: become a member of it. Become a member of what, he asked."], prompt=None)),
    case("with the prompt in the midst of a related story",
         dump(stories=[related(prompt=None, text=f"It rained. {' '.join(PROMPT)} {BUTTON} It rained on.")]), main(), other(["It rained. It rained on."], words=PROMPT)),
    case("with the prompt without its button in a related story",
         dump(stories=[related(prompt=None, text=f"{' '.join(PROMPT)} It rained.")]), main(), other(["It rained."], words=PROMPT)),
    case("with the words of a short prompt in a sentence",
         dump(prompt=("Join us.",), stories=[related(prompt=None, text="Join us. So they said.")]), main(), other(["Join us. So they said."], prompt=None)),
    case("with the prompt at the end of a related story",
         dump(stories=[related(prompt=None, text=f"It rained. {' '.join(PROMPT)} {BUTTON}")]), main(), other(["It rained."], words=PROMPT)),
    case("with the prompt twice in a related story",
         dump(stories=[related(text=f"It rained. {' '.join(PROMPT)} {BUTTON} It rained on.")]), main(), other(["It rained. It rained on."])),
    case("with an advertisement right after the prompt", dump(stories=[related(text="Advertisement It rained.")]), main(), other([AD, "It rained."])),
    case("with an advertisement at the end of a related story", dump(stories=[related(text="It rained. Advertisement")]), main(), other(["It rained.", AD])),
    case("with advertisements before a digit and a quote",
         dump(stories=[related(text="It rained. Advertisement 12 fell. Advertisement 'Why?' Advertisement “So.”")]),
         main(), other(["It rained.", AD, "12 fell.", AD, "'Why?'", AD, "“So.”"])),
    case("with the word in a related story",
         dump(stories=[related(text="The Advertisement Board fell. Advertisement prices rose. He read: 'Advertisement'. An Advertisement Tax?")]),
         main(), other(["The Advertisement Board fell. Advertisement prices rose. He read: 'Advertisement'. An Advertisement Tax?"])),
    case("with three related stories", dump(stories=[related(), related("Bread is dear", "It costs five."), related("Snow", "It fell.")]),
         main(), other(place=1), other(["It costs five."], headline="Bread is dear", place=2), other(["It fell."], headline="Snow", place=3)),
    case("with the main story among the related", dump(stories=[related("Council agrees on nothing", f"{B1} {B2} {B3}")]),
         main(), other([f"{B1} {B2} {B3}"], headline="Council agrees on nothing", place=1)),
    case("with a related story without source", dump(stories=[related(source="", dash="- OC Media")]), main(), other(source="OC Media")),
    case("with a related story without the second source", dump(stories=[related(dash="")]), main(), other(source="OC Media")),
    case("with a related story under a rubric", dump(stories=[related(dash="- Politics\nOC Media")]), main(), other(source="OC Media")),
    case("with a related story of an odd age", dump(stories=[related(age="a fortnight back")]), main(), other(published=NOON), warnings=["fortnight"]),
    case("with a related story without age", dump(stories=[related(age="")]), main(), other(source="OC Media", published=NOON), warnings=["no age"]),
    case("with a related story in paragraphs", dump(stories=[related(prompt=None, text="It rained.\nAdvertisement\nIt rained on.")]),
         main(), other(["It rained.", AD, "It rained on."], form=2)),
    case("with a related headline and nothing else",
         dump(stories=[related("Lost", "", prompt=None), related()]), main(), other(place=2), failures=["no text"]),
    case("with a related story that is a prompt and nothing else", dump(stories=[related("Lost", ""), related()]),
         main(), other(place=2), failures=["no text"]),
    case("with quotes that hold sentences", dump(stories=[related(text="He said: 'It fell. It broke. It was old. It was ours. We wept.' " + "She left. " * 8 + "End.")]),
         main(), {"headline": "Ferry stays in port"}),
    case("with a lost headline before a story without source",
         dump(stories=[related("Lost", "", prompt=None), related(source="", dash="- Hill Radio")]), main(), other(source="Hill Radio"), failures=["no text"]),
    case("with a prompt between the paragraphs, of which only the button is sure",
         dump(prompt=None, body=(*[B1] * 12, "Join us.", BUTTON, B2)), main([*[B1] * 12, "Join us.", B2], prompt=None), warnings=["stood alone"]),
    case("with other commas between the tags", dump(tags="წყალი، Dams , Roads"), main(tags=("წყალი", "Dams", "Roads"))),
    case("with commas and stops after the hashtags", dump(hashtags=("#Water,#Dams; #Roads.",)), main(hashtags=("Water", "Dams", "Roads"))),
    case("with stray lines above the related stories", dump(stories=[["", "See also"], related()]), main(), other(), warnings=["See also"]),
    # failures
    case("without the line Hashtags", dump(mark="Tags", stories=[related()]), other(place=1), failures=["Hashtags"]),
    case("without text", dump(body=()), failures=["no text"]),
    case("with a headline alone", "\nCouncil agrees on nothing\nHashtags\n", failures=["no text"]),
    case("that is blank", " \n\n \n", failures=["empty"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "stories", "failures", "warnings"), CASES)
def test_a_page(text, stories, failures, warnings):
    parsed = parse(text, NOON, "page.txt")

    assert [wanted["headline"] for wanted in stories] == [story.headline for story in parsed.stories]
    for wanted, story in zip(stories, parsed.stories, strict=True):
        told = {name: _told(story, name) for name in wanted}
        assert told == wanted
    assert len(parsed.failures) == len(failures)
    assert all(words in failure.reason for words, failure in zip(failures, parsed.failures, strict=True))
    notes = [note.text for note in [*parsed.warnings, *(note for story in parsed.stories for note in story.warnings)]]
    assert len(notes) == len(warnings), notes
    assert all(any(words in note for note in notes) for words in warnings)


def _told(story, name):
    if name == "text":
        return text_of(story)
    if name == "words":
        return (story.prompt.title, story.prompt.text, story.prompt.pitch)
    return getattr(story, name)


def test_the_quote_of_many_sentences_stays_whole():
    quote = "'It fell. It broke. It was old. It was ours. We wept.'"
    page = dump(
        stories=[related(text=f"He said: {quote} " + "She left the hall at once and did not look back at us. " * 8)]
    )

    assert any(quote in paragraph for paragraph in text_of(parse(page, NOON).stories[1]))
    assert LINE.replace("Advertisement ", "") == " ".join(part for part in LINE_TOLD if part != AD)
