"""By which prompt somebody came: told in addresses, sealed in rows, counted under digests."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members import trail
from members.habits import Habits
from members.trail import MONEY, NOWHERE, PAYMENT, Trail, count, names, of_source, opened, sealed, source, total
from newsroom.ground import counters
from newsroom.ground.models import Count

CAME = Trail(7, 2, "end", 31, ((7, False), (9, True)))


def test_an_address_says_it_and_is_read_again():
    assert source(7, 2, "end", 31) == "prompt:7.2.end.31"
    assert of_source("prompt:7.2.end.31") == Trail(7, 2, "end", 31)
    assert of_source(source(7, 2, "top")) == Trail(7, 2, "top")


@pytest.mark.parametrize(
    "told",
    ["", None, "wall", "prompt", "prompt:7", "prompt:0.1.end", "prompt:7.2.end.", "prompt:7.2.sky", "prompt:7.2.end.31 ",
     "prompt:7.2.end\n", "prompt:-1.2.end", "prompt:٧.2.end", "prompt:7.2.end.9999999999999999999", "x" * 10_000,
     "prompt:7.2.end.31.5", "PROMPT:7.2.end", "prompt:07.2.end", "prompt:7,2,end", "prompt:9999999999.1.end",
     "' OR 1=1"],
)  # fmt: skip
def test_what_no_prompt_has_written_is_nowhere(told):
    assert of_source(told) == NOWHERE


def test_a_row_keeps_what_nobody_can_read():
    told = sealed(CAME)
    assert opened(told) == CAME
    assert "31" not in told or "prompt" not in told
    assert sealed(NOWHERE) == ""
    assert opened("") == NOWHERE == opened("broken")


def test_the_browsers_part_in_experiments_comes_along():
    habits = Habits(1, 20_000)
    habits.note_prompt(7)
    habits.note_prompt(9, held=True)
    assert trail.with_habits(Trail(7, 2, "end", 31), habits) == CAME
    assert trail.with_habits(CAME, None) == CAME


def test_it_counts_for_the_prompt_its_story_and_the_arms_of_experiments():
    assert names(CAME) == ["7.2.end", "7.2:31", "7:shown", "9:held"]
    assert names(NOWHERE) == []


@pytest.mark.django_db
def test_counts_stand_under_digests_that_the_database_cannot_read():
    now = timezone.now()
    count(CAME, PAYMENT)
    count(CAME, PAYMENT)
    count(CAME, MONEY, 500, "EUR")
    count(CAME, MONEY, 700, "USD")
    counters.flush()
    span = now - timedelta(hours=2), now + timedelta(hours=2)
    assert [total(name, PAYMENT, *span) for name in [*names(CAME), "8.2.end"]] == [2, 2, 2, 2, 0]
    assert (total("7.2.end", MONEY, *span, "EUR"), total("7.2:31", MONEY, *span, "USD")) == (500, 700)
    assert total("7.2.end", PAYMENT, span[1], span[1] + timedelta(days=1)) == 0
    keys = list(Count.objects.values_list("key", flat=True))
    assert len(keys) == 4 * 3
    assert not any(key.startswith("7") and "." in key for key in keys)
    assert all(len(key) == 32 for key in keys)


@pytest.mark.django_db
def test_a_new_secret_still_finds_what_the_old_one_counted(settings):
    now = timezone.now()
    count(CAME, PAYMENT)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]
    count(CAME, PAYMENT)
    counters.flush()
    assert total("7.2.end", PAYMENT, now - timedelta(hours=2), now + timedelta(hours=2)) == 2
