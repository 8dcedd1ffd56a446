"""The body of an article: sanitised HTML, and the typed blocks that it is made of.

One HTML is canonical: what `clean` returns. The database keeps it, the editor edits it, importers make it. It is
a sequence of top-level elements, each one block on its own line. `blocks` takes it apart, `html` puts it together.

Nodes beside plain paragraphs, headings, lists, quotes and tables:

    figure       <figure data-image="12" data-alt="Seen"><figcaption>Caption <small>Credit</small></figcaption></figure>
                 (12: id of an Image; the words are the figure's own, since they may stand behind the wall)
    embed        <figure data-embed="https://youtu.be/x"><figcaption>Title</figcaption></figure>
    pull quote   <blockquote data-kind="pull"><p>Words</p><cite>Who</cite></blockquote>
    ad break     <hr data-mark="ad">
    wall mark    <hr data-mark="wall">     the free preview ends here

Nothing here reads the database, a file or the clock.
"""

import re
from dataclasses import dataclass
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit

import nh3

AD_BREAK = '<hr data-mark="ad">'
WALL_MARK = '<hr data-mark="wall">'

PREVIEW_PARAGRAPHS = 2

# Mis-nested markup may need a second look before it stands still: a link in a link, a table in a link.
PASSES = 5

# Whose players a story may point to. The reader's page makes no request to them: it links.
EMBED_PROVIDERS = {
    "youtube.com": "YouTube",
    "youtu.be": "YouTube",
    "youtube-nocookie.com": "YouTube",
    "vimeo.com": "Vimeo",
    "x.com": "X",
    "twitter.com": "X",
    "instagram.com": "Instagram",
    "facebook.com": "Facebook",
    "tiktok.com": "TikTok",
    "soundcloud.com": "SoundCloud",
    "open.spotify.com": "Spotify",
    "datawrapper.de": "Datawrapper",
    "datawrapper.dwcdn.net": "Datawrapper",
    "flourish.studio": "Flourish",
}

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
INLINE = {"a", "strong", "em", "s", "u", "sub", "sup", "code", "br", "span", "cite", "small"}
HEADINGS = {"h2", "h3", "h4"}
BLOCK_KINDS = {
    "p": "paragraph",
    "h2": "heading",
    "h3": "heading",
    "h4": "heading",
    "ul": "list",
    "ol": "list",
    "blockquote": "quote",
    "table": "table",
    "figure": "figure",
    "hr": "rule",
}
CONTAINERS = {"ul", "ol", "blockquote", "table", "figure"}
TABLE_PARTS = {"caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
INNER = {"li", "figcaption", *TABLE_PARTS}
# div is let through only so that its border is seen as the border of a block; no block ever is one.
ALLOWED_TAGS = {*INLINE, *BLOCK_KINDS, *INNER, "div"}
VOID = {"br", "hr"}

# attribute -> test of its value; whatever is not listed is dropped
ATTRIBUTES = {
    "a": {"href": lambda v: True, "title": lambda v: True},
    "ol": {"start": lambda v: v.isascii() and v.isdigit() and len(v) < 6},
    "th": {"colspan": lambda v: v in SPANS, "rowspan": lambda v: v in SPANS, "scope": {"col", "row"}.__contains__},
    "td": {"colspan": lambda v: v in SPANS, "rowspan": lambda v: v in SPANS},
    "figure": {
        "data-image": lambda v: v.isascii() and v.isdigit() and len(v) < 19,
        "data-alt": lambda v: len(v) <= 500,
        "data-embed": lambda v: embed_provider(v) is not None,
    },
    "blockquote": {"data-kind": {"pull"}.__contains__},
    "hr": {"data-mark": {"ad", "wall"}.__contains__},
    "span": {"lang": lambda v: re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", v) is not None},
    "p": {"lang": lambda v: re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", v) is not None},
}
SPANS = {str(n) for n in range(2, 21)}


@dataclass(frozen=True, slots=True)
class Block:
    """One top-level element of a body. kind: a value of BLOCK_KINDS, or embed, pullquote, ad_break, wall."""

    kind: str
    html: str

    @property
    def text(self):
        """The words alone, white space folded to single spaces."""
        # Most blocks are a paragraph without any markup in it.
        if self.html.startswith("<p>") and self.html.find("<", 3) == len(self.html) - 4:
            return " ".join(unescape(self.html[3:-4]).split())
        return " ".join(
            unescape(
                re.sub(r"<(?!/?(?:a|strong|em|s|u|sub|sup|code|span|small)\b)[^>]*>|</?\w+[^>]*>", _gap, self.html)
            ).split()
        )

    def attribute(self, name):
        """The value of an attribute of the block's own element, unescaped, or None."""
        found = re.match(rf'<\w+[^>]*? {re.escape(name)}="([^"]*)"', self.html)
        return unescape(found[1]) if found else None


def embed_provider(url):
    """The name of the allowed provider that an https address belongs to, or None."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if parts.scheme != "https" or parts.username or parts.port not in (None, 443):
        return None
    return next((name for known, name in EMBED_PROVIDERS.items() if host == known or host.endswith("." + known)), None)


def clean(markup):
    """The canonical HTML of any markup: only known nodes and attributes, no script, no stray text. Idempotent."""
    return html(canonical(markup))


def canonical(markup):
    """The blocks of the canonical HTML of any markup: for whoever needs both."""
    for _ in range(PASSES):
        parts = blocks(markup)
        tidy = html(parts)
        if tidy == markup:
            break
        markup = tidy
    return parts


def blocks(markup):
    """A list of `Block` from any markup; sanitised again, so that no caller can forget it."""
    splitter = _Splitter()
    splitter.feed(_CLEANER.clean(printable(markup)))
    splitter.close()
    return splitter.finish()


def stored(markup):
    """The blocks of canonical HTML, as the database keeps it, at a tenth of the cost: each line is one. Sanitised again
    all the same, and what is not canonical after all is taken apart like any markup."""
    lines = markup.split("\n")
    tags = [found[1] if (found := _TAG.match(line)) else "" for line in lines]
    if not BLOCK_KINDS.keys() >= set(tags) or _CLEANER.clean(markup) != markup or CONTROLS.search(markup):
        return blocks(markup)
    parts = [_named(tag, line) for tag, line in zip(tags, lines, strict=True)]
    return parts if all(part.attribute("data-image") for part in parts if part.kind == "figure") else blocks(markup)


def html(parts):
    """The canonical HTML of a sequence of blocks."""
    return "\n".join(block.html for block in parts)


def printable(text):
    """The text without control characters, which neither HTML nor XML can say; tabs and line ends stay."""
    return CONTROLS.sub("", text)


def paragraph(text):
    """The HTML of a paragraph of plain text: `<` is text."""
    return f"<p>{escape(text, quote=False)}</p>"


def split_preview(parts):
    """(preview, rest): two lists of blocks, cut at the wall mark, which is in neither.

    Without a mark the preview is the first two paragraphs and what stands between them; it never is the whole
    story, so that a gated story of one paragraph has no preview.
    """
    marked = next((i for i, block in enumerate(parts) if block.kind == "wall"), None)
    if marked is not None:
        return parts[:marked], [block for block in parts[marked:] if block.kind != "wall"]
    places = [i for i, block in enumerate(parts) if block.kind == "paragraph"]
    free = min(PREVIEW_PARAGRAPHS, len(places) - 1)
    end = places[free - 1] + 1 if free > 0 else 0
    return parts[:end], parts[end:]


def words(parts):
    """How many words the blocks hold."""
    return sum(len(block.text.split()) for block in parts)


def image_ids(parts):
    """The ids of the images that the blocks show, in order."""
    return [int(block.attribute("data-image")) for block in parts if block.kind == "figure"]


def _attribute_allowed(tag, name, value):
    test = ATTRIBUTES.get(tag, {}).get(name)
    return value if test and test(value) else None


def _gap(tag):
    return "" if re.match(r"</?(?:a|strong|em|s|u|sub|sup|code|span|small)\b", tag[0]) else " "


_CLEANER = nh3.Cleaner(
    tags=ALLOWED_TAGS,
    attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
    attribute_filter=_attribute_allowed,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener",
    strip_comments=True,
)


# White space beside the tag of a block is never seen: without it a list is the same list, however it was indented.
_BORDERS = re.compile(
    rf"""(?:(?<![ \t\r\f])[ \t\r\f]++)?(</?(?:{"|".join([*BLOCK_KINDS, *INNER])})\b(?:[^>"]|"[^"]*")*+>)[ \t\r\f]*"""
)


_TAG = re.compile(r"<(\w+)")


class _Splitter(HTMLParser):
    """Cuts sanitised (so: well-formed) HTML into blocks; text and inline markup between blocks become paragraphs."""

    def __init__(self):
        super().__init__(convert_charrefs=False)
        self.parts = []
        self.open = []
        self.loose = []

    @property
    def inside(self):
        return bool(self.open) and self.open[0] in CONTAINERS

    def handle_starttag(self, tag, attrs):
        if tag in INNER and not self.inside:
            tag = "div"
        if tag == "div" or (tag in BLOCK_KINDS and not self.inside):
            self._border()
        if tag == "div" or (tag == "hr" and self.inside):
            return
        self.loose.append(self.get_starttag_text())
        if tag not in VOID:
            self.open.append(tag)
        elif tag == "hr":
            self._border()

    def handle_endtag(self, tag):
        if tag not in self.open:
            self._border()
            return
        while self.open:
            last = self.open.pop()
            self.loose.append(f"</{last}>")
            if last == tag:
                break
        if not self.open and tag in BLOCK_KINDS:
            self._border()

    def handle_data(self, text):
        self.loose.append(text)

    def handle_entityref(self, name):
        self.loose.append(f"&{name};")

    def handle_charref(self, name):
        self.loose.append(f"&#{name};")

    def finish(self):
        """The blocks; of several wall marks the first counts."""
        self.open = []
        self._border()
        walls = [i for i, block in enumerate(self.parts) if block.kind == "wall"]
        return [block for i, block in enumerate(self.parts) if i not in walls[1:]]

    def _border(self):
        """End the piece at hand. Inside a container a border is a space; markup does not reach over a border."""
        if self.inside:
            self.loose.append(" ")
            return
        piece = "".join(self.loose).strip() + "".join(f"</{tag}>" for tag in reversed(self.open))
        self.loose, self.open = [], []
        if block := _block(piece):
            self.parts.append(block)


def _block(piece):
    found = _TAG.match(piece)
    tag = found[1] if found else ""
    if tag not in BLOCK_KINDS:
        piece, tag = f"<p>{piece}</p>", "p"
    block = _named(tag, _BORDERS.sub(r"\1", piece.replace("\n", " ")))
    if block.kind == "figure" and not block.attribute("data-image"):
        return Block("paragraph", paragraph(block.text)) if block.text else None
    return block if tag in {"hr", "figure"} or block.kind == "pullquote" or _says_something(block) else None


def _says_something(block):
    return bool(block.text.strip("\u200b\ufeff"))


def _named(tag, markup):
    """The block of one element: most kinds are told by the tag, the others by an attribute."""
    block = Block(BLOCK_KINDS[tag], markup)
    if tag == "hr":
        return Block({"ad": "ad_break", "wall": "wall"}.get(block.attribute("data-mark"), "rule"), markup)
    if tag == "blockquote" and block.attribute("data-kind"):
        return Block("pullquote", markup)
    if tag == "figure" and block.attribute("data-embed"):
        return Block("embed", markup)
    return block
