"""Networks from plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import ReferringNetwork
from .decoder import Decoder
from .interaction import CrossScaleInteraction
from .late import LateRMSIN
from .neck import PyramidNeck
from .rmsin import RMSIN
from .swin import StagedTrunk, build_trunk
from .text import TextEncoder

_FIELDS = {
    "early": {"fusion", "trunk", "text", "interaction", "decoder", "image_size", "max_batch"},
    "late": {
        "fusion",
        "trunk",
        "neck",
        "text",
        "fusion_stages",
        "output_norm",
        "categories",
        "interaction",
        "decoder",
        "image_size",
        "max_batch",
    },
}


def build_network(config: Mapping[str, Any]) -> ReferringNetwork:
    """A network from its configuration, with random weights unless a part names pretrained ones.

    Args:
        config: plain data (also from JSON) with the fields
            ``fusion``: ``"early"`` (:class:`RMSIN`: language enters after every stage and is fed back) or ``"late"``
            (:class:`LateRMSIN`: the trunk is shared by all sentences);
            ``trunk``: arguments of :func:`build_trunk` less `staged`; ``text``: of :class:`TextEncoder`;
            ``interaction``: of :class:`CrossScaleInteraction` less `channels`; ``decoder``: of :class:`Decoder` less
            `channels`; for late fusion also ``neck`` (of :class:`PyramidNeck` less `in_channels`), ``fusion_stages``
            ``output_norm`` and ``categories`` (of :class:`LateRMSIN`); ``image_size`` and ``max_batch`` as in
            :class:`ReferringNetwork`.

    Raises:
        ValueError: an unknown or missing field, or values that do not fit; the message names the field.
    """
    kind = config.get("fusion")
    if kind not in _FIELDS:
        raise ValueError(f"network.fusion must be one of {sorted(_FIELDS)}, got {kind!r}")
    unknown = sorted(set(config) - _FIELDS[kind])
    if unknown:
        raise ValueError(f"network has unknown fields {unknown} for fusion={kind!r}; known: {sorted(_FIELDS[kind])}")
    missing = sorted({"trunk", "text", "interaction", "decoder"} - set(config))
    if missing:
        raise ValueError(f"network lacks the fields {missing}")
    common = {k: config[k] for k in ("image_size", "max_batch") if k in config}
    text = TextEncoder(**config["text"])
    trunk = build_trunk(**config["trunk"], staged=kind == "early")
    interaction = dict(config["interaction"])
    interaction["grid"] = tuple(interaction["grid"])
    if kind == "early":
        assert isinstance(trunk, StagedTrunk)
        return RMSIN(
            trunk=trunk,
            text_encoder=text,
            interaction=CrossScaleInteraction(channels=trunk.channels, **interaction),
            decoder=Decoder(channels=trunk.channels, **config["decoder"]),
            **common,
        )
    stages = tuple(config.get("fusion_stages", (1, 2, 3)))
    if not stages or list(stages) != sorted(set(stages)) or stages[-1] != 3 or stages[0] < 0:
        raise ValueError(f"network.fusion_stages must be rising numbers from 0 to 3 that end with 3, got {stages}")
    neck = PyramidNeck(in_channels=trunk.channels, **config["neck"])
    return LateRMSIN(
        trunk=trunk,
        neck=neck,
        text_encoder=text,
        fusion_stages=stages,
        interaction=CrossScaleInteraction(channels=[neck.out_channels[i] for i in stages], **interaction),
        decoder=Decoder(channels=neck.out_channels, **config["decoder"]),
        output_norm=config.get("output_norm", "layer"),
        categories=config.get("categories", 0),
        **common,
    )
