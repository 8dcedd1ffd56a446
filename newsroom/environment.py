"""How the settings read their environment: what cannot be read stops start-up with one line, and no value is told that
may hold a password. Without Django, which is not there yet."""

import secrets
import sys

from newsroom.ground.hosts import without_port


def stop(line):
    sys.exit(f"Newsroom cannot start: {line}")


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
