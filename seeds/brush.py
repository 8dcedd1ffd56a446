"""What the sample pictures are drawn with: a sheet, skylines, trees, houses, people.

Everything is drawn at twice the size and scaled down, so that edges come out smooth; whatever looks like chance comes
from a seeded generator, so the same code draws the same picture every time.
"""

import itertools
import math
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT, SCALE, QUALITY = 1600, 900, 2, 82
FOLDER = Path(__file__).resolve().parent / "images"


class Scene:
    """A sheet of paper; every measure is in the finished picture's pixels, every colour a hex string."""

    def __init__(self, top, bottom):
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), top)
        self.polygon([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], top, bottom)

    def fill(self, mask, top, bottom, opacity=1.0):
        """Lay a colour that changes from top to bottom of the mask's own height through the mask."""
        box = mask.getbbox()
        if not box:
            return
        size = (box[2] - box[0], box[3] - box[1])
        colour = Image.composite(
            Image.new("RGB", size, bottom or top), Image.new("RGB", size, top), Image.linear_gradient("L").resize(size)
        )
        cut = mask.crop(box)
        self.image.paste(colour, box[:2], cut if opacity == 1 else cut.point(lambda value: round(value * opacity)))

    def mask(self):
        mask = Image.new("L", self.image.size, 0)
        return mask, ImageDraw.Draw(mask)

    def polygon(self, points, top, bottom=None, opacity=1.0):
        mask, pen = self.mask()
        pen.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=255)
        self.fill(mask, top, bottom, opacity)

    def box(self, x, y, width, height, top, bottom=None, opacity=1.0, radius=0):
        mask, pen = self.mask()
        corners = [x * SCALE, y * SCALE, (x + width) * SCALE, (y + height) * SCALE]
        pen.rounded_rectangle(corners, radius * SCALE, fill=255)
        self.fill(mask, top, bottom, opacity)

    def ellipse(self, x, y, rx, ry, top, bottom=None, opacity=1.0, blur=0):
        mask, pen = self.mask()
        pen.ellipse([(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE], fill=255)
        if blur:
            mask = soften(mask, blur)
        self.fill(mask, top, bottom, opacity)

    def line(self, points, colour, width, opacity=1.0):
        mask, pen = self.mask()
        pen.line([(x * SCALE, y * SCALE) for x, y in points], fill=255, width=round(width * SCALE), joint="curve")
        self.fill(mask, colour, None, opacity)

    def ground(self, heights, top, bottom=None, opacity=1.0):
        """Everything below a skyline, given as (x, y) from left to right."""
        self.polygon([*heights, (WIDTH, HEIGHT), (0, HEIGHT)], top, bottom, opacity)

    def mist(self, y, height, colour, opacity):
        """A band that is thickest at y and fades above and below it."""
        fade = (
            Image.linear_gradient("L")
            .resize((WIDTH * SCALE, height * SCALE))
            .point(lambda value: round(value * opacity))
        )
        mask = Image.new("L", self.image.size, 0)
        mask.paste(fade, (0, (y - height) * SCALE))
        mask.paste(fade.transpose(Image.Transpose.FLIP_TOP_BOTTOM), (0, y * SCALE))
        self.image.paste(Image.new("RGB", self.image.size, colour), (0, 0), mask)

    def glow(self, x, y, radius, colour, opacity=0.5):
        self.ellipse(x, y, radius * 0.6, radius * 0.6, colour, None, opacity, blur=radius * 0.35)

    def save(self, name):
        FOLDER.mkdir(exist_ok=True)
        small = self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        small.save(FOLDER / f"{name}.jpg", quality=QUALITY, optimize=True, progressive=True)


def soften(mask, radius):
    """A blur cheap enough for wide glows: done small, then enlarged."""
    small = mask.resize((mask.width // 8, mask.height // 8))
    return small.filter(ImageFilter.GaussianBlur(radius * SCALE / 8)).resize(mask.size, Image.Resampling.BICUBIC)


def rolling(seed, level, swell, length=420):
    """A soft skyline: three waves of different length on top of each other."""
    chance = random.Random(seed)
    phases = [chance.uniform(0, math.tau) for _ in range(3)]
    shares = [(1, 0.62), (0.47, 0.27), (0.21, 0.11)]
    heights = []
    for x in range(-10, WIDTH + 11, 10):
        waves = (
            share * math.sin(math.tau * x / (length * long) + phase)
            for phase, (long, share) in zip(phases, shares, strict=False)
        )
        heights.append((x, level - swell * sum(waves)))
    return heights


def jagged(seed, level, height, step=230):
    """A mountain skyline: peaks and saddles, then each edge broken twice."""
    chance = random.Random(seed)
    points, x, high = [], -step, True
    while x < WIDTH + step * 2:
        share = chance.uniform(0.68, 1) if high else chance.uniform(0.12, 0.4)
        points.append((x, level - height * share))
        x, high = x + step * chance.uniform(0.45, 0.9), not high
    for shift in (height * 0.09, height * 0.04):
        broken = [points[0]]
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            middle = chance.uniform(0.35, 0.65)
            broken += [(x1 + (x2 - x1) * middle, y1 + (y2 - y1) * middle + chance.uniform(-shift, shift)), (x2, y2)]
        points = broken
    return points


def height_at(skyline, x):
    for (x1, y1), (x2, y2) in itertools.pairwise(skyline):
        if x1 <= x <= x2:
            return y1 + (y2 - y1) * (x - x1) / (x2 - x1)
    return skyline[-1][1]


def snowy(scene, skyline, lit, shade, reach):
    """A cap of snow on each peak: along the skyline above, a ragged edge below, its right half in shade."""
    for before, top, after in zip(skyline, skyline[1:], skyline[2:], strict=False):
        if top[1] < before[1] and top[1] < after[1]:
            crest = [(top[0] + dx, height_at(skyline, top[0] + dx)) for dx in range(-reach, reach + 1, 6)]
            depth = (crest[0][1] + crest[-1][1]) / 2 - top[1]
            teeth = [(0.62, 0.8), (0.36, 0.62), (0.12, 1.12), (-0.12, 0.7), (-0.4, 0.98), (-0.66, 0.74)]
            hem = [(top[0] + dx * reach, top[1] + depth * dy) for dx, dy in teeth]
            scene.polygon([*crest, *hem], lit)
            right = [point for point in crest if point[0] >= top[0]]
            scene.polygon([*right, *hem[:3], (top[0] + 0.04 * reach, top[1] + depth * 0.5)], shade)


def bank(points, bend=0.5):
    """A smooth line through the points (Catmull-Rom)."""
    ends = [points[0], *points, points[-1]]
    smooth = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for part in range(16):
            t = part / 16
            smooth.append(
                tuple(
                    b[i]
                    + bend * t * (c[i] - a[i])
                    + t * t * (2 * bend * a[i] + (bend - 3) * b[i] + (3 - 2 * bend) * c[i] - bend * d[i])
                    + t**3 * (-bend * a[i] + (2 - bend) * b[i] + (bend - 2) * c[i] + bend * d[i])
                    for i in (0, 1)
                )
            )
    return [*smooth, points[-1]]


def poplar(scene, x, y, height, colour, lit):
    scene.line([(x, y), (x, y - height * 0.3)], colour, height * 0.03)
    scene.ellipse(x, y - height * 0.55, height * 0.085, height * 0.45, lit, colour)


def fir(scene, x, y, height, colour, lit):
    for level in range(3):
        top, wide = y - height + level * height * 0.24, height * (0.14 + 0.07 * level)
        scene.polygon([(x, top), (x + wide, top + height * 0.45), (x - wide, top + height * 0.45)], lit, colour)
    scene.box(x - height * 0.025, y - height * 0.1, height * 0.05, height * 0.1, colour)


def tree(scene, x, y, height, colour, lit):
    """A round orchard tree."""
    scene.line([(x, y), (x, y - height * 0.5)], colour, height * 0.07)
    for dx, dy, size in ((-0.2, 0.55, 0.26), (0.2, 0.52, 0.25), (0, 0.7, 0.3)):
        scene.ellipse(x + dx * height, y - dy * height, size * height, size * height * 0.9, lit, colour)


def house(scene, x, y, width, height, wall, roof, window=None):
    """A gable-ended house on the ground line y, with a lighter front."""
    scene.box(x, y - height, width, height, wall)
    scene.polygon(
        [
            (x - width * 0.08, y - height),
            (x + width * 0.22, y - height * 1.5),
            (x + width * 0.78, y - height * 1.5),
            (x + width * 1.08, y - height),
        ],
        roof,
    )
    if window:
        for place in (0.2, 0.62):
            scene.box(x + width * place, y - height * 0.68, width * 0.17, height * 0.3, window)


def lamp(scene, x, y, reach, colour="#f6dca2"):
    """A lamp that hangs on a wire."""
    scene.line([(x, 0), (x, y)], "#1c1a22", 2.5)
    scene.glow(x, y + 14, reach, colour, 0.5)
    scene.polygon([(x - 12, y - 16), (x + 12, y - 16), (x + 34, y + 10), (x - 34, y + 10)], "#2a2732")
    scene.ellipse(x, y + 10, 22, 9, "#fff1c9")


def person(scene, x, y, height, coat, head="#d9b08c", hair="#3b2b22"):
    """A standing figure, seen from the front and simplified to coat and head."""
    wide = height * 0.17
    scene.polygon(
        bank(
            [
                (x - wide, y),
                (x - wide * 1.05, y - height * 0.45),
                (x - wide * 0.75, y - height * 0.74),
                (x, y - height * 0.8),
                (x + wide * 0.75, y - height * 0.74),
                (x + wide * 1.05, y - height * 0.45),
                (x + wide, y),
            ]
        ),
        coat,
    )
    scene.ellipse(x, y - height * 0.9, height * 0.092, height * 0.108, hair)
    scene.ellipse(x, y - height * 0.872, height * 0.07, height * 0.084, head)


def ripples(scene, seed, top, bottom, colour, number=40, left=0, right=WIDTH):
    """Short level strokes on water, longer towards the reader."""
    chance = random.Random(seed)
    for _ in range(number):
        near = chance.random() ** 0.7
        y = top + (bottom - top) * near
        length = 24 + 150 * near * chance.uniform(0.4, 1)
        x = chance.uniform(left, right)
        scene.ellipse(x, y, length / 2, 0.8 + 1.6 * near, colour, None, 0.5)
