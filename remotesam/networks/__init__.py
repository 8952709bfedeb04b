"""Torch modules of the referring-segmentation networks; nothing here knows files, tasks or training."""

from .base import ImageFeatures, ReferringNetwork
from .build import build_network

__all__ = ["ImageFeatures", "ReferringNetwork", "build_network"]
