"""What was compared before the long run of remotesam_small: trunks, fusion, losses and data, each for the same time.

python tools/compare_recipes.py configs/recipes_small.py -o runs/recipes --seconds 300 --parallel 12
"""

base = "configs/remotesam_small.py"

_short = [
    "data.train.size=320",
    "data.train.sentences=4",
    "batch_size=32",
    "optimizer.lr=1e-3",
    "data.train.sources.4.weight=0.0",
    "workers=1",
    "schedule.warmup_steps=100",
    "ema_decay=0.998",
    "log_every=20",
    "eval_every=None",
    "checkpoint_every=100000",
    "preprocessing.size=640",
    "network.trunk.name=mobilenetv4_conv_small",
]

recipes = {
    "base-mobilenetv4-small": dict(options=_short),
    "trunk-mobilenetv4-medium": dict(options=[*_short, "network.trunk.name=mobilenetv4_conv_medium"]),
    "trunk-convnextv2-femto": dict(options=[*_short, "network.trunk.name=convnextv2_femto"]),
    "trunk-regnety-800mf": dict(options=[*_short, "network.trunk.name=regnety_008"]),
    "trunk-swin-48": dict(
        options=[
            *_short,
            "network.trunk.name=swin_tiny_patch4_window7_224",
            "network.trunk.options.embed_dim=48",
            "network.trunk.options.depths=(2,2,6,2)",
            "network.trunk.options.num_heads=(2,4,8,16)",
            "network.trunk.options.window_size=8",
        ]
    ),
    "fusion-at-two-scales": dict(
        options=[*_short, "network.fusion_stages=(2,3)", "network.interaction.splits=(48,48)"]
    ),
    "focal-loss": dict(options=[*_short, "loss.focal_gamma=2.0", "loss.cross_entropy=3.0"]),
    "boundary-weight": dict(options=[*_short, "loss.boundary_weight=3.0"]),
    "no-copy-paste": dict(options=[*_short, "data.train.augment.copy_paste=0.0"]),
    "no-generated-scenes": dict(options=[*_short, "data.train.sources.3.weight=0.0"]),
    "hrplanes-with-model-masks": dict(options=[*_short, "data.train.sources.4.weight=0.1"]),
    "generated-scenes-first": dict(
        options=[*_short, "data.train.sources.3.weight=0.0"],
        before=dict(
            share=0.33,
            options=[*_short, "data.val=None", *(f"data.train.sources.{number}.weight=0.0" for number in range(3))],
        ),
    ),
}
