import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.importing.reflow import QUOTE_LENGTH, SENTENCES_MAX, paragraphs, sentences

SENTENCE = "The river rose again on Monday and took the lower road with it, as it does each spring."


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It rained. It poured.", ["It rained.", "It poured."]),
        ("Why? Nobody knew! So… They left.", ["Why?", "Nobody knew!", "So…", "They left."]),
        ("It cost 4.6 crowns. 12 people paid.", ["It cost 4.6 crowns.", "12 people paid."]),
        ("Mr. Vardel met Dr. Arel. They spoke.", ["Mr. Vardel met Dr. Arel.", "They spoke."]),
        ("J. R. Seld and George W. Ormot came. They left.", ["J. R. Seld and George W. Ormot came.", "They left."]),
        ("The U.S. Senate voted at 5 p.m. Thursday. It rose.", ["The U.S. Senate voted at 5 p.m. Thursday.", "It rose."]),
        ("See No. 5 of Vol. 2. He said no. They left.", ["See No. 5 of Vol. 2.", "He said no.", "They left."]),
        ("On Sept. 11 it fell. It was Sept. They knew.", ["On Sept. 11 it fell.", "It was Sept.", "They knew."]),
        ("Tea, bread, etc. The rest went.", ["Tea, bread, etc. The rest went."]),
        ("He said 'It fell. It broke.' She left.", ["He said 'It fell. It broke.'", "She left."]),
        ('He said "It fell. It broke." She left.', ['He said "It fell. It broke."', "She left."]),
        ("He said “It fell. It broke.” She left.", ["He said “It fell. It broke.”", "She left."]),
        ("He said ‘It fell. It’s broke.’ She left.", ["He said ‘It fell. It’s broke.’", "She left."]),
        ("He said «It fell. It broke.» She left.", ["He said «It fell. It broke.»", "She left."]),
        ("მან თქვა: „დაეცა. გატყდა.“ წავიდა. დარჩა.", ["მან თქვა: „დაეცა. გატყდა.“", "წავიდა.", "დარჩა."]),
        ("Он сказал: «Упал. Сломался». Она ушла.", ["Он сказал: «Упал. Сломался».", "Она ушла."]),
        ("It fell (It broke. It was old.) She left.", ["It fell (It broke. It was old.)", "She left."]),
        ("The workers' council met. It's old. They left.", ["The workers' council met.", "It's old.", "They left."]),
        ("'The workers' council met. It rose', he said. She left.", ["'The workers' council met. It rose', he said.", "She left."]),
        ("In the '90s it fell. It broke.", ["In the '90s it fell.", "It broke."]),
        ("They played rock 'n' roll. It rained. They left.", ["They played rock 'n' roll.", "It rained.", "They left."]),
        ("'urged' it is. 'So' it went. 'Why?' She left.", ["'urged' it is.", "'So' it went.", "'Why?'", "She left."]),
        ('"First it fell. "Then it broke." She left. It rained.', ['"First it fell. "Then it broke."', "She left.", "It rained."]),
        ("It fell.  It broke. It was old.", ["It fell.  It broke.", "It was old."]),
        ("It fell. it broke. And went.", ["It fell. it broke.", "And went."]),
        ("Այն ընկավ։ Այն կոտրվեց։", ["Այն ընկավ։", "Այն կոտրվեց։"]),
        ("   ", []),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_would_say(text, parts):
    assert sentences(text) == parts


def test_a_quote_that_nobody_closed_counts_as_closed_after_600_letters():
    text = "'It fell, she said. " + " ".join([SENTENCE] * 12)
    ends = [len(part) for part in sentences(text)]

    assert QUOTE_LENGTH <= ends[0] < QUOTE_LENGTH + len(SENTENCE) + 2
    assert len(ends) > 3


def test_paragraphs_have_two_to_four_sentences():
    for count in range(2, 40):
        for sentence in ("It rained.", SENTENCE, SENTENCE * 2 + " Then nothing."):
            text = " ".join([sentence] * count)
            sizes = [len(sentences(part)) for part in paragraphs(text)]
            assert all(2 <= size <= SENTENCES_MAX for size in sizes), (count, sizes)


def test_abbreviations_and_initials_count_as_no_sentences():
    named = "Mr. Seld, Dr. Arel, J. R. Ormot and Col. Vardel came to the hall on Monday."
    assert paragraphs(f"{named} They left. It rained.") == [f"{named} They left. It rained."]


def test_a_single_sentence_is_a_paragraph():
    assert paragraphs("It rained.") == ["It rained."]
    assert paragraphs(" ") == []


WORDS = st.sampled_from(
    ["It", "fell", "Mr.", "U.S.", "No.", "5", "'yes", "no'", '"Oh', 'why?"', "«Да», ", "(old.)", "rain.", "Rain!", "what?", "წყალი.", "\xa0",
     " ", "Advertisement", "’tis", "„so“", "…", "'", '"', "J.", "end.'", "x\u2028y"],
)  # fmt: skip


@given(st.one_of(st.lists(WORDS, max_size=80).map(" ".join), st.text(max_size=400)))
def test_the_paragraphs_joined_by_spaces_are_the_text_letter_by_letter(text):
    assert " ".join(sentences(text)) == (text if text.strip() else "")
    assert " ".join(paragraphs(text)) == (text if text.strip() else "")
