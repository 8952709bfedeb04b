"""Windows that cover an image."""

from __future__ import annotations

Window = tuple[int, int, int, int]
"""(left, top, width, height) in pixels."""


def cover(height: int, width: int, *, size: int, overlap: int = 0) -> list[Window]:
    """Covers an image with square windows, row by row.

    The last window of a row or column is moved back to end with the image, so that all are whole; in an image smaller
    than a window there is one of the image's size.

    Args:
        height: Height of the image in pixels.
        width: Its width.
        size: Side of a window in pixels.
        overlap: How many pixels neighbours share at least.

    Returns:
        Windows (left, top, width, height).

    Raises:
        ValueError: A side is not positive, or the overlap is negative or not smaller than the windows.

    Example:
        >>> cover(4, 10, size=4, overlap=1)
        [(0, 0, 4, 4), (3, 0, 4, 4), (6, 0, 4, 4)]
    """
    if min(height, width, size) < 1 or not 0 <= overlap < size:
        raise ValueError(
            f"windows of {size} pixels with an overlap of {overlap} over {width} x {height} pixels: sides are at least "
            "1, the overlap at least 0 and smaller than the windows"
        )
    lefts, tops = _starts(width, size, overlap), _starts(height, size, overlap)
    return [(left, top, min(size, width), min(size, height)) for top in tops for left in lefts]


def _starts(length: int, size: int, overlap: int) -> list[int]:
    last = max(length - size, 0)
    return sorted({min(start, last) for start in range(0, last + size - overlap, size - overlap)})
