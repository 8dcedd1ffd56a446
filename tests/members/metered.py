"""What readers get of stories on the meter."""

from django.utils import timezone

from members.slip import month_key, read
from tests.conftest import FREE_WORD, GATED_WORD


def is_open(response):
    """Whether a response is a story's whole page; if not it is one with the meter's wall."""
    page = response.content.decode()
    assert response.status_code == 200
    assert FREE_WORD in page
    whole = GATED_WORD in page
    assert page.count("data-wall") == (not whole)
    assert whole or 'data-wall="meter"' in page
    return whole


def reads(browser, addresses, **headers):
    """Which of these are open when they are asked for one after the other."""
    return [is_open(browser.get(address, headers=headers)) for address in addresses]


def told(browser):
    """The slip in a browser's cookie."""
    return read(browser.cookies["reader"].value, month_key(timezone.now()))
