"""Readers of the field's data sets, one file each, all giving :class:`~remotesam.data.sources.records.Record`."""

from remotesam.data.sources.problems import SourceError
from remotesam.data.sources.records import Annotation, Expression, LabelMap, Problem, Record, RecordSet
from remotesam.data.sources.registry import SOURCES, open_source

__all__ = [
    "SOURCES",
    "Annotation",
    "Expression",
    "LabelMap",
    "Problem",
    "Record",
    "RecordSet",
    "SourceError",
    "open_source",
]
