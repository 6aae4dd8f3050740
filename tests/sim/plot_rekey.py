#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Draws what rekey_fleet prints: plot_rekey.py < figures.csv > rekey.svg"""
import csv
import math
import sys

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 420, 70, 190, 30, 50
COLOURS = ["#0b6e4f", "#1f5fa8", "#a8451f", "#6b3fa0"]
TICKS = [(0.1, "0.1 s"), (1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"),
         (3600, "1 h")]
LINE = 16  # between two labels


def x_of(loss, most):
    return LEFT + (WIDTH - LEFT - RIGHT) * loss / most


def y_of(seconds):
    low, high = math.log10(TICKS[0][0]), math.log10(TICKS[-1][0])
    share = (math.log10(max(seconds, TICKS[0][0])) - low) / (high - low)
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def text(x, y, words, anchor="middle"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">'
            f"{words}</text>")


def line(points, colour, dashes=""):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (f'<polyline points="{path}" fill="none" stroke="{colour}" '
            f'stroke-width="2"{dashes}/>')


def axes(losses):
    for seconds, label in TICKS:
        y = y_of(seconds)
        yield (f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" '
               f'y2="{y:.1f}" stroke="#ccc"/>')
        yield text(LEFT - 8, y + 4, label, "end")
    for loss in losses:
        yield text(x_of(loss, losses[-1]), HEIGHT - BOTTOM + 20, f"{loss} %")
    yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10,
               "datagrams lost")
    yield text(LEFT, TOP - 12, "until members hold the new keys", "start")


def labels(wanted):
    """(y, colour, words), moved down where they would overlap."""
    free = 0
    for y, colour, words in sorted(wanted):
        free = max(y, free)
        yield (f'<g fill="{colour}">'
               + text(WIDTH - RIGHT + 8, free + 4, words, "start") + "</g>")
        free += LINE


def series(rows, windows, most):
    ends = []
    for colour, window in zip(COLOURS, windows):
        mine = [r for r in rows if r["at_a_time"] == window]
        for key, dashes in (("all_ms", ""),
                            ("half_ms", ' stroke-dasharray="5 4"')):
            points = [(x_of(int(r["loss_percent"]), most),
                       y_of(int(r[key]) / 1000)) for r in mine]
            yield line(points, colour, dashes)
            words = "all" if key == "all_ms" else "half"
            ends.append((points[-1][1], colour,
                         f"{words}, {window} at a time"))
    yield from labels(ends)


def main():
    rows = list(csv.DictReader(sys.stdin))
    losses = sorted({int(r["loss_percent"]) for r in rows})
    windows = list(dict.fromkeys(r["at_a_time"] for r in rows))
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
          f'height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
          'font-family="sans-serif" font-size="13">')
    print("<!-- SPDX-License-Identifier: BSD-2-Clause -->")
    print(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>')
    for part in (*axes(losses), *series(rows, windows, losses[-1])):
        print(part)
    print("</svg>")


if __name__ == "__main__":
    main()
