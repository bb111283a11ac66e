"""Small charts for the sample, drawn here so that nothing has to be licensed."""

from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 560)
PAPER, INK, QUIET, RULE, ACCENT = "#fbf9f5", "#1d1a16", "#8a8378", "#ddd6ca", "#b5301c"
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
LEFT, RIGHT, TOP, BOTTOM = 110, 1150, 50, 480


def bar_chart(pairs: list[tuple[str, int, int]], unit: str) -> ContentFile:
    """Two bars for each label, the second in the accent colour. A PNG."""
    image, draw, font = _canvas(unit)
    highest = max(max(before, after) for _, before, after in pairs)
    step = (RIGHT - LEFT) / len(pairs)
    for n, (label, before, after) in enumerate(pairs):
        x = LEFT + n * step + step * 0.18
        width = step * 0.28
        for value, colour in ((before, QUIET), (after, ACCENT)):
            top = BOTTOM - (BOTTOM - TOP - 40) * value / highest
            draw.rectangle((x, top, x + width, BOTTOM), fill=colour)
            draw.text((x + width / 2, top - 8), str(value), INK, font, anchor="mb")
            x += width + 10
        draw.text((x - width - 10, BOTTOM + 16), label, INK, font, anchor="ma")
    return _png(image)


def line_chart(series: list[int], unit: str) -> ContentFile:
    """One falling or rising line over equal steps. A PNG."""
    image, draw, font = _canvas(unit)
    highest = max(series)
    step = (RIGHT - LEFT - 60) / (len(series) - 1)
    points = [
        (LEFT + 30 + n * step, BOTTOM - (BOTTOM - TOP - 40) * value / highest)
        for n, value in enumerate(series)
    ]
    draw.line(points, fill=ACCENT, width=7, joint="curve")
    for (x, y), value in zip(points, series, strict=True):
        draw.ellipse((x - 9, y - 9, x + 9, y + 9), fill=PAPER, outline=ACCENT, width=5)
        draw.text((x, y - 18), str(value), INK, font, anchor="mb")
    return _png(image)


def _canvas(
    unit: str,
) -> tuple[Image.Image, ImageDraw.ImageDraw, Font]:
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(26)
    for n in range(5):
        y = TOP + n * (BOTTOM - TOP) / 4
        draw.line((LEFT, y, RIGHT, y), fill=RULE, width=2)
    draw.line((LEFT, BOTTOM, RIGHT, BOTTOM), fill=INK, width=3)
    draw.text((LEFT - 14, TOP), unit, QUIET, font, anchor="rm")
    return image, draw, font


def _png(image: Image.Image) -> ContentFile:
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    return ContentFile(written.getvalue())
