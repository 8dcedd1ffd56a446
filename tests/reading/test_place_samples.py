"""Where ads stand in the sample stories, frozen.

Expected are the indexes of the blocks that an ad stands above, and the pixels of story above each ad at the three widths
that pages are tried at: what the rules of `placing.rules` and the heights of `placing.heights` come to. A change of a
rule, of a height or of a sample moves them, and is to be looked at before they are frozen anew.
"""

from datetime import UTC, datetime

import pytest
from django.conf import settings

from articles import body
from articles.importing.formats import PARSERS, detect
from articles.reading import place
from articles.reading.placing.heights import tops

# There is one plan for all screens; heights are estimated for two of them.
SCREENS = {390: "mobile", 820: "desktop", 1440: "desktop"}


def sample(name, number, breaks):
    """The blocks of a sample story, with or without the editor's ad breaks."""
    path = settings.BASE_DIR / "seeds" / name
    text = path.read_text(encoding="utf-8")
    parsed = PARSERS[detect(text, path.suffix)](text, datetime(2026, 11, 24, tzinfo=UTC), path.name)
    return [block for block in body.blocks(parsed.stories[number].html) if breaks or block.kind != "ad_break"]


def offsets(blocks, ads):
    """{width of the screen: pixels of story above each ad}."""
    story = [block for block in blocks if block.kind not in {"ad_break", "wall"}]
    at = tops(story, {})
    return {screen: [at[width][ad] for ad in ads] for screen, width in SCREENS.items()}


OWN, BY_RULE = True, False
FROZEN = [
    ("markdown/dam-keeper.md", 0, OWN, (10,), [1282.4], [830.2]),
    ("markdown/dam-keeper.md", 0, BY_RULE, (4, 14), [460.6, 1695.4], [317.8, 1076.6]),
    ("markdown/mill-owners.md", 0, OWN, (31,), [5755.6], [4088.0]),
    (
        "markdown/mill-owners.md",
        0,
        BY_RULE,
        (7, 17, 30, 38),
        [1502.4, 3283.8, 5527.4, 6941.4],
        [1198.4, 2259.6, 3955.0, 4869.2],
    ),
    ("markdown/budget-2027.md", 0, OWN, (12,), [2125.4], [1683.6]),
    ("markdown/budget-2027.md", 0, BY_RULE, (12,), [2125.4], [1683.6]),
    ("markdown/night-bus.md", 0, OWN, (4, 14), [627.2, 2069.2], [389.2, 1331.4]),
    ("markdown/night-bus.md", 0, BY_RULE, (3, 13), [541.8, 1888.6], [327.6, 1222.2]),
    ("markdown/depot-choir.ru.md", 0, OWN, (9,), [1276.8], [848.4]),
    ("markdown/depot-choir.ru.md", 0, BY_RULE, (), [], []),
    ("markdown/opinion-mend-first.md", 0, BY_RULE, (3,), [684.6], [399.0]),
    ("markdown/postwoman.md", 0, BY_RULE, (5,), [950.6], [569.8]),
    ("markdown/slope-map.md", 0, BY_RULE, (), [], []),
    ("markdown/winter-ferry.md", 0, BY_RULE, (), [], []),
    ("dumps/water-agreement.txt", 0, OWN, (5, 9), [807.8, 1530.2], [498.4, 935.2]),
    ("dumps/water-agreement.txt", 0, BY_RULE, (3,), [541.8], [327.6]),
    ("dumps/maternity-ward.txt", 3, OWN, (4, 7), [770.0, 1454.6], [484.4, 907.2]),
    ("dumps/maternity-ward.txt", 3, BY_RULE, (3,), [684.6], [422.8]),
    ("dumps/ferry-cable.txt", 1, OWN, (), [], []),
    ("dumps/ferry-cable.txt", 1, BY_RULE, (), [], []),
]


@pytest.mark.parametrize(("name", "number", "breaks", "ads", "mobile", "desktop"), FROZEN)
def test_ads_stand_in_the_sample_stories_where_they_stood(name, number, breaks, ads, mobile, desktop):
    blocks = sample(name, number, breaks)
    plan = place.lay(blocks)
    assert plan.ads == ads
    assert offsets(blocks, plan.ads) == {390: mobile, 820: desktop, 1440: desktop}
