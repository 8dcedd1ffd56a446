"""How the settings read their environment: what cannot be read stops start-up with one line, and no value is told that
may hold a password. Without Django, which is not there yet."""

import re
import secrets
import sys

from newsroom.ground.hosts import without_port

# Numbers: the least and the most (None: any) that a setting may be, and what to do instead.
BOUNDS = {
    "TRUSTED_PROXIES": (0, None, "It counts the proxies in front of this server."),
    "PAGES_MEMORY_MB": (1, None, "Take the megabytes that a process may keep of compiled pages."),
    "METER_STRANGERS": (0, 50, "Take how many articles a reader may open a month."),
    "METER_REGISTERED": (0, 50, "Take how many articles a reader may open a month."),
    "METER_BUDGET": (1, None, "Take how many articles strangers of one network may open a day."),
    "GRACE_DAYS": (0, None, "Take how many days a failed payment changes nothing."),
}
# Words: their shape, what they are not, and what to take instead.
SHAPES = {
    "MEMBERS_EMAIL": (re.compile(r"|[^\s@<>,]+@[^\s@<>,]+"), "no address", "one such as members@news.example.com"),
    "CURRENCY": (re.compile(r"[A-Z]{3}"), "no currency", "three capital letters such as EUR"),
    "COUNTRY_HEADER": (re.compile(r"|[A-Za-z][A-Za-z0-9-]*"), "no name of a header", "one such as CF-IPCountry"),
    "DEVICE_HEADER": (re.compile(r"|[A-Za-z][A-Za-z0-9-]*"), "no name of a header", "one such as X-Device"),
    "ADS_OUTSIDE": (
        re.compile(r"|/[0-9]{1,12}(,[0-9]{1,12})?(/[A-Za-z0-9_.*!:()-]+)*"), "no ad unit",
        "its path such as /1234567/front",
    ),
}  # fmt: skip


def stop(line):
    sys.exit(f"Newsroom cannot start: {line}")


def check(values):
    """Stop where a value of a mapping by name is not within BOUNDS or has not its shape."""
    for name, (least, most, remedy) in BOUNDS.items():
        if values[name] < least or (most is not None and values[name] > most):
            limits = f"below {least}" if most is None else f"not between {least} and {most}"
            stop(f"{name}={values[name]} is {limits}. {remedy}")
    for name, (shape, wrong, right) in SHAPES.items():
        if not shape.fullmatch(values[name]):
            stop(f"{name}={values[name]!r} is {wrong}. Take {right}.")


def as_meta(header):
    """A header's name as `request.META` has it."""
    return "HTTP_" + header.upper().replace("-", "_")


def parsed(name, parse, value, take):
    """`parse(value)`; a value that it refuses is not told, since it may hold a password."""
    try:
        return parse(value)
    except ValueError:
        return stop(f"{name} cannot be read. Take {take}.")


def checked_hosts(name, hosts):
    """The hosts of a setting as browsers write them: without spaces, in lower case."""
    hosts = [host.strip().lower() for host in hosts]
    for host in hosts:
        try:
            without_port(host)
        except ValueError:
            stop(f"{name} has {host!r}, which is no host. Take names such as news.example.com, a comma between two.")
    return hosts


def machine_secret(folder):
    """A key made once for this machine and kept in a folder (Path), so that a demo needs no setting and shares no key.
    Raises OSError."""
    path = folder / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()
