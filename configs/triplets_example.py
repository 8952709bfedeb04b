"""A triplet set of the data sets in ../shared/data that have masks or oriented boxes.

python tools/make_triplets.py --config configs/triplets_example.py

The fields are those of remotesam.data.generation.settings.Settings, which says what each means.
"""

output = "runs/triplets_example"
name = "triplets example"
seed = 0
workers = 2

# Of two copies the first stays.
sources = [
    # Its pictures of sports grounds and airports show many cars that nobody outlined.
    dict(source="nwpu-vhr-10", root="../shared/data/nwpu_vhr10", split="train", never_absent=["vehicle"]),
    dict(source="isaid", root="../shared/data/isaid_samples", split="all"),
    dict(
        source="coco",
        root="../shared/data/dior_mini",
        split="all",
        options=dict(annotation_file="instances.json"),
        name="DIOR",
        licence="research use",
    ),
    # Oriented boxes filled: right for courts and storage tanks, generous for airplanes. A SAM checkpoint does better:
    # masker=dict(type="sam", checkpoint="facebook/sam2.1-hiera-large").
    dict(
        source="dota", root="../shared/data/dota_samples", split="all", masker=dict(type="fill"), difficult="leave out"
    ),
    dict(
        source="coco", root="../shared/data/hotosm_buildings", split="train", name="HOTOSM fAIr", licence="labels ODbL"
    ),
    dict(
        source="palette",
        root="../shared/data/cil_roads",
        split="all",
        options=dict(palette=dict(background=0, road=255)),
        name="ETH CIL roads",
        licence="research use",
    ),
    dict(source="loveda", root="../shared/data/semantic_samples/loveda", split="all"),
    dict(source="potsdam", root="../shared/data/semantic_samples/potsdam", split="all"),
    dict(source="vaihingen", root="../shared/data/semantic_samples/vaihingen", split="all"),
]

# None of these pictures, nor copies of them, may be trained on.
evaluation = [
    dict(source="nwpu-vhr-10", root="../shared/data/nwpu_vhr10", split="val"),
]

tiling = dict(size=800, overlap=200, min_visible=0.4)
sentences = dict(one_to_one=4, one_to_many=4, one_to_zero=4, zero_ratio=0.5, canonical=0.5, subsets=0.25, hard=0.75)
copies = dict(duplicates="drop", leaks="drop", distance=40, turned=True)
images = "copy"
on_error = "skip"
