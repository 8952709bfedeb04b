"""``remotesam demo``: all tasks on a generated scene, compared with the truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remotesam.cli import options
from remotesam.cli.output import console, document_of
from remotesam.hub import DEFAULT_MODEL

if TYPE_CHECKING:
    import numpy as np

    from remotesam.cli.showcase import Answers, Questions

_SIZE, _CELL, _LETTERS = 512, 400, 1.5
_SEED = 107


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for the pictures.")] = Path("outputs/demo"),
    seed: Annotated[int, typer.Option(min=0, help="Another scene for another number.")] = _SEED,
    model: options.Model = DEFAULT_MODEL,
    device: options.Device = None,
    precision: options.PrecisionOption = None,
) -> None:
    """Show all tasks on a generated scene, and say how the answers compare with the truth.

    Writes scene.png, tasks.png (a picture for each task) and results.json.
    """
    if output.exists() and not output.is_dir():
        raise typer.BadParameter(f"{output} is a file; name a folder", param_hint="-o")
    from remotesam.api import RemoteSAM
    from remotesam.cli.showcase import ask, questions_about, verdicts
    from remotesam.data.synthetic import generate_scene
    from remotesam.files import write_image, write_json

    scene = generate_scene(seed, size=_SIZE)
    questions = questions_about(scene)
    loaded = RemoteSAM.from_pretrained(model, device=device, precision=precision.value if precision else None)
    answers = ask(loaded, scene.image, questions)
    compared = verdicts(questions, answers)
    files = [output / name for name in ("scene.png", "tasks.png", "results.json")]
    write_image(files[0], scene.image)
    write_image(files[1], demo_panel(scene.image, questions, answers, compared))
    document = {"categories": list(questions.categories), **answers.to_dict(), "compared": compared}
    write_json(files[2], document_of("scene.png", scene.image.shape, document))
    for task, line in {**compared, "caption": answers.caption.text}.items():
        console().print(f"{task:9} {line}", markup=False)
    if (seed, model) == (_SEED, DEFAULT_MODEL):
        console().print("\nThis scene is one that the model does well on; --seed 7 and others show where it fails.")
    console().print("\nwrote", *(str(file) for file in files), sep="\n  ", markup=False, soft_wrap=True)


def demo_panel(
    image: np.ndarray, questions: Questions, answers: Answers, compared: dict[str, str], *, cell: int = _CELL
) -> np.ndarray:
    """The scene and a picture for each task, under what was asked and how it compares with the truth.

    Args:
        image: (H, W, 3) uint8 RGB, the scene.
        questions: What was asked.
        answers: What was answered.
        compared: Task -> how it compares.
        cell: Width of each picture in pixels.

    Returns:
        (H', W', 3) uint8 RGB.
    """
    from remotesam.visualize import category_colours, draw, draw_grounding, draw_map, panel

    colours = category_colours(questions.categories)
    asked = (*questions.sentences, questions.reference)
    colours |= {triplet.expression: colours[triplet.category] for triplet in asked}
    told: dict[str, Any] = {"colours": colours, "text_scale": _LETTERS}
    pictures = {
        "a generated scene": image,
        "segment": draw(image, answers.segment, **told),
        "semantic": draw(image, answers.semantic, **told),
        "contours, along which touching objects part": draw_map(answers.contour),
        "detect": draw(image, answers.detect, **told),
        "count": draw(image, answers.count, **told),
        "ground": draw_grounding(image, answers.ground, sentence=questions.reference.expression, **told),
        "classify": draw(image, answers.classify, **told),
        "caption": draw(image, answers.caption, **told),
    }
    titles = [f"{task}: {compared[task]}" if task in compared else task for task in pictures]
    return panel(list(pictures.values()), titles, columns=3, cell=cell, fit="width")
