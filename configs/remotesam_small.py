"""A larger sibling of the bundled model (10 M parameters), meant for a quarter of an hour on one GPU; not trained yet.

python tools/mask_boxes.py hrplanes --root ../shared/data/hrplanes --size 768 -o runs/hrplanes_masks.json
python tools/train.py configs/remotesam_small.py
"""

_base_ = "remotesam_mini.py"
work_dir = "runs/remotesam_small"

network = dict(
    trunk=dict(name="mobilenetv4_conv_medium", drop_path_rate=0.1),
    neck=dict(hidden=128, out_channels=(48, 128, 128, 128)),
    decoder=dict(widths=(96, 64, 32)),
)

data = dict(
    train=dict(
        length=100_000,
        size=448,
        sentences=6,
        kind_ratio={"one-to-many": 0.42, "one-to-one": 0.25, "one-to-zero": 0.33},
        augment=dict(long_side=(400, 1400), photometric=dict(drop_channel=0.04)),
    ),
)
optimizer = dict(lr=1.5e-3, weight_decay=0.05)
schedule = dict(warmup_steps=300)
max_seconds = 1000
batch_size = 64
mixed_precision = "bf16"
ema_decay = 0.999
workers = 16
log_every = 20
eval_every = 4000
checkpoint_every = 500
keep_last = 1
preprocessing = dict(size=896)
presence_threshold = 0.9
