"""What was compared for remotesam_mini: trunks, necks, fusion, losses and data, each for the same time, from scratch.

OMP_NUM_THREADS=1 python tools/compare_recipes.py configs/recipes_mini.py -o runs/recipes --seconds 420 --parallel 2
"""

base = "configs/remotesam_mini.py"

_short = [
    "data.train.size=256",
    "data.train.sentences=1",
    "data.train.sources.4.weight=0.0",
    "network.neck.blocks=None",
    "workers=0",
    "schedule.warmup_steps=30",
    "optimizer.lr=1e-3",
    "ema_decay=0.98",
    "eval_every=None",
    "checkpoint_every=100000",
    "presence_threshold=0.5",
]

recipes = {
    "mobilenetv4-small": dict(options=_short),
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
    "trunk-convnextv2-atto": dict(options=[*_short, "network.trunk.name=convnextv2_atto"]),
    "trunk-mobilenetv4-medium": dict(options=[*_short, "network.trunk.name=mobilenetv4_conv_medium"]),
    "neck-with-blocks": dict(options=[*_short, "network.neck.blocks=(0,3,2,1)"]),
    "fusion-at-two-scales": dict(
        options=[*_short, "network.fusion_stages=(2,3)", "network.interaction.splits=(48,48)"]
    ),
    "focal-loss": dict(options=[*_short, "loss.focal_gamma=2.0", "loss.cross_entropy=3.0"]),
    "boundary-weight": dict(options=[*_short, "loss.boundary_weight=3.0"]),
    "no-generated-scenes": dict(options=[*_short, "data.train.sources.3.weight=0.0"]),
    "generated-scenes-first": dict(
        options=[*_short, "data.train.sources.3.weight=0.0"],
        before=dict(
            share=0.33,
            options=[*_short, "data.val=None", *(f"data.train.sources.{number}.weight=0.0" for number in range(3))],
        ),
    ),
}
