"""Pictures: what is taken, what is refused, what is left of it."""

import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image as Picture
from PIL.PngImagePlugin import PngInfo

from articles.models import Image, ImageRefused

pytestmark = pytest.mark.django_db


def picture(size=(1200, 800), format="JPEG", colour="teal", **options):
    made = io.BytesIO()
    Picture.new("RGB", size, colour).save(made, format, **options)
    return io.BytesIO(made.getvalue())


def rendition(name):
    return Picture.open(default_storage.open(name))


def test_it_works():
    image = Image.objects.store(picture(), alt="A dam", credit="Nino")
    assert (image.width, image.height, image.widths) == (1200, 800, [480, 960, 1200])
    assert image.srcset.count("webp") == 3
    assert rendition(image.path(480)).size == (480, 320)
    assert rendition(f"images/{image.digest}/share.jpg").size == (1200, 630)


def test_the_same_picture_is_one_row_and_keeps_its_words():
    first = Image.objects.store(picture(), alt="A dam")
    again = Image.objects.store(picture(), alt="Another word", credit="Nino")
    assert first.pk == again.pk
    assert (again.alt, again.credit) == ("A dam", "Nino")
    assert Image.objects.get() == again


def test_a_picture_is_turned_upright_and_loses_what_the_camera_wrote():
    exif = Picture.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = 6, "Nino's camera", {1: "N", 2: (41.0, 42.0, 43.0)}
    image = Image.objects.store(picture((600, 400), exif=exif.tobytes(), comment=b"Nino was here"))
    assert (image.width, image.height) == (400, 600)
    for name in (image.path(400), f"images/{image.digest}/share.jpg"):
        content = default_storage.open(name).read()
        assert b"Nino" not in content
        assert not rendition(name).getexif()


def test_what_was_left_half_written_is_written_again():
    prepared = Image.objects.prepare(picture())
    name = prepared.path(480)
    default_storage.delete(name)
    default_storage.save(name, io.BytesIO(b"RIFF"))
    Image.objects.store(picture())
    assert rendition(name).size == (480, 320)


def test_two_who_add_the_same_picture_get_one_row():
    mine, theirs = Image.objects.prepare(picture()), Image.objects.prepare(picture())
    assert Image.objects.keep(mine, alt="A dam") == Image.objects.keep(theirs, credit="Nino")
    assert Image.objects.get().credit == "Nino"


def test_a_small_picture_is_not_blown_up():
    assert Image.objects.store(picture((100, 50))).widths == [100]


def test_transparency_survives():
    made = io.BytesIO()
    Picture.new("RGBA", (300, 200), (0, 0, 0, 0)).save(made, "PNG")
    image = Image.objects.store(io.BytesIO(made.getvalue()))
    assert rendition(image.path(300)).mode == "RGBA"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.4",
        b"\xff\xd8\xff\xe0" + b"broken" * 40,
        b"GIF89a" + b"\x00" * 20,
    ],
)
def test_what_is_no_picture_is_refused_with_a_remedy(content):
    with pytest.raises(ImageRefused, match="JPEG, PNG, WebP or GIF"):
        Image.objects.store(io.BytesIO(content))
    assert not Image.objects.exists()


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(settings):
    settings.IMAGE_PIXELS_MAX = 10_000
    with pytest.raises(ImageRefused, match="megapixels"):
        Image.objects.store(picture((200, 200)))


def test_a_file_over_the_size_is_refused():
    with pytest.raises(ImageRefused, match="30 MB"):
        Image.objects.store(io.BytesIO(b"\xff\xd8" + b"\x00" * (30 * 1024 * 1024)))


@pytest.mark.parametrize("size", [(100, 20_000), (1, 17_000), (2_000, 24_000)])
def test_a_picture_that_no_file_could_hold_is_refused_with_a_remedy(size):
    with pytest.raises(ImageRefused, match="Cut it into several"):
        Image.objects.store(picture(size, "PNG"))
    assert not Image.objects.exists()


def test_a_wide_picture_and_a_tall_one_are_taken():
    assert Image.objects.store(picture((20_000, 100))).widths == [480, 960, 1600]
    assert Image.objects.store(picture((100, 5_000))).widths == [100]


@pytest.mark.parametrize("mode", ["L", "P", "1", "I;16", "LA"])
def test_every_kind_of_pixel_is_taken(mode):
    made = io.BytesIO()
    Picture.new(mode, (60, 40)).save(made, "PNG")
    assert Image.objects.store(io.BytesIO(made.getvalue())).widths == [60]


@pytest.mark.parametrize("turned", range(9))
def test_a_picture_stands_as_it_was_held(turned):
    """A red corner at the upper left of what the camera saw is there afterwards."""
    seen = Picture.new("RGB", (64, 32), "white")
    seen.paste("red", (0, 0, 16, 16))
    exif = Picture.Exif()
    exif[0x0112] = turned
    as_held = {0: None, 1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[turned]
    made = io.BytesIO()
    (seen if as_held is None else seen.transpose(as_held)).save(made, "PNG", exif=exif)
    image = Image.objects.store(io.BytesIO(made.getvalue()))
    assert (image.width, image.height) == (64, 32)
    red, _green, blue = rendition(image.path(64)).convert("RGB").getpixel((4, 4))
    assert red > 200 > 100 > blue


@pytest.mark.parametrize(
    "broken",
    [
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12" * 400,
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\x04\0\0\0six\0\0\0\0\0",
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x05\0\x02\0\0\0\x08\0\0\0\0\0\0\0",
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_picture_is_taken_however_broken_its_cameras_words_are(broken):
    assert Image.objects.store(picture((60, 40), exif=broken)).widths == [60]


@pytest.mark.parametrize("format", ["BMP", "TIFF", "ICO", "PPM", "TGA", "PDF", "EPS", "ICNS"])
def test_other_formats_are_refused_whatever_their_name(format):
    """Each decoder that is not needed is one that cannot be broken into."""
    with pytest.raises(ImageRefused):
        Image.objects.store(picture((64, 64), format))


@pytest.mark.parametrize("format", ["PNG", "WEBP", "GIF", "JPEG"])
def test_nothing_of_a_file_but_its_pixels_is_served(format):
    secret = b"41.7151 44.8271 the source"
    options = {"xmp": secret, "comment": secret} if format != "GIF" else {"comment": secret}
    if format == "PNG":
        options = {"pnginfo": PngInfo()}
        options["pnginfo"].add_text("Comment", secret.decode())
    if format != "GIF":
        options["icc_profile"] = secret
    image = Image.objects.store(picture((60, 40), format, **options))
    for name in (image.path(60), f"images/{image.digest}/share.jpg"):
        assert secret not in default_storage.open(name).read()


def test_a_polyglot_leaves_its_second_half_behind():
    payload = b"<script>alert('polyglot')</script>"
    image = Image.objects.store(io.BytesIO(picture().getvalue() + payload))
    assert all(payload not in default_storage.open(image.path(width)).read() for width in image.widths)


def test_pictures_are_served_by_name_and_kept(stranger):
    image = Image.objects.store(picture())
    response = stranger.get(image.url)
    assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
    assert "immutable" in response["Cache-Control"]


@pytest.mark.parametrize(
    "name",
    ["../settings.py", "images/../../x", "images/x/480.webp", "private.txt", "images/" + "0" * 32 + "/480.webp", ""],
)
def test_nothing_else_has_an_address(stranger, name):
    default_storage.exists("private.txt") or default_storage.save("private.txt", io.BytesIO(b"private"))
    response = stranger.get(f"/media/{name}")
    assert response.status_code == 404
