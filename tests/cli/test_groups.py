"""Dataclasses as groups of options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from remotesam.cli.groups import with_groups


@dataclass(frozen=True, kw_only=True)
class Size:
    """A group."""

    width: Annotated[int, typer.Option(min=1, help="Across.")] = 3
    height: Annotated[int, typer.Option("--height", "-y")] = 2


@dataclass(frozen=True, kw_only=True)
class Words:
    """A group that has an argument."""

    words: Annotated[list[str] | None, typer.Argument()] = None


@with_groups
def show(name: str, words: Words, *, loud: bool = False, size: Size) -> None:
    """Say what was given."""
    typer.echo((name, words.words, loud, size))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["pond"], ("pond", None, False, Size(width=3, height=2))),
        (["pond", "a", "b", "--loud", "--width", "5"], ("pond", ["a", "b"], True, Size(width=5, height=2))),
        (["-y", "7", "pond"], ("pond", None, False, Size(width=3, height=7))),
    ],
)
def test_a_group_is_put_together(arguments: list[str], told: tuple[object, ...]) -> None:
    app = typer.Typer()
    app.command()(show)
    done = CliRunner().invoke(app, arguments)
    assert done.output == f"{told}\n"


def test_a_command_keeps_its_name_and_help_and_checks_its_options() -> None:
    assert (show.__name__, show.__doc__) == ("show", "Say what was given.")
    app = typer.Typer()
    app.command()(show)
    assert CliRunner().invoke(app, ["pond", "--width", "0"]).exit_code == 2
