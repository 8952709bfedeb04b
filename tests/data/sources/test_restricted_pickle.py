"""Pickles of plain data are loaded; everything else is refused before anything of it runs."""

import pickle
from pathlib import Path
from typing import Any

import pytest

from remotesam.data.sources.problems import SourceError
from remotesam.data.sources.refer import read_refer
from remotesam.data.sources.restricted_pickle import UnsafePickleError, load_plain_pickle
from tests.data_factories.referring import ReferSet


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


class Shell(Touch):
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.system, (f"touch '{self.path}'",)


def stack_global(module: bytes, name: bytes, argument: bytes) -> bytes:
    """A pickle written by hand: protocol 0, a global called with a text."""
    return b"c" + module + b"\n" + name + b"\n(S'" + argument + b"'\ntR."


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("kind", [Touch, Shell])
def test_malicious_pickle_is_refused_and_nothing_runs(tmp_path: Path, kind: type[Touch], protocol: int) -> None:
    trace = tmp_path / "trace"
    file = tmp_path / "refs(unc).p"
    file.write_bytes(pickle.dumps([{"ref_id": kind(trace)}], protocol=protocol))
    with pytest.raises(UnsafePickleError, match=r"asks to import .*nothing was run") as caught:
        load_plain_pickle(file)
    assert str(file) in str(caught.value)
    assert not trace.exists()
    pickle.loads(file.read_bytes())  # the trap is a real one
    assert trace.exists()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (b"os", b"system"),
        (b"builtins", b"eval"),
        (b"__builtin__", b"set"),
        (b"collections", b"OrderedDict"),
        (b"copyreg", b"_reconstructor"),
    ],
)
def test_every_global_is_refused(tmp_path: Path, module: bytes, name: bytes) -> None:
    file = tmp_path / "a.p"
    file.write_bytes(stack_global(module, name, b"1"))
    with pytest.raises(UnsafePickleError, match=name.decode()):
        load_plain_pickle(file)


def test_reader_refuses_malicious_references(tmp_path: Path) -> None:
    root = ReferSet().write(tmp_path / "set")
    (root / "refs(unc).p").write_bytes(pickle.dumps([Touch(tmp_path / "trace")]))
    with pytest.raises(UnsafePickleError):
        read_refer(root, on_error="skip")
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "truncated"),
        (b"no pickle at all", "no pickle"),
        (pickle.dumps([{"a": 1}])[:-4], "truncated"),
        (b"\x80\x02(lp0\nI1\nb.", "no pickle of plain data"),  # BUILD on a list
        (b"Pid\n.", "outside object"),  # a persistent id
    ],
)
def test_damaged_pickle_is_a_source_error(tmp_path: Path, data: bytes, message: str) -> None:
    file = tmp_path / "a.p"
    file.write_bytes(data)
    with pytest.raises(SourceError, match=message):
        load_plain_pickle(file)


def test_missing_pickle_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        load_plain_pickle(tmp_path / "none.p")


PLAIN = [{"text": "größe", "numbers": [1, -2.5, 10**30], "flags": (True, False, None), "raw": {"nested": ["x"]}}]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_data_of_every_protocol_is_loaded(tmp_path: Path, protocol: int) -> None:
    file = tmp_path / "a.p"
    file.write_bytes(pickle.dumps(PLAIN, protocol=protocol))
    assert load_plain_pickle(file) == PLAIN


def test_sets_and_bytes_need_no_import_in_new_protocols(tmp_path: Path) -> None:
    file = tmp_path / "a.p"
    file.write_bytes(pickle.dumps([{1, 2}, b"raw", frozenset({3})], protocol=4))
    assert load_plain_pickle(file) == [{1, 2}, b"raw", frozenset({3})]


@pytest.mark.parametrize(
    ("text", "expected"), [(b"plain", "plain"), ("größe".encode(), "größe"), ("größe".encode("latin1"), "größe")]
)
def test_strings_of_python_2_are_read(tmp_path: Path, text: bytes, expected: str) -> None:
    file = tmp_path / "a.p"
    file.write_bytes(b"\x80\x02]U" + bytes([len(text)]) + text + b"a.")  # a SHORT_BINSTRING, as Python 2 wrote str
    assert load_plain_pickle(file) == [expected]
