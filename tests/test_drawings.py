"""The drawings in `assets/`, and their PNGs for places that show no SVG."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

ASSETS = Path(__file__).parents[1] / "assets"
DRAWINGS = sorted(ASSETS.glob("*.svg"))
SHARPNESS = 2


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.stem)
def test_a_drawing_has_a_sharp_png_beside_it(drawing: Path) -> None:
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawing.read_text("utf-8"))
    assert size is not None
    head = drawing.with_suffix(".png").read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", head[16:24]) == (int(size[1]) * SHARPNESS, int(size[2]) * SHARPNESS)
