"""Pictures of the town: mill, buses, stalls, lamps."""

import math
import random

from brush import WIDTH, Scene, bank, house, jagged, lamp, person, poplar, ripples, rolling


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
