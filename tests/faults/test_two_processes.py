"""What one process writes, readers of others see: within a second, everybody what they may, no mixture on the way.

Two workers answer, a third process edits. Four readers look: a stranger, Aram with an account, Leyla who is a member,
Nino of the desk.
"""

import pytest

from tests.faults.servers import CAST, newsroom
from tests.faults.watching import for_all, gated_for, hold, settle, warm
from tests.faults.words import path

pytestmark = pytest.mark.xdist_group("faults-two-processes")

NOT_MEMBERS = ("stranger", "aram", "nino")
NOTHING = {"status": 404, "edition": None}


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with newsroom(tmp_path_factory.mktemp("two-processes"), workers=2) as opened:
        yield opened


def test_a_story_is_published(room):
    warm(room, "bridge", for_all(**NOTHING))
    warm(room, "bridge", for_all(status=200, edition=None), at="/")
    room.desk("publish", stories={"bridge": "EVERYONE"})
    settle(room, "bridge", for_all(status=200, edition=1, gated=True))
    settle(room, "bridge", for_all(status=200, edition=1), at="/")


def test_a_story_is_edited(room):
    room.desk("publish", stories={"mill": "EVERYONE", "vault": "MEMBERS"})
    warm(room, "mill", for_all(status=200, edition=1, gated=True))
    warm(room, "vault", gated_for("leyla", "nino", status=200, edition=1))
    warm(room, "mill", for_all(status=200, edition=1), at="/")
    room.desk("edit", name="mill", edition=2)
    room.desk("edit", name="vault", edition=2)
    settle(room, "mill", for_all(status=200, edition=2, gated=True))
    settle(room, "vault", gated_for("leyla", "nino", status=200, edition=2), never=("stranger", "aram"))
    settle(room, "mill", for_all(status=200, edition=2), at="/")


def test_a_story_is_withdrawn(room):
    room.desk("publish", stories={"ferry": "EVERYONE"})
    warm(room, "ferry", for_all(status=200, edition=1, gated=True))
    warm(room, "ferry", for_all(status=200, edition=1), at="/")
    room.desk("withdraw", name="ferry")
    settle(room, "ferry", for_all(**NOTHING, gated=False))
    settle(room, "ferry", for_all(status=200, edition=None), at="/")


def test_a_story_is_closed_and_opened(room):
    room.desk("publish", stories={"school": "EVERYONE"})
    warm(room, "school", for_all(status=200, edition=1, gated=True))
    room.desk("terms", name="school", audience="MEMBERS")
    settle(room, "school", gated_for("leyla", "nino", status=200, edition=1))
    room.desk("terms", name="school", audience="REGISTERED")
    settle(room, "school", gated_for("aram", "leyla", "nino", status=200, edition=1))
    room.desk("terms", name="school", audience="EVERYONE")
    settle(room, "school", for_all(status=200, edition=1, gated=True))


def test_a_membership_is_taken_and_given(room):
    room.desk("publish", stories={"council": "MEMBERS"})
    warm(room, "council", gated_for("leyla", "nino", status=200, edition=1))
    try:
        room.desk("take_grant", name="leyla")
        settle(room, "council", gated_for("nino", status=200, edition=1), never=("stranger", "aram"))
    finally:
        room.desk("give_grant", name="leyla")
    settle(room, "council", gated_for("leyla", "nino", status=200, edition=1), never=("stranger", "aram"))


def test_an_advertisement_is_edited(room):
    room.desk("publish", stories={"market": "EVERYONE"})
    room.desk("advertise", words="Bread from the corner")
    warm(room, "market", for_all(edition=1, ad="Bread from the corner"))
    room.desk("advertise", words="Bread and cheese")
    settle(room, "market", for_all(edition=1, ad="Bread and cheese"))


def test_a_prompt_is_edited(room):
    room.desk("publish", stories={"choir": "EVERYONE"})
    room.desk("ask_to_join", words="Keep us here")
    warm(room, "choir", prompted("Keep us here"))
    room.desk("ask_to_join", words="Keep the lamp burning")
    settle(room, "choir", prompted("Keep the lamp burning"))


def prompted(words):
    """Everybody is asked but the member."""
    return {name: {"edition": 1, "prompt": words if name in NOT_MEMBERS else None} for name in CAST}


def test_what_was_edited_while_no_server_ran_is_seen_at_once(room):
    """A page that was compiled before is of no use then, wherever it was kept."""
    room.desk("publish", stories={"clock": "EVERYONE", "tower": "EVERYONE"})
    warm(room, "clock", for_all(status=200, edition=1, gated=True))
    warm(room, "tower", for_all(status=200, edition=1, gated=True))
    assert room.server.stop() == 0
    room.desk("edit", name="clock", edition=2)
    room.desk("terms", name="tower", audience="MEMBERS")
    room.server.start()
    assert room.ask(path("tower")).status == 200
    hold(room, "clock", for_all(status=200, edition=2, gated=True))
    hold(room, "tower", gated_for("leyla", "nino", status=200, edition=1))
