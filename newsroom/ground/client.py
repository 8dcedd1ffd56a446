"""Whose request it is: the client's address behind a number of proxies that the operator counted. The one place that
reads X-Forwarded-For.

Whatever is kept of an address is kept of its prefix, and as a salted digest.
"""

import hashlib
import hmac
import ipaddress
import re

from django.conf import settings

# Who cannot be told: a server on a socket without addresses. No client has this one.
UNKNOWN = "::"
# What one household, office or school has from its provider: RFC 6177 for IPv6.
PREFIX_BITS = {4: 24, 6: 48}
# As proxies write them: 192.0.2.7, 192.0.2.7:4711, 2001:db8::7, [2001:db8::7], [2001:db8::7]:4711; IPv6 with a zone.
WRITTEN = re.compile(r"\[(?P<six>[0-9a-f:.]+)(?:%[\w.~-]+)?\](?::\d{1,5})?|(?P<four>[0-9.]+):\d{1,5}", re.ASCII)
WRITTEN_MAX = 120


def address(request):
    """The client's address, in the form that `ipaddress` writes, an IPv4 one that came as IPv6 as IPv4; UNKNOWN if
    nothing tells it.

    Read from the right, past the addresses of TRUSTED_PROXIES proxies: each notes whom it speaks with, and what stands
    further left is what the client claims. Where the list is too short or cannot be read, the last one that can be is
    taken: at worst many clients count as the one proxy that they come through.
    """
    hops = settings.TRUSTED_PROXIES
    noted = request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", hops)[-hops:] if hops else []
    # A proxy may speak over a socket that has no addresses, and yet note its client's.
    found = parsed(request.META.get("REMOTE_ADDR", "")) or UNKNOWN
    for read in map(parsed, reversed(noted)):
        if read is None:
            break
        found = read
    return found


def parsed(written):
    """An address as a proxy wrote it, without port, brackets and zone; None if it is none."""
    if len(written) > WRITTEN_MAX:
        return None
    written = written.strip(" \t").lower()
    framed = WRITTEN.fullmatch(written)
    try:
        read = ipaddress.ip_address((framed["six"] or framed["four"]) if framed else written.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(read, "ipv4_mapped", None) or read)


def prefix(address):
    """The network that an address belongs to, as "192.0.2.0/24" or "2001:db8:7::/48". ValueError: it is none."""
    read = ipaddress.ip_address(address)
    return str(ipaddress.ip_network((read, PREFIX_BITS[read.version]), strict=False))


def salted(text, salt):
    """A digest of a prefix (or of any text), 32 hex digits, that nobody without the salt (str) can make or try out."""
    return hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
