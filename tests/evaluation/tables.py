"""Rows as the table that a dump of them would give."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from remotesam.evaluation.metric import Metric


def table_of(metric: Metric, rows: Sequence[dict[str, Any]], **columns: Sequence[Any]) -> pa.Table:
    """The rows, written to parquet in several pieces and read again, with further columns."""
    table = pa.Table.from_pylist(list(rows), schema=metric.schema)
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values, pa.string()))
    file = BytesIO()
    with pq.ParquetWriter(file, table.schema) as writer:
        for start in range(0, max(table.num_rows, 1), 7):
            writer.write_table(table.slice(start, 7))
    return pq.read_table(BytesIO(file.getvalue()))
