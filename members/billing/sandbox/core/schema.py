"""The shapes of Stripe's objects, from its published schemas: empty ones to fill, and what is wrong with a full one."""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent
# The published ones, and those of the kinds that the published selection leaves out.
FILES = ("schemas.json", "more_schemas.json")
TYPES = {"string": str, "boolean": bool, "object": dict, "array": list}
PREFIX = "#/components/schemas/"


@cache
def schemas():
    """{name: schema} of all."""
    found = {}
    for name in FILES:
        found |= json.loads((FOLDER / name).read_text())["components"]["schemas"]
    return found


def blank(kind, **filled):
    """An object of a kind with all that it must have and null for all that may be; `filled` goes on top."""
    return {**deepcopy(_blank(kind)), **filled}


def expandable(kind, field):
    """Whether the field of a kind holds an id for which the whole object can be had."""
    options = schemas().get(kind, {}).get("properties", {}).get(field, {})
    options = options.get("items", options)
    return {"type": "string"} in options.get("anyOf", [])


@cache
def _blank(kind):
    return _empty(schemas()[kind])


def _empty(schema):
    if "$ref" in schema:
        return _empty(schemas()[schema["$ref"].removeprefix(PREFIX)])
    if schema.get("nullable"):
        return None
    if "anyOf" in schema:
        return _empty(schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") != "object":
        return {"array": list, "boolean": bool, "integer": int, "number": int}.get(schema.get("type"), str)()
    needed = schema.get("required", [])
    fields = schema.get("properties", {}).items()
    return {name: _empty(field) for name, field in fields if name in needed or field.get("nullable")}


def problems(kind, value):
    """What keeps a value from being an object of a kind, in words; none: it is one."""
    return list(_problems(schemas()[kind], value, kind))


def _problems(schema, value, path):
    if value is None and schema.get("nullable"):
        return
    if "$ref" in schema:
        yield from _problems(schemas()[schema["$ref"].removeprefix(PREFIX)], value, path)
    elif "anyOf" in schema:
        yield from _of_any(schema["anyOf"], value, path)
    elif not _fits(schema.get("type"), value):
        yield f"{path}: {value!r} is no {schema['type']}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {', '.join(map(str, schema['enum']))}"
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _problems(schema.get("items", {}), item, f"{path}[{place}]")
    elif isinstance(value, dict):
        yield from _of_fields(schema, value, path)


def _fits(name, value):
    if name in ("integer", "number"):
        return isinstance(value, int if name == "integer" else (int, float)) and not isinstance(value, bool)
    return name is None or isinstance(value, TYPES[name])


def _of_any(options, value, path):
    if isinstance(value, dict) and "object" in value:
        named = [option for option in options if _kind(option) == value["object"]]
        options = named or options
    found = [list(_problems(option, value, path)) for option in options]
    if all(found):
        yield from min(found, key=len)


def _kind(option):
    schema = schemas().get(option.get("$ref", "").removeprefix(PREFIX), {})
    return schema.get("properties", {}).get("object", {}).get("enum", [None])[0]


def _of_fields(schema, value, path):
    fields, others = schema.get("properties"), schema.get("additionalProperties")
    if fields is None:
        if isinstance(others, dict):
            for name, item in value.items():
                yield from _problems(others, item, f"{path}.{name}")
        return
    for name in schema.get("required", []):
        if name not in value:
            yield f"{path}.{name} is missing"
    for name, item in value.items():
        if name in fields:
            yield from _problems(fields[name], item, f"{path}.{name}")
        else:
            yield f"{path}.{name} is unknown"
