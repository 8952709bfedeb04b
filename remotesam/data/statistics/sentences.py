"""The words of many sentences at once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_NO_WORD = r"[^\pL\pN]*(?:[^\pL\pN'’-]|^|$)[^\pL\pN]*"


def words_of(sentences: pa.Array) -> pa.ListArray:
    """Split sentences into words of letters and digits, in lower case; "ground-track" and "ship's" are one word.

    Args:
        sentences: Strings without nulls.

    Returns:
        A list of strings each.

    Example:
        >>> words_of(pa.array(["The ship's bow, at left", "T-junction 2", "?!", ""])).to_pylist()
        [['the', "ship's", 'bow', 'at', 'left'], ['t-junction', '2'], [], []]
    """
    spaced = pc.utf8_trim(pc.replace_substring_regex(pc.utf8_lower(sentences), _NO_WORD, " "), " ")
    parts = pc.split_pattern(spaced, " ")
    flat, lengths = parts.flatten(), pc.list_value_length(parts).to_numpy(zero_copy_only=False).astype(np.int64)
    # Splitting the empty text gives one empty word.
    lengths[pc.equal(spaced, "").to_numpy(zero_copy_only=False)] = 0
    words = flat.filter(pc.not_equal(flat, ""))
    return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32()), words)
