"""An evaluation from its parts: data, task, and a model or a file of predictions."""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from remotesam.checkpoints import CONFIG_NAME, WEIGHTS_NAME
from remotesam.evaluation import harness, provenance
from remotesam.evaluation.answering import Answerer
from remotesam.evaluation.data import EvaluationData
from remotesam.evaluation.dumps import Dump, DumpWriter, read_dump
from remotesam.evaluation.harness import PredictionSource, Source
from remotesam.evaluation.metric import METRICS, Metric, create_metric
from remotesam.evaluation.predictions import Predictions
from remotesam.evaluation.processes import Processes
from remotesam.evaluation.questions import AskOptions, EvaluationError, Questions, Task, make_questions

if TYPE_CHECKING:
    from remotesam.api import RemoteSAM

logger = logging.getLogger(__name__)

ProtocolChoice = Literal["native", "reference"]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is evaluated: a model, or the predictions of somebody.

    Attributes:
        name: What to call it in tables.
        about: What identifies it, fit for JSON.
        model: The model; None for predictions.
        predictions: The file of predictions; None for a model.
    """

    name: str
    about: Mapping[str, Any]
    model: RemoteSAM | None = None
    predictions: Path | None = None

    @classmethod
    def of_model(cls, model: RemoteSAM, *, folder: Path, name: str) -> Subject:
        """A loaded model with its checkpoint folder, and how the user called it."""
        segmenter: Any = model.segmenter
        files = provenance.checkpoint_files(folder)
        config = json.loads((folder / CONFIG_NAME).read_text(encoding="utf-8"))
        about = {
            "name": name,
            "sha256": files[WEIGHTS_NAME],
            "files": files,
            "config": config,
            "trained_on": provenance.training_data(folder),
            **model.thresholds("segment"),
            "device": provenance.device_name(getattr(segmenter, "device", "cpu")),
            "precision": getattr(segmenter, "precision", "float32"),
        }
        return cls(name=Path(name).name, about=about, model=model)

    @classmethod
    def of_predictions(cls, path: Path, *, name: str | None = None) -> Subject:
        """A file of predictions.

        Raises:
            EvaluationError: It is missing.
        """
        if not path.is_file():
            raise EvaluationError(f"{path}: no such file of predictions; check the path")
        about = {"name": name or path.stem, "file": path.name, "sha256": provenance.sha256_of(path)}
        return cls(name=name or path.stem, about=about, predictions=path)


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How an evaluation is run.

    Attributes:
        metric: Name of the metric; None takes the one that has the task's name.
        protocol: "native" or "reference", for tasks that have both.
        size: Side of the square that images and masks are brought to under the reference protocol; None takes the
            model's.
        presence_threshold: For predictions: answers whose score is not above it count as empty; None for no gate.
        ask: How questions are made.
        limit: Only so many pictures, from the first on; None for all.
        allow_missing: Samples without a prediction count as answered with nothing.
        overwrite: Whether to remove what another evaluation left in the folder.
        gallery: Draw so many of the worst, median and best samples.
        command: How the evaluation was called.
    """

    metric: str | None = None
    protocol: ProtocolChoice = "native"
    size: int | None = None
    presence_threshold: float | None = None
    ask: AskOptions = field(default_factory=AskOptions)
    limit: int | None = None
    allow_missing: bool = False
    overwrite: bool = False
    gallery: int = 0
    command: str = ""


def run(
    data: EvaluationData,
    task: Task,
    subject: Subject,
    *,
    folder: str | Path,
    options: RunOptions = RunOptions(),
    processes: Processes | None = None,
) -> Dump | None:
    """Evaluates, or goes on where a former run with the same settings stopped.

    Args:
        data: What is asked about.
        task: What is asked.
        subject: Who answers.
        folder: Where the results go.
        options: How.
        processes: Who else is at it; by default those that torchrun started.

    Returns:
        The results, in the first process; None in the others.

    Raises:
        EvaluationError: The data does not support the task, or an option does not go with it.
        PredictionError: The predictions do not fit the samples.
        DumpError: The folder holds another evaluation.
    """
    processes = processes or Processes()
    questions = make_questions(data, task, options.ask)
    count = len(questions) if options.limit is None else min(options.limit, len(questions))
    size = _reference_size(subject, options)
    metric = make_metric(task, questions, subject, options, size=size)
    source, missing = _source(subject, task, data, questions, options, count=count, size=size)
    settings = _settings(data, task, subject, metric, options, count=count)
    made: dict[str, Any] = {"settings": settings, "schema": harness.row_schema(metric, source)}
    made["parts"] = harness.parts_of(count)
    if processes.is_first:
        writer = DumpWriter(folder, overwrite=options.overwrite, **made)
    processes.wait()
    if not processes.is_first:
        writer = DumpWriter(folder, **made)
    if writer.finished:
        logger.warning("%s: holds the results of exactly this evaluation already", folder)
        dump = read_dump(folder) if processes.is_first else None
    else:
        summary = _summary(data, task, subject, metric, questions, options, size=size)
        if missing:
            summary["missing"] = {"count": len(missing), "first": missing[:10]}
        dump = harness.evaluate(
            questions, source, metric, writer=writer, processes=processes, count=count, summary=summary
        )
    if dump is not None and options.gallery:
        from remotesam.evaluation.gallery import write_gallery

        write_gallery(dump, questions, source, count=options.gallery, size=size)
    return dump


def make_metric(
    task: Task, questions: Questions, subject: Subject, options: RunOptions, *, size: tuple[int, int] | None
) -> Metric:
    """The metric of a run, with what it must know of the data, the protocol and the model.

    Raises:
        EvaluationError: There is no such metric for the task, or it does not know the protocol.
    """
    name = options.metric or task
    of_task = [metric for metric in METRICS if metric == task or metric.startswith(f"{task}-")]
    if name not in of_task:
        raise EvaluationError(f"metric is {name!r}; for the task {task!r} there are {', '.join(of_task)}")
    module, _, kind = METRICS[name].partition(":")
    known = inspect.signature(getattr(import_module(f"remotesam.evaluation.{module}"), kind)).parameters
    if options.protocol != "native" and "protocol" not in known:
        raise EvaluationError(f"the task {task!r} has one protocol; leave --protocol out")
    gate = (
        options.presence_threshold
        if subject.model is None
        else subject.model.thresholds("segment")["presence_threshold"]
    )
    offered = {
        "categories": list(questions.categories),
        "protocol": options.protocol,
        "size": size,
        "presence_threshold": gate,
        **questions.metric_settings,
    }
    return create_metric(name, **{key: value for key, value in offered.items() if key in known})


def protocol_of(metric: Metric) -> str:
    """The name of a metric's protocol; "native" for those that have one only."""
    return str(metric.settings.get("protocol", "native"))


def _reference_size(subject: Subject, options: RunOptions) -> tuple[int, int] | None:
    if options.protocol == "native":
        if options.size is not None:
            raise EvaluationError("--size goes with --protocol reference: native masks keep the image's own size")
        return None
    side = options.size
    if side is None and subject.model is not None:
        side = getattr(getattr(subject.model.segmenter, "preprocessing", None), "size", None)
    if side is None:
        raise EvaluationError("--protocol reference needs --size PIXELS, the network's input size, for predictions")
    return side, side


def _source(
    subject: Subject,
    task: Task,
    data: EvaluationData,
    questions: Questions,
    options: RunOptions,
    *,
    count: int,
    size: tuple[int, int] | None,
) -> tuple[Source, list[str]]:
    if subject.model is not None:
        masks = options.ask.shape == "mask"
        return Answerer(subject.model, task, size=size, masks=masks, seed=options.ask.seed), []
    assert subject.predictions is not None
    predictions = Predictions(subject.predictions, task, data, categories=questions.categories)
    ids = harness.sample_ids(questions, count=count)
    missing = predictions.check(ids, allow_missing=options.allow_missing)
    if missing:
        logger.warning("%d of %d samples have no prediction and count as answered with nothing", len(missing), len(ids))
    return PredictionSource(predictions, size=size), missing


def _settings(
    data: EvaluationData, task: Task, subject: Subject, metric: Metric, options: RunOptions, *, count: int
) -> dict[str, Any]:
    """All that decides the rows."""
    code = provenance.code_version()
    return {
        "task": task,
        "metric": {"name": metric.name, "settings": metric.settings},
        "data": {"key": data.key, "split": data.split, "sha256": data.sha256},
        "subject": {
            name: value for name, value in subject.about.items() if name not in ("name", "config", "trained_on")
        },
        "questions": {name: value for name, value in asdict(options.ask).items()},
        "pictures": count,
        "code": code.get("commit", code["remotesam"]),
    }


def _summary(
    data: EvaluationData,
    task: Task,
    subject: Subject,
    metric: Metric,
    questions: Questions,
    options: RunOptions,
    *,
    size: tuple[int, int] | None,
) -> dict[str, Any]:
    return {
        "system": subject.name,
        "task": task,
        "protocol": protocol_of(metric),
        "metric": {"name": metric.name, "settings": metric.settings, "rules": metric.rules},
        "input_size": _input_size(subject, size),
        "data": data.describe(),
        "questions": {
            "note": questions.note,
            "left_out": dict(questions.left_out),
            "categories": list(questions.categories),
            **asdict(options.ask),
        },
        "model": dict(subject.about) if subject.model is not None else None,
        "predictions": dict(subject.about) if subject.model is None else None,
        "seed": options.ask.seed,
        "limit": options.limit,
        "code": provenance.code_version(),
        "environment": provenance.environment(),
        "command": options.command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _input_size(subject: Subject, size: tuple[int, int] | None) -> str:
    """The size of the network's input in words, "" for predictions."""
    if size is not None:
        return f"{size[1]} x {size[0]}"
    preprocessing = getattr(getattr(subject.model, "segmenter", None), "preprocessing", None)
    if preprocessing is None:
        return ""
    side = preprocessing.size
    return f"{side} x {side}" if preprocessing.mode == "resize" else f"longer side {side}"
