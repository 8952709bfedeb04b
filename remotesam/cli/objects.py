"""Tables of objects, which several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from remotesam.results import Instance

_BOX = ("score", "x1", "y1", "x2", "y2", "area", "corners")
_ORIENTED = ("length", "width", "angle")


def box_columns(*, oriented: bool) -> tuple[str, ...]:
    """The columns about one object, as ``box_cells`` fills them."""
    return (*_BOX, *_ORIENTED) if oriented else _BOX


def box_cells(instance: Instance | None) -> dict[str, Any]:
    """The cells about one object, empty where there is none.

    ``corners`` are x y of four points, one after the other; ``length``, ``width`` and ``angle`` are those of the
    oriented box, where it was asked for.
    """
    if instance is None:
        return dict.fromkeys((*_BOX, *_ORIENTED))
    box = instance.oriented
    return {
        "score": instance.score,
        **dict(zip(("x1", "y1", "x2", "y2"), instance.box, strict=True)),
        "area": instance.area,
        "corners": " ".join(f"{number:.10g}" for number in instance.corners.round(2).reshape(-1)),
        "length": box.width if box else None,
        "width": box.height if box else None,
        "angle": box.angle if box else None,
    }
