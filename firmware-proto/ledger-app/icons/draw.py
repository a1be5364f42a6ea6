#!/usr/bin/env python3
"""Draws the app's icons: a ticket with its counterfoil, and a vote on it. `draw.py` needs Pillow; the GIFs are committed."""
import pathlib

from PIL import Image, ImageChops, ImageDraw

OVER = 16  # Drawn this much larger, then reduced.

# So few dots are better set by hand.
SMALL = """
..............
..............
.###.########.
####.#########
##############
####.######.##
##########.###
####.##.#.####
########.#####
####.#########
##############
####.#########
.###.########.
..............
"""


def ticket(size, grey):
    side = size * OVER
    shape = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(shape)
    unit = side / 14

    def box(left, top, right, bottom):
        return [round(unit * edge) for edge in (left, top, right, bottom)]

    # The paper, a bite out of its upper and lower edge, and a row of holes between them.
    pen.rounded_rectangle(box(0.5, 2.5, 13.5, 11.5), radius=unit, fill=255)
    for y in (2.5, 11.5):
        pen.ellipse(box(3.6, y - 0.9, 5.4, y + 0.9), fill=0)
    for y in (4.1, 5.6, 7.1, 8.6):
        pen.rectangle(box(4.1, y, 4.9, y + 0.9), fill=0)
    # The vote.
    points = [(6.8, 7.1), (8.4, 8.7), (11.6, 5.4)]
    pen.line([(unit * x, unit * y) for x, y in points], fill=0, width=round(unit), joint="curve")
    reduced = shape.resize((size, size), Image.LANCZOS)
    if not grey:
        reduced = reduced.point(lambda value: 255 if value > 127 else 0)
    return ImageChops.invert(reduced)


def small():
    rows = SMALL.split()
    image = Image.new("L", (len(rows[0]), len(rows)), 0)
    image.putdata([255 if dot == "#" else 0 for row in rows for dot in row])
    return image


def main():
    here = pathlib.Path(__file__).parent
    # Small screens are white on black; large ones are paper, with one colour for the list of apps and grey for the app.
    small().quantize(2).save(here / "ticket_14x14.gif", optimize=False)
    for size, grey in [(32, False), (40, False), (64, True)]:
        ticket(size, grey).quantize(16 if grey else 2).save(here / f"ticket_{size}x{size}.gif", optimize=False)


main()
