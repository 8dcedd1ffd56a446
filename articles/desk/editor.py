"""The text editor of the story form: tiptap out of django-prose-editor, with our own nodes as plain ES modules.

What it may produce is what `articles.body` knows; `articles.body.clean` has the last word.
"""

import json
import re

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from js_asset import ImportMap, Media, Script

from articles import body
from articles.models import Image
from newsroom.ground.numbers import row_number

# Bare names that the modules import each other by, so that the files may carry a digest of their content in theirs.
MODULES = {
    "django-prose-editor/editor": "django_prose_editor/editor.js",
    "desk/nodes": "desk/nodes.js",
    "desk/paste": "desk/paste.js",
    "desk/serialise": "desk/serialise.js",
    "desk/toolbar": "desk/toolbar.js",
    "desk/dialogs": "desk/dialogs.js",
    "desk/library": "desk/library.js",
}
# What the editor says, by the names that its modules know it by.
WORDS = {
    "text": _("Text of the story"),
    "toolbar": _("Formatting"),
    "heading2": _("Heading"),
    "heading3": _("Smaller heading"),
    "heading4": _("Smallest heading"),
    "bold": _("Bold"),
    "italic": _("Italic"),
    "link": _("Link"),
    "bulletList": _("List"),
    "orderedList": _("Numbered list"),
    "quote": _("Quote"),
    "pullQuote": _("Pull quote"),
    "attribution": _("Who said it"),
    "table": _("Table"),
    "image": _("Image"),
    "embed": _("Embed"),
    "rule": _("Line"),
    "ad": _("Ad break"),
    "wall": _("Free preview ends here"),
    "wallButton": _("Preview end"),
    "language": _("Language"),
    "undo": _("Undo"),
    "redo": _("Redo"),
    "caption": _("Caption"),
    "alt": capfirst(_("alternative text")),
    "credit": capfirst(_("credit")),
    "cancel": _("Cancel"),
    "insert": _("Insert"),
    "apply": _("Apply"),
    "remove": _("Remove"),
    "search": _("Search"),
    "address": _("Address"),
    "linkTitle": _("Link to"),
    "linkRefused": _(
        "Take an address that begins with https://, http:// or mailto:, or a page of this site such as /join/."
    ),
    "languageTitle": _("Language of these words"),
    "languageCode": _("Code, such as ka, hy or ru"),
    "languageRefused": _("A language code has two or three letters, such as ka."),
    "imageTitle": _("Choose an image"),
    "imageNumber": _("Number of the image"),
    "imageRefused": _("Choose an image, or give its number."),
    "imageNone": _("No image has these words."),
    "imageFailed": _("The library does not answer. Try again."),
    "imageAdd": _("Add an image to the library"),
    "imageAlt": _("Image {id}"),
    "embedTitle": _("Embed by address"),
    "embedRefused": _("This address cannot be embedded. Known are: {providers}."),
    "tableTitle": _("Table"),
    "rows": _("Rows"),
    "columns": _("Columns"),
    "tableCaption": _("Title of the table"),
    "rowAfter": _("Add row"),
    "rowDelete": _("Delete row"),
    "columnAfter": _("Add column"),
    "columnDelete": _("Delete column"),
    "headerRow": _("Heading row"),
    "tableDelete": _("Delete table"),
}
EMBED = re.compile(r"""data-embed\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)


class EditorWidget(forms.Textarea):
    """A textarea that the editor takes over where JavaScript runs; without it the HTML itself is edited."""

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"] |= {"rows": 20, "data-desk-editor": json.dumps(configuration())}
        return context

    def use_required_attribute(self, initial):
        return False

    @property
    def media(self):
        return Media(
            importmap=ImportMap(MODULES), css={"all": ["desk/editor.css"]}, js=[Script("desk/editor.js", type="module")]
        )


class ImageWidget(forms.TextInput):
    """The number of an image in the library, with a picture of it and a button that opens the library."""

    def render(self, name, value, attrs=None, renderer=None):
        shown = {"inputmode": "numeric", "size": 8, "data-desk-image": json.dumps(configuration())}
        field = super().render(name, value, shown | (attrs or {}), renderer)
        picture = thumbnail(value) if value and row_number(str(value)) is not None else ""
        return format_html('<span class="image-choice">{}{}</span>', field, picture)

    @property
    def media(self):
        return Media(
            importmap=ImportMap(MODULES),
            css={"all": ["desk/editor.css"]},
            js=[Script("desk/image_field.js", type="module")],
        )


class BodyField(forms.CharField):
    """The text of a story: any markup in, canonical HTML out."""

    widget = EditorWidget

    def to_python(self, value):
        # Browsers send line ends as CRLF; the canonical HTML has LF between its blocks.
        return super().to_python(value).replace("\r\n", "\n")

    def has_changed(self, initial, value):
        return super().has_changed(initial, self.to_python(value))

    def clean(self, value):
        markup = super().clean(value)
        for address in EMBED.findall(markup):
            if body.embed_provider(address.replace("&amp;", "&")) is None:
                raise ValidationError(gettext("%(address)s cannot be embedded. Known are: %(providers)s.") % {
                    "address": address, "providers": provider_names(),
                })  # fmt: skip
        parts = body.blocks(body.clean(markup))
        _check_images(body.image_ids(parts))
        return body.html(parts)


def provider_names():
    return ", ".join(dict.fromkeys(body.EMBED_PROVIDERS.values()))


def thumbnail_address(image_id):
    return reverse("admin:articles_image_thumbnail", args=[image_id])


def thumbnail(image_id, alt=""):
    """A small picture of an image, as HTML."""
    return format_html('<img class="thumbnail" src="{}" alt="{}" loading="lazy">', thumbnail_address(image_id), alt)


def configuration():
    """What the editor's modules need to know: addresses, hosts of players, and their words in the reader's language."""
    return {
        "library": reverse("admin:articles_image_library"),
        "thumbnail": thumbnail_address(0),
        "addImage": reverse("admin:articles_image_add"),
        "providers": list(body.EMBED_PROVIDERS),
        "words": words(),
    }


def words():
    return {name: str(word).replace("{providers}", provider_names()) for name, word in WORDS.items()}


def _check_images(ids):
    missing = set(ids) - set(Image.objects.filter(pk__in=ids).values_list("pk", flat=True))
    if missing:
        raise ValidationError(gettext("The library has no image %(number)s.") % {"number": min(missing)})
