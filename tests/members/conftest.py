"""What tests of the meter and of other ways through the wall share."""

from datetime import UTC, datetime

import pytest


@pytest.fixture(params=["long", "short"])
def way(request):
    """Both ways of answering: the long one, and as a process that serves does, which answers the short way once it
    knows a page."""
    if request.param == "short":
        request.getfixturevalue("serving")()


@pytest.fixture
def on_the_meter(story):
    """on_the_meter(14) publishes so many stories that count on the meter, long ago; their addresses."""

    def publish(count):
        fields = {"metered": True, "published_at": datetime(2026, 1, 5, tzinfo=UTC)}
        return [story(f"Story {n}", **fields).get_absolute_url() for n in range(count)]

    return publish


@pytest.fixture
def stories(on_the_meter):
    """Fourteen addresses of stories on the meter."""
    return on_the_meter(14)
