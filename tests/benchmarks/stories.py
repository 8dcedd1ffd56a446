"""The same invented stories in every run: for our own site and for the plain view alike."""

import random
from dataclasses import dataclass

SECTIONS = ("River", "Council", "Schools", "Markets")
TAGS = ("mills", "buses", "harvest", "floods", "choir", "bridges", "bread", "snow")
AUTHORS = ("Nino Beridze", "Davit Lomidze", "Aram Petrosyan", "Leyla Mammadova", "Tamar Gelashvili")
RELATED = 3  # to each side, so each story has twice as many
TEXT = (
    "river mill bridge council harvest window bread choir bus valley winter letter school market teacher engine "
    "water stone evening paper road garden neighbour station meeting repair promise roof orchard ferry clock kitchen "
    "was is has made found kept asked told under over after before with without many few three seven old new quiet "
    "the the the of of a and and to in on for from that this their who said"
)
WORDS = TEXT.split()
MARKS = ("“{}”, she said.", "{} & nobody asked.", "{} <no comment>.", "{}.", "{}.", "{}.")


@dataclass(frozen=True)
class Story:
    headline: str
    section: str
    tags: tuple
    authors: tuple
    paragraphs: tuple


def story(number, letters):
    """The story of a number: always the same one, its paragraphs of `letters` characters or a little more."""
    chance = random.Random(number)  # noqa: S311 (invented words, no secret)
    return Story(
        headline=f"Story {number}: {_sentence(chance, 7)}",
        section=SECTIONS[number % len(SECTIONS)],
        tags=tuple(chance.sample(TAGS, 4)),
        authors=tuple(chance.sample(AUTHORS, 2)),
        paragraphs=tuple(_paragraphs(chance, letters)),
    )


def related(number, count):
    """The numbers of the stories that one of so many is related to."""
    return [(number + step) % count for step in range(-RELATED, RELATED + 1) if step]


def _paragraphs(chance, letters):
    written = 0
    while written < letters:
        paragraph = " ".join(
            chance.choice(MARKS).format(_sentence(chance, chance.randint(8, 16))) for _ in range(chance.randint(3, 5))
        )
        written += len(paragraph)
        yield paragraph


def _sentence(chance, length):
    return " ".join(chance.choice(WORDS) for _ in range(length)).capitalize()
