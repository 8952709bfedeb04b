"""Scenes from a COCO instance file and its folder of images."""

from pathlib import Path
from typing import Literal

from remotesam.data.record_scenes import RecordScenes
from remotesam.data.scene import SceneError
from remotesam.data.sources.coco import read_coco
from remotesam.data.sources.problems import SourceError

__all__ = ["CocoScenes", "SceneError"]


class CocoScenes(RecordScenes):
    """Scenes of a COCO instance file: polygons, and run lengths compressed or not.

    Category names are brought to the vocabulary where it knows them. All categories of the file count as annotated
    exhaustively, except in images where an annotation marks a crowd or had to be skipped. As in COCO, EXIF is ignored.
    Files with boxes alone, and other layouts, are read by ``remotesam.data.record_scenes.open_scenes("coco", folder)``.

    Args:
        annotation_file: The JSON file.
        image_folder: Folder that the file's ``file_name`` fields are relative to.
        on_error: ``"raise"`` stops at the first fault with a :class:`SceneError` naming the file and what was found.
            ``"skip"`` logs it and leaves out the annotation (and its category in that image) or the image; an image
            that turns out unreadable later raises a :class:`SceneError` with ``skip`` set. A file that is no COCO file
            always raises.
        cache: Decode every image now and keep it in memory, where forked data workers share it (3 bytes a pixel).

    Example:
        >>> scenes = CocoScenes(annotation_file="instances.json", image_folder="images")  # doctest: +SKIP
        >>> scenes.scene(0).annotated  # doctest: +SKIP
        ('airplane', 'ship')
    """

    def __init__(
        self,
        *,
        annotation_file: str | Path,
        image_folder: str | Path,
        on_error: Literal["raise", "skip"] = "raise",
        cache: bool = False,
    ) -> None:
        file = Path(annotation_file).absolute()
        try:
            records = read_coco(
                file.parent,
                split=file.stem,
                on_error=on_error,
                annotation_file=file,
                image_folder=Path(image_folder).absolute(),
                masks="required",
                check_images=False,  # they are decoded later anyway
            )
        except SourceError as error:
            raise SceneError(str(error)) from error
        super().__init__(records, on_error=on_error, cache=cache)
