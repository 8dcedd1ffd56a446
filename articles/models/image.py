"""Pictures: decoded, turned upright, stripped of what a camera wrote into them, and kept in a few widths."""

import hashlib
import io
import warnings

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from PIL import Image as Picture
from PIL import ImageOps

from newsroom.ground.stamped import Stamped, StampedQuerySet

# Widths in pixels of the renditions; none is made wider than the picture itself.
WIDTHS = (480, 960, 1600)
SHARE_SIZE = (1200, 630)
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
BYTES_MAX = 30 * 1024 * 1024
# Pixels that a WebP may be high: 14 bits, by its specification.
HEIGHT_MAX = 16_383
# What makes a picture upright, by EXIF's orientation (tag 0x0112).
ORIENTATION = 0x0112
UPRIGHT = {
    2: Picture.Transpose.FLIP_LEFT_RIGHT,
    3: Picture.Transpose.ROTATE_180,
    4: Picture.Transpose.FLIP_TOP_BOTTOM,
    5: Picture.Transpose.TRANSPOSE,
    6: Picture.Transpose.ROTATE_270,
    7: Picture.Transpose.TRANSVERSE,
    8: Picture.Transpose.ROTATE_90,
}


class ImageRefused(ValueError):
    """A file that is no picture that we take; its words say why and what to do."""


class ImageManager(models.Manager.from_queryset(StampedQuerySet)):
    def store(self, file, *, alt="", caption="", credit=""):
        """The `Image` of a file (a path or an open binary file); the same content is one row, made once.

        Raises ImageRefused for what is not a JPEG, PNG, WebP or GIF, is broken, or is too large; OSError where a path
        cannot be read. Words are taken when the row is new or has none yet.
        """
        return self.keep(self.prepare(file), alt=alt, caption=caption, credit=credit)

    def prepare(self, file):
        """The slow half of `store`, to be done outside any transaction: an `Image` with its renditions written, the
        stored one where the content is known, else not yet saved. Raises as `store` does."""
        content = _read(file)
        digest = hashlib.sha256(content).hexdigest()[:32]
        image = self.filter(digest=digest).first()
        if image is None:
            picture = _decode(content)
            image = self.model(digest=digest, width=picture.width, height=picture.height)
            if picture.height * image.widths[-1] / picture.width > HEIGHT_MAX:
                raise ImageRefused(gettext("The picture is too tall for its width. Cut it into several."))
            image.write(picture)
        return image

    def keep(self, image, *, alt="", caption="", credit=""):
        """The stored row of a prepared `Image`; of two that keep the same content at once, both get one row."""
        words = {"alt": alt, "caption": caption, "credit": credit}
        size = {"width": image.width, "height": image.height}
        kept, made = self.get_or_create(digest=image.digest, defaults={**size, **words})
        missing = {name: value for name, value in words.items() if value and not getattr(kept, name)}
        if missing and not made:
            self.filter(pk=kept.pk).update(**missing)
            vars(kept).update(missing)
        return kept


class Image(Stamped):
    stamp_kind = "image"

    digest = models.CharField(max_length=32, unique=True, editable=False)
    alt = models.CharField(
        _("alternative text"), max_length=300, blank=True, help_text=_("What a reader who cannot see it should know.")
    )
    caption = models.CharField(_("caption"), max_length=500, blank=True)
    credit = models.CharField(_("credit"), max_length=200, blank=True)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    objects = ImageManager()

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        ordering = ["-pk"]

    def __str__(self):
        return self.alt or self.caption or self.digest

    @property
    def widths(self):
        """The widths of the renditions that exist."""
        return [width for width in WIDTHS if width < self.width] + [self.width] * (self.width <= WIDTHS[-1])

    def path(self, width):
        return f"images/{self.digest}/{width}.webp"

    @property
    def url(self):
        return default_storage.url(self.path(self.widths[-1]))

    @property
    def share_url(self):
        return default_storage.url(f"images/{self.digest}/share.jpg")

    @property
    def srcset(self):
        return ", ".join(f"{default_storage.url(self.path(width))} {width}w" for width in self.widths)

    def write(self, picture):
        """Write the renditions of a decoded picture. Names come from the content, so writing twice is harmless."""
        for width in self.widths:
            size = (width, max(1, round(picture.height * width / picture.width)))
            _put(self.path(width), picture.resize(size, Picture.Resampling.LANCZOS), "WEBP", quality=80, method=3)
        share = ImageOps.fit(picture.convert("RGB"), SHARE_SIZE, Picture.Resampling.LANCZOS)
        _put(f"images/{self.digest}/share.jpg", share, "JPEG", quality=82)


def _read(file):
    if hasattr(file, "read"):
        content = file.read(BYTES_MAX + 1)
    else:
        with open(file, "rb") as opened:
            content = opened.read(BYTES_MAX + 1)
    if len(content) > BYTES_MAX:
        raise ImageRefused(gettext("The picture is over 30 MB. Save a smaller copy of it."))
    return content


def _decode(content):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Picture.DecompressionBombWarning)
            picture = Picture.open(io.BytesIO(content), formats=FORMATS)
            if picture.width * picture.height > settings.IMAGE_PIXELS_MAX:
                raise ImageRefused(gettext("The picture has too many pixels. Save a copy of at most 50 megapixels."))
            picture.load()
            upright = _upright(picture)
    except ImageRefused:
        raise
    except (
        OSError,
        ValueError,
        SyntaxError,
        Picture.DecompressionBombError,
        Picture.DecompressionBombWarning,
    ) as error:
        raise ImageRefused(gettext("This is no picture that we can read. Take a JPEG, PNG, WebP or GIF.")) from error
    clean = upright.convert("RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB")
    clean.info = {}
    return clean


def _upright(picture):
    """The picture turned as its EXIF says. What a camera wrote there may be broken in any way: then it stays."""
    try:
        turn = UPRIGHT.get(picture.getexif().get(ORIENTATION))
    except Exception:
        turn = None
    return picture.copy() if turn is None else picture.transpose(turn)


def _put(name, picture, format, **options):
    """Write one rendition. What an earlier try left half written is written again."""
    made = io.BytesIO()
    picture.save(made, format, **options)
    if default_storage.exists(name):
        if default_storage.size(name) == made.tell():
            return
        default_storage.delete(name)
    default_storage.save(name, ContentFile(made.getvalue()))
