"""Time and memory of the networks, against the plain loop of one forward pass a sentence.

    python benchmarks/networks.py                      the bundled model: 1, 5, 20, 100 sentences at 448 and 896 px
    python benchmarks/networks.py --folder 12          images a second over a folder of 12 images, 10 sentences each
    python benchmarks/networks.py --published          rmsin_swin-b_896 in float32 and bf16, one sentence, 896 px

Times are the smallest of several runs after a warm-up: what else runs on the machine can only add. "CPU" is the time
that all threads of the process computed; on a busy machine it says more than the wall clock. "Plain" is the network as
it is trained, one forward pass a sentence, measured on one sentence and multiplied. Every row is a process of its own,
so that its peak of resident memory is its own; that includes about 0.8 GiB for importing a torch with CUDA.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

NAMES = ("airplane", "ship", "harbor", "bridge", "vehicle", "building", "truck", "road", "tree", "runway")
FORMS = ("all {}s", "the largest {}", "the smallest {}", "the {} on the left", "the {} on the right")
FORMS += ("the {} at the top", "the {} at the bottom", "{}", "every {}", "two {}s")
SENTENCES = [form.format(name) for form in FORMS for name in NAMES]
PUBLISHED = ("float32", "bf16")
ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "tests" / "networks" / "published"


def smallest(call: Callable[[], object], *, repeats: int) -> dict[str, float]:
    """Smallest wall and CPU time of `call` in milliseconds, after one run that does not count."""
    call()
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return {"ms": 1000 * min(walls), "cpu_ms": 1000 * min(cpus)}


def bundled_row(*, model: str, size: int, count: int, precision: str | None, repeats: int) -> dict[str, Any]:
    """One call of the segmenter; the image is new each time, the sentences are not, as for categories."""
    from remotesam import RemoteSAM
    from remotesam.data.synthetic import generate_scene

    segmenter = RemoteSAM.from_pretrained(model, device="cpu", precision=precision).segmenter
    image = generate_scene(1, size=min(size, 512)).image
    image = np.tile(image, (-(-size // len(image)),) * 2 + (1,))[:size, :size]
    shift = iter(range(10_000))
    times = smallest(lambda: segmenter.segment(np.roll(image, next(shift), axis=1), SENTENCES[:count]), repeats=repeats)
    return times | {"precision": segmenter.precision, "mib": peak_mib()}  # type: ignore[attr-defined]


def plain_row(*, model: str, size: int, repeats: int) -> dict[str, Any]:
    """One forward pass of the network as it was trained, float32, on an image of the size that the model sees."""
    from remotesam import checkpoints
    from remotesam.data.tokenizer import tokenize
    from remotesam.hub import find_checkpoint
    from remotesam.segmenters.rmsin import input_size

    config, network, tokenizer = checkpoints.load(find_checkpoint(model))
    height, width = input_size(size, size, config.preprocessing)
    image = torch.zeros(1, 3, height, width)
    ids, mask = tokenize(tokenizer, SENTENCES[:1], network.max_tokens, pad_to_max=True)
    with torch.inference_mode():
        return smallest(lambda: network(image, ids, mask).softmax(dim=1), repeats=repeats)


def folder_row(*, model: str, size: int, count: int, repeats: int) -> dict[str, Any]:
    """Reading and asking a folder of images, 10 sentences each; what is counted are whole images."""
    from remotesam import RemoteSAM
    from remotesam.data.synthetic import generate_scene
    from remotesam.files import write_image

    loaded = RemoteSAM.from_pretrained(model, device="cpu")
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(count):
            write_image(Path(folder) / f"{seed}.png", generate_scene(seed, size=size).image)
        paths = sorted(Path(folder).iterdir())
        times = smallest(lambda: [loaded.segment(path, SENTENCES[:10]) for path in paths], repeats=repeats)
    return times | {"mib": peak_mib()}


def published_row(*, folder: str, precision: str, repeats: int, mask: str) -> dict[str, Any]:
    """One sentence about one image of 896 px, the image new each time; writes the last mask."""
    from remotesam.segmenters.rmsin import RmsinSegmenter

    segmenter = RmsinSegmenter.from_folder(folder, device="cpu", precision=precision)
    image = np.load(WEIGHTS / "golden.npz")["image_uint8"]
    shift = iter([*range(1, repeats + 1), 0])
    times = smallest(
        lambda: np.save(mask, segmenter.segment(np.roll(image, next(shift), axis=1), SENTENCES[:1])[0] > 0.5),
        repeats=repeats,
    )
    return times | {"mib": peak_mib()}


def write_published(folder: str) -> None:
    """A checkpoint of the published network with weights that follow from the tensors' names."""
    from remotesam import checkpoints
    from remotesam.hub import find_checkpoint
    from remotesam.networks import build_network
    from remotesam.networks.published import PUBLISHED_NETWORK, load_published
    from tests.networks.published_weights import published_state

    network = build_network(PUBLISHED_NETWORK)
    load_published(network, published_state())  # type: ignore[arg-type]
    config = {"network": PUBLISHED_NETWORK, "preprocessing": {"mode": "resize", "size": 896}}
    checkpoints.save(
        folder,
        config=config | {"threshold": 0.5, "presence_threshold": 0.0},
        network=network,
        tokenizer=checkpoints.load(find_checkpoint("remotesam-mini"))[2],
    )


def peak_mib() -> float:
    """Largest resident memory of this process so far."""
    status = Path("/proc/self/status")
    if status.exists():  # there getrusage would count what the parent held when it started this process
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def child(row: str, **values: Any) -> dict[str, Any]:
    """A row in a process of its own."""
    command = [sys.executable, __file__, "--row", json.dumps({"row": row, **values})]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(answer.splitlines()[-1])


def published(*, precisions: Sequence[str], repeats: int) -> Table:
    """The precisions and how far their masks agree."""
    table = Table(title=f"rmsin_swin-b_896, one sentence, 896 px, {torch.get_num_threads()} threads")
    for name in ("precision", "wall s", "CPU s", "peak MiB", f"mask agrees with {precisions[0]}"):
        table.add_column(name, justify="right")
    with tempfile.TemporaryDirectory() as folder:
        write_published(folder)
        masks = []
        for precision in precisions:
            path = Path(folder) / f"{precision}.npy"
            row = child("published", folder=folder, precision=precision, repeats=repeats, mask=str(path))
            masks.append(np.load(path))
            agreement = float((masks[0] == masks[-1]).mean())
            table.add_row(
                precision,
                f"{row['ms'] / 1000:.2f}",
                f"{row['cpu_ms'] / 1000:.2f}",
                f"{row['mib']:.0f}",
                f"{100 * agreement:.3f} %",
            )
    return table


def bundled(*, model: str, sizes: list[int], counts: list[int], precision: str | None, repeats: int) -> Table:
    """Every size and number of sentences."""
    table = Table(title=f"{model}, {torch.get_num_threads()} threads")
    for name in ("px", "sentences", "precision", "wall ms", "CPU ms", "CPU ms each", "x one", "plain CPU ms", "gain"):
        table.add_column(name, justify="right")
    table.add_column("peak MiB", justify="right")
    for size in sizes:
        plain = child("plain", model=model, size=size, repeats=repeats)["cpu_ms"]
        base = None
        for count in counts:
            row = child("bundled", model=model, size=size, count=count, precision=precision, repeats=repeats)
            base = base or row["cpu_ms"] / count
            table.add_row(
                str(size),
                str(count),
                row["precision"],
                f"{row['ms']:.0f}",
                f"{row['cpu_ms']:.0f}",
                f"{row['cpu_ms'] / count:.1f}",
                f"{row['cpu_ms'] / base:.2f}",
                f"{plain * count:.0f}",
                f"{plain * count / row['cpu_ms']:.1f}",
                f"{row['mib']:.0f}",
            )
    return table


def main() -> None:
    """Run what the arguments ask for."""
    sys.path.insert(0, str(ROOT))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--published", action="store_true", help="the published network instead of the bundled model")
    parser.add_argument("--folder", type=int, metavar="N", help="images a second over a folder of N images")
    parser.add_argument("--model", default="remotesam-mini", help="bundled model or checkpoint folder")
    parser.add_argument(
        "--precision",
        choices=PUBLISHED,
        help="this one; by default the bundled model chooses, the published one tries both",
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[448, 896], help="sides of the images in pixels")
    parser.add_argument("--sentences", type=int, nargs="+", default=[1, 5, 20, 100], help="at most 100")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--row", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.row:
        values = json.loads(given.row)
        rows: dict[str, Callable[..., dict[str, Any]]] = {
            "plain": plain_row,
            "bundled": bundled_row,
            "folder": folder_row,
            "published": published_row,
        }
        print(json.dumps(rows[values.pop("row")](**values)))
        return
    console = Console()
    if given.published:
        precisions = (given.precision,) if given.precision else PUBLISHED
        console.print(published(precisions=precisions, repeats=given.repeats))
    elif given.folder:
        row = child("folder", model=given.model, size=given.sizes[0], count=given.folder, repeats=given.repeats)
        seconds, computed = row["ms"] / 1000, row["cpu_ms"] / 1000
        console.print(
            f"{given.model}, {given.folder} images of {given.sizes[0]} px, 10 sentences each: "
            f"{given.folder / seconds:.1f} images/s, {given.folder / computed:.1f} a second of CPU, "
            f"peak {row['mib']:.0f} MiB"
        )
    else:
        console.print(
            bundled(
                model=given.model,
                sizes=given.sizes,
                counts=given.sentences,
                precision=given.precision,
                repeats=given.repeats,
            )
        )


if __name__ == "__main__":
    main()
