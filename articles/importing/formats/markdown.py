"""Markdown with front matter between lines of `---`: the project's own format. Pure.

Beside CommonMark with tables and ~~struck~~ text:

    ![alt](../images/x.jpg "Caption | Credit")     alone in a paragraph: a figure
    https://youtu.be/x                             alone in a paragraph, of an allowed provider: an embed
    > [!pull]                                      a pull quote; a last paragraph "— Who" is its source
    <!-- ad -->    <!-- wall -->                   alone on a line: an ad break, the end of the free preview
"""

import re
from html import escape
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from articles import body
from articles.importing.formats.front_matter import Wrong, read
from articles.importing.reflow import ends_sentence
from articles.importing.story import Failure, Note, Parsed, Picture, Story

FENCE = "---"
MARKS = {"<!-- ad -->": body.AD_BREAK, "<!-- wall -->": body.WALL_MARK}
PULL = "[!pull]"
CITE = "— "
HEADLINE_LENGTH = 300
ALT_LENGTH = 300
# The page's own headline is h1, and the body has three steps below it.
HEADINGS = {"h1": "h2", "h5": "h4", "h6": "h4"}

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_ADDRESS = re.compile(r"<?(https://[^\s<>]+)>?")
_PARAGRAPH = re.compile(r"^<p\b.*$", re.MULTILINE)


def parse(text, as_of, file=""):
    """`Parsed` from a file's text. as_of: the aware moment that ages count from, in the newsroom's time zone."""
    try:
        matter, first, markdown = _split(text)
        fields, notes = read(matter, as_of, first_line=2)
        story = _story(fields, notes, first, markdown, as_of)
    except Wrong as wrong:
        return Parsed(failures=[Failure(file, wrong.line, str(wrong))])
    return Parsed(stories=[story])


def _split(text):
    """(front matter, 1-based number of the first line of the text, text)."""
    lines = text.split("\n")
    if lines[0].rstrip() != FENCE:
        return "", 1, text
    end = next((i for i, line in enumerate(lines) if i and line.rstrip() in (FENCE, "...")), None)
    if end is None:
        raise Wrong(1, "the front matter is not closed: a second line of --- is missing")
    return "\n".join(lines[1:end]), end + 2, "\n".join(lines[end + 1 :])


def _story(fields, notes, first, markdown, as_of):
    reader = _Reader(first)
    html = reader.html(markdown)
    headline = fields.pop("headline", "") or reader.title
    preview = fields.pop("preview", None)
    if not headline:
        raise Wrong(1, "the story has no headline: add the key headline to the front matter, between lines of ---")
    if not _text(html) and not reader.pictures:
        raise Wrong(first, "the story has no text")
    if _breaks_off(html):
        reader.notes.append(Note(first + markdown.rstrip().count("\n"), "the text ends in mid-sentence"))
    if preview is not None and body.WALL_MARK not in html:
        html = _with_wall(html, preview)
    if "published" not in fields:
        fields["published"], fields["worked_out"] = as_of, fields["worked_out"] | {"published"}
    return Story(
        headline=headline, html=html, writing=f"{preview}\n{markdown.strip()}", pictures=tuple(reader.pictures),
        warnings=(*notes, *reader.notes), **fields,
    )  # fmt: skip


def _text(html):
    return " ".join(block.text for block in body.blocks(html)).strip()


def _breaks_off(html):
    last = html.rsplit("\n", 1)[-1]
    return last.startswith("<p") and not ends_sentence(_text(last))


def _with_wall(html, paragraphs):
    """The HTML with the wall mark after so many paragraphs, at most after the last."""
    ends = [0, *(found.end() for found in _PARAGRAPH.finditer(html))]
    end = ends[min(paragraphs, len(ends) - 1)]
    return "\n".join(part for part in (html[:end].strip("\n"), body.WALL_MARK, html[end:].strip("\n")) if part)


class _Reader:
    """Makes canonical HTML of Markdown, and notes what it met on the way."""

    def __init__(self, first):
        self.first = first
        self.title = ""
        self.pictures = []
        self.notes = []

    def html(self, markdown):
        tokens = _MARKDOWN.parse(markdown)
        for token in tokens:
            self._check(token)
        parts = [self._block(node) for node in SyntaxTreeNode(tokens).children]
        return body.clean("\n".join(part for part in parts if part))

    def _check(self, token):
        """Headings go a step down; raw HTML is looked through for what the sanitiser will drop."""
        token.tag = HEADINGS.get(token.tag, token.tag)
        for piece in [token, *(token.children or ())]:
            if piece.type in ("html_block", "html_inline") and piece.content.strip() not in MARKS:
                # Numbers of images are given here, not by the file.
                piece.content = re.sub("data-image", "data-dropped", piece.content, flags=re.IGNORECASE)
                if dropped := _dropped(piece.content):
                    self._note(token, f"markup that stories may not hold is left out: {', '.join(dropped)}")
            if piece.type == "image" and not _is_figure(token):
                self._note(token, f"an image within a paragraph is left out: {piece.attrs['src']}")

    def _note(self, token, text):
        self.notes.append(Note(self.first + (token.map[0] if token.map else 0), text))

    def _block(self, node):
        if node.type == "heading" and not self.title and node.markup in ("#", "="):
            self.title = node.children[0].content[:HEADLINE_LENGTH]
            return ""
        if node.type == "html_block" and node.content.strip() in MARKS:
            return MARKS[node.content.strip()]
        if node.type == "paragraph":
            return self._figure(node) or _embed(node) or _render(node)
        if node.type == "blockquote":
            return _pull_quote(node) or _render(node)
        return _render(node)

    def _figure(self, node):
        image = _only_image(node)
        if not image:
            return ""
        caption, _bar, credit = image.attrs.get("title", "").rpartition(" | ")
        if not _bar:
            caption, credit = credit, ""
        self.pictures.append(Picture(image.attrs["src"], image.content, caption.strip(), credit.strip()))
        return _image(len(self.pictures), self.pictures[-1])


def _is_figure(token):
    """Whether a paragraph of the text itself, not of a list or quote, is one image and nothing else."""
    return token.level == 1 and len(token.children) == 1


def _only_image(node):
    inline = node.children[0].children if node.children else []
    return inline[0] if len(inline) == 1 and inline[0].type == "image" else None


def _image(number, picture):
    """A figure with its own words: as part of the text they are shown to those who may read it, and nowhere else."""
    alt = f' data-alt="{escape(picture.alt[:ALT_LENGTH])}"' if picture.alt else ""
    credit = f"<small>{escape(picture.credit, quote=False)}</small>" if picture.credit else ""
    words = " ".join(part for part in (escape(picture.caption, quote=False), credit) if part)
    caption = f"<figcaption>{words}</figcaption>" if words else ""
    return f'<figure data-image="{number}"{alt}>{caption}</figure>'


def _embed(node):
    found = _ADDRESS.fullmatch(node.children[0].content.strip()) if node.children else None
    if not found or not body.embed_provider(found[1]):
        return ""
    return f'<figure data-embed="{escape(found[1])}"></figure>'


def _pull_quote(node):
    parts = [_render(child) for child in node.children]
    if not parts or not parts[0].startswith(f"<p>{PULL}"):
        return ""
    parts[0] = f"<p>{parts[0].removeprefix(f'<p>{PULL}').lstrip()}"
    if parts[-1].startswith(f"<p>{CITE}"):
        parts[-1] = f"<cite>{parts[-1].strip().removeprefix(f'<p>{CITE}').removesuffix('</p>')}</cite>"
    words = "".join(part.strip() for part in parts if part.strip() != "<p></p>")
    return f'<blockquote data-kind="pull">{words}</blockquote>'


def _render(node):
    return _MARKDOWN.renderer.render(node.to_tokens(), _MARKDOWN.options, {})


def _dropped(markup):
    """The names of tags and attributes in raw HTML that a story's body may not hold."""
    looker = _Looker()
    looker.feed(markup)
    looker.close()
    return list(dict.fromkeys(looker.dropped))


class _Looker(HTMLParser):
    def __init__(self):
        super().__init__()
        self.dropped = []

    def handle_starttag(self, tag, attrs):
        if tag not in body.ALLOWED_TAGS:
            self.dropped.append(f"<{tag}>")
            return
        tests = body.ATTRIBUTES.get(tag, {})
        self.dropped += [name for name, value in attrs if not (name in tests and tests[name](value or ""))]
