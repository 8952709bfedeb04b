"""The working folder of a raster: what was done stays, so that a run that was cut off goes on where it was."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from remotesam.files import write_json
from remotesam.rasters.errors import RasterError

_JOB, _FINISHED = "job.json", "finished.json"
_FORMAT = 1


class WorkFolder:
    """What is kept of one raster while it is worked on.

    ``tiles/`` holds the answers of the network, ``blocks/`` the components of the blended map, ``objects.arrow`` all
    objects. ``job.json`` says which question they answer: what belongs to another one is removed. Every file is whole
    or not there, so a file that is there is done.

    Args:
        path: The folder.
        asked: What the answers of tiles depend on, as JSON values.
        found: What else blocks and objects depend on.
    """

    def __init__(self, path: Path, *, asked: Mapping[str, Any], found: Mapping[str, Any]) -> None:
        self.path = path
        wanted = {"format": _FORMAT, "asked": digest(asked), "found": digest(found)}
        before = self._job()
        if before is None and path.exists() and any(path.iterdir()):
            raise RasterError(f"{path}: is no working folder of remotesam, and not empty; choose another with --work")
        if before is not None and before != wanted:
            same = all(before.get(key) == wanted[key] for key in ("format", "asked"))
            same = same and not (path / _FINISHED).exists()  # which has no answers any more
            for name in ("blocks",) if same else ("blocks", "tiles"):
                shutil.rmtree(path / name, ignore_errors=True)
            for name in ("objects.arrow", _FINISHED):
                (path / name).unlink(missing_ok=True)
        path.mkdir(parents=True, exist_ok=True)
        if before != wanted:
            write_json(path / _JOB, wanted)

    @property
    def tiles(self) -> Path:
        """The answers of tiles."""
        return self.path / "tiles"

    @property
    def objects(self) -> Path:
        """All objects."""
        return self.path / "objects.arrow"

    def block(self, number: int) -> Path:
        """The file of a block."""
        return self.path / "blocks" / f"{number:06d}.npz"

    def drop_blocks(self) -> None:
        """Forgets components and objects, since the answers they came from changed."""
        shutil.rmtree(self.path / "blocks", ignore_errors=True)
        self.objects.unlink(missing_ok=True)

    @property
    def finished(self) -> bool:
        """Whether the objects are there and answers are needed no more."""
        return self.objects.exists() and (self.path / _FINISHED).exists()

    def finish(self) -> None:
        """Keeps the objects alone, so that a job about many rasters needs room for the answers of one."""
        write_json(self.path / _FINISHED, {})
        for name in ("tiles", "blocks"):
            shutil.rmtree(self.path / name, ignore_errors=True)

    def remove(self) -> None:
        """Removes the folder."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _job(self) -> Any:
        try:
            return json.loads((self.path / _JOB).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError:
            return {}


def digest(values: Mapping[str, Any]) -> str:
    """A short name for JSON values, the same for equal ones."""
    text = json.dumps(values, sort_keys=True, default=_plain)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return hashlib.blake2b(value, digest_size=16).hexdigest()
    raise TypeError(f"{type(value).__name__} is no JSON value")


def segmenter_identity(segmenter: Any) -> str:
    """What tells a segmenter from another: its ``identity``, else its network's weights and how it looks at an image.

    A segmenter that has neither is known by its type.
    """
    own = getattr(segmenter, "identity", None)
    if isinstance(own, str):
        return own
    name = f"{type(segmenter).__module__}.{type(segmenter).__qualname__}"
    network = getattr(segmenter, "network", None)
    if network is None or not callable(getattr(network, "state_dict", None)):
        return name
    total = hashlib.blake2b(digest_size=16)
    for key, tensor in sorted(network.state_dict().items()):
        total.update(key.encode())
        total.update(tensor.detach().float().cpu().contiguous().numpy().data)
    looks = [f"{key}={getattr(segmenter, key)}" for key in ("preprocessing", "precision", "tile", "flips")
             if hasattr(segmenter, key)]  # fmt: skip
    return " ".join([name, *looks, total.hexdigest()])
