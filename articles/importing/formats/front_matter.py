"""The front matter of a Markdown story: which keys there are, what they may hold, and what is wrong with them. Pure."""

from urllib.parse import urlsplit

import yaml

from articles.importing.ages import moment
from articles.importing.story import Correction, Note, Picture

AUDIENCES = ("everyone", "registered", "members")
AUDIO = ("off", *AUDIENCES)
BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
EMPTY = ("", "~", "null", "Null", "NULL")


class Wrong(Exception):
    """What an editor must put right, and on which line of the file."""

    def __init__(self, line, reason):
        super().__init__(reason)
        self.line = line


def read(text, as_of, first_line=1):
    """(fields of a `Story`, notes) from the YAML of a front matter; a blank value is as none.

    first_line: the line of the file where the YAML starts. Raises `Wrong` with the file's line. Beside a story's own
    fields there may be `preview`, a number of paragraphs; `worked_out` is always there.
    """
    fields, worked_out, notes, seen = {}, set(), [], set()
    for key, node, line in _pairs(text, first_line):
        if key not in KEYS:
            notes.append(Note(line, f"the key {key!r} is not known; known are: {', '.join(KEYS)}"))
            continue
        if key in seen:
            notes.append(Note(line, f"the key {key!r} stands twice; the last one counts"))
        seen.add(key)
        name, take = KEYS[key]
        try:
            value = None if _blank(node) else take(node, as_of)
        except ValueError as error:
            raise Wrong(line, f"{key}: {error}") from error
        if value is None:
            continue
        if take is _date:
            worked_out |= {name} if value.worked_out else set()
            value = value.at
        fields[name] = value
    _put_image(fields)
    return fields | {"worked_out": frozenset(worked_out)}, notes


def _pairs(text, first_line):
    """(key, value's node, line in the file) of each pair."""
    try:
        top = yaml.compose(text.replace("\x00", ""), Loader=LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it cannot be read"
        raise Wrong(first_line + (mark.line if mark else 0), f"the front matter is no YAML: {reason}") from error
    except RecursionError as error:
        raise Wrong(first_line, "the front matter is nested too deeply") from error
    if top is None:
        return
    if not isinstance(top, yaml.MappingNode):
        raise Wrong(first_line, "the front matter is no list of keys and values")
    for key, value in top.value:
        yield _plain(key.value) if isinstance(key, yaml.ScalarNode) else "?", value, first_line + key.start_mark.line


def _plain(text):
    """Characters that no database takes are left out: NUL and halves of pairs, which YAML can spell."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def _blank(node):
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value.strip() in EMPTY


def _scalar(node, as_of=None):
    if not isinstance(node, yaml.ScalarNode):
        raise ValueError("must be one value, not a list")
    return " ".join(_plain(node.value).split())


def _text(limit):
    def take(node, as_of):
        value = _scalar(node)
        if len(value) > limit:
            raise ValueError(f"has {len(value)} letters; at most {limit} fit")
        return value

    return take


def _choice(allowed):
    def take(node, as_of):
        value = _scalar(node)
        if value not in allowed:
            raise ValueError(f"{value!r} is not allowed; allowed are: {', '.join(allowed)}")
        return value

    return take


def _boolean(node, as_of):
    value = _scalar(node).lower()
    if value not in BOOLEANS:
        raise ValueError(f"{value!r} is not allowed; allowed are: true, false")
    return BOOLEANS[value]


def _count(node, as_of):
    value = _scalar(node)
    if not (value.isascii() and value.isdigit() and len(value) < 4):
        raise ValueError(f"{value!r} is not allowed; it is a number of paragraphs, such as 3")
    return int(value)


def _date(node, as_of):
    value = _scalar(node)
    found = moment(value, as_of)
    if not found:
        raise ValueError(f"{value!r} is no date; write 2026-03-31, 2026-03-31T18:30 or an age such as 2 hours ago")
    return found


def _address(node, as_of):
    value = _text(500)(node, as_of)
    try:
        parts = urlsplit(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is no address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is no address; it starts with https://")
    return value


def _names(node, as_of):
    """A list of values, or one line of them with commas; without blanks and repetitions."""
    if isinstance(node, yaml.ScalarNode):
        names = _scalar(node).split(",")
    elif isinstance(node, yaml.SequenceNode):
        names = [_scalar(item) for item in node.value]
    else:
        raise ValueError("must be a list")
    names = [name.strip() for name in names]
    if long := next((name for name in names if len(name) > 100), None):
        raise ValueError(f"{long[:40]}… is over 100 letters")
    return tuple(dict.fromkeys(name for name in names if name))


def _hashtags(node, as_of):
    return tuple(name.lstrip("#") for name in _names(node, as_of) if name.strip("#"))


def _corrections(node, as_of):
    """A list of {date: …, text: …}, or of {date: text}."""
    if not isinstance(node, yaml.SequenceNode):
        raise ValueError("must be a list of items with date and text")
    return tuple(_correction(item, as_of) for item in node.value)


def _correction(item, as_of):
    if not isinstance(item, yaml.MappingNode):
        raise ValueError("each one needs date and text")
    pairs = {_scalar(key): value for key, value in item.value}
    when, text = pairs.get("date") or pairs.get("published"), pairs.get("text")
    if when is None and text is None and len(item.value) == 1:
        [(when, text)] = item.value
    if when is None or text is None:
        raise ValueError("each one needs date and text")
    found = _date(when, as_of)
    return Correction(found.at, _scalar(text), found.worked_out)


def _put_image(fields):
    """The lead image of the three keys about it."""
    path, alt, credit = (fields.pop(name, "") for name in ("image", "image_alt", "image_credit"))
    if path:
        fields["image"] = Picture(path, alt, credit=credit)


# key -> (field of a Story, how its value is taken). The keys that DESIGN.md names, in its order.
KEYS = {
    "id": ("external_id", _text(200)),
    "headline": ("headline", _text(300)),
    "standfirst": ("standfirst", _text(2000)),
    "section": ("section", _text(80)),
    "tags": ("tags", _names),
    "hashtags": ("hashtags", _hashtags),
    "authors": ("authors", _names),
    "published": ("published", _date),
    "updated": ("updated", _date),
    "source": ("source", _text(200)),
    "url": ("source_url", _address),
    "language": ("language", _text(10)),
    "image": ("image", _text(500)),
    "image_alt": ("image_alt", _text(300)),
    "image_credit": ("image_credit", _text(200)),
    "access": ("audience", _choice(AUDIENCES)),
    "preview": ("preview", _count),
    "early_access_until": ("early_access_until", _date),
    "metered": ("metered", _boolean),
    "audio": ("audio", _choice(AUDIO)),
    "related": ("related", _names),
    "corrections": ("corrections", _corrections),
    "translation_of": ("translation_of", _text(200)),
}
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
