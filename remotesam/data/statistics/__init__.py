"""Measuring data sets: what is in a triplet set, or in the records of any reader, in figures, plots and a page.

Example:
    >>> from remotesam.data.triplet_set import TripletSet
    >>> figures = measure_set(TripletSet("runs/ships"))                                             # doctest: +SKIP
    >>> figures.rows, figures.attributes_per_sample, figures.coverage.levels[3].covered             # doctest: +SKIP
    (2400, 1.31, 4)
"""

from remotesam.data.statistics.figures import Cell, Sentence, SetStatistics
from remotesam.data.statistics.measuring import measure_set
from remotesam.data.statistics.projection import project
from remotesam.data.statistics.record_report import render_record_report
from remotesam.data.statistics.records import RecordStatistics, measure_records
from remotesam.data.statistics.report import render_report
from remotesam.data.statistics.tally import Tally

__all__ = [
    "Cell",
    "RecordStatistics",
    "Sentence",
    "SetStatistics",
    "Tally",
    "measure_records",
    "measure_set",
    "project",
    "render_record_report",
    "render_report",
]
