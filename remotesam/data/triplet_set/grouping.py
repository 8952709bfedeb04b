"""Which rows of a triplet set are about the same picture."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from remotesam.data.triplet_set.reader import TripletSet


def group_by_picture(triplets: TripletSet) -> tuple[np.ndarray, np.ndarray]:
    """Order the rows by their pictures (files, or windows of files), which come in the order of their first rows.

    Returns:
        Row numbers of the view, picture by picture, and where in them each picture starts, with the end of the last;
        both uint32.
    """
    keys = []
    for block in triplets.blocks(columns=["image", "window"]):
        window = pc.binary_join(block.column("window").cast(pa.list_(pa.string())), ",")
        keys += pc.binary_join_element_wise(block.column("image"), window, "\n", null_handling="skip").chunks
    joined = pa.chunked_array(keys, pa.string()).cast(pa.large_string()).combine_chunks()
    numbers = joined.dictionary_encode().indices.to_numpy()
    order = np.argsort(numbers, kind="stable").astype(np.uint32)
    return order, np.concatenate([[0], np.cumsum(np.bincount(numbers))]).astype(np.uint32)
