"""From a training state to a folder for ``RemoteSAM.from_pretrained``."""

from pathlib import Path

import torch
from safetensors.torch import save_file

from remotesam.files import atomic_path, write_json
from remotesam.training.build import load_tokenizer, read_weights
from remotesam.training.checkpoint import CheckpointFolder
from remotesam.training.config import TrainingConfig

FORMAT = 1


def export(config: TrainingConfig, *, folder: str, state: str | None = None, half: bool = False) -> Path:
    """Write ``config.json``, ``model.safetensors`` and the tokenizer files.

    Args:
        config: The run's configuration.
        folder: Made if need be; files in it of the same names are replaced.
        state: A training state; by default the best of the run, else the newest.
        half: Store floating tensors as float16, half the size.

    Returns:
        The folder.

    Raises:
        ValueError: The run has no state.
    """
    source = Path(state) if state is not None else _default_state(config)
    weights: dict[str, torch.Tensor] = read_weights(source)
    if half:
        weights = {name: value.half() if value.is_floating_point() else value for name, value in weights.items()}
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with atomic_path(target / "model.safetensors") as temporary:
        # Clones, because safetensors refuses tensors that share memory.
        save_file({name: value.clone().contiguous() for name, value in weights.items()}, temporary, {"format": "pt"})
    load_tokenizer(config.tokenizer).save_pretrained(str(target))
    values = {
        "format": FORMAT,
        "network": config.network,
        "preprocessing": config.preprocessing,
        "threshold": config.threshold,
        "presence_threshold": config.presence_threshold,
    }
    write_json(target / "config.json", values)
    return target


def _default_state(config: TrainingConfig) -> Path:
    checkpoints = CheckpointFolder(Path(config.work_dir) / "checkpoints")
    found = checkpoints.best()
    if found is None and checkpoints.steps():
        found = checkpoints.path(checkpoints.steps()[-1])
    if found is None:
        raise ValueError(f"{checkpoints.folder}: no training state to export; train first or pass --state")
    return found
