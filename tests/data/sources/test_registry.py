"""Every data set has a reader that can be called by its name."""

import importlib
import inspect
from pathlib import Path

import pytest

from remotesam.data.sources import SOURCES, SourceError, open_source


def test_unknown_name_tells_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"unknown data set 'Mars'; there are aid, .*, yolo"):
        open_source("Mars", tmp_path)


@pytest.mark.parametrize("name", list(SOURCES))
def test_each_reader_takes_the_common_options(name: str, tmp_path: Path) -> None:
    module, function = SOURCES[name].split(":")
    reader = getattr(importlib.import_module(f"remotesam.data.sources.{module}"), function)
    parameters = list(inspect.signature(reader).parameters.values())
    assert [parameter.name for parameter in parameters[:3]] == ["root", "split", "on_error"]
    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in parameters[1:])
    for spelling in (name, name.upper().replace("-", "_")):
        with pytest.raises(SourceError):
            open_source(spelling, tmp_path / "none")


def test_names_are_sorted() -> None:
    assert list(SOURCES) == sorted(SOURCES)
