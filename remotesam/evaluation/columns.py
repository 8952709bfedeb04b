"""Columns of rows as arrays, and the two quotients that most figures are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True)
class Lists:
    """A column of lists, laid end to end.

    Attributes:
        values: (V,) all values.
        sample: (V,) int64, the row that each is of.
    """

    values: NDArray[Any]
    sample: NDArray[np.int64]


def numbers(rows: pa.Table, name: str) -> NDArray[Any]:
    """(S,) the numbers of a column; NaN where a row has none.

    Raises:
        ValueError: There is no such column.
    """
    values: NDArray[Any] = _column(rows, name).to_numpy()
    return values


def words(rows: pa.Table, name: str) -> tuple[list[str], NDArray[np.int64]]:
    """The different strings of a column in alphabetical order ("" for none), and (S,) int64 which each row has.

    Raises:
        ValueError: There is no such column.
    """
    encoded = _column(rows, name).cast(pa.string()).fill_null("").combine_chunks().dictionary_encode()
    found, which = np.unique(np.array(encoded.dictionary.to_pylist(), dtype=str), return_inverse=True)
    return found.tolist(), which.reshape(-1)[encoded.indices.to_numpy()].astype(np.int64)


def lists(rows: pa.Table, name: str) -> Lists:
    """The values of a column of lists.

    Raises:
        ValueError: There is no such column.
    """
    column = _column(rows, name)
    lengths = [np.diff(chunk.offsets.to_numpy()) for chunk in column.chunks]
    values = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks]
    each = np.concatenate(lengths) if lengths else np.zeros(0, dtype=np.int64)
    flat = np.concatenate(values) if values else np.zeros(0, dtype=column.type.value_type.to_pandas_dtype())
    return Lists(flat, np.repeat(np.arange(len(each)), each))


def matrix(rows: pa.Table, name: str, width: int) -> NDArray[Any]:
    """(S, width) a column of lists of one length.

    Raises:
        ValueError: There is no such column, or a list is of another length.
    """
    column = lists(rows, name)
    if (np.bincount(column.sample, minlength=rows.num_rows) != width).any():
        raise ValueError(f"column {name} has lists of other lengths than {width}: the rows are of another metric")
    return column.values.reshape(rows.num_rows, width)


def mean(values: NDArray[Any], weights: NDArray[np.float64]) -> float | None:
    """Weighted mean; None where nothing weighs."""
    return ratio(float(weights @ values), float(weights.sum()))


def ratio(numerator: float, denominator: float) -> float | None:
    """Their quotient; None for a denominator of 0."""
    return float(numerator / denominator) if denominator else None


def ratios(numerators: NDArray[Any], denominators: NDArray[Any]) -> NDArray[np.float64]:
    """Their quotients; NaN for denominators of 0."""
    known = denominators != 0
    return np.where(known, numerators / np.where(known, denominators, 1), np.nan)


def mean_of_known(values: NDArray[np.float64]) -> float | None:
    """The mean of those that are not NaN; None if all are."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None


def known(value: float) -> float | None:
    """The value; None for NaN, which JSON does not have."""
    return None if np.isnan(value) else float(value)


def _column(rows: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in rows.column_names:
        raise ValueError(f"the rows have no column {name!r}; they have {', '.join(rows.column_names)}")
    return rows.column(name)
