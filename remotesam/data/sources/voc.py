"""Pascal VOC and data sets in its form, such as HRRSD.

The form is that of the VOC development kit (http://host.robots.ox.ac.uk/pascal/VOC/voc2012/), as the class VOCDetection
of torchvision reads it (https://github.com/pytorch/vision): ``JPEGImages``, ``Annotations/*.xml`` and
``ImageSets/Main/<split>.txt``. Its boxes count pixels from 1 and include their last one, so ``(xmin - 1, ymin - 1,
xmax, ymax)`` are their edges. HRRSD (https://github.com/CrazyStoneonRoad/TGRS-HRRSD-Dataset) has the same folders in
``OPT2017``; its publisher's own conversion to COCO shows that it counts the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree

from remotesam.data.faults import Fault
from remotesam.data.sources.drafts import Draft, Size, Spellings, checked_box, numbers
from remotesam.data.sources.headers import IMAGE_SUFFIXES, checked_size
from remotesam.data.sources.layout import ALL, check_split, checked_root, contents
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import Annotation, RecordSet
from remotesam.data.sources.text_files import read_split

HRRSD_CATEGORIES = (
    "ship",
    "bridge",
    "ground track field",
    "storage tank",
    "basketball court",
    "tennis court",
    "airplane",
    "baseball diamond",
    "harbor",
    "vehicle",
    "crossroad",
    "T junction",
    "parking lot",
)
HRRSD_LICENCE = "research use (HRRSD, Zhang et al. 2019); images of Google Earth and Baidu Map under their terms"

Shape = Callable[[ElementTree.Element, str, str, Size], Annotation]
"""Makes an annotation of an <object>, given its id, its category and the image's size; raises Fault."""


def read_voc(
    root: Path,
    *,
    split: str = "train",
    on_error: OnError = "skip",
    categories: Sequence[str] | None = None,
    name: str = "voc",
    licence: str = "",
) -> RecordSet:
    """Reads a data set in Pascal VOC form.

    Args:
        root: Its folder, or one with a single folder in it that has ``Annotations`` and ``JPEGImages``.
        split: A file of ``ImageSets/Main``; "all" where there is none.
        on_error: "skip" lists what is wrong and goes on without it; "raise" stops there.
        categories: Its categories; those that occur, sorted, where None.
        name: The data set's name.
        licence: Its terms, in words.

    Returns:
        A record for each image of the split, with boxes and no masks. All categories count as exhaustive.

    Raises:
        SourceError: There is no such folder or split; with ``on_error="raise"``, anything that is wrong in it.
    """
    folder = _voc_folder(checked_root(root, name))
    annotations, lists = folder / "Annotations", folder / "ImageSets" / "Main"
    if lists.is_dir():
        stems = read_split(lists, split)
    else:
        check_split(split, [ALL], folder)
        stems = sorted(path.stem for path in annotations.glob("*.xml"))
    images = [folder / part for part in ("JPEGImages", "images", "Images") if (folder / part).is_dir()]
    if not images:
        raise SourceError(f"{folder}: no JPEGImages or images; there {contents(folder)}")
    pairs = [(stem, image_of(images, stem), annotations / f"{stem}.xml") for stem in stems]
    problems = Problems(on_error)
    return read_pairs(
        pairs, upright_box, categories=categories, name=name, split=split, licence=licence, problems=problems
    )


def read_hrrsd(root: Path, *, split: str = "train", on_error: OnError = "skip") -> RecordSet:
    """Reads HRRSD: 13 categories with boxes; splits "train", "val", "trainval" and "test".

    Raises:
        SourceError: There is no such folder or split; with ``on_error="raise"``, anything that is wrong in it.
    """
    return read_voc(
        root, split=split, on_error=on_error, categories=HRRSD_CATEGORIES, name="hrrsd", licence=HRRSD_LICENCE
    )


def read_pairs(
    pairs: Sequence[tuple[str, Path, Path]],
    shape: Shape,
    *,
    categories: Sequence[str] | None,
    name: str,
    split: str,
    licence: str,
    problems: Problems,
) -> RecordSet:
    """Reads images with an XML file each.

    Args:
        pairs: Id, image and XML file.
        shape: Makes an annotation of an object.
        categories: The data set's categories; those that occur where None.
        name: The data set.
        split: Its split.
        licence: Its terms.
        problems: Takes what is wrong.

    Raises:
        SourceError: Something is wrong and ``problems`` stops at the first.
    """
    spellings = Spellings(categories) if categories is not None else None
    drafts = []
    for stem, image, path in pairs:
        size = checked_size(image, problems, item=stem)
        if size is None:
            continue
        try:
            tree = _parse(path)
            _check_size(tree, size, image)
        except Fault as fault:
            problems.add(path, stem, str(fault), fault.kind)
            continue
        drafts.append(Draft(stem, image, size))
        _read_objects(drafts[-1], tree, path, spellings, shape, problems)
    names = categories if categories is not None else sorted({a.category for d in drafts for a in d.annotations})
    records = [draft.record(names) for draft in drafts]
    return RecordSet(records, name=name, split=split, licence=licence, categories=names, problems=problems)


def image_of(folders: Sequence[Path], stem: str) -> Path:
    """The image of a name in one of some folders; where there is none, the path that it would have as JPEG."""
    for folder in folders:
        for suffix in (".jpg", *IMAGE_SUFFIXES):
            for path in (folder / f"{stem}{suffix}", folder / f"{stem}{suffix.upper()}"):
                if path.is_file():
                    return path
    return folders[0] / f"{stem}.jpg"


def upright_box(element: ElementTree.Element, identifier: str, category: str, size: Size) -> Annotation:
    """Makes an annotation of the <bndbox> of an <object>, whose pixels count from 1, the last included."""
    x1, y1, x2, y2 = numbers(text_of(element, f"bndbox/{corner}") for corner in ("xmin", "ymin", "xmax", "ymax"))
    box = checked_box((x1 - 1, y1 - 1, x2, y2), size)
    return Annotation(identifier, category, box=box, difficult=is_difficult(element))


def is_difficult(element: ElementTree.Element) -> bool:
    """Whether an <object> is marked as difficult."""
    return (element.findtext("difficult") or "0").strip() not in ("", "0")


def text_of(element: ElementTree.Element, path: str) -> str:
    """The text of an element below another.

    Raises:
        Fault: There is none.
    """
    text = (element.findtext(path) or "").strip()
    if not text:
        raise Fault(f"lacks <{path.replace('/', '><')}>", "format")
    return text


def _voc_folder(root: Path) -> Path:
    folders = [
        path.parent for path in (root / "Annotations", *root.glob("*/Annotations"), *root.glob("*/*/Annotations"))
    ]
    found = [folder for folder in dict.fromkeys(folders) if (folder / "Annotations").is_dir()]
    if len(found) != 1:
        several = f"several folders with Annotations: {', '.join(map(str, found))}; give one of them"
        raise SourceError(f"{root}: {several if found else f'no folder Annotations; there {contents(root)}'}")
    return found[0]


def _parse(path: Path) -> ElementTree.Element:
    try:
        return ElementTree.parse(path).getroot()
    except FileNotFoundError:
        raise Fault("is missing", "missing") from None
    except (OSError, ElementTree.ParseError, ValueError) as error:
        raise Fault(f"is no valid XML, perhaps truncated ({error})", "unreadable") from error


def _check_size(tree: ElementTree.Element, size: Size, image: Path) -> None:
    """Compares <size> with the image's header; files without it, or with zeros, say nothing."""
    height, width = (
        int(value) for value in numbers(tree.findtext(f"size/{side}") or 0 for side in ("height", "width"))
    )
    if height and width and (height, width) != size:
        message = f"says {width} x {height} pixels, its image {image} has {size[1]} x {size[0]}"
        raise Fault(message, "size")


def _read_objects(
    draft: Draft, tree: ElementTree.Element, path: Path, spellings: Spellings | None, shape: Shape, problems: Problems
) -> None:
    for number, element in enumerate(tree.findall("object"), start=1):
        item = f"object {number}"
        category = None
        try:
            name = text_of(element, "name")
            category = spellings.find(name) if spellings is not None else name
            draft.add(shape(element, str(number), category, draft.size), problems, file=path, item=item)
        except Fault as fault:
            draft.leave_out(fault, problems, file=path, item=item, category=category)
