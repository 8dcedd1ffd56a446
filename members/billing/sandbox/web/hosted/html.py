"""Pages from templates: files with $names, whose values are escaped unless they are `Markup`."""

from functools import cache
from html import escape
from pathlib import Path
from string import Template

from members.billing.sandbox.web.api import Answer

FOLDER = Path(__file__).parent / "templates"
HTML = "text/html; charset=utf-8"


class Markup(str):
    """HTML that was made here, of escaped values."""

    __slots__ = ()


@cache
def template(name):
    return Template((FOLDER / name).read_text())


def fill(name, /, **values):
    """The Markup of a template of `templates/`."""
    return Markup(template(name).substitute({key: _safe(value) for key, value in values.items()}))


def tag(markup, *values):
    """Markup with `{}` where values go."""
    return Markup(markup.format(*map(_safe, values)))


def joined(parts):
    return Markup("\n".join(map(_safe, parts)))


def page(title, content, status=200):
    return Answer(status, fill("layout.html", title=title, content=content), kind=HTML)


def message(heading, text, link=None, status=200):
    """A page that says one thing. link: (address, words) to go on, or None."""
    onward = tag('<p><a class="button" href="{}">{}</a></p>', *link) if link else ""
    return page(heading, fill("message.html", heading=heading, text=text, link=onward), status)


def redirect(address):
    return Answer(303, "", {"Location": address}, HTML)


def _safe(value):
    return value if isinstance(value, Markup) else escape(str(value), quote=True)
