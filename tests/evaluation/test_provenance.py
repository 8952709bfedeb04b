"""Checksums, the card of a model, and the version of the code."""

from __future__ import annotations

import pytest

from remotesam import __version__
from remotesam.evaluation.provenance import checkpoint_files, code_version, environment, sha256_of, training_data
from remotesam.hub import bundled_models

HEAD = "---\nlicense: mit\ndatasets:\n- rrsis-d\n- risbench\n---\n# A model\n"
SECTION = "# A model\n\n## Training data\n\n- **NWPU VHR-10**, images\n- **drawn** scenes\n\n## Training\n\n**8**\n"


@pytest.mark.parametrize(
    ("card", "told"),
    [
        (None, []),
        ("", []),
        ("# A model\n\nTrained on **something**.\n", []),
        (HEAD, ["rrsis-d", "risbench"]),
        ("---\ndatasets: rrsis-d\n---\n", ["rrsis-d"]),
        ("---\n: [\n---\n", []),
        (SECTION, ["NWPU VHR-10", "drawn"]),
        (SECTION.replace("Training data", "Data"), ["NWPU VHR-10", "drawn"]),
    ],
)
def test_the_card_tells_the_training_data(tmp_path, card, told):
    if card is not None:
        (tmp_path / "README.md").write_text(card)
    assert training_data(tmp_path) == told


def test_the_bundled_model_tells_its_training_data():
    assert "NWPU VHR-10" in training_data(bundled_models()["remotesam-mini"])


def test_files_are_told_by_their_content(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "README.md").write_text("a card decides nothing")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256_of(tmp_path / "a") == empty
    assert checkpoint_files(tmp_path) == {"a": empty}


def test_the_code_tells_its_version():
    assert code_version()["remotesam"] == __version__
    assert len(code_version().get("commit", "0" * 40)) == 40
    assert "torch" in environment()
