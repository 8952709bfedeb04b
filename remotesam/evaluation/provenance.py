"""Where a number comes from: checksums of the model and the data, the version of the code, the training data."""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from remotesam import __version__

_LIBRARIES = ("torch", "numpy", "pycocotools", "pyarrow")
_CARD = "README.md"
_DATA_SECTION = re.compile(r"^#+ *(?:training )?data\b[^\n]*\n(.*?)(?=^#|\Z)", re.DOTALL | re.MULTILINE | re.IGNORECASE)


def sha256_of(path: str | Path) -> str:
    """The checksum of a file, hexadecimal.

    Raises:
        OSError: It cannot be read.
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_parts(parts: Iterable[bytes]) -> str:
    """The checksum of byte strings one after the other; where one ends is part of it.

    Example:
        >>> sha256_of_parts([b"ab", b"c"]) == sha256_of_parts([b"a", b"bc"])
        False
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def checkpoint_files(folder: str | Path) -> dict[str, str]:
    """The checksum of every file of a checkpoint folder that decides its answers, by name.

    Raises:
        OSError: One cannot be read.
    """
    return {path.name: sha256_of(path) for path in sorted(Path(folder).iterdir()) if _decides(path)}


def _decides(path: Path) -> bool:
    return path.is_file() and path.name != _CARD and not path.name.startswith(".")


def training_data(folder: str | Path) -> list[str]:
    """What a checkpoint's card says it was trained on.

    Args:
        folder: The checkpoint folder with its ``README.md``.

    Returns:
        The ``datasets`` of the card's YAML head, else the names in bold of its section "Data"; nothing where it does
        not say.
    """
    path = Path(folder) / _CARD
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    return _from_head(text) or _from_section(text)


def _from_head(text: str) -> list[str]:
    import yaml

    match = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    try:
        head = yaml.safe_load(match[1]) if match else None
    except yaml.YAMLError:
        return []
    named = head.get("datasets", []) if isinstance(head, dict) else []
    return [str(name) for name in ([named] if isinstance(named, str) else named or [])]


def _from_section(text: str) -> list[str]:
    match = _DATA_SECTION.search(text)
    return list(dict.fromkeys(re.findall(r"\*\*(.+?)\*\*", match[1]))) if match else []


def code_version() -> dict[str, Any]:
    """The version of this package, and in a clone the commit and whether files of the package differ from it."""
    version: dict[str, Any] = {"remotesam": __version__}
    package = Path(__file__).resolve().parents[1]
    if (package.parent / ".git").exists() and shutil.which("git"):
        commit = _git(package, "rev-parse", "HEAD")
        if commit:
            changed = _git(package, "status", "--porcelain", "--untracked-files=no", "--", ".")
            version |= {"commit": commit, "changed": bool(changed)}
    return version


def environment() -> dict[str, str]:
    """Versions of what computes the answers and the figures."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in _LIBRARIES}}


def device_name(device: Any) -> str:
    """A device in words, such as "cpu" or "cuda (NVIDIA H200)"."""
    kind = getattr(device, "type", str(device))
    if kind == "cuda":
        import torch

        return f"cuda ({torch.cuda.get_device_name(device)})"
    return str(kind)


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""
