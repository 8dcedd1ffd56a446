"""Pictures of the land: hills, water, roads, snow."""

import math
import random

from brush import HEIGHT, WIDTH, Scene, bank, fir, house, jagged, person, poplar, ripples, rolling, snowy, tree


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
