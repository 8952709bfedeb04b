"""Measures a triplet set, a few thousand rows at a time."""

from __future__ import annotations

from collections.abc import Callable

from remotesam.data.statistics.figures import SetStatistics
from remotesam.data.statistics.tally import COLUMNS, AttributesFrom, Tally
from remotesam.data.triplet_set import TripletSet, TripletSetError

_BLOCK_ROWS = 32_768


def measure_set(
    triplets: TripletSet,
    *,
    attributes: AttributesFrom = "rows",
    points: int = 0,
    seed: int = 0,
    on_rows: Callable[[int], None] | None = None,
) -> SetStatistics:
    """Measure a triplet set or a view of one; masks are not decoded, and only some rows are in memory at once.

    Args:
        triplets: What to measure.
        attributes: "rows" counts what the rows say, "sentences" finds the attributes in the sentences anew, so that
            sets from different makers are measured alike.
        points: How many different sentences to keep as a sample.
        seed: Another sample for another number.
        on_rows: Is told the number of rows after each part, for a progress bar.

    Returns:
        Its figures.

    Raises:
        TripletSetError: There are no rows, or a file of the set is damaged.

    Example:
        >>> measure_set(TripletSet("runs/ships")).by("kind")                                        # doctest: +SKIP
        Counter({'one-to-many': 1200, 'one-to-one': 800, 'one-to-zero': 400})
    """
    if not len(triplets):
        raise TripletSetError(f"{triplets.folder} is empty: it has no triplets to measure", kind="incomplete")
    tally = Tally(attributes=attributes, points=points, seed=seed)
    for block in triplets.blocks(columns=COLUMNS, rows=_BLOCK_ROWS):
        tally.add(block)
        if on_rows is not None:
            on_rows(block.num_rows)
    return tally.result()
