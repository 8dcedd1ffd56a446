"""An object as it is told: embedded copies fresh, ids expanded where that was asked for."""

from members.billing.sandbox.core import errors, schema

DEPTH_MAX = 4
# {(kind, field): function of (books, object)}: what is told only on request, filled in by the module of the kind.
ON_REQUEST = {}


def on_request(kind, field):
    def register(function):
        ON_REQUEST[kind, field] = function
        return function

    return register


def shown(books, thing, expand=()):
    """A copy of an object for an answer or an event. expand: paths such as `latest_invoice.payments`."""
    copy = _fresh(books, thing)
    for path in expand or ():
        names = path.split(".")
        if len(names) > DEPTH_MAX:
            raise errors.malformed(f"You cannot expand more than {DEPTH_MAX} levels of a property: {path}.", "expand")
        _expand(books, copy, names, path)
    return copy


def _fresh(books, thing):
    """Prices stand in other objects as copies, and change there too."""
    if isinstance(thing, list):
        return [_fresh(books, item) for item in thing]
    if not isinstance(thing, dict):
        return thing
    if thing.get("object") == "event":
        return thing  # it tells how things were
    if thing.get("object") == "price" and (known := books.find(thing["id"], "price")):
        return known
    return {name: _fresh(books, value) for name, value in thing.items()}


def _expand(books, place, names, path):
    if not names or place is None:
        return
    if isinstance(place, list):
        for item in place:
            _expand(books, item, names, path)
        return
    name, *rest = names
    if isinstance(place, dict):
        _open(books, place, name, path)
        _expand(books, place.get(name), rest, path)


def _open(books, place, name, path):
    kind, value = place.get("object", ""), place.get(name)
    if (kind, name) in ON_REQUEST:
        place[name] = ON_REQUEST[kind, name](books, place)
    elif isinstance(value, str) and (found := books.find(value)):
        place[name] = _fresh(books, found)
    elif isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        place[name] = [_fresh(books, books.find(item)) or item for item in value]
    elif name not in place or (isinstance(value, str) and not schema.expandable(kind, name)):
        raise errors.invalid(f"This property cannot be expanded ({path}).", "expand")
