"""What the tests of readers and what they may read share."""

import pytest
from django.utils import timezone

from members import meter
from newsroom.ground import keys


@pytest.fixture
def own_keys(settings, tmp_path):
    """A folder of keys of the test's own, which no other host shares; it is the value."""
    settings.VAR_DIR, settings.REDIS_URL = tmp_path, ""
    keys.forget()
    yield tmp_path / "keys"
    keys.forget()


@pytest.fixture
def metered(settings, own_keys):
    """A newsroom with the meter: 3 free articles a month, 10 with an account. The value is its settings."""
    settings.METER = True
    meter.budget.forget()
    yield settings
    meter.budget.forget()


@pytest.fixture
def on_day(time_machine):
    """on_day(2026, 12, 1, hour) makes it that moment, in the newsroom's time zone, and stops the clock; returns it."""

    def move(*told):
        moment = timezone.make_aware(timezone.datetime(*told))
        time_machine.move_to(moment, tick=False)
        return moment

    return move
