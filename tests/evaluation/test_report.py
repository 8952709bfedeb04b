"""Tables from dumps: figures, intervals, published results, comparisons, plots and galleries."""

from __future__ import annotations

import dataclasses
from html.parser import HTMLParser

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from remotesam import RemoteSAM
from remotesam.evaluation.comparison import compare
from remotesam.evaluation.data import open_data
from remotesam.evaluation.dumps import Dump, DumpError
from remotesam.evaluation.gallery import choose_samples
from remotesam.evaluation.metric import METRICS, create_metric
from remotesam.evaluation.plots import score_events, write_plots
from remotesam.evaluation.published import published_for, published_results
from remotesam.evaluation.report import ReportOptions, build_report, write_report
from remotesam.evaluation.run import RunOptions, Subject, run
from remotesam.evaluation.sample_scores import SCORES, sample_scores
from remotesam.evaluation.tables import Heading, Lines, Table, about_lines, figure_text, to_html, to_markdown
from tests.evaluation.coloured import write_coloured
from tests.fakes import ColourSegmenter

OPTIONS = ReportOptions(draws=20)


class HalfBlind(ColourSegmenter):
    """Sees the left half only, and takes black for blue with 0.4."""

    def segment(self, image, expressions):
        maps = super().segment(image, expressions)
        maps[:, :, image.shape[1] // 2 :] = 0
        for number, expression in enumerate(expressions):
            if "blue" in expression:
                maps[number] = np.maximum(maps[number], 0.4)
        return maps


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return open_data(str(write_coloured(tmp_path_factory.mktemp("data"))))


@pytest.fixture(scope="module")
def dumps(data, tmp_path_factory):
    """Dumps of every task that the data supports, of a good system and a bad one."""
    folder = tmp_path_factory.mktemp("dumps")
    made = {}
    for name, segmenter in (("good", ColourSegmenter()), ("bad", HalfBlind())):
        about = {"name": name, "sha256": name * 4, "trained_on": ["squares"], "threshold": 0.5, "presence_threshold": 0}
        about |= {"device": "cpu", "precision": "float32"}
        subject = Subject(name=name, about=about, model=RemoteSAM(segmenter))
        for task in ("ref", "seg", "det", "vg", "cnt", "mlc"):
            options = RunOptions(gallery=2 if name == "bad" else 0)
            made[name, task] = run(data, task, subject, folder=folder / name / task, options=options)
    return made


def test_each_figure_stands_in_the_report_with_its_interval(dumps):
    dump = dumps["good", "cnt"]
    text = to_markdown(build_report([dump], OPTIONS, plots=lambda dump: []))
    assert "| accuracy | 100.00 [100.00, 100.00] |" in text
    assert "| MAE | 0.000 [0.000, 0.000] |" in text
    assert "20 draws, seed 0" in text
    for line in about_lines(dump.summary):
        assert line in text
    assert dump.summary["command"] in text


def test_without_draws_there_are_no_intervals(dumps):
    text = to_markdown(build_report([dumps["good", "cnt"]], ReportOptions(draws=0), plots=lambda dump: []))
    assert "| accuracy | 100.00 |" in text


def test_kinds_of_questions_have_tables_of_their_own(dumps):
    text = to_markdown(build_report([dumps["good", "ref"]], OPTIONS, plots=lambda dump: []))
    assert '### "{category} in the image"' in text and "### Generated sentences about one object" in text


def test_two_systems_stand_in_one_table_and_are_compared(dumps):
    pair = [dumps["bad", "seg"], dumps["good", "seg"]]
    text = to_markdown(build_report(pair, OPTIONS, plots=lambda dump: []))
    assert "| system | samples | mIoU |" in text or "| figure | bad | good |" in text
    assert "### good against bad" in text
    found = compare(*pair, draws=20)
    assert found.samples == 5 and found.worse == 0 and found.better >= 0.6
    assert found.differences["mIoU"].difference > 0
    back = compare(*reversed(pair), draws=20)
    assert (back.better, back.worse) == (found.worse, found.better)
    assert back.differences["mIoU"].difference == pytest.approx(-found.differences["mIoU"].difference)


def test_samples_are_paired_by_id_whatever_their_order(dumps):
    first, second = dumps["bad", "cnt"], dumps["good", "cnt"]
    shuffled = dataclasses.replace(second, rows=second.rows.take([3, 0, 4, 1]))
    found = compare(first, shuffled, draws=5)
    assert (found.samples, found.only) == (4, (1, 0))


def test_what_was_measured_differently_is_not_compared(dumps):
    with pytest.raises(DumpError, match="were measured differently"):
        compare(dumps["bad", "seg"], dumps["bad", "cnt"])
    empty = dataclasses.replace(dumps["good", "cnt"], rows=dumps["good", "cnt"].rows.slice(0, 0))
    with pytest.raises(DumpError, match="no sample in common"):
        compare(dumps["bad", "cnt"], empty)


def test_every_metric_grades_single_samples():
    assert set(SCORES) == set(METRICS)


@pytest.mark.parametrize("task", ["ref", "seg", "det", "vg", "cnt", "mlc"])
def test_right_samples_have_the_best_grade(dumps, task):
    good, bad = (sample_scores(dumps[name, task].metric, dumps[name, task].rows) for name in ("good", "bad"))
    sentences = np.array(dumps["good", task].rows["asked"].to_pylist()) != "one-to-one"
    assert np.nanmin(good[sentences], initial=1) == 1 or task == "vg"
    assert ((bad >= 0) & (bad <= 1) | np.isnan(bad)).all()
    assert np.nanmean(bad) < np.nanmean(good)


GRADES = {
    "det-f1": (
        [
            {"classes": [0, 1], "hits": [1, 0], "found": [2, 1], "truths": [1, 0]},
            {"classes": [], "hits": [], "found": [], "truths": []},
        ],
        [2 / 4, np.nan],
    ),
    "obb": ([{"detected": [0, 0], "scores": [0.9, 0.8], "judged": [1, -1], "classes": [0], "truths": [2]}], [2 / 3]),
    "mcc": ([{"truth": 0, "found": 0}, {"truth": 1, "found": -1}], [1, 0]),
}


@pytest.mark.parametrize("name", GRADES)
def test_other_metrics_grade_their_rows(name):
    metric = create_metric(name, categories=["a", "b"])
    rows, wanted = GRADES[name]
    np.testing.assert_allclose(sample_scores(metric, pa.Table.from_pylist(rows, schema=metric.schema)), wanted)


def test_the_gallery_has_the_worst_first_and_what_was_found_where_nothing_is(dumps):
    dump = dumps["bad", "ref"]
    chosen = choose_samples(dump, 2)
    scores, target = sample_scores(dump.metric, dump.rows), dump.rows["target"].to_numpy()
    assert all(target[chosen[kind]].min() > 0 for kind in ("worst", "median", "best"))
    assert scores[chosen["worst"]].max() <= scores[chosen["median"]].min() <= scores[chosen["best"]].max()
    assert "false-positives" not in chosen  # 0.4 is below the threshold
    pictures = sorted(path.name for path in (dump.folder / "gallery").iterdir())
    assert pictures == ["best.jpg", "median.jpg", "worst.jpg"]
    assert np.asarray(Image.open(dump.folder / "gallery" / "worst.jpg")).std() > 5


def test_false_positives_come_surest_first(dumps):
    dump = dumps["good", "ref"]
    rows = dump.rows.to_pylist()
    nothing = [number for number, row in enumerate(rows) if not row["target"]]
    for number, presence in zip(nothing, (0.3, 0.9, 0.6), strict=False):
        rows[number] |= {"predicted": 5, "presence": presence}
    changed = dataclasses.replace(dump, rows=pa.Table.from_pylist(rows, schema=dump.rows.schema))
    assert choose_samples(changed, 3)["false-positives"].tolist() == [nothing[1], nothing[2], nothing[0]]


@pytest.mark.parametrize(
    ("task", "files"), [("ref", ["sweep.png", "reliability.png"]), ("det", ["reliability.png"]), ("cnt", [])]
)
def test_plots_are_pictures(dumps, tmp_path, task, files):
    written = write_plots(dumps["bad", task], tmp_path)
    assert [path.name for path, _ in written] == files
    for path, caption in written:
        assert np.asarray(Image.open(path).convert("L")).std() > 5 and caption


def test_scores_are_paired_with_what_they_are_of(dumps):
    scores, so = score_events(dumps["good", "mlc"])["labels"]
    assert len(scores) == 15 and so.sum() == 7
    scores, so = score_events(dumps["good", "det"])["objects with an IoU of at least 0.5"]
    assert so.all() and len(scores) == 8


def test_published_results_are_read_whole():
    results = published_results()
    assert len(results) > 30
    (rrsis,) = [r for r in results if (r.system, r.task, r.data) == ("RemoteSAM", "ref", "rrsis-d")]
    assert (rrsis.figures["oIoU"], rrsis.figures["Pr@0.9"]) == pytest.approx((0.8004, 0.2962))
    assert all(0 < value < 1 for result in results for value in result.figures.values())


SAME = {
    "task": "ref",
    "protocol": "reference",
    "data": {"key": "rrsis-d", "split": "test"},
    "metric": {"name": "ref", "settings": {"size": [896, 896]}},
    "limit": None,
    "questions": {"asked": None},
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""),
        ({"data": {"key": "rrsis-d", "split": "val"}}, "its split is test"),
        ({"protocol": "native"}, "its protocol is reference"),
        ({"metric": {"name": "ref", "settings": {"size": [448, 448]}}}, "its masks are 896 x 896"),
        ({"limit": 10}, "ours is of a part of the split"),
        ({"questions": {"asked": "generated"}}, "ours is of other sentences"),
    ],
)
def test_a_published_row_is_comparable_only_where_all_is_the_same(change, reason):
    summary = SAME | change
    (row,) = [result for result in published_for(summary) if result.system == "RemoteSAM"]
    assert row.reason_against(summary) == reason


def test_published_rows_stand_below_ours_with_the_reason(dumps):
    dump = dumps["good", "det"]
    summary = dump.summary | {"data": dump.summary["data"] | {"key": "dior"}}
    text = to_markdown(build_report([Dump(dump.folder, summary, dump.rows)], OPTIONS, plots=lambda dump: []))
    assert "RemoteSAM (arXiv 2505.18022, table 12)" in text and "no: its split is not named" in text


def test_figures_are_told_in_percent_but_for_errors():
    assert figure_text("RMSE/asked", 2.5) == "2.500"
    assert figure_text("mIoU/small", 0.5, 0.4, 0.6) == "50.00 [40.00, 60.00]"
    assert figure_text("mIoU", None) == "–"


def test_html_is_escaped_and_well_formed(tmp_path):
    blocks = [Heading("a < b"), Lines(["<script>"]), Table(["x", "y"], [["1 & 2", "3"]])]
    page = to_html(blocks, title="<t>")
    assert "<script>" not in page and "a &lt; b" in page and "1 &amp; 2" in page
    HTMLParser().feed(page)
    write_report(blocks, tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")
    with pytest.raises(ValueError, match=r"\.md or \.html"):
        write_report(blocks, tmp_path / "r.pdf")
