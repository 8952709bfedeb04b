"""Validation within a run, through the segmenter that ships."""

from dataclasses import replace
from typing import Any

import numpy as np
from accelerate import Accelerator
from accelerate.utils import gather_object
from numpy.typing import NDArray
from torch.distributed.fsdp import FSDPModule

from remotesam.data.scene import SceneSource
from remotesam.evaluation.protocol import answers, count, summary, table
from remotesam.segmenters.rmsin import RmsinSegmenter
from remotesam.training.build import preprocessing_of
from remotesam.training.config import TrainingConfig
from remotesam.training.pictures import draw_answer
from remotesam.training.sources import build_source
from remotesam.training.state import TrainingModule

PICTURES = 4


class Validator:
    """Asks for every annotated category of ``data.val``; images are spread over the processes, figures joined.

    Args:
        config: The run's configuration, with ``data.val``.
        tokenizer: The run's tokenizer.
        accelerator: Says which process this is.
    """

    def __init__(self, config: TrainingConfig, *, tokenizer: Any, accelerator: Accelerator) -> None:
        assert config.data.val is not None
        self.config, self.tokenizer, self.accelerator = config, tokenizer, accelerator
        arguments = dict(config.data.val)
        limit, size = arguments.pop("limit", None), arguments.pop("size", None)
        self.source: SceneSource = build_source(arguments, field="data.val")
        if not hasattr(self.source, "scene"):
            raise ValueError(f"data.val.type is {arguments.get('type')!r}; validation takes scenes, not triplets")
        self.length = len(self.source) if limit is None else min(limit, len(self.source))
        preprocessing = preprocessing_of(config)
        self.preprocessing = preprocessing if size is None else replace(preprocessing, size=size)

    def run(self, module: TrainingModule) -> tuple[dict[str, Any], list[NDArray[np.uint8]]]:
        """Answer all images with the module's present weights.

        Args:
            module: Not wrapped for data parallelism; a sharded one is gathered meanwhile.

        Returns:
            The figures of :func:`remotesam.evaluation.protocol.summary` over all processes, and pictures of a few
            answers of this process.
        """
        config, accelerator = self.config, self.accelerator
        precision = "float32" if config.mixed_precision == "no" else config.mixed_precision
        rows: list[dict[str, Any]] = []
        pictures: list[NDArray[np.uint8]] = []
        gathered = [part for part in module.modules() if isinstance(part, FSDPModule)]
        for part in gathered:
            part.unshard()
        segmenter = RmsinSegmenter(
            network=module.network,  # type: ignore[arg-type]
            tokenizer=self.tokenizer,
            preprocessing=self.preprocessing,
            device=accelerator.device,
            precision=precision,
        )
        mine = range(accelerator.process_index, self.length, accelerator.num_processes)
        for answer in answers(self.source, segmenter, indices=mine):
            rows += count(answer, threshold=config.threshold)
            if len(pictures) < PICTURES:
                pictures.append(
                    draw_answer(answer, threshold=config.threshold, presence_threshold=config.presence_threshold)
                )
        for part in gathered:
            part.reshard()
        everything = table(gather_object(rows))
        figures = summary(everything, presence_threshold=config.presence_threshold, gates=config.presence_gates)
        return figures, pictures
