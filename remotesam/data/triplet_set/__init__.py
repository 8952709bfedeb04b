"""Triplet sets on disk: a folder of pictures and parquet files, written in shards and opened lazily."""

from remotesam.data.triplet_set.manifest import Manifest, Shard, read_manifest
from remotesam.data.triplet_set.problems import TripletSetError
from remotesam.data.triplet_set.reader import TripletSet
from remotesam.data.triplet_set.run_lengths import decode_mask, encode_mask
from remotesam.data.triplet_set.schema import KINDS, SCHEMA, SCHEMA_VERSION, TripletRow
from remotesam.data.triplet_set.webdataset import export_webdataset
from remotesam.data.triplet_set.writer import TripletSetWriter

__all__ = [
    "KINDS",
    "SCHEMA",
    "SCHEMA_VERSION",
    "Manifest",
    "Shard",
    "TripletRow",
    "TripletSet",
    "TripletSetError",
    "TripletSetWriter",
    "decode_mask",
    "encode_mask",
    "export_webdataset",
    "read_manifest",
]
