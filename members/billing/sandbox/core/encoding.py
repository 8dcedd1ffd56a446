"""Parameters as Stripe takes them: form-encoded, nested by brackets, read against a specification.

A specification is a dict of names. Its values: a function that makes something of a text, a dict for what is nested,
`[spec]` for an array, `needed(spec)` for what must be there, and `{"*": spec}` for a dict of any names. An empty text
means "unset" and comes out as None.
"""

import re
from urllib.parse import parse_qsl

from members.billing.sandbox.core.errors import malformed, missing, unknown

BRACKETS = re.compile(r"\[([^\]]*)\]")
DEPTH_MAX = 8


class Needed:
    def __init__(self, spec):
        self.spec = spec


def needed(spec):
    return Needed(spec)


def text(value, name):
    return value


def integer(value, name):
    if not re.fullmatch(r"-?\d{1,18}", value):
        raise malformed(f"Invalid integer: {value}", name, "parameter_invalid_integer")
    return int(value)


def number(value, name):
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,12})?", value):
        raise malformed(f"Invalid decimal: {value}", name, "parameter_invalid_decimal")
    return float(value)


def boolean(value, name):
    if value not in ("true", "false"):
        raise malformed(f"Invalid boolean: {value}", name)
    return value == "true"


def one_of(*names):
    def choice(value, name):
        if value not in names:
            raise malformed(f"Invalid {name}: must be one of {', '.join(names)}", name)
        return value

    return choice


def moment(*words):
    """Seconds since 1970, or one of these words."""

    def read(value, name):
        return value if value in words else integer(value, name)

    return read


TAGS = {"*": text}
# A range of moments: seconds, or bounds of them.
RANGE = {"gt": integer, "gte": integer, "lt": integer, "lte": integer}
LIST = {"limit": integer, "starting_after": text, "ending_before": text, "created": RANGE}


def tree(encoded):
    """Nested dicts of texts, of a query or a form's body; what an array held has its places ("0", "1") as keys."""
    root = {}
    for key, value in parse_qsl(encoded, keep_blank_values=True, max_num_fields=5_000):
        name, *inner = [key.partition("[")[0], *BRACKETS.findall(key)]
        if len(inner) > DEPTH_MAX:
            raise malformed(f"Invalid parameter: {key}", name)
        _plant(root, [name, *inner], value)
    return root


def _plant(branch, keys, value):
    *ways, last = [key if key else None for key in keys]
    for way in ways:
        branch = branch.setdefault(way if way is not None else str(len(branch)), {})
        if not isinstance(branch, dict):
            raise malformed(f"Invalid parameter: {keys[0]}", keys[0])
    branch[last if last is not None else str(len(branch))] = value


def read(spec, given, name=""):
    """What a specification makes of a tree. Raises Refused for what is unknown, missing, or not what it should be."""
    if isinstance(spec, Needed):
        if given == "":
            raise malformed(f"You passed an empty string for '{name}'.", name, "parameter_invalid_empty")
        return read(spec.spec, given, name)
    if given == "":
        return None
    if callable(spec):
        if not isinstance(given, str):
            raise malformed(f"Invalid string: {name}", name)
        return spec(given, name)
    if spec is RANGE and isinstance(given, str):
        moment = integer(given, name)
        return {"gte": moment, "lte": moment}
    if not isinstance(given, dict):
        raise malformed(f"Invalid {'array' if isinstance(spec, list) else 'object'}", name)
    if isinstance(spec, list):
        return [read(spec[0], value, f"{name}[{place}]") for place, value in sorted(given.items(), key=_place)]
    return _read_dict(spec, given, name)


def _place(item):
    return int(item[0]) if item[0].isdigit() else 0


def _read_dict(spec, given, name):
    def full(key):
        return f"{name}[{key}]" if name else key

    if "*" in spec:
        # In a dict of any names an empty text takes a name out, which is its reader's to do.
        return {key: read(spec["*"], value, full(key)) if value else "" for key, value in given.items()}
    if strangers := [full(key) for key in given if key not in spec]:
        raise unknown(strangers)
    for key, inner in spec.items():
        if isinstance(inner, Needed) and key not in given:
            raise missing(full(key))
    return {key: read(spec[key], value, full(key)) for key, value in given.items()}


def merged(tags, given):
    """Metadata after a change: None empties them, an empty text takes one out."""
    if given is None:
        return {}
    both = {**tags, **given}
    return {key: value for key, value in both.items() if value != ""}
