"""The bundled model: a MobileNetV4-small trunk with late fusion, trained from scratch on two CPU cores.

python tools/mask_boxes.py hrplanes --root ../shared/data/hrplanes --size 960 -o runs/hrplanes_masks.json
python tools/train.py configs/remotesam_mini.py
"""

tokenizer = "configs/tokenizers/remotesam-mini"
work_dir = "runs/remotesam_mini"

network = dict(
    fusion="late",
    image_size=448,
    max_batch=32,
    trunk=dict(name="mobilenetv4_conv_small"),
    neck=dict(hidden=96, out_channels=(32, 96, 96, 96), blocks=(0, 2, 2, 1)),
    text=dict(vocab_size=1024, hidden_size=192, layers=3, heads=4, max_tokens=20, positions=32, dropout=0.1),
    fusion_stages=(1, 2, 3),
    output_norm="layer",
    categories=32,
    interaction=dict(
        hidden=96,
        grid=(14, 14),
        splits=(32, 32, 32),
        heads=4,
        key_channels=16,
        value_channels=24,
        published_layout=False,
    ),
    decoder=dict(widths=(64, 48, 24), rotated=(True, False, False)),
)

data = dict(
    train=dict(
        sources=[
            dict(
                type="coco",
                annotation_file="../shared/data/nwpu_vhr10/instances_train.json",
                image_folder="../shared/data/nwpu_vhr10/images",
                cache=True,
                weight=0.52,
            ),
            dict(
                type="coco",
                root="../shared/data/hotosm_buildings",
                split="train",
                every_fifth="leave out",
                cache=True,
                weight=0.13,
            ),
            dict(
                type="palette",
                root="../shared/data/cil_roads",
                palette=dict(background=0, road=255),
                every_fifth="leave out",
                cache=True,
                weight=0.21,
            ),
            dict(type="synthetic", length=100_000, size=512, seed=1, weight=0.06),
            dict(
                type="coco",
                annotation_file="runs/hrplanes_masks.json",
                image_folder="../shared/data/hrplanes/images",
                cache=True,
                weight=0.08,
            ),
        ],
        length=36_000,
        size=320,
        sentences=2,
        kind_ratio={"one-to-many": 0.4, "one-to-one": 0.2, "one-to-zero": 0.4},
        canonical=0.5,
        augment=dict(
            long_side=(440, 1150), max_zoom=3.0, copy_paste=0.3, boxes=0.0, photometric=dict(drop_channel=0.03)
        ),
    ),
    val=dict(
        type="coco",
        annotation_file="../shared/data/nwpu_vhr10/instances_val.json",
        image_folder="../shared/data/nwpu_vhr10/images",
    ),
)
loss = dict(
    cross_entropy=1.0,
    class_weights=(1.0, 2.0),
    dice=0.5,
    dice_reduction="sample",
    contour=0.3,
    presence=1.0,
    categories=1.0,
    sentence=0.3,
)
optimizer = dict(lr=7e-4, weight_decay=0.03, lr_multipliers=dict(text_encoder=0.5))
schedule = dict(type="cosine", warmup_steps=100, final_factor=0.01)
max_seconds = 5640
batch_size = 14
channels_last = True
clip_grad_norm = 5.0
ema_decay = 0.998
seed = 0
workers = 1
log_every = 10
eval_every = 600
checkpoint_every = 100
keep_last = 2
preprocessing = dict(mode="native", size=640)
presence_gates = (0.5, 0.8, 0.9, 0.94, 0.97)
presence_threshold = 0.984
