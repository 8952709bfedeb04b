from pathlib import Path

import pytest
import torch

from remotesam.training.checkpoint import CheckpointFolder, load_state


def save(folder: CheckpointFolder, *steps: int) -> None:
    for step in steps:
        folder.save({"network": {"weight": torch.full((2,), float(step))}}, step=step)


def test_an_absent_folder_has_no_states(tmp_path):
    folder = CheckpointFolder(tmp_path / "none")
    folder.remove_unfinished()
    assert folder.steps() == [] and folder.latest() is None and folder.best() is None


def test_the_last_k_and_the_best_are_kept(tmp_path):
    folder = CheckpointFolder(tmp_path, keep_last=2)
    save(folder, 1)
    folder.mark_best(step=1, metric="mIoU", value=0.5)
    save(folder, 2, 3, 4)
    assert folder.steps() == [1, 3, 4]
    assert folder.best() == folder.path(1)
    folder.mark_best(step=4, metric="mIoU", value=0.6)
    save(folder, 5)
    assert folder.steps() == [4, 5]


@pytest.mark.parametrize("size", [0, 10, 300])
def test_a_half_written_state_is_passed_over(tmp_path: Path, size: int, caplog):
    folder = CheckpointFolder(tmp_path)
    save(folder, 1, 2)
    whole = folder.path(2).read_bytes()
    folder.path(2).write_bytes(whole[:size])
    found = folder.latest()
    assert found is not None and found[0] == folder.path(1) and found[1]["step"] == 1
    assert "step_00000002.pt: not a readable training state" in caplog.text


def test_what_a_killed_run_was_writing_is_removed(tmp_path):
    folder = CheckpointFolder(tmp_path)
    save(folder, 1)
    (tmp_path / ".step_00000002-abc.pt").write_bytes(b"half")
    assert folder.steps() == [1]
    folder.remove_unfinished()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step_00000001.pt"]


def test_a_failed_write_leaves_the_former_states(tmp_path):
    folder = CheckpointFolder(tmp_path)
    save(folder, 1)
    with pytest.raises(AttributeError):
        folder.save({"network": lambda: None}, step=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step_00000001.pt"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no such training state"), ({"format": 99}, "format 99"), ([1], "format 'list'")],
)
def test_other_files_are_refused_by_name(tmp_path, content, message):
    path = tmp_path / "state.pt"
    if content is not None:
        torch.save(content, path)
    with pytest.raises(ValueError, match=f"state.pt: .*{message}"):
        load_state(path)
