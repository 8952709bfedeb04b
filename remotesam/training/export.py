"""From a training state to a folder for ``RemoteSAM.from_pretrained``."""

from dataclasses import asdict
from pathlib import Path

from remotesam import checkpoints
from remotesam.data.tokenizer import load_tokenizer
from remotesam.training.build import build_network, preprocessing_of, read_weights, without_pretrained
from remotesam.training.checkpoint import CheckpointFolder
from remotesam.training.config import TrainingConfig
from remotesam.training.state import check_names


def export(config: TrainingConfig, *, folder: str, state: str | None = None, half: bool = False) -> str:
    """Write ``config.json``, ``model.safetensors`` and the tokenizer files.

    Args:
        config: The run's configuration.
        folder: Made if need be; files in it of the same names are replaced.
        state: A training state; by default the best of the run, else the newest.
        half: Store floating tensors as float16, half the size.

    Returns:
        A line that says what was written from which state.

    Raises:
        ValueError: The run has no state.
    """
    source = Path(state) if state is not None else _default_state(config)
    network = build_network(config.network)
    weights = read_weights(source)
    check_names(network, weights, where=str(source))
    network.load_state_dict(weights, strict=True)
    values = {
        "network": without_pretrained(config.network),
        "preprocessing": asdict(preprocessing_of(config)),
        "threshold": config.threshold,
        "presence_threshold": config.presence_threshold,
        "gsd": config.gsd,
    }
    checkpoints.save(
        folder, config=values, network=network.half() if half else network, tokenizer=load_tokenizer(config.tokenizer)
    )
    return f"{folder}: written from {source}"


def _default_state(config: TrainingConfig) -> Path:
    states = CheckpointFolder(Path(config.work_dir) / "checkpoints")
    found = states.best()
    if found is None and states.steps():
        found = states.path(states.steps()[-1])
    if found is None:
        raise ValueError(f"{states.folder}: no training state to export; train first or pass --state")
    return found
