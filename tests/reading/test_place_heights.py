"""Heights of blocks are estimated at two widths from what the blocks hold."""

import pytest

from articles import body
from articles.body import Block
from articles.reading.placing.heights import heights, tops


def words(count):
    return "x" * count


def embed(address):
    return f'<figure data-embed="{address}"><figcaption>Seen from above</figcaption></figure>'


def figure(caption=0):
    said = f"<figcaption>{words(caption)}</figcaption>" if caption else ""
    return f'<figure data-image="7" data-alt="A mill">{said}</figure>'


def near(height):
    return {width: round(pixels, 1) for width, pixels in height.items()}


@pytest.mark.parametrize(
    ("html", "mobile", "desktop"),
    [
        (f"<p>{words(39)}</p>", 37.8, 37.8),
        (f"<p>{words(40)}</p>", 61.6, 37.8),
        (f"<p>{words(72)}</p>", 61.6, 37.8),
        (f"<p>{words(73)}</p>", 61.6, 61.6),
        (f"<p><strong>{words(20)}</strong> &amp; <a href='https://example.com/'>{words(16)}</a></p>", 37.8, 37.8),
        (f"<h2>{words(30)}</h2>", 70, 70),
        (f"<h3>{words(48)}</h3>", 100, 70),
        (f"<h4>{words(49)}</h4>", 100, 100),
        (f"<blockquote><p>{words(79)}</p></blockquote>", 85.4, 61.6),
        (f'<blockquote data-kind="pull"><p>{words(40)}</p></blockquote>', 61.6, 37.8),
        ("<ul><li>One</li><li>Two</li><li>Three</li></ul>", 85.4, 85.4),
        (f"<ol><li>One</li><li>{words(40)}</li></ol>", 85.4, 61.6),
        ("<ul><li>One<ul><li>Two</li></ul></li></ul>", 61.6, 61.6),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>", 61.6, 61.6),
        (f"<table><tr><td>1</td><td>{words(73)}</td><td>{words(50)}</td></tr></table>", 61.6, 61.6),
        (f"<table><caption>{words(40)}</caption><tr><td>1</td></tr></table>", 85.4, 61.6),
        (figure(), 220, 392),
        (figure(caption=40), 267.6, 415.8),
        ("<hr>", 73, 73),
        (embed("https://youtu.be/x"), 195, 350),
        (embed("https://vimeo.com/1"), 195, 350),
        (embed("https://x.com/a/status/1"), 190, 320),
        (embed("https://www.instagram.com/p/1/"), 190, 320),
        (embed("https://www.facebook.com/a"), 190, 320),
        (embed("https://www.tiktok.com/@a/video/1"), 190, 320),
        (embed("https://datawrapper.dwcdn.net/x/1/"), 449, 537),
        (embed("https://public.flourish.studio/visualisation/1/"), 449, 537),
        (embed("https://soundcloud.com/a/b"), 166, 166),
        (embed("https://open.spotify.com/episode/1"), 166, 166),
    ],
)
def test_a_block_is_as_high_as_what_it_holds(html, mobile, desktop):
    [block] = body.blocks(html)
    assert near(heights(block, {})) == {"mobile": mobile, "desktop": desktop}


@pytest.mark.parametrize(
    "block", [Block("poll", "<p>Yes or no</p>"), Block("embed", "<figure></figure>"), Block("", "")]
)
def test_what_nobody_knows_is_200_pixels_high(block):
    assert heights(block, {}) == {"mobile": 200, "desktop": 200}


def test_every_provider_of_embeds_has_a_height_of_its_own():
    for host in body.EMBED_PROVIDERS:
        [block] = body.blocks(embed(f"https://{host}/x"))
        assert heights(block, {})["desktop"] != 200, host


def test_a_block_without_words_is_still_a_line_high():
    for block in (Block("paragraph", "<p></p>"), Block("list", "<ul></ul>"), Block("table", "<table></table>")):
        assert near(heights(block, {})) == {"mobile": 37.8, "desktop": 37.8}, block


def test_a_picture_has_the_caption_of_its_image_unless_it_has_its_own():
    captions = {"7": words(40)}
    [bare], [own] = body.blocks(figure()), body.blocks(figure(caption=3))
    assert near(heights(bare, captions)) == {"mobile": 267.6, "desktop": 415.8}
    assert near(heights(own, captions)) == {"mobile": 243.8, "desktop": 415.8}
    assert near(heights(bare, {"8": words(40)})) == {"mobile": 220, "desktop": 392}


def test_blocks_stand_one_below_the_other_and_fractions_do_not_add_up():
    line = Block("paragraph", "<p>x</p>")
    assert tops([], {}) == {"mobile": [0], "desktop": [0]}
    assert tops([line] * 3, {})["mobile"] == [0, 37.8, 75.6, 113.4]
    assert tops([line] * 5000, {})["mobile"][-1] == 189000
