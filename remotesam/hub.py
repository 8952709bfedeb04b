"""From the name of a model to its checkpoint folder: bundled with the package, on disk, or on the Hugging Face hub."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from remotesam.checkpoints import CONFIG_NAME, TOKENIZER_NAME, WEIGHTS_NAME, CheckpointError

DEFAULT_MODEL = "remotesam-mini"

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_CHECKPOINT_FILES = [CONFIG_NAME, WEIGHTS_NAME, "tokenizer*", "special_tokens_map.json", "vocab.txt", "README.md"]


def bundled_models() -> dict[str, Path]:
    """The models that come with the package: name -> checkpoint folder.

    They are in ``checkpoints/`` of a source tree, and in the package itself where it was installed from a wheel.
    """
    package = Path(__file__).resolve().parent
    homes = (package / "_checkpoints", package.parent / "checkpoints")
    return {path.parent.name: path.parent for home in homes for path in sorted(home.glob(f"*/{CONFIG_NAME}"))}


def find_checkpoint(name: str | os.PathLike[str]) -> Path:
    """Finds the checkpoint folder that a name means.

    Args:
        name: A bundled model, a checkpoint folder, or a hub id ``owner/name``. Published weights (a ``.pth`` file) on
            the hub are downloaded and converted once.

    Returns:
        The folder.

    Raises:
        CheckpointError: There is no such model, or the hub cannot be reached.
    """
    bundled = bundled_models()
    if name in bundled:
        return bundled[str(name)]
    path = Path(name).expanduser()
    if os.fspath(name) and path.is_dir():
        return path
    if path.is_file():
        if path.name in (CONFIG_NAME, WEIGHTS_NAME, TOKENIZER_NAME):
            raise CheckpointError(f"{path}: is one file of a checkpoint; give its folder, {path.parent}")
        raise CheckpointError(
            f"{path}: is a file, not a checkpoint folder; convert it: remotesam convert-checkpoint {path} OUT"
        )
    if isinstance(name, str) and _HUB_ID.fullmatch(name):
        return _from_hub(name)
    known = ", ".join(bundled) or "none here"
    raise CheckpointError(
        f"{os.fspath(name)!r}: no such model; give a bundled one ({known}), a checkpoint folder, or a hub id owner/name"
    )


def _from_hub(hub_id: str) -> Path:
    import huggingface_hub
    from huggingface_hub.constants import HF_HOME

    with _told_hub_errors(hub_id):
        folder = Path(huggingface_hub.snapshot_download(hub_id, allow_patterns=_CHECKPOINT_FILES))
        if (folder / CONFIG_NAME).is_file():
            return folder
        revision = folder.name
        converted = Path(HF_HOME) / "remotesam" / f"{hub_id.replace('/', '--')}-{revision}"
        if (converted / CONFIG_NAME).is_file():
            return converted
        weights = [name for name in huggingface_hub.list_repo_files(hub_id, revision=revision) if name.endswith(".pth")]
        source = huggingface_hub.hf_hub_download(hub_id, weights[0], revision=revision) if len(weights) == 1 else None
    if source is None:
        raise CheckpointError(
            f"{hub_id}: has no {CONFIG_NAME}, and not one .pth file ({', '.join(weights) or 'none'})"
            "; download the right one and convert it with remotesam convert-checkpoint"
        )
    _convert(Path(source), converted)
    return converted


@contextmanager
def _told_hub_errors(hub_id: str) -> Iterator[None]:
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    try:
        yield
    except GatedRepoError as error:
        raise CheckpointError(
            f"{hub_id}: asks for its licence to be accepted; do so on its page of the hub, then run: hf auth login"
        ) from error
    except RepositoryNotFoundError as error:
        raise CheckpointError(
            f"{hub_id}: neither a folder here nor a public model on the hub; check the name, or log in: hf auth login"
        ) from error
    except Exception as error:  # whatever the HTTP library of the installed hub client raises without a connection
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise CheckpointError(
            f"{hub_id}: no such folder here, and the hub cannot be reached ({reason}); check the connection, or give a "
            f"folder or a bundled model ({', '.join(bundled_models()) or 'none here'})"
        ) from error


def _convert(source: Path, target: Path) -> None:
    from remotesam.convert import convert_checkpoint

    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        convert_checkpoint(source, unfinished)
        unfinished.replace(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
