"""What the stories of the drills say, and what is seen of them in a page.

Each edition of a story says its number in the headline, in its free half and in its gated half: a page that mixes two
editions shows it.
"""

import re
from dataclasses import dataclass

PASSWORD = "the river rises at noon"
AD = "A house advertisement"
PROMPT = "A first prompt"


def headline(name, edition):
    return f"The {name} story, edition {edition}"


def slug(name):
    """The address keeps the words of the first headline."""
    return f"the-{name}-story-edition-1"


def path(name):
    return f"/articles/{slug(name)}/"


def text(name, edition):
    """Six paragraphs: two are free where a story is gated; an ad stands behind the third, as each is long enough."""
    more = "and so it goes on " * 20
    halves = ["free", "free", "gated", "gated", "gated", "gated"]
    return "".join(f"<p>Paragraph {n} says {half}-{name}-{edition} {more}.</p>" for n, half in enumerate(halves))


@dataclass(frozen=True)
class Sight:
    """What a reader sees of one story: edition (None: nothing of it), whether the gated half, the ad's and the prompt's
    words (None: there is none)."""

    status: int
    edition: int | None = None
    gated: bool = False
    ad: str | None = None
    prompt: str | None = None


def sight(reply, name):
    """The `Sight` of a story in a reply, be it the story's page or a list; fails where it mixes editions."""
    editions = re.findall(rf"(?:The {name} story, edition |\b(?:free|gated)-{name}-)(\d+)", reply.text)
    assert len(set(editions)) <= 1, f"one page of editions {sorted(set(editions))} of {name}"
    return Sight(
        reply.status,
        int(editions[0]) if editions else None,
        f"gated-{name}-" in reply.text,
        _words(reply, r'<aside class="ad[^"]*" data-insert="ad"[^>]*>.*?<b>(.*?)</b>'),
        _words(reply, r'<aside class="prompt" data-insert="prompt"[^>]*>\s*<h2>(.*?)</h2>'),
    )


def _words(reply, pattern):
    found = re.search(pattern, reply.text, re.DOTALL)
    return found[1] if found else None
