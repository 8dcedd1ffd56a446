"""Hosts as settings and requests write them: taken apart, and known for this machine's own. Without Django, since the
settings ask too."""

import ipaddress
import re

# A name or an IPv4 address, or an IPv6 address in brackets; then perhaps a port.
HOST = re.compile(r"([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
PORT_MAX = 65535


def without_port(host):
    """The name in "localhost:8000", the address with its brackets in "[::1]:8000". ValueError: this is no host."""
    found = HOST.fullmatch(host.lower())
    if not found or not 0 < int(found[2] or PORT_MAX) <= PORT_MAX:
        raise ValueError(f"{host!r} is no host")
    if found[1].startswith("["):
        ipaddress.IPv6Address(found[1][1:-1])
    return found[1]


def is_loopback(host):
    """Whether a host, with or without a port, or a bare address such as "::1" is this machine and no other."""
    try:
        name = host if host.count(":") > 1 and not host.startswith("[") else without_port(host)
        return name == "localhost" or ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
