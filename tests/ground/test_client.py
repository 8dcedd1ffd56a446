"""The client's address is the one that our own proxies noted, whatever the client says."""

import pytest
from django.test import RequestFactory

from newsroom.ground.client import UNKNOWN, address, prefix, salted

PROXY, CLIENT, OTHER = "10.0.0.2", "203.0.113.7", "198.51.100.9"


def asked(remote, forwarded=None):
    """A request from a peer (REMOTE_ADDR), with X-Forwarded-For if given."""
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=remote, **headers)


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "client"),
    [
        # No proxy: nothing but the peer counts.
        (0, CLIENT, None, CLIENT),
        (0, CLIENT, OTHER, CLIENT),
        # One, two: the entry that ours noted, never what stands left of it.
        (1, PROXY, CLIENT, CLIENT),
        (1, PROXY, f"{OTHER}, {CLIENT}", CLIENT),
        (1, PROXY, f"{OTHER},{OTHER},\t{CLIENT} ", CLIENT),
        (2, PROXY, f"{CLIENT}, 10.0.0.3", CLIENT),
        (2, PROXY, f"{OTHER}, {CLIENT}, 10.0.0.3", CLIENT),
        (1, PROXY, "1.1.1.1," * 5000 + CLIENT, CLIENT),
        # Too short a list: as far as it goes.
        (1, PROXY, None, PROXY),
        (1, PROXY, "", PROXY),
        (2, PROXY, CLIENT, CLIENT),
        (3, PROXY, None, PROXY),
        # Rubbish where a proxy should have written: the nearest that can be read.
        (1, PROXY, "unknown", PROXY),
        (1, PROXY, "_hidden", PROXY),
        (1, PROXY, f"{CLIENT},", PROXY),
        (1, PROXY, f"{CLIENT}, ", PROXY),
        (1, PROXY, "203.0.113.256", PROXY),
        (1, PROXY, "203.0.113.07", PROXY),
        (1, PROXY, "203.0.113", PROXY),
        (1, PROXY, "3405803783", PROXY),
        (1, PROXY, "0x7f.1", PROXY),
        (1, PROXY, "٢٠٣.0.113.7", PROXY),
        (1, PROXY, "203.0.113.7\x00", PROXY),
        (1, PROXY, "203.0.113.7/24", PROXY),
        (1, PROXY, "203.0.113.7:port", PROXY),
        (1, PROXY, "203.0.113.7:999999", PROXY),
        (1, PROXY, "[2001:db8::7", PROXY),
        (1, PROXY, "2001:db8::7::1", PROXY),
        (1, PROXY, '"><script>', PROXY),
        (1, PROXY, "9" * 100_000, PROXY),
        (1, PROXY, ":" * 50, PROXY),
        (2, PROXY, f"{OTHER}, unknown", PROXY),
        (2, PROXY, f"unknown, {OTHER}", OTHER),
        # Other writings of one address.
        (1, PROXY, f"{CLIENT}:4711", CLIENT),
        (1, PROXY, "2001:DB8:0:0::7", "2001:db8::7"),
        (1, PROXY, "[2001:db8::7]", "2001:db8::7"),
        (1, PROXY, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, PROXY, "::ffff:203.0.113.7", CLIENT),
        (1, PROXY, "[::ffff:203.0.113.7]:4711", CLIENT),
        (1, PROXY, "::ffff:cb00:7107", CLIENT),
        (1, PROXY, "fe80::7%eth0", "fe80::7"),
        (1, PROXY, "[fe80::7%eth0]:80", "fe80::7"),
        (0, "::ffff:203.0.113.7", None, CLIENT),
        (0, "fe80::7%2", None, "fe80::7"),
        # A server on a socket without addresses.
        (0, "", None, UNKNOWN),
        (0, "unix:", OTHER, UNKNOWN),
        (0, "", CLIENT, UNKNOWN),
        (1, "", CLIENT, CLIENT),
        (1, "", "unknown", UNKNOWN),
    ],
)
def test_the_client_is_whom_our_own_proxy_spoke_with(settings, proxies, remote, forwarded, client):
    settings.TRUSTED_PROXIES = proxies
    assert address(asked(remote, forwarded)) == client


def test_other_headers_name_no_client(settings):
    settings.TRUSTED_PROXIES = 1
    named = {"X-Real-IP": OTHER, "Forwarded": f"for={OTHER}", "CF-Connecting-IP": OTHER, "True-Client-IP": OTHER}
    assert address(RequestFactory().get("/", REMOTE_ADDR=PROXY, headers=named)) == PROXY


@pytest.mark.parametrize(
    ("one", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("203.0.113.255", "203.0.113.0/24"),
        ("2001:db8:7:ffff::1", "2001:db8:7::/48"),
        (UNKNOWN, "::/48"),
    ],
)
def test_a_prefix_is_what_one_provider_gives_one_household(one, network):
    assert prefix(one) == network


def test_what_is_no_address_has_no_prefix():
    with pytest.raises(ValueError, match="nowhere"):
        prefix("nowhere")


def test_a_digest_tells_nothing_without_its_salt():
    one = salted("203.0.113.0/24", "a salt")
    assert one == salted("203.0.113.0/24", "a salt") != salted("203.0.113.0/24", "another")
    assert "203" not in one
    assert len(one) == 32


def test_sign_in_limits_ask_for_the_same_address(settings):
    from allauth.account.adapter import get_adapter

    settings.TRUSTED_PROXIES = 1
    assert get_adapter().get_client_ip(asked(PROXY, f"{OTHER}, {CLIENT}")) == CLIENT
    assert get_adapter().get_client_ip(asked("", None)) == UNKNOWN
