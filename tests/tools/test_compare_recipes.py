"""Recipes of the look-alike network, a fraction of a second each."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scripts import load_script
from tests.training.conftest import settings, tokenizer_folder, write_config

__all__ = ["settings", "tokenizer_folder", "write_config"]  # fixtures


@pytest.fixture
def compare(
    settings: dict[str, Any],
    write_config: Callable[[dict[str, Any]], Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Callable[..., int]:
    """Runs the command about two recipes, or those given."""
    settings["data"]["val"] = {"type": "tests.training.lookalike:Squares", "length": 2, "size": 32}
    settings["data"]["train"]["sources"][0]["weight"] = 1.0
    base = write_config(settings)
    root = Path(__file__).resolve().parents[2]
    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTHONPATH", str(root))
    tool = load_script("tools/compare_recipes.py")
    plain = {"slow": {"options": ["optimizer.lr=1e-5"]}, "fast": {"options": []}}

    def run(*arguments: str, recipes: dict[str, Any] = plain) -> int:
        file = tmp_path / "recipes.py"
        file.write_text(f"base = {str(base)!r}\nrecipes = {recipes!r}\n")
        monkeypatch.setattr(sys, "argv", ["compare_recipes.py", str(file), "-o", str(tmp_path / "out"), *arguments])
        return int(tool.main())

    return run


def test_recipes_get_the_same_time_and_the_best_comes_first(compare: Callable[..., int], tmp_path: Path) -> None:
    assert compare("--seconds", "1.5", "--parallel", "2") == 0
    rows = [line.split(" | ") for line in (tmp_path / "out" / "table.md").read_text().splitlines()[2:]]
    assert {row[0].strip("| ") for row in rows} == {"slow", "fast"}
    assert [float(row[3]) for row in rows] == sorted((float(row[3]) for row in rows), reverse=True)
    assert (tmp_path / "out" / "curves.png").read_bytes().startswith(b"\x89PNG")
    before = (tmp_path / "out" / "fast" / "log.jsonl").read_text()
    assert compare("--seconds", "1.5") == 0
    assert (tmp_path / "out" / "fast" / "log.jsonl").read_text() == before, "what is done is not trained again"


def test_what_comes_before_is_where_the_recipe_starts(compare: Callable[..., int], tmp_path: Path) -> None:
    recipe = {"options": [], "before": {"share": 0.5, "options": ["data.val=None"]}}
    assert compare("--seconds", "2", recipes={"two": recipe}) == 0
    said = (tmp_path / "out" / "two" / "output.txt").read_text()
    assert "weights from" in said and "before/checkpoints/step_" in said
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "out/two/before/log.jsonl").read_text().splitlines()]
    assert "validation" not in kinds and "train" in kinds


def test_a_recipe_that_fails_is_told_and_the_others_go_on(
    compare: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipes = {"wrong": {"options": ["optimiser.lr=1"]}, "right": {"options": []}}
    assert compare("--seconds", "1", recipes=recipes) == 1
    assert "wrong: ended with 2; see" in capsys.readouterr().err
    assert "right" in (tmp_path / "out" / "table.md").read_text()


def test_a_recipe_that_is_not_there(compare: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error:
        compare("--seconds", "1", "--only", "quick")
    assert error.value.code == 2
    assert "no recipes ['quick']; there are ['fast', 'slow']" in capsys.readouterr().err
