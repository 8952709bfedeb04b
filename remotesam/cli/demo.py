"""``remotesam demo``: the bundled model on a generated scene, with the true answers beside."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remotesam.cli import options
from remotesam.cli.output import console, document_of
from remotesam.hub import DEFAULT_MODEL

if TYPE_CHECKING:
    import numpy as np

    from remotesam.data.scene import Scene
    from remotesam.results import Segmentation

_CATEGORIES = 3


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for the pictures.")] = Path("outputs/demo"),
    seed: Annotated[int, typer.Option(min=0, help="Another scene for another number.")] = 80,
    model: options.Model = DEFAULT_MODEL,
    device: options.Device = None,
    precision: options.PrecisionOption = None,
) -> None:
    """Segment a generated scene from sentences, one of them about something that is not there.

    Writes scene.png, answers.png (each answer beside the truth), overlay.png and results.json.
    """
    if output.exists() and not output.is_dir():
        raise typer.BadParameter(f"{output} is a file; name a folder", param_hint="-o")
    from remotesam.api import RemoteSAM
    from remotesam.data.synthetic import generate_scene
    from remotesam.files import write_image, write_json
    from remotesam.visualize import overlay, panel

    scene = generate_scene(seed, size=512)
    questions = demo_questions(scene)
    loaded = RemoteSAM.from_pretrained(model, device=device, precision=precision.value if precision else None)
    results = loaded.segment(scene.image, list(questions))
    pictures: list[np.ndarray] = [scene.image]
    titles = ["the scene"]
    for result, truth in zip(results, questions.values(), strict=True):
        pictures.append(overlay(scene.image, [result], legend=False))
        titles.append(f"{result.expression}: {_verdict(result, truth)}")
    files = [output / name for name in ("scene.png", "answers.png", "overlay.png", "results.json")]
    write_image(files[0], scene.image)
    write_image(files[1], panel(pictures, titles))
    write_image(files[2], overlay(scene.image, results))
    write_json(
        files[3], document_of("scene.png", scene.image.shape, {"results": [result.to_dict() for result in results]})
    )
    for title in titles[1:]:
        console().print(title, markup=False)
    console().print("\nwrote", *(str(file) for file in files), sep="\n  ", markup=False, soft_wrap=True)


def demo_questions(scene: Scene) -> dict[str, np.ndarray]:
    """Sentences about a scene with their true masks.

    Args:
        scene: The scene.

    Returns:
        Sentence -> (H, W) bool: all of what there is most of, one of several alike, and last something that is absent.
    """
    from remotesam.data.triplets import evaluation_triplets, unique_triplets
    from remotesam.data.vocabulary import CATEGORIES

    counts = Counter(instance.category for instance in scene.instances if instance.category in scene.annotated)
    questions: dict[str, np.ndarray] = {}

    def ask_for_all(categories: list[str]) -> None:
        for triplet in evaluation_triplets(scene, categories):
            questions[f"all {CATEGORIES[triplet.category].plural}"] = triplet.mask

    ask_for_all([category for category, _ in counts.most_common(_CATEGORIES)])
    unique = [triplet for triplet in unique_triplets(scene, 0) if counts[triplet.category] > 1]
    questions.update({triplet.expression: triplet.mask for triplet in unique[:1]})
    absent = [triplet for triplet in evaluation_triplets(scene) if not triplet.mask.any()]
    ask_for_all([triplet.category for triplet in absent[:1]])
    return questions


def _verdict(result: Segmentation, truth: np.ndarray) -> str:
    import numpy as np

    if not truth.any():
        return "rightly nothing" if not result.present else f"wrongly found something (score {result.score:.2f})"
    if not result.present:
        return f"missed (score {result.score:.2f})"
    union = np.count_nonzero(result.mask | truth)
    return f"IoU with the truth {np.count_nonzero(result.mask & truth) / union:.2f}, score {result.score:.2f}"
