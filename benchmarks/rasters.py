"""Speed and memory over large rasters, against the naive way.

    python benchmarks/rasters.py                              5,000 x 5,000 pixels, two sentences, the bundled model
    python benchmarks/rasters.py --sizes 5000 10000 20000     the whole table; about an hour on two cores
    python benchmarks/rasters.py --sizes 5000 --naive         the naive way beside it, which needs much memory
    python benchmarks/rasters.py --sizes 5000 20000 --stand-in   without a network: how memory grows

The raster is put together from generated scenes, turned and mirrored, as a tiled GeoTIFF. Every run is a fresh process:
peak memory is its own. "network" is processor time inside the segmenter, "the rest" processor time of everything else
(reading, blending, labelling, writing; without imports), so other processes on the machine do not count. The naive way
reads the whole array, asks one tile and one sentence at a time, keeps the maps as float32, and labels and outlines each
at once.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

TEXTS = ("storage tank", "building")
SCENE, KINDS = 500, 24


def make_raster(path: Path, size: int) -> None:
    """Writes an uint8 RGB raster of size x size pixels of 0.5 m, a row of scenes at a time."""
    import rasterio
    from rasterio.windows import Window

    from remotesam.data.synthetic import generate_scene

    scenes = [generate_scene(seed, size=SCENE).image for seed in range(KINDS)]
    rng = np.random.default_rng(0)
    profile: dict[str, Any] = {
        "driver": "GTiff", "width": size, "height": size, "count": 3, "dtype": "uint8", "crs": "EPSG:32616",
        "transform": rasterio.Affine(0.5, 0, 500000, 0, -0.5, 4000000), "tiled": True, "blockxsize": 512,
        "blockysize": 512, "compress": "deflate", "zlevel": 1, "bigtiff": "yes",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        for top in track(range(0, size, SCENE), f"making {size} x {size}", transient=True):
            for left in range(0, size, SCENE):
                scene = np.rot90(scenes[int(rng.integers(KINDS))], int(rng.integers(4)))
                scene = scene[:, :: int(rng.choice([-1, 1]))][: size - top, : size - left]
                file.write(np.moveaxis(scene, 2, 0), window=Window(left, top, scene.shape[1], scene.shape[0]))


class StandIn:
    """No network: brightness and darkness as probabilities, edges as contours; cheap, and full of objects."""

    threshold, presence_threshold, identity, has_contour = 0.5, 0.0, "stand-in", True

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        """(N, H, W) float32."""
        import cv2

        grey = cv2.blur(image.mean(axis=2, dtype=np.float32), (9, 9)) / 255
        return np.stack([np.clip(grey - 0.15, 0, 1), np.clip(0.7 - grey, 0, 1)][: len(expressions)])

    def contour(self, image: np.ndarray) -> np.ndarray:
        """(H, W) float32."""
        import cv2

        return np.clip(np.abs(cv2.Laplacian(image[:, :, 1], cv2.CV_32F)) / 255, 0, 1)


class Timed:
    """A segmenter whose processor time is counted: of all threads of torch, not of those that read and store."""

    def __init__(self, segmenter: Any) -> None:
        self._segmenter = segmenter
        self.threshold, self.presence_threshold = segmenter.threshold, segmenter.presence_threshold
        self.has_contour, self.calibration = segmenter.has_contour, getattr(segmenter, "calibration", None)
        self.identity = "timed"
        self.seconds = 0.0

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        """(N, H, W) float32."""
        start = time.thread_time()
        answer: np.ndarray = self._segmenter.segment(image, expressions)
        self.seconds += time.thread_time() - start
        return answer

    def contour(self, image: np.ndarray) -> np.ndarray:
        """(H, W) float32."""
        start = time.thread_time()
        answer: np.ndarray = self._segmenter.contour(image)
        self.seconds += time.thread_time() - start
        return answer


def load(stand_in: bool) -> Timed:
    """The segmenter, on one thread, so that its processor time is that of the thread that asks."""
    if stand_in:
        return Timed(StandIn())
    import torch

    from remotesam import RemoteSAM

    torch.set_num_threads(1)
    return Timed(RemoteSAM.from_pretrained("remotesam-mini", device="cpu").segmenter)


def run_ours(path: Path, output: Path, *, stand_in: bool, tile: int) -> dict[str, float]:
    """Our way: one pass, out of core."""
    import geopandas  # noqa: F401  so that its import is not measured
    import scipy.ndimage  # noqa: F401
    import skimage.segmentation  # noqa: F401

    from remotesam import RemoteSAM

    model = RemoteSAM(load(stand_in))
    start, cpu = time.perf_counter(), time.process_time()
    result = model.raster(path, TEXTS, output, tile_size=tile)
    return measured(model, start, cpu) | {"objects": sum(result.counts.values()), **result.seconds}


def run_naive(path: Path, output: Path, *, stand_in: bool, tile: int) -> dict[str, float]:
    """The naive way: everything in memory, a tile and a sentence at a time, no blending."""
    import geopandas
    import rasterio
    import rasterio.features
    import shapely
    from scipy import ndimage

    from remotesam import RemoteSAM

    model = RemoteSAM(load(stand_in))
    start, cpu = time.perf_counter(), time.process_time()
    with rasterio.open(path) as file:
        image, transform, crs = np.moveaxis(file.read(), 0, 2), file.transform, file.crs
    height, width = image.shape[:2]
    maps = np.zeros((len(TEXTS), height, width), dtype=np.float32)
    for index, text in enumerate(TEXTS):
        for top in range(0, height, tile):
            for left in range(0, width, tile):
                crop = np.ascontiguousarray(image[top : top + tile, left : left + tile])
                maps[index, top : top + tile, left : left + tile] = model.segmenter.segment(
                    crop, [f"{text} in the image"]
                )[0]
    shapes, names = [], []
    for index, text in enumerate(TEXTS):
        labels, _ = ndimage.label(maps[index] > model.threshold)
        for geometry, _ in rasterio.features.shapes(labels.astype(np.int32), mask=labels > 0, transform=transform):
            shapes.append(shapely.geometry.shape(geometry))
            names.append(text)
    geopandas.GeoDataFrame({"class": names}, geometry=shapes, crs=crs).to_file(output)
    return measured(model, start, cpu) | {"objects": len(shapes)}


def measured(model: Any, start: float, cpu: float) -> dict[str, float]:
    """Elapsed, network and other processor time in seconds, and the peak memory in MiB."""
    spent = time.process_time() - cpu
    network = model.segmenter.seconds
    return {
        "elapsed": time.perf_counter() - start,
        "network_cpu": network,
        "rest_cpu": spent - network,
        "peak_mib": peak_mib(),
    }


def peak_mib() -> float:
    """The peak memory of this process in MiB; getrusage would count that of the process that started it, too."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_process(name: str, path: Path, folder: Path, arguments: argparse.Namespace) -> dict[str, float]:
    """Runs one way in a fresh process."""
    output = folder / f"{name}.gpkg"
    command = [sys.executable, __file__, "--run", name, str(path), str(output), "--tile", str(arguments.tile)]
    done = subprocess.run(
        [*command, *(["--stand-in"] if arguments.stand_in else [])], check=True, stdout=subprocess.PIPE, text=True
    )
    output.unlink()
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description="Speed and memory over large rasters.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[5000], help="sides of the rasters in pixels")
    parser.add_argument("--tile", type=int, default=512, help="side of a tile in pixels")
    parser.add_argument("--naive", action="store_true", help="measure the naive way, too")
    parser.add_argument("--stand-in", action="store_true", help="a cheap function in place of the network")
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        name, path, output = arguments.run
        way = run_ours if name == "ours" else run_naive
        print(json.dumps(way(Path(path), Path(output), stand_in=arguments.stand_in, tile=arguments.tile)))
        return
    table = Table(box=None)
    for column in ("size", "way", "objects", "Mpx/s", "network s", "rest s", "rest / network", "peak MiB"):
        table.add_column(column, justify="right")
    Path("runs").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="runs") as folder:
        for size in arguments.sizes:
            path = Path(folder) / f"{size}.tif"
            make_raster(path, size)
            for name in ("ours", "naive") if arguments.naive else ("ours",):
                found = in_process(name, path, Path(folder), arguments)
                print({"size": size, "way": name, **{key: round(value, 2) for key, value in found.items()}}, flush=True)
                table.add_row(
                    f"{size:,}²",
                    name,
                    f"{found['objects']:,.0f}",
                    f"{size * size / 1e6 / found['elapsed']:.2f}",
                    f"{found['network_cpu']:.1f}",
                    f"{found['rest_cpu']:.1f}",
                    f"{found['rest_cpu'] / found['network_cpu']:.1%}",
                    f"{found['peak_mib']:,.0f}",
                )
            path.unlink()
    Console().print(table)


if __name__ == "__main__":
    main()
