"""What the tasks return: small frozen values with their JSON, COCO and supervision forms."""

from remotesam.results.boxes import OrientedBox
from remotesam.results.captions import Caption
from remotesam.results.classification import Classification
from remotesam.results.counts import Counts
from remotesam.results.instances import Instance, Instances
from remotesam.results.segmentation import Segmentation
from remotesam.results.semantic import SemanticMap

__all__ = [
    "Caption",
    "Classification",
    "Counts",
    "Instance",
    "Instances",
    "OrientedBox",
    "Segmentation",
    "SemanticMap",
]
