"""An advertisement's own HTML: what its frame must be allowed, and what will not work there. Pure.

It stands in a frame of its own origin, from which nothing can be loaded, run or reached; styles are let in one by one,
by the digests of what they say. Scripts are not: one could call other machines in ways that no policy stops everywhere.
"""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.utils.translation import gettext_lazy as _

# What stands in it for the address that counts a click.
CLICK = "{click}"
# What the frame may: open a window at a click, in which the advertiser's page is a page as any other.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
# Elements that do nothing in such a frame -> what to do instead.
USELESS = {
    "script": _("Scripts are not run in it. Leave them out; a <style> can do most of what moves."),
    "link": _("<link> loads from elsewhere, which nothing here may. Write the style into a <style>."),
    "iframe": _("A frame in the frame stays empty. Write what it shows into the page itself."),
    "object": _("<object> loads from elsewhere, which nothing here may. Leave it out."),
    "embed": _("<embed> loads from elsewhere, which nothing here may. Leave it out."),
    "form": _("Forms are not sent from here. Link to a page of the advertiser’s that has one."),
    "base": _("<base> would lead links astray. Leave it out."),
}
LOADING = {"src", "srcset", "poster", "background", "data"}
LINKING = {"href", "xlink:href", "action", "formaction", "ping"}
# Elements of drawings, whose links are what they show.
SHOWING = {"image", "use", "feimage"}
ELSEWHERE = re.compile(r"@import|url\((?!\s*['\"]?(data:|#))", re.IGNORECASE)


@dataclass
class Looked:
    """styles: what each <style> says. clicks: how many links lead to {click}. problems: lazy words, each with its
    remedy."""

    styles: list = field(default_factory=list)
    clicks: int = 0
    problems: list = field(default_factory=list)

    def refuse(self, words):
        if words not in self.problems:
            self.problems.append(words)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = Looked()
        # What the <style> that is open says so far.
        self.style = None

    def handle_starttag(self, tag, attributes):
        if tag in USELESS:
            self.found.refuse(USELESS[tag])
        if tag == "meta" and "http-equiv" in dict(attributes):
            self.found.refuse(_("<meta http-equiv> changes how the page is read. Leave it out."))
        for name, value in attributes:
            self._look_at(tag, name, (value or "").strip())
        told = dict(attributes)
        if told.get("href") == CLICK and told.get("target") != "_blank":
            self.found.refuse(_('A link opens a window of its own, or nothing opens: give it target="_blank".'))
        if tag == "style":
            self.style = []

    def handle_startendtag(self, tag, attributes):
        # As browsers do: a slash at the end means nothing.
        self.handle_starttag(tag, attributes)
        if tag in self.CDATA_CONTENT_ELEMENTS:
            self.set_cdata_mode(tag)

    def handle_endtag(self, tag):
        if tag == "style" and self.style is not None:
            self.found.styles.append("".join(self.style))
            self.style = None

    def handle_data(self, text):
        if self.style is not None:
            self.style.append(text)

    def _look_at(self, tag, name, value):
        if name.startswith("on"):
            self.found.refuse(_("Attributes such as onclick are not run. Leave them out."))
        elif name == "style":
            self.found.refuse(_('style="…" is not applied. Give the element a class, and style that in a <style>.'))
        elif name in LOADING or (name in LINKING and tag in SHOWING):
            if not value.startswith(("data:", "#")):
                self.found.refuse(_("Nothing is loaded from elsewhere. Put pictures in as data: addresses."))
        elif name in LINKING:
            self._look_at_link(value)

    def _look_at_link(self, value):
        if value == CLICK:
            self.found.clicks += 1
        elif not value.startswith("#"):
            self.found.refuse(_("Every link leads to {click}, which counts it and goes on to where this one leads."))


def looked_at(html):
    """What there is in an advertisement's HTML, a Looked."""
    reader = _Reader()
    reader.feed(lines(html))
    reader.close()
    found = reader.found
    if reader.style is not None:
        found.refuse(_("A <style> is not closed. Write </style> after it."))
    if ELSEWHERE.search("".join(found.styles)):
        found.refuse(_("A style loads from elsewhere, which nothing here may. Put pictures in as data: addresses."))
    if not found.clicks:
        found.refuse(_('It has no link. Lead one to {click}: <a href="{click}" target="_blank">.'))
    return found


def lines(html):
    """The text with ends of lines as browsers read them."""
    return html.replace("\r\n", "\n").replace("\r", "\n")


def document(html, click):
    """The whole document as it is served. click: the address that its links lead to, escaped for an attribute."""
    body = lines(html).replace(CLICK, click)
    return body if re.match(r"\s*<!doctype", body, re.IGNORECASE) else f"<!DOCTYPE html>\n{body}"


def policy(document):
    """The Content-Security-Policy of such a document: nothing is loaded from anywhere, no form is sent, nothing of the
    site is reached; a click opens a window of its own."""
    styles = dict.fromkeys(map(_source, looked_at(document).styles))
    told = ["default-src 'none'", "img-src data:", "font-src data:"]
    told += [f"style-src {' '.join(styles)}"] if styles else []
    return "; ".join([*told, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'", f"sandbox {SANDBOX}"])


def _source(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
