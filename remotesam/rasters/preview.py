"""A page to look at the answer over the image: one file that needs no connection."""

from __future__ import annotations

import base64
import html
import io
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from remotesam.data.sources.windows import cover
from remotesam.files import write_text
from remotesam.rasters.source import Source, WindowReader
from remotesam.rasters.vectors import Layer
from remotesam.visualize.colours import listed_colours

_SIDE = 2048  # of the picture, in pixels at most
_PATCH = 256
_MOST = 20_000  # outlines that a browser draws without waiting


def write_preview(path: Path, source: Source, layer: Layer) -> None:
    """Writes the page: the raster, reduced, and the outlines over it, by class; a click shows the attributes.

    Of more than 20,000 objects the largest are shown, and the page says so.

    Args:
        path: The file.
        source: The raster.
        layer: Its objects.

    Raises:
        OSError: The raster cannot be read, or the file not be written.
    """
    from PIL import Image

    scale = min(1.0, _SIDE / max(source.grid.width, source.grid.height))
    width, height = max(1, round(source.grid.width * scale)), max(1, round(source.grid.height * scale))
    picture = io.BytesIO()
    Image.fromarray(_overview(source, width, height)).save(picture, "JPEG", quality=85)
    objects, total = _objects(layer, scale)
    data = {
        "image": "data:image/jpeg;base64," + base64.b64encode(picture.getvalue()).decode(),
        "width": width,
        "height": height,
        "classes": [
            {"name": text, "colour": colour}
            for text, colour in zip(layer.texts, listed_colours(layer.texts), strict=True)
        ],
        "objects": objects,
        "total": total,
    }
    page = files("remotesam.rasters").joinpath("preview.html").read_text(encoding="utf-8")
    # "<" would end the script where a text holds "</script>".
    content = json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    write_text(path, page.replace("{{title}}", html.escape(layer.source)).replace("{{data}}", content))


def _overview(source: Source, width: int, height: int) -> np.ndarray:
    """The whole grid in small, (height, width, 3) uint8, patch by patch; what cannot be read stays black."""
    picture = np.zeros((height, width, 3), dtype=np.uint8)
    across, down = source.grid.width / width, source.grid.height / height
    with WindowReader(source) as reader:
        for left, top, w, h in cover(height, width, size=_PATCH):
            place = (int(left * across), int(top * down), max(1, int(w * across)), max(1, int(h * down)))
            try:
                picture[top : top + h, left : left + w] = reader.read(*place, shape=(h, w))[0]
            except OSError:
                reader.close()
    return picture


def _objects(layer: Layer, scale: float) -> tuple[list[dict[str, Any]], int]:
    """The largest objects with their outlines in pixels of the picture, and how many there are in all."""
    import shapely

    pixels = np.concatenate([np.zeros(0, np.int64), *(batch["pixels"].to_numpy() for batch in layer.batches())])
    wanted = np.zeros(len(pixels), dtype=bool)
    wanted[np.argsort(-pixels, kind="stable")[:_MOST]] = True
    found: list[dict[str, Any]] = []
    start = 0
    for batch in layer.batches():
        rows = np.flatnonzero(wanted[start : start + len(batch)])
        chosen = batch.take(rows)
        polygons = np.asarray(shapely.from_wkb(chosen["wkb"].to_numpy(zero_copy_only=False)), dtype=object)
        small = shapely.simplify(shapely.transform(polygons, lambda points: points * scale), 0.4)
        for row, polygon, values in zip(rows.tolist(), small, chosen.drop_columns(["wkb"]).to_pylist(), strict=True):
            found.append(
                {
                    "id": layer.first_id + start + row,
                    "class": values["sentence"],
                    "score": round(values["score"], 3),
                    "pixels": values["pixels"],
                    "rings": [
                        np.round(shapely.get_coordinates(ring), 1).tolist() for ring in shapely.get_rings(polygon)
                    ],
                }
            )
        start += len(batch)
    return found, len(pixels)
