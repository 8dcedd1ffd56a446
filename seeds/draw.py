"""Draws the sample stories' pictures: flat landscapes of the valley, 1600 by 900, as JPEG into seeds/images/.

Run `python seeds/draw.py` (Pillow is all it needs) to draw them all, or name some: `python seeds/draw.py dam ferry`.
"""

import sys

from town import bakery, bus, choir, market, mill, millstones, night
from valley import dam, ferry, hills, orchard, river, road, snow

PICTURES = [hills, river, dam, mill, millstones, road, bus, choir, market, orchard, snow, night, ferry, bakery]


def draw(names):
    for picture in PICTURES:
        if not names or picture.__name__ in names:
            picture().save(picture.__name__)
            print(f"{picture.__name__}.jpg")


if __name__ == "__main__":
    draw(sys.argv[1:])
