"""Draws the sample stories' pictures: flat landscapes of the valley, 1600 by 900, as JPEG into seeds/images/.

Run `python seeds/draw.py` (Pillow is all it needs) to draw them all, or name some: `python seeds/draw.py dam ferry`.
The same code draws the same picture every time: whatever looks like chance comes from a seeded generator. Everything
is drawn at twice the size and scaled down, so that edges come out smooth.
"""

import itertools
import math
import random
import sys
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


# Shapes of the land


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


# Things that stand on it


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


# The pictures


def hills():
    scene = Scene("#dfe4de", "#f3ead6")
    scene.ellipse(1130, 250, 62, 62, "#fff6de", None, 0.9)
    tones = [
        ("#b9c7c4", "#cbd4cd"),
        ("#93a9a6", "#aebdb5"),
        ("#6d8b86", "#8ba39b"),
        ("#4a6a66", "#658077"),
        ("#2f4a47", "#3d5a53"),
    ]
    scene.ground(jagged(11, 520, 290), *tones[0])
    scene.mist(560, 150, "#f3ead6", 0.8)
    scene.ground(jagged(24, 590, 220, 180), *tones[1])
    scene.mist(640, 120, "#e9e6d6", 0.7)
    scene.ground(rolling(5, 610, 52, 640), *tones[2])
    scene.mist(730, 90, "#dfe2d3", 0.5)
    scene.ground(rolling(8, 715, 46, 760), *tones[3])
    chance = random.Random(3)
    for x in sorted(chance.uniform(0, WIDTH) for _ in range(34)):
        poplar(scene, x, 806 + chance.uniform(-14, 16), chance.uniform(38, 74), "#2f4a47", "#42635c")
    scene.ground(rolling(14, 812, 26, 900), *tones[4])
    return scene


def river():
    scene = Scene("#c9d3dc", "#f0dfc4")
    scene.ellipse(800, 342, 54, 54, "#fff0d0", None, 0.95)
    scene.glow(800, 342, 260, "#fff0d0", 0.35)
    scene.ground(jagged(31, 450, 210, 260), "#9eb0bb", "#bfc6c4")
    scene.mist(480, 110, "#f0dfc4", 0.7)
    scene.ground(rolling(2, 452, 34, 800), "#7b959a", "#8fa399")
    scene.ground([(0, 486), (WIDTH, 486)], "#87a08f", "#4f6f63")
    left = bank([(792, 486), (760, 520), (700, 560), (770, 625), (640, 720), (330, 900)])
    right = bank([(822, 486), (830, 522), (800, 560), (960, 625), (1100, 730), (1180, 900)])
    scene.polygon([*left, *reversed(right)], "#e6dcc6", "#8fa9ad")
    for x, y, size in (
        (120, 640, 190),
        (210, 600, 150),
        (285, 575, 118),
        (345, 556, 94),
        (1490, 690, 230),
        (1370, 632, 170),
        (1285, 596, 130),
        (1222, 572, 100),
    ):
        poplar(scene, x, y, size, "#35544b", "#527362")
    for x, y, width in ((1010, 552, 40), (1060, 560, 46), (590, 540, 34)):
        house(scene, x, y, width, width * 0.6, "#e7dccb", "#9c6b52")
    ripples(scene, 4, 600, 890, "#f7eedc", 26, 620, 1000)
    scene.ground([*bank([(0, 812), (170, 800), (330, 900)]), (WIDTH, 900)], "#3d5c50", "#2f4a42")
    scene.polygon([*bank([(1180, 900), (1330, 838), (WIDTH, 806)]), (WIDTH, 900)], "#3d5c50", "#2f4a42")
    return scene


def dam():
    scene = Scene("#cdd6d9", "#ebe4d4")
    scene.ground(jagged(44, 400, 250, 300), "#a3b4b5", "#bcc6c0")
    scene.mist(430, 120, "#ebe4d4", 0.7)
    scene.polygon([(0, 380), (WIDTH, 380), (WIDTH, 470), (0, 470)], "#8eaab0", "#7d9ba3")
    ripples(scene, 9, 386, 440, "#d5e0df", 34, 300, 1300)
    scene.polygon(
        [(0, 250), *bank([(0, 250), (180, 330), (340, 420), (470, 640), (560, 900)]), (0, 900)], "#647f74", "#33504a"
    )
    scene.polygon(
        [*bank([(1050, 900), (1150, 640), (1270, 420), (1430, 320), (1600, 236)]), (1600, 900)], "#56736a", "#2d4843"
    )
    scene.polygon([(430, 600), (1180, 600), (1300, 900), (300, 900)], "#48665c", "#2d4843")
    wall = [
        *bank([(330, 432), (800, 462), (1276, 432)]),
        *bank([(1130, 720), (1000, 838), (800, 858), (610, 838), (492, 720)]),
    ]
    scene.polygon(wall, "#e8e0d2", "#a9a294")
    for index in range(1, 12):
        share = index / 12
        top, foot = 330 + 946 * share, 505 + 615 * share
        scene.line(
            [(top, 434 + 27 * math.sin(math.pi * share)), (foot, 724 + 132 * math.sin(math.pi * share))],
            "#938c80",
            1.6,
            0.5,
        )
    scene.line(bank([(326, 430), (800, 460), (1280, 430)]), "#f5efe3", 13)
    scene.line(bank([(326, 439), (800, 469), (1280, 439)]), "#8f887b", 3)
    for x in (700, 800, 900):
        scene.box(x - 22, 470, 44, 26, "#6a665f", None, 1, 4)
    scene.box(864, 420, 44, 40, "#d8cdbb")
    scene.polygon([(858, 420), (886, 398), (914, 420)], "#8a4a3a")
    scene.polygon(bank([(560, 900), (690, 852), (800, 846), (920, 852), (1050, 900)]), "#9db4b4", "#7e9a9c")
    scene.polygon([(782, 496), (818, 496), (850, 858), (752, 858)], "#f3f3ec", "#dfe8e5", 0.85)
    scene.ellipse(800, 862, 110, 17, "#eef2ee", None, 0.9)
    for x, y, size in (
        (90, 520, 90),
        (170, 590, 104),
        (60, 660, 120),
        (250, 690, 104),
        (140, 780, 132),
        (340, 800, 110),
        (1380, 560, 92),
        (1500, 600, 110),
        (1300, 690, 104),
        (1440, 730, 124),
        (1250, 830, 110),
        (1550, 820, 140),
    ):
        fir(scene, x, y, size, "#23403a", "#3f6055")
    return scene


def mill():
    scene = Scene("#e9dcc4", "#f3e8d3")
    scene.ground(jagged(52, 470, 270, 280), "#cdb699", "#dcc9ab")
    scene.mist(500, 130, "#f3e8d3", 0.7)
    scene.ground(rolling(6, 500, 50, 700), "#a98a63", "#b99a70")
    scene.ground(rolling(16, 622, 34, 900), "#86714f", "#6b5b40")
    for x, y, size in ((170, 640, 210), (236, 650, 170), (1400, 620, 220), (1470, 640, 180), (1336, 634, 150)):
        poplar(scene, x, y, size, "#5b5a3a", "#8a8352")
    scene.box(560, 300, 380, 420, "#e4d6bd", "#c7b592")
    scene.box(560, 300, 92, 420, "#cdbb99", "#ad9a78")
    scene.polygon([(536, 304), (640, 176), (862, 176), (966, 304)], "#7d4b36", "#6a3d2c")
    scene.polygon([(760, 304), (782, 232), (800, 262), (838, 222), (858, 304)], "#3c2a22")
    for row, y in enumerate((348, 448, 548)):
        for x in (690, 780, 870):
            scene.box(x, y, 36, 54, "#4b3b30", "#5a473a", 1, 3)
            if (row, x) == (1, 780):
                scene.line([(x, y), (x + 36, y + 54)], "#c9b795", 5)
                scene.line([(x + 36, y), (x, y + 54)], "#c9b795", 5)
    scene.box(586, 610, 48, 110, "#5a3b2a")
    wheel(scene, 1010, 640, 128)
    scene.polygon(
        [*bank([(960, 752), (1060, 762), (1180, 786), (1360, 812), (1600, 824)]), (1600, 900), (900, 900)],
        "#a5b4ab",
        "#7f968f",
    )
    scene.polygon(
        [(0, 714), *bank([(0, 714), (400, 716), (760, 718), (930, 728), (1010, 776), (1000, 900)]), (0, 900)],
        "#6f6243",
        "#4a4430",
    )
    ripples(scene, 12, 800, 890, "#dfe5da", 16, 1080, 1560)
    return scene


def wheel(scene, x, y, radius, wood="#5a3b2a", light="#7b5640"):
    scene.ellipse(x, y, radius, radius, wood)
    scene.ellipse(x, y, radius * 0.86, radius * 0.86, "#9a8465", "#7f6c50")
    for index in range(12):
        turn = math.tau * index / 12 + 0.1
        dx, dy = math.cos(turn), math.sin(turn)
        scene.line([(x, y), (x + dx * radius * 0.9, y + dy * radius * 0.9)], wood, radius * 0.07)
        scene.line(
            [
                (x + dx * radius * 0.84 - dy * radius * 0.05, y + dy * radius * 0.84 + dx * radius * 0.05),
                (x + dx * radius * 1.08 - dy * radius * 0.05, y + dy * radius * 1.08 + dx * radius * 0.05),
            ],
            light,
            radius * 0.09,
        )
    scene.ellipse(x, y, radius * 0.15, radius * 0.15, light, wood)


def millstones():
    """The mill's inside: light from one high window on two stones and a hopper."""
    scene = Scene("#4b3b30", "#33271f")
    for x in range(0, WIDTH, 200):
        scene.box(x, 0, 5, 700, "#3d3027", None, 0.6)
    scene.polygon([(0, 690), (WIDTH, 690), (WIDTH, 900), (0, 900)], "#5e4937", "#3b2d23")
    scene.polygon([(1130, 140), (1290, 140), (960, 900), (300, 900)], "#e9cf9d", "#7c6145", 0.34)
    scene.box(1130, 120, 160, 190, "#f3e2ba", "#e3c78f")
    scene.box(1206, 120, 8, 190, "#4b3b30")
    scene.box(1130, 208, 160, 8, "#4b3b30")
    scene.box(0, 70, WIDTH, 44, "#2b211a", "#3a2d24")
    for x in (170, 1450):
        scene.box(x - 28, 70, 56, 640, "#2b211a", "#382b22")
    scene.polygon([(560, 300), (860, 300), (752, 470), (668, 470)], "#a97f55", "#7d5b3d")
    scene.polygon([(860, 300), (752, 470), (716, 470), (790, 300)], "#8a6544", "#684a31")
    scene.line([(600, 300), (560, 690)], "#5c4431", 12)
    scene.line([(822, 300), (862, 690)], "#5c4431", 12)
    for y, wide, top, bottom in ((690, 250, "#b3a58c", "#85775f"), (620, 232, "#d6c8ac", "#a5957a")):
        scene.box(710 - wide, y - 48, wide * 2, 78, top, bottom, 1, 24)
        scene.ellipse(710, y - 46, wide, 26, top)
    scene.ellipse(710, 574, 46, 9, "#3d3027")
    for angle in range(0, 360, 30):
        dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        scene.line([(710 + dx * 70, 574 + dy * 9), (710 + dx * 205, 574 + dy * 23)], "#9a8b72", 3)
    for x, y, size in ((1150, 770, 92), (1262, 792, 104), (1070, 800, 84)):
        scene.ellipse(x, y - size * 0.45, size * 0.62, size * 0.72, "#c6ab7d", "#8f7650")
        scene.polygon(
            [(x - size * 0.16, y - size * 1.08), (x + size * 0.2, y - size * 1.3), (x + size * 0.16, y - size * 1.0)],
            "#a98e63",
        )
    chance = random.Random(8)
    for _ in range(70):
        y = chance.uniform(200, 800)
        x = 1210 - (y - 140) * 0.72 + chance.uniform(-160, 150)
        scene.ellipse(x, y, 1.8, 1.8, "#fff0cb", None, chance.uniform(0.2, 0.7))
    return scene


def road():
    scene = Scene("#e3d5c3", "#f2e6d2")
    scene.ground(jagged(61, 440, 280, 250), "#c9b49a", "#d9c7ab")
    scene.mist(470, 120, "#f2e6d2", 0.75)
    scene.ground(jagged(67, 560, 230, 330), "#b08c66", "#bf9d75")
    scene.mist(600, 90, "#e9d3b0", 0.5)
    slope = bank([(0, 360), (300, 430), (640, 550), (980, 606), (1300, 634), (1600, 648)])
    scene.ground(slope, "#8a6844", "#5a3f28")
    bends = [
        (1600, 690, 5),
        (1180, 664, 7),
        (900, 640, 9),
        (760, 650, 12),
        (860, 690, 17),
        (1180, 742, 26),
        (1230, 782, 38),
        (980, 812, 52),
        (560, 846, 74),
        (160, 930, 118),
    ]
    path = bank([(x, y) for x, y, _ in bends])
    widths = [
        bends[min(i // 16, 9)][2] + (bends[min(i // 16 + 1, 9)][2] - bends[min(i // 16, 9)][2]) * (i % 16) / 16
        for i in range(len(path))
    ]
    for (x1, y1), (x2, y2), wide in zip(path, path[1:], widths, strict=False):
        scene.polygon(
            [(x1, y1 - wide * 0.42), (x2, y2 - wide * 0.42), (x2, y2 + wide * 0.42), (x1, y1 + wide * 0.42)], "#d9c8ad"
        )
        scene.ellipse(x2, y2, wide * 0.6, wide * 0.42, "#d9c8ad")
    for x, y, size in (
        (420, 560, 90),
        (490, 586, 100),
        (330, 520, 84),
        (1440, 800, 150),
        (1520, 830, 170),
        (1366, 840, 130),
    ):
        fir(scene, x, y, size, "#3f3a27", "#635a3a")
    for index in range(7):
        scene.box(240 + index * 92, 790 - index * 9, 9 - index * 0.6, 44 - index * 3, "#f2e9d8")
        scene.box(240 + index * 92, 800 - index * 9, 9 - index * 0.6, 8, "#a4402f")
    return scene


def coach(scene, x, y, length, body, stripe, glass="#dfe6e4"):
    """A country bus seen from the side, its wheels on y."""
    high = length * 0.33
    scene.ellipse(x + length / 2, y + 4, length * 0.52, length * 0.025, "#1d1b19", None, 0.25, blur=6)
    scene.box(x, y - high, length, high * 0.84, body, None, 1, length * 0.035)
    scene.box(x, y - high * 0.46, length, high * 0.1, stripe)
    for index in range(6):
        scene.box(x + length * (0.045 + index * 0.132), y - high * 0.88, length * 0.115, high * 0.34, glass, None, 1, 5)
    scene.box(x + length * 0.86, y - high * 0.88, length * 0.115, high * 0.66, glass, None, 1, 5)
    scene.line([(x + length * 0.917, y - high * 0.88), (x + length * 0.917, y - high * 0.22)], body, 4)
    for place in (0.2, 0.72):
        scene.ellipse(x + length * place, y - high * 0.1, high * 0.17, high * 0.17, "#26231f")
        scene.ellipse(x + length * place, y - high * 0.1, high * 0.08, high * 0.08, "#9c948a")


def bus():
    scene = Scene("#c6d0d6", "#efdfc6")
    scene.ground(jagged(71, 460, 220, 260), "#9fb0b8", "#c0c8c4")
    scene.mist(500, 120, "#efdfc6", 0.7)
    scene.ground(rolling(21, 520, 40, 560), "#7d9491", "#93a497")
    chance = random.Random(5)
    for x in range(60, 1560, 105):
        tone = chance.choice([("#e6dac6", "#a0644e"), ("#d9cdbd", "#8a5a4a"), ("#ded6c8", "#6f6a63")])
        house(
            scene,
            x + chance.uniform(-20, 20),
            610 + chance.uniform(-16, 10),
            chance.uniform(64, 96),
            chance.uniform(48, 66),
            *tone,
            "#6b6f70",
        )
    scene.ground(rolling(28, 612, 14, 900), "#6d8276", "#58705f")
    scene.polygon([(0, 690), (WIDTH, 672), (WIDTH, 900), (0, 900)], "#8d8880", "#68645e")
    scene.line([(0, 704), (WIDTH, 686)], "#cfc8bb", 7)
    for x in range(-40, WIDTH, 220):
        scene.polygon([(x, 842), (x + 120, 840), (x + 116, 850), (x - 6, 852)], "#d8d1c4", None, 0.8)
    scene.box(300, 470, 10, 246, "#4a4a48")
    scene.box(270, 452, 70, 84, "#0b5a4a", None, 1, 8)
    for y in (472, 490, 508):
        scene.box(284, y, 42, 7, "#fbf4e6", None, 1, 3)
    for x, high, coat in ((402, 150, "#3c4c5a"), (448, 138, "#9a5a45"), (500, 118, "#c79a4e")):
        person(scene, x, 726, high, coat)
    coach(scene, 640, 800, 700, "#e9e2d2", "#a4452f", "#b9cbcf")
    return scene


def choir():
    scene = Scene("#2b2936", "#3a3340")
    for x in range(-20, WIDTH, 180):
        scene.box(x, 0, 10, 620, "#24222d", None, 0.7)
    scene.box(0, 120, WIDTH, 26, "#211f29")
    for x in (30, 1210):
        scene.box(x, 300, 370, 340, "#7a3b32", "#5d2d2a", 1, 22)
        scene.box(x + 28, 330, 314, 132, "#4c5666", "#39414f", 1, 12)
        scene.box(x + 120, 306, 130, 20, "#e7c98a", None, 0.8, 6)
        scene.box(x + 18, 540, 334, 16, "#c9b9a2", None, 0.5)
        for side in (52, 318):
            scene.ellipse(x + side, 574, 26, 20, "#f3dca4", "#d9b878")
    scene.polygon([(0, 630), (WIDTH, 630), (WIDTH, 900), (0, 900)], "#564a4c", "#352e35")
    scene.ellipse(800, 800, 640, 74, "#c79a5f", None, 0.32, blur=40)
    for x, y in ((400, 168), (620, 140), (800, 160), (980, 136), (1200, 170)):
        lamp(scene, x, y, 250)
    coats = ["#8c4a40", "#3f5568", "#b28a52", "#53604f", "#6e4a62", "#a86a4a", "#4b4a63", "#8f7b52"]
    heads, hairs = ["#d8ad88", "#c4936c", "#e3bf9c"], ["#2a201c", "#5b3b28", "#b9b2a8", "#3a2b2a"]
    chance = random.Random(2)
    for row, (y, start, step, number) in enumerate(((700, 476, 93, 8), (770, 430, 92, 9), (850, 386, 104, 9))):
        for index in range(number):
            x = start + index * step
            person(
                scene,
                x,
                y,
                262 + chance.uniform(-18, 20) + row * 8,
                coats[(index * 3 + row) % 8],
                heads[(index + row) % 3],
                hairs[(index * 2 + row) % 4],
            )
            head_y = y - (262 + row * 8) * 0.86
            if index % 2 == row % 2:
                scene.box(x - 26, head_y + 96, 52, 34, "#f2e8d2", "#ddcfb2", 1, 2)
    return scene


def market():
    scene = Scene("#ead9c2", "#f5ebd9")
    scene.ground(jagged(81, 400, 190, 300), "#cdbba5", "#dccbb2")
    scene.mist(430, 100, "#f5ebd9", 0.7)
    for index, (wall, roof) in enumerate(
        (
            ("#dcc7a6", "#8f5a44"),
            ("#e9ddc8", "#a0644e"),
            ("#cdb592", "#74503f"),
            ("#e2d2b6", "#93604a"),
            ("#d6c3a4", "#7d4f3f"),
        )
    ):
        house(scene, -30 + index * 345, 560, 300, 170 + (index % 2) * 34, wall, roof, "#7d7466")
    scene.polygon([(0, 556), (WIDTH, 556), (WIDTH, 900), (0, 900)], "#d3c0a2", "#a98f6d")
    for index, (colour, second) in enumerate((("#a4452f", "#f0e4cf"), ("#3f6b62", "#f0e4cf"), ("#c48a3a", "#f0e4cf"))):
        stall(scene, 70 + index * 520, 800, 430, colour, second, index)
    for x, y, high, coat in (
        (60, 862, 220, "#4a5a63"),
        (548, 868, 226, "#7b4a44"),
        (1068, 872, 214, "#5a6a50"),
        (1130, 874, 150, "#b07a3c"),
    ):
        person(scene, x, y, high, coat)
    return scene


def stall(scene, x, y, width, colour, second, seed):
    chance = random.Random(seed)
    for side in (14, width - 22):
        scene.box(x + side, y - 330, 9, 330, "#6a4f3a")
    scene.polygon(
        [(x + 20, y - 300), (x + width - 20, y - 300), (x + width - 20, y - 120), (x + 20, y - 120)],
        "#5a4636",
        "#6b5441",
        0.55,
    )
    person(scene, x + width * (0.35 + 0.15 * seed), y - 60, 206, ["#39505c", "#8a4f3c", "#54603f"][seed], "#d5ab86")
    scene.box(x, y - 130, width, 130, "#a57c54", "#80603f")
    for index in range(3):
        left, tint = (
            x + 14 + index * (width - 20) / 3,
            [("#b5382d", "#d98a3d", "#8fa04a"), ("#d9b24a", "#6f8f4a", "#c95f3a"), ("#7a3b52", "#c9a23e", "#a83a2c")][
                seed
            ][index],
        )
        wide = (width - 50) / 3
        for row in range(3):
            for place in range(6 - row):
                scene.ellipse(
                    left + wide * (place + 0.6 + row * 0.5) / 6,
                    y - 136 - row * 15,
                    wide / 11,
                    wide / 11,
                    tint,
                    None,
                    chance.uniform(0.82, 1),
                )
        scene.box(left, y - 128, wide, 36, "#8a6544", "#755437")
    parts = 8
    for index in range(parts):
        a, b = x - 24 + (width + 48) * index / parts, x - 24 + (width + 48) * (index + 1) / parts
        inner_a, inner_b = x + 16 + (width - 32) * index / parts, x + 16 + (width - 32) * (index + 1) / parts
        tone = colour if index % 2 == 0 else second
        scene.polygon([(inner_a, y - 380), (inner_b, y - 380), (b, y - 292), (a, y - 292)], tone)
        scene.ellipse((a + b) / 2, y - 292, (b - a) / 2, 17, tone)


def orchard():
    scene = Scene("#d5dcd8", "#f3e6cc")
    scene.ellipse(360, 240, 56, 56, "#fff3d6", None, 0.9)
    scene.ground(jagged(93, 420, 240, 270), "#a9b8b5", "#c5cdc2")
    scene.mist(450, 120, "#f3e6cc", 0.75)
    scene.ground(rolling(33, 450, 36, 620), "#8ba18c", "#9db08f")
    scene.ground(rolling(37, 520, 20, 900), "#a3ad74", "#6f8350")
    house(scene, 1180, 520, 150, 76, "#eadfc9", "#9c5b46", "#6e6a60")
    for row in range(6):
        depth = (row / 5) ** 1.5
        y, size, gap = 540 + 330 * depth, 52 + 200 * depth, 82 + 260 * depth
        scene.polygon(
            [(0, y - 6), (WIDTH, y - 6), (WIDTH, y + 10 + 12 * depth), (0, y + 10 + 12 * depth)], "#5f7244", None, 0.25
        )
        start = 800 - gap * 12 + (gap / 2 if row % 2 else 0)
        for index in range(25):
            x = start + index * gap
            if -size < x < WIDTH + size:
                tree(scene, x, y, size, "#4a6038", "#7f9450")
                apples(scene, x, y, size, row * 100 + index)
    return scene


def apples(scene, x, y, size, seed):
    chance = random.Random(seed)
    for _ in range(7):
        scene.ellipse(
            x + chance.uniform(-0.34, 0.34) * size,
            y - chance.uniform(0.42, 0.88) * size,
            size * 0.032,
            size * 0.032,
            "#b5382d",
        )


def snow():
    scene = Scene("#b9c4d6", "#e9e6e8")
    back = jagged(103, 560, 390, 360)
    scene.ground(back, "#8593b3", "#c3c8d6")
    snowy(scene, back, "#f4f5f8", "#dfe3ec", 96)
    scene.mist(580, 160, "#e9e6e8", 0.7)
    scene.ground(rolling(43, 590, 46, 760), "#cfd5e2", "#e3e5ec")
    scene.ground(rolling(47, 680, 40, 1000), "#e6e8ef", "#d3d9e5")
    scene.polygon(
        [
            *bank([(744, 652), (800, 690), (690, 752), (560, 900)]),
            *reversed(bank([(760, 652), (840, 690), (800, 752), (900, 900)])),
        ],
        "#a9b0c0",
        "#7d869b",
    )
    for index in range(8):
        share = (index / 7) ** 1.6
        for x in (788 - 250 * share, 846 + 100 * share):
            scene.box(x, 668 + 170 * share - 46 * (0.4 + share), 4 + 5 * share, 46 * (0.4 + share), "#c0613f")
    chance = random.Random(12)
    for _ in range(26):
        side = chance.choice([(0, 520), (1000, 1600)])
        x, y = chance.uniform(*side), chance.uniform(660, 880)
        fir(scene, x, y, 60 + (y - 640) * 0.42, "#2c3557", "#50608a")
    plough(scene, 690, 800)
    for _ in range(320):
        x, y, size = chance.uniform(0, WIDTH), chance.uniform(0, HEIGHT), chance.uniform(1, 3)
        scene.ellipse(x, y, size, size, "#ffffff", None, chance.uniform(0.4, 0.9))
    return scene


def plough(scene, x, y):
    scene.ellipse(x + 62, y + 4, 96, 9, "#2c3557", None, 0.3, blur=5)
    scene.box(x, y - 72, 124, 56, "#c9772f", "#ad6327", 1, 6)
    scene.box(x + 22, y - 128, 80, 64, "#d98a3d", None, 1, 8)
    scene.box(x + 31, y - 119, 62, 36, "#3a4560", None, 1, 5)
    for side in (16, 100):
        scene.ellipse(x + side, y - 12, 17, 19, "#23283a")
    scene.polygon([(x - 26, y - 52), (x + 150, y - 52), (x + 164, y + 6), (x - 40, y + 6)], "#e0a04a", "#b87a30")
    scene.ellipse(x + 62, y - 132, 7, 6, "#f2b04a")
    for side in (24, 100):
        scene.ellipse(x + side, y - 62, 8, 7, "#fff1c9")


def night():
    scene = Scene("#1f2743", "#4a4f73")
    chance = random.Random(17)
    for _ in range(120):
        scene.ellipse(
            chance.uniform(0, WIDTH), chance.uniform(0, 380), 1.3, 1.3, "#e9e6d8", None, chance.uniform(0.3, 0.9)
        )
    scene.ellipse(1240, 170, 44, 44, "#f3ead0")
    scene.ellipse(1222, 160, 42, 42, "#252d4b")
    scene.ground(jagged(113, 520, 260, 290), "#343d63", "#3f4870")
    scene.ground(rolling(53, 500, 60, 700), "#2a3253", "#262d49")
    for row in range(5):
        for index in range(15 - row):
            x = 130 + row * 20 + index * (1240 / (14 - row)) + chance.uniform(-22, 22)
            y = 560 + row * 56 + chance.uniform(-8, 8)
            wide, high = 60 + row * 12, 30 + row * 5
            house(
                scene,
                x - wide / 2,
                y,
                wide,
                high,
                ["#333a59", "#3b3f5c", "#2d3350"][index % 3],
                ["#232943", "#2a2a42"][index % 2],
            )
            for place in (0.18, 0.6):
                if chance.random() < 0.45:
                    scene.box(
                        x - wide / 2 + wide * place,
                        y - high * 0.68,
                        wide * 0.18,
                        high * 0.32,
                        chance.choice(["#f2cf86", "#e9b866", "#f7e3ae"]),
                    )
    scene.polygon(
        [(0, 806), *bank([(0, 806), (420, 790), (820, 812), (1200, 794), (1600, 806)]), (1600, 900), (0, 900)],
        "#2b3350",
        "#1b2138",
    )
    for x in (180, 420, 660, 900, 1140, 1380):
        scene.glow(x, 738, 74, "#f2cf86", 0.4)
        scene.box(x - 2, 738, 4, 68, "#171b2d")
        scene.ellipse(x, 738, 6, 6, "#fff1c9")
        for step in range(5):
            scene.ellipse(
                x + chance.uniform(-6, 6), 822 + step * 15, 15 - step * 2, 2.2, "#e9c27a", None, 0.5 - step * 0.08
            )
    return scene


def ferry():
    scene = Scene("#cfd6da", "#efe3cf")
    scene.ground(jagged(121, 400, 190, 300), "#aab8be", "#c6ccc8")
    scene.mist(425, 110, "#efe3cf", 0.75)
    scene.ground(rolling(61, 420, 16, 640), "#8a9d92", "#91a392")
    for index in range(22):
        poplar(scene, 60 + index * 72 + (index * 37 % 29), 452, 92 + (index * 53 % 48), "#5f7a6c", "#86998a")
    for x, wide in ((250, 60), (330, 48), (1240, 66), (1330, 52)):
        house(scene, x, 456, wide, wide * 0.6, "#eadfcd", "#a0644e")
    scene.polygon([(0, 452), (WIDTH, 452), (WIDTH, 900), (0, 900)], "#b9c6c4", "#6f8a8f")
    ripples(scene, 3, 480, 890, "#e6ebe4", 70)
    scene.line(bank([(0, 520), (520, 566), (900, 568), (1600, 500)]), "#4a5356", 3)
    scene.ellipse(830, 706, 460, 17, "#4f696e", None, 0.6)
    scene.polygon([(400, 612), (1240, 612), (1196, 704), (456, 704)], "#8a3b30", "#6b2b25")
    scene.polygon([(388, 596), (1252, 596), (1240, 622), (400, 622)], "#e9e0cf")
    scene.polygon([(388, 596), (300, 640), (318, 648), (420, 622)], "#b9ad98")
    scene.polygon([(1252, 596), (1336, 640), (1318, 648), (1220, 622)], "#b9ad98")
    scene.box(930, 452, 150, 146, "#f0e7d6", "#ddd1bb")
    scene.box(914, 438, 182, 18, "#6b2b25")
    for x in (950, 996, 1042):
        scene.box(x, 482, 30, 40, "#f5d78f", "#e5bd6c", 1, 3)
    scene.box(998, 382, 12, 58, "#4a4a48")
    scene.box(480, 540, 150, 42, "#4f6f78", None, 1, 12)
    scene.polygon([(506, 542), (528, 506), (596, 506), (618, 542)], "#4f6f78")
    scene.polygon([(520, 540), (534, 514), (558, 514), (558, 540)], "#c9d6d6")
    scene.polygon([(566, 540), (566, 514), (590, 514), (602, 540)], "#c9d6d6")
    for x in (512, 598):
        scene.ellipse(x, 582, 16, 16, "#262422")
    for x, high, coat in ((690, 112, "#3c4c5a"), (732, 106, "#a4553f"), (776, 116, "#6d6f4a"), (1150, 108, "#584a63")):
        person(scene, x, 598, high, coat)
    scene.line([(388, 562), (900, 562)], "#f7f0e2", 3)
    scene.line([(1100, 562), (1252, 562)], "#f7f0e2", 3)
    for x in range(392, 1253, 86):
        scene.line([(x, 562), (x, 598)], "#f7f0e2", 3)
    return scene


def shelf_of_loaves(scene, y, number, wide, high):
    for index in range(number):
        x = 232 + 676 * (index + 0.5) / number
        scene.ellipse(x, y - high, wide, high, "#d59a50", "#a8682f")
        for cut in (-0.35, 0, 0.35):
            scene.line([(x + wide * cut - 5, y - high * 1.3), (x + wide * cut + 5, y - high * 0.75)], "#f0c98a", 3)


def bakery():
    scene = Scene("#3b3442", "#57474a")
    scene.box(150, 90, 1300, 720, "#8c5a48", "#75493c")
    scene.box(130, 70, 1340, 26, "#5d3a30")
    for row in range(14):
        for index in range(15):
            if (row * 7 + index * 3) % 5 == 0 and 160 + index * 87 + (row % 2) * 43 < 1370:
                scene.box(160 + index * 87 + (row % 2) * 43, 98 + row * 50, 78, 40, "#7d4f40", None, 0.55, 3)
    scene.box(0, 806, WIDTH, 94, "#4b4246", "#362f36")
    scene.box(220, 330, 700, 360, "#f4dca6", "#e2b871")
    scene.box(220, 330, 700, 360, "#5a3527", None, 0.12)
    for y in (440, 560, 680):
        scene.box(232, y, 676, 12, "#7a4f35")
    shelf_of_loaves(scene, 440, 9, 34, 13)
    shelf_of_loaves(scene, 560, 7, 44, 22)
    shelf_of_loaves(scene, 680, 10, 30, 17)
    for x in (216, 566, 912):
        scene.box(x, 326, 12, 370, "#3f2a22")
    scene.box(216, 322, 708, 12, "#3f2a22")
    scene.box(216, 690, 708, 18, "#5a3b2c")
    parts = 10
    for index in range(parts):
        a, b = 190 + index * 76, 190 + (index + 1) * 76
        tone = "#0b5a4a" if index % 2 == 0 else "#efe4cf"
        scene.polygon([(a + 8, 216), (b + 8 - 16 * (index == parts - 1), 216), (b, 306), (a, 306)], tone)
        scene.ellipse((a + b) / 2, 306, 38, 16, tone)
    scene.box(1040, 350, 230, 458, "#3f2a22")
    scene.box(1056, 366, 198, 442, "#5e3d2c", "#4c3124")
    scene.box(1078, 390, 154, 220, "#f4dca6", "#e6c07c")
    scene.ellipse(1232, 650, 8, 8, "#d9b878")
    scene.line([(1155, 250), (1155, 276)], "#241d20", 4)
    scene.glow(1155, 300, 190, "#f6dca2", 0.5)
    scene.polygon([(1130, 276), (1180, 276), (1198, 306), (1112, 306)], "#2a2427")
    scene.ellipse(1155, 307, 24, 9, "#fff1c9")
    scene.polygon([(220, 806), (924, 806), (1060, 900), (90, 900)], "#e2b871", "#57474a", 0.28)
    for x, high, coat in ((690, 320, "#39505c"), (800, 290, "#8a6a45")):
        person(scene, x, 850, high, coat, "#c4936c", "#2a201c")
    return scene


PICTURES = [hills, river, dam, mill, millstones, road, bus, choir, market, orchard, snow, night, ferry, bakery]


def draw(names):
    for picture in PICTURES:
        if not names or picture.__name__ in names:
            picture().save(picture.__name__)
            print(f"{picture.__name__}.jpg")


if __name__ == "__main__":
    draw(sys.argv[1:])
