"""Categories from the command line and from files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import typer

from remotesam.cli.categories import read_categories
from remotesam.data.vocabulary import CATEGORIES
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"ship\nstorage tank\n", ("ship", "storage tank")),
        (b"\xef\xbb\xbfship\r\nharbor", ("ship", "harbor")),
        (b"# all of them\n\n  ship  # and boats\n\t\npier#2\n\tbridge\t# too", ("ship", "pier#2", "bridge")),
        ("b\u00e2timent\n\u8239".encode(), ("b\u00e2timent", "\u8239")),
        (b'["ship", "storage tank"]', ("ship", "storage tank")),
        (b'\xef\xbb\xbf\n [\n"court",\n"tennis court"]\n', ("court", "tennis court")),
    ],
)
def test_a_file_of_names(tmp_path: Path, content: bytes, names: tuple[str, ...]) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes(content)
    assert read_categories([], str(path)) == names
    assert read_categories(["runway"], str(path)) == ("runway", *names)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, ": no such file of categories"),
        (b"", ": names no category"),
        (b"# nothing\n\n", ": names no category"),
        (b"[]", ": names no category"),
        (b"ship\nharbor\n SHIP \n", ", line 3: 'SHIP' is there already as {path}, line 1"),
        (b"ship\nrunway\n", ", line 2: 'runway' is there already as CATEGORY 1"),
        (b"ship\ncaf\xe9\n", ", line 2: is no UTF-8"),
        ("ship\n".encode("utf-16"), ": is UTF-16"),
        (b'["ship",\n "harbor"', ", line 2: is no valid JSON"),
        (b'["ship", 7]', ", entry 2: is 7"),
        (b'["ship", " "]', ", entry 2: the name is blank"),
        (b'["ship", "\\ud800"]', ", entry 2: '\\ud800' is no valid Unicode"),
        (b'{"ship": 1}', ": holds JSON, but no list"),
    ],
)
def test_a_bad_file_is_named_with_the_line(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "names.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError) as raised:
        read_categories(["runway"] if content != b"[]" else [], str(path))
    assert f"{path}{told.format(path=path)}" in str(raised.value)


def test_a_folder_for_a_file_is_told(run: Run, photo: Path) -> None:
    code, _, err = run("count", photo, "--categories", photo.parent)
    assert code == 1
    assert f"{photo.parent}: Is a directory" in err


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ([], "name at least one"),
        (["ship", ""], "blank"),
        (["ship", "harbor", "Ship"], "'Ship' is there already as CATEGORY 1"),
        (["storage tank", "storage  tank"], "already as CATEGORY 1"),
        ([os.fsdecode(b"caf\xe9")], "no valid Unicode"),
    ],
)
def test_bad_names_on_the_command_line(named: list[str], told: str) -> None:
    with pytest.raises(typer.BadParameter, match=told):
        read_categories(named, None)


def test_all_is_the_vocabulary_after_what_was_named() -> None:
    assert read_categories([], "all") == tuple(CATEGORIES)
    names = read_categories(["golf course", "Ship"], "all")
    assert names[:2] == ("golf course", "Ship")
    assert sorted(names[2:]) == sorted(set(CATEGORIES) - {"ship"})


def test_a_file_reaches_the_model(run: Run, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("blue\npurple\n")
    code, out, _ = run("count", photo, "red", "-c", tmp_path / "names.txt")
    assert code == 0
    assert [line.split() for line in out.splitlines()[1:]] == [["red", "1"], ["blue", "1"], ["purple", "0"]]
