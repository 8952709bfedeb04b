import logging
from pathlib import Path

import pytest

from remotesam.training.config import parse_config
from remotesam.training.loop import Trainer
from tests.data_factories.triplet_sets import write_set
from tests.training.conftest import losses


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_set(tmp_path / "set")
    return tmp_path / "set"


def with_sources(settings: dict, *sources: dict, **fields: object) -> dict:
    train = {**settings["data"]["train"], "sources": list(sources), "augment": {"long_side": (20, 80)}}
    return {**settings, "data": {"train": {**train, **fields}, "val": None}}


def test_a_triplet_set_is_trained_on_by_configuration(settings, folder):
    source = {"type": "triplets", "root": str(folder), "split": "train"}
    run = Trainer(parse_config(with_sources(settings, source, length=None)))
    assert run.epoch_length == len(run.sources[0]) == 8
    run.run()
    assert [step for step, _, _ in losses(settings["work_dir"])] == list(range(1, 9))


def test_triplets_and_scenes_are_mixed_and_workers_change_nothing(settings, folder, tmp_path, caplog):
    sources = [
        {"type": "triplets", "root": str(folder), "weight": 2.0},
        {"type": "tests.training.lookalike:Squares", "length": 6},
    ]
    with caplog.at_level(logging.WARNING):
        mixed = with_sources(settings, *sources)
        Trainer(parse_config(mixed)).run()
        Trainer(parse_config({**mixed, "workers": 2, "work_dir": str(tmp_path / "workers")})).run()
    assert losses(settings["work_dir"]) == losses(tmp_path / "workers")
    Trainer(parse_config({**with_sources(settings, sources[1]), "work_dir": str(tmp_path / "alone")})).run()
    assert losses(settings["work_dir"]) != losses(tmp_path / "alone")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"type": "triplets"}, r"data.train.sources\[0\]: remotesam.data.triplet_set.training:TripletPictures"),
        ({"type": "triplets", "root": "nowhere"}, "nowhere does not exist"),
        ({"type": "triplets", "root": "", "splits": "train"}, r"does not take \['root', 'splits'\]"),
    ],
)
def test_mistakes_are_named(settings, source, message):
    with pytest.raises(ValueError, match=message):
        Trainer(parse_config(with_sources(settings, source)))


def test_triplets_are_no_source_of_validation(settings, folder):
    values = with_sources(settings, {"type": "triplets", "root": str(folder)})
    values["data"]["val"] = {"type": "triplets", "root": str(folder)}
    with pytest.raises(ValueError, match=r"data.val.type is 'triplets'; validation takes scenes"):
        Trainer(parse_config({**values, "eval_every": 4})).run()
