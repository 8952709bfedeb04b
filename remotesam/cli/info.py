"""``remotesam info``: what is installed and what will be used."""

from __future__ import annotations

import importlib.util
import math
import platform
from pathlib import Path

from remotesam import __version__
from remotesam.cli.output import console

_EXTRAS = {"geo": "rasterio", "stats": "sklearn", "serve": "fastapi", "mmseg": "mmseg"}


def info() -> None:
    """Show versions, the device and precision that will be used, and the bundled models."""
    import torch
    from rich.table import Table

    from remotesam.hub import bundled_models
    from remotesam.segmenters.devices import choose_device, choose_precision

    device = choose_device()
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else f"{torch.get_num_threads()} threads"
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("remotesam", f"{__version__}  ({Path(__file__).resolve().parents[1]})")
    table.add_row("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    table.add_row("torch", torch.__version__)
    table.add_row("device", f"{device}, {name}")
    table.add_row("precision", choose_precision(None, device))
    extras = [f"{extra}: {'yes' if importlib.util.find_spec(module) else 'no'}" for extra, module in _EXTRAS.items()]
    table.add_row("extras", ", ".join(extras))
    models = bundled_models()
    for model, folder in models.items():
        table.add_row("model", f"{model}, {_describe(folder)}  ({folder})")
    if not models:
        table.add_row("model", "none bundled; give a checkpoint folder or a hub id to --model")
    console().print(table, markup=False)


def _describe(folder: Path) -> str:
    import safetensors

    from remotesam.checkpoints import WEIGHTS_NAME, CheckpointError, read_config

    try:
        config = read_config(folder)
        with safetensors.safe_open(folder / WEIGHTS_NAME, framework="numpy") as file:
            count = sum(math.prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118
    except (CheckpointError, OSError, safetensors.SafetensorError) as error:
        return f"cannot be used: {error}"
    size = (folder / WEIGHTS_NAME).stat().st_size / 1e6
    return f"{count / 1e6:.1f} M numbers, {size:.1f} MB, {config.preprocessing.mode} {config.preprocessing.size} px"
