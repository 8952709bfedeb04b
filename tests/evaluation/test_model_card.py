"""The figures of the card: what follows from the rows, and that every command told beside them is one."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.main import get_command

from remotesam.cli import app
from remotesam.evaluation.referring import ReferringMetric
from remotesam.evaluation.samples import MaskAnswer, MaskTruth
from tests.evaluation.tables import table_of
from tests.scripts import load_script

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def card():
    return load_script("benchmarks/model_card.py")


def dump_of(*samples):
    """A dump of (image, category, asked, question, pixels that are right, pixels that were found)."""
    metric = ReferringMetric()
    masks = [[np.arange(4)[None] < count for count in sample[4:]] for sample in samples]
    rows = [metric.row(MaskTruth(mask=truth), MaskAnswer(mask=found)) for truth, found in masks]
    names = ("image", "category", "asked", "question")
    columns = {name: [sample[place] for sample in samples] for place, name in enumerate(names)}
    return SimpleNamespace(rows=table_of(metric, rows, **columns), metric=metric)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([], {"all": (np.nan, np.nan, np.nan, 0)}),
        (
            # Half as good on the first image, as good on the second; the third shows none, so it says nothing.
            [
                ("1", "airplane", "category", "airplane in the image", 4, 4),
                ("1", "airplane", "synonym", "plane in the image", 4, 2),
                ("2", "airplane", "category", "airplane in the image", 2, 2),
                ("2", "airplane", "synonym", "plane in the image", 2, 2),
                ("3", "airplane", "category", "airplane in the image", 0, 0),
                ("3", "airplane", "synonym", "plane in the image", 0, 4),
            ],
            {"plane in the image": (0.75, 1, 0.75, 2), "all": (0.75, 1, 0.75, 2)},
        ),
        (
            # A name that was never found has nothing to compare with.
            [
                ("1", "ship", "category", "ship in the image", 4, 0),
                ("1", "ship", "synonym", "boat in the image", 4, 4),
            ],
            {"boat in the image": (1, 0, np.nan, 1), "all": (1, 0, np.nan, 1)},
        ),
    ],
)
def test_synonyms_are_compared_with_the_main_name_on_the_same_images(card, samples, expected):
    found = card.synonyms(dump_of(*samples))
    assert list(found) == list(expected)
    for name, values in expected.items():
        assert found[name] == pytest.approx(values, nan_ok=True)


def test_commands_are_those_of_remotesam_evaluate(card):
    folders = {name: Path("some folder") / name for name in ("root", "buildings", "roads")}
    command = get_command(app)
    for wanted in card.evaluations(argparse.Namespace(**folders, split="val")).values():
        program, name, *words = shlex.split(wanted.command("remotesam-mini", "float32", 3))
        assert program == "remotesam"
        told = command.commands[name].make_context(name, words).params
        assert (told["task"].value, told["data"], told["limit"]) == (wanted.task, wanted.data, 3)
        assert told["root"] == str(wanted.root) and told["split"] == wanted.split
        assert told["metric"] == (None if wanted.metric == wanted.task else wanted.metric)
        assert tuple(told["synonym"] or ()) == (wanted.ask.synonyms or ())
        assert len(told["reader_option"] or ()) == len(wanted.options)
