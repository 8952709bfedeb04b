"""Options of ``remotesam evaluate``: the data, who answers, and what is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remotesam.cli import options
from remotesam.hub import DEFAULT_MODEL

if TYPE_CHECKING:
    from remotesam.evaluation.data import EvaluationData
    from remotesam.evaluation.processes import Processes
    from remotesam.evaluation.run import Subject

_DATA, _SUBJECT, _RESULT = "Data", "What is evaluated", "Results"  # titles in the help


class TaskChoice(StrEnum):
    """The values of ``--task``."""

    ref = "ref"
    seg = "seg"
    det = "det"
    obb = "obb"
    vg = "vg"
    cnt = "cnt"
    mlc = "mlc"
    mcc = "mcc"
    cap = "cap"
    reason = "reason"


class ProtocolOption(StrEnum):
    """The values of ``--protocol``."""

    native = "native"
    reference = "reference"


class AskedOption(StrEnum):
    """The values of ``--questions``."""

    own = "own"
    categories = "categories"
    one_to_one = "one-to-one"
    generated = "generated"
    synonyms = "synonyms"


class BoxesOption(StrEnum):
    """The values of ``--boxes``."""

    outline = "outline"
    annotated = "annotated"


class ShapeOption(StrEnum):
    """The values of ``--shape``."""

    box = "box"
    mask = "mask"


class BackgroundOption(StrEnum):
    """The values of ``--background``."""

    counted = "counted"
    excluded = "excluded"
    ignored = "ignored"


class OnErrorOption(StrEnum):
    """The values of ``--on-error``."""

    stop = "raise"
    skip = "skip"


TASK_HELP = (
    "ref: sentences to masks. seg: class maps. det, obb: objects with upright or oriented boxes. vg: sentences to "
    "boxes. cnt: counts. mlc, mcc: labels or the scene. cap: captions. reason: questions to masks."
)
_DATA_HELP = "A data set by name (see --root), a COCO instance file, or the folder of a triplet set."
_ASKED_HELP = (
    "ref, vg: the data set's own sentences (the default where there are any), or generated ones: every annotated "
    'category as "{category} in the image", sentences about one object, or both. synonyms: categories by their names '
    "and by other names."
)
_PROTOCOL_HELP = (
    "native: masks at the image's own size, a right 'nothing there' counts 1. reference: image and masks at the "
    "network's size, an empty union counts 0, as published figures do."
)
_PREDICTIONS_HELP = (
    "Score these predictions, without a model: .jsonl or .parquet, COCO results .json for det; see docs/evaluation.md."
)
_OUT_HELP = "Folder for the rows and the summary; runs/evaluation/... if left out."
_OPTION_HELP = (
    "A further option of the data set's reader, such as form=boxes, or every_fifth=only. May be given several times."
)


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """What is asked about."""

    data: Annotated[str, typer.Option("--data", "-d", metavar="SET", help=_DATA_HELP, rich_help_panel=_DATA)]
    root: Annotated[
        str | None, typer.Option(help="The folder of a data set by name.", show_default=False, rich_help_panel=_DATA)
    ] = None
    split: Annotated[
        str | None,
        typer.Option(help="Such as val; what the reader takes if left out.", show_default=False, rich_help_panel=_DATA),
    ] = None
    images: Annotated[
        str | None,
        typer.Option(help="The folder of the images of a COCO file.", show_default=False, rich_help_panel=_DATA),
    ] = None
    reader_option: Annotated[
        list[str] | None,
        typer.Option("--data-option", metavar="NAME=VALUE", help=_OPTION_HELP, rich_help_panel=_DATA),
    ] = None
    on_error: Annotated[
        OnErrorOption,
        typer.Option(help="What becomes of faulty items; skip goes on and counts them.", rich_help_panel=_DATA),
    ] = OnErrorOption.stop
    questions: Annotated[
        AskedOption | None, typer.Option(help=_ASKED_HELP, show_default=False, rich_help_panel=_DATA)
    ] = None
    synonym: Annotated[
        list[str] | None,
        typer.Option(
            help="With --questions synonyms: another name, such as plane; all that the vocabulary has if left out. "
            "May be given several times.",
            show_default=False,
            rich_help_panel=_DATA,
        ),
    ] = None
    boxes: Annotated[BoxesOption, typer.Option(help="Boxes of masks, or as annotated.", rich_help_panel=_DATA)] = (
        BoxesOption.outline
    )
    shape: Annotated[
        ShapeOption, typer.Option(help="det: whether boxes or masks are compared.", rich_help_panel=_DATA)
    ] = ShapeOption.box
    background: Annotated[
        BackgroundOption | None,
        typer.Option(
            help="seg: what becomes of the background; what is usual for the set if left out.",
            show_default=False,
            rich_help_panel=_DATA,
        ),
    ] = None
    categories: Annotated[
        str | None,
        typer.Option(
            "--categories",
            "-c",
            metavar="FILE",
            help="cap: what to look for, a name a line.",
            show_default=False,
            rich_help_panel=_DATA,
        ),
    ] = None
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only the first images.", show_default=False, rich_help_panel=_DATA)
    ] = None

    def open(self) -> EvaluationData:
        """Opens the data set."""
        from remotesam.data.sources.problems import SourceError
        from remotesam.evaluation.data import open_data

        try:
            return open_data(
                self.data,
                root=self.root,
                split=self.split,
                images=self.images,
                on_error="raise" if self.on_error == OnErrorOption.stop else "skip",
                options=options.read_reader_options(self.reader_option or [], hint="--data-option"),
            )
        except SourceError as error:
            raise SourceError(str(error).replace("on_error='skip'", "--on-error skip")) from error


@dataclass(frozen=True, kw_only=True)
class SubjectOptions:
    """Who answers."""

    checkpoint: Annotated[
        str,
        typer.Option(
            "--checkpoint",
            "--model",
            "-m",
            help="A bundled model, a checkpoint folder, a hub id, or with --config a training state (.pt).",
            rich_help_panel=_SUBJECT,
        ),
    ] = DEFAULT_MODEL
    config: Annotated[
        str | None,
        typer.Option(help="The configuration of a training state.", show_default=False, rich_help_panel=_SUBJECT),
    ] = None
    predictions: Annotated[
        Path | None, typer.Option(help=_PREDICTIONS_HELP, show_default=False, rich_help_panel=_SUBJECT)
    ] = None
    allow_missing: Annotated[
        bool,
        typer.Option("--allow-missing", help="Samples without a prediction count as empty.", rich_help_panel=_SUBJECT),
    ] = False
    name: Annotated[
        str | None, typer.Option(help="What to call it in tables.", show_default=False, rich_help_panel=_SUBJECT)
    ] = None
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help=options._THRESHOLD_HELP, show_default=False, rich_help_panel=_SUBJECT),
    ] = None
    presence_threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help=options._PRESENCE_HELP, show_default=False, rich_help_panel=_SUBJECT),
    ] = None
    device: options.Device = None
    precision: options.PrecisionOption = None
    max_batch: Annotated[
        int | None,
        typer.Option(min=1, help=options._MAX_BATCH_HELP, show_default=False, rich_help_panel=_SUBJECT),
    ] = None

    def load(self, processes: Processes) -> Subject:
        """Loads the model, or opens the predictions."""
        from remotesam.evaluation.run import Subject

        if self.predictions is not None:
            return Subject.of_predictions(self.predictions, name=self.name)
        if self.allow_missing:
            raise typer.BadParameter(
                "goes with --predictions: a model answers everything", param_hint="--allow-missing"
            )
        from remotesam.api import RemoteSAM

        with _checkpoint_folder(self.checkpoint, self.config) as folder:
            model = RemoteSAM.from_pretrained(
                folder,
                device=processes.device(self.device),
                precision=self.precision.value if self.precision else None,
                threshold=self.threshold,
                presence_threshold=self.presence_threshold,
                max_batch=self.max_batch,
            )
            return Subject.of_model(model, folder=folder, name=self.name or Path(self.checkpoint).name)


@dataclass(frozen=True, kw_only=True)
class ResultOptions:
    """What is written."""

    protocol: Annotated[ProtocolOption, typer.Option(help=_PROTOCOL_HELP, rich_help_panel=_RESULT)] = (
        ProtocolOption.native
    )
    size: Annotated[
        int | None,
        typer.Option(
            min=1, help="The network's size, for reference figures of predictions.", show_default=False,
            rich_help_panel=_RESULT,
        ),
    ] = None  # fmt: skip
    metric: Annotated[
        str | None,
        typer.Option(help="Another metric of the task, such as det-f1.", show_default=False, rich_help_panel=_RESULT),
    ] = None
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help=_OUT_HELP, show_default=False, rich_help_panel=_RESULT)
    ] = None
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Write over another evaluation there.", rich_help_panel=_RESULT)
    ] = False
    gallery: Annotated[
        int, typer.Option(min=0, help="Draw so many of the worst, median and best samples.", rich_help_panel=_RESULT)
    ] = 0
    seed: Annotated[int, typer.Option(min=0, help="Of generated sentences and captions.", rich_help_panel=_RESULT)] = 0
    json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON instead of tables.", rich_help_panel=_RESULT)
    ] = False


@contextmanager
def _checkpoint_folder(checkpoint: str, config: str | None) -> Iterator[Path]:
    """The folder of a checkpoint; of a training state, one that is made of it for as long as it is needed."""
    from remotesam.hub import find_checkpoint

    if config is None:
        if checkpoint.endswith(".pt"):
            raise typer.BadParameter(
                f"{checkpoint} is a training state, which needs --config", param_hint="--checkpoint"
            )
        yield find_checkpoint(checkpoint)
        return
    import tempfile

    from mmengine.config import Config

    from remotesam.checkpoints import CheckpointError, read_config
    from remotesam.training.build import without_pretrained
    from remotesam.training.config import parse_config
    from remotesam.training.export import export

    values = parse_config(Config.fromfile(config))
    if checkpoint.endswith(".pt"):
        with tempfile.TemporaryDirectory() as folder:
            export(values, folder=folder, state=checkpoint)
            yield Path(folder)
        return
    found = find_checkpoint(checkpoint)
    if read_config(found).network != without_pretrained(values.network):
        raise CheckpointError(
            f"{config} describes another network than {found / 'config.json'}; leave --config out: a folder has its own"
        )
    yield found
