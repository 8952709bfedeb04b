"""COCO's compressed run lengths of masks, checked before they are decoded."""

from __future__ import annotations

import cv2
import numpy as np
from pycocotools import mask as coco_mask

from remotesam.data.faults import Fault

Box = tuple[int, int, int, int]


def encode_mask(mask: np.ndarray) -> tuple[str, int, Box | None]:
    """Run lengths, area and box of a mask.

    Args:
        mask: (H, W) bool.

    Returns:
        Compressed counts, the number of pixels, and (x1, y1, x2, y2), half open; ``("", 0, None)`` for an empty mask.

    Example:
        >>> encode_mask(np.array([[False, True, True], [False, True, False]]))
        ('231', 3, (1, 0, 3, 2))
    """
    columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    if not rows.size:
        return "", 0, None
    counts = coco_mask.encode(np.asfortranarray(mask, np.uint8))["counts"].decode("ascii")
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return counts, int(np.count_nonzero(mask)), box


def run_lengths(counts: str) -> np.ndarray:
    """Lengths of the runs, column by column, of background and object in turn.

    Args:
        counts: Compressed counts: five bits a character, from the fourth on differences to the count two before.

    Returns:
        (n,) int64.

    Raises:
        Fault: They are no such text, or a length is negative.

    Example:
        >>> run_lengths("231").tolist()
        [2, 3, 1]
    """
    try:
        codes = np.frombuffer(counts.encode("ascii"), np.uint8) - np.uint8(48)
    except UnicodeEncodeError:
        raise Fault(f"has run lengths with characters that COCO does not use: {counts[:20]!r}", "format") from None
    if not codes.size:
        return np.zeros(0, np.int64)
    ends = np.flatnonzero(codes < 0x20)
    if codes.max() > 0x3F or not ends.size or ends[-1] != codes.size - 1:
        raise Fault(f"has damaged run lengths: {counts[:20]!r} ... ({len(counts)} characters)", "format")
    starts = np.concatenate([[0], ends[:-1] + 1])
    if (ends - starts).max() > 6:
        raise Fault("has a run length of more than 32 bits", "format")
    # The last character of a number holds its highest bits and its sign, so the others follow from the last but one on.
    values = codes[ends].astype(np.int64)
    values -= (values & 0x10) << 1
    longer, place = np.flatnonzero(starts < ends), ends[starts < ends] - 1
    while longer.size:
        values[longer] = (values[longer] << 5) | (codes[place] & 0x1F)
        more = place > starts[longer]
        longer, place = longer[more], place[more] - 1
    np.cumsum(values[1::2], out=values[1::2])
    np.cumsum(values[2::2], out=values[2::2])
    if values.min() < 0:
        raise Fault("has negative run lengths", "format")
    return values


def check_counts(counts: str, height: int, width: int) -> int:
    """The area in pixels.

    Raises:
        Fault: The run lengths are damaged or of a mask of another size.
    """
    return int(_run_lengths_of(counts, height, width)[1::2].sum())


def decode_mask(counts: str, height: int, width: int) -> np.ndarray:
    """The mask, (height, width) bool; all False for no counts.

    Raises:
        Fault: As in :func:`check_counts`.
    """
    if not counts:
        return np.zeros((height, width), bool)
    lengths = _run_lengths_of(counts, height, width)
    values = np.zeros(len(lengths), np.uint8)
    values[1::2] = 1
    # Runs go down the columns; OpenCV transposes several times faster than a copy in another order does.
    return np.asarray(cv2.transpose(np.repeat(values, lengths).reshape(width, height))).view(bool)


def _run_lengths_of(counts: str, height: int, width: int) -> np.ndarray:
    lengths = run_lengths(counts)
    if lengths.sum() != height * width:
        raise Fault(
            f"has run lengths of {lengths.sum()} pixels, an image of {width} x {height} has {height * width}", "size"
        )
    return lengths
