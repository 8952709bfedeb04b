"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from json import loads
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remotesam.hub import DEFAULT_MODEL

if TYPE_CHECKING:
    from remotesam.api import RemoteSAM
    from remotesam.options import ObjectOptions as ModelOptions


class PrecisionChoice(StrEnum):
    """The values of ``--precision``."""

    float32 = "float32"
    bf16 = "bf16"
    fp16 = "fp16"


class ContourChoice(StrEnum):
    """The values of ``--contours``."""

    auto = "auto"
    model = "model"
    gradient = "gradient"
    none = "none"


class ContourMode(StrEnum):
    """The values of ``--contour-mode``."""

    watershed = "watershed"
    cut = "cut"


OBJECTS, _OUTPUT, _MODEL = "Objects", "Output", "Model"  # titles in the help
_OUTPUT_HELP = (
    "What to write, by extension: .png or .jpg the picture with the answer drawn on it; .json the answer; .csv a "
    "table; .coco.json the objects as a COCO data set; .mask.png the mask (segment) or class map (semantic); .txt the "
    "text (caption). A folder gets all that the command has. May be given several times. Of a folder of images, .csv "
    "and .coco.json are one file about all of them."
)
_JSON_HELP = "Print JSON on standard output: a document, or a line for each image of a folder."
_MAX_BATCH_HELP = "How many sentences to compute at once; fewer need less memory. The model's if left out."
_THRESHOLD_HELP = "A pixel belongs above this probability; the model's if left out."
_PRESENCE_HELP = "Something is there above this score; the model's if left out."
_CONTOURS_HELP = (
    "What parts objects that touch: the model's own outlines, the gradient of the image, nothing, or (auto) the "
    "model's outlines where it has some and else nothing."
)
_CONTOUR_MODE_HELP = (
    "watershed: no object shrinks. cut: contours are taken out of the masks, as RemoteSAM's paper does."
)

Image = Annotated[str, typer.Argument(help="An image, or a folder of images.", metavar="IMAGE")]
Oriented = Annotated[
    bool, typer.Option("--oriented", help="Add the box of smallest area in any direction.", rich_help_panel=OBJECTS)
]
Model = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        help="A bundled model, a checkpoint folder, or a hub id owner/name.",
        rich_help_panel=_MODEL,
    ),
]
Device = Annotated[
    str | None,
    typer.Option(
        help="cpu, cuda, cuda:1, mps ... Chosen automatically if left out.",
        show_default=False,
        rich_help_panel=_MODEL,
    ),
]
PrecisionOption = Annotated[
    PrecisionChoice | None,
    typer.Option(help="Chosen automatically if left out.", show_default=False, rich_help_panel=_MODEL),
]


def check_sentences(sentences: Sequence[str]) -> None:
    """Tells of blank sentences.

    Raises:
        typer.BadParameter: One of them is blank.
    """
    for number, sentence in enumerate(sentences, start=1):
        if not sentence.strip():
            raise typer.BadParameter(
                f'sentence {number} is empty; say what to find, such as "all airplanes"', param_hint="SENTENCE"
            )


def read_reader_options(given: Sequence[str], *, hint: str) -> dict[str, Any]:
    """Options of a data set's reader: JSON where it is some, such as true or {"road": 255}, else text.

    Args:
        given: NAME=VALUE each.
        hint: The option of the command line that they came from.

    Raises:
        typer.BadParameter: One is not NAME=VALUE.

    Example:
        >>> read_reader_options(["form=boxes", "window-size=256"], hint="--option")
        {'form': 'boxes', 'window_size': 256}
    """
    told: dict[str, Any] = {}
    for entry in given:
        name, equals, value = entry.partition("=")
        name = name.replace("-", "_")
        if not equals or not name.isidentifier():
            raise typer.BadParameter(f"{entry!r} is not NAME=VALUE", param_hint=hint)
        try:
            told[name] = loads(value)
        except ValueError:
            told[name] = value
    return told


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What every command takes that asks a model about images."""

    output: Annotated[
        list[str] | None,
        typer.Option("--output", "-o", metavar="PATH", help=_OUTPUT_HELP, rich_help_panel=_OUTPUT),
    ] = None
    json: Annotated[bool, typer.Option("--json", help=_JSON_HELP, rich_help_panel=_OUTPUT)] = False
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Look into the folder's folders too.")] = False
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help=_THRESHOLD_HELP, show_default=False, rich_help_panel=_MODEL),
    ] = None
    presence_threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help=_PRESENCE_HELP, show_default=False, rich_help_panel=_MODEL),
    ] = None
    model: Model = DEFAULT_MODEL
    device: Device = None
    precision: PrecisionOption = None
    max_batch: Annotated[
        int | None, typer.Option(min=1, help=_MAX_BATCH_HELP, show_default=False, rich_help_panel=_MODEL)
    ] = None

    @property
    def targets(self) -> list[str]:
        """The values of ``-o``."""
        return self.output or []

    def load_model(self) -> RemoteSAM:
        """Loads the model that these options name."""
        from remotesam.api import RemoteSAM

        return RemoteSAM.from_pretrained(
            self.model,
            device=self.device,
            precision=self.precision.value if self.precision else None,
            threshold=self.threshold,
            presence_threshold=self.presence_threshold,
            max_batch=self.max_batch,
        )


@dataclass(frozen=True, kw_only=True)
class ObjectOptions:
    """How masks become objects."""

    contours: Annotated[ContourChoice, typer.Option(help=_CONTOURS_HELP, rich_help_panel=OBJECTS)] = ContourChoice.auto
    contour_mode: Annotated[ContourMode, typer.Option(help=_CONTOUR_MODE_HELP, rich_help_panel=OBJECTS)] = (
        ContourMode.watershed
    )
    contour_threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="A pixel is contour above this.", show_default=False, rich_help_panel=OBJECTS),
    ] = None
    min_share: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Pieces smaller than this share of the largest one beside them are no objects.",
            show_default=False,
            rich_help_panel=OBJECTS,
        ),
    ] = None
    min_area: Annotated[
        int | None,
        typer.Option(
            min=1, help="Drop objects of fewer pixels than this.", show_default=False, rich_help_panel=OBJECTS
        ),
    ] = None

    def for_model(self) -> ModelOptions:
        """The options as the methods of ``RemoteSAM`` take them."""
        return {
            "contours": self.contours.value,
            "contour_mode": self.contour_mode.value,
            "contour_threshold": self.contour_threshold,
            "min_share": self.min_share,
            "min_area": self.min_area,
        }
