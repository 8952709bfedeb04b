r"""What was compared for remotesam_mini from trained weights on, each for the same time.

Two recipes go on from weights that never saw HRPlanes, here in runs/before: with its images, where the model's own
masks fill the boxes, and without. Two go on from the bundled model as in remotesam_mini_categories: with more
layers in the neck, and without.

OMP_NUM_THREADS=1 python tools/compare_recipes.py configs/recipes_mini_further.py \
    -o runs/further --seconds 300 --parallel 2
"""

base = "configs/remotesam_mini.py"

_short = [
    "workers=0",
    "schedule.warmup_steps=20",
    "ema_decay=0.98",
    "eval_every=None",
    "checkpoint_every=100000",
    "presence_threshold=0.5",
]
_planes = [*_short, "init_from=runs/before", "network.neck.blocks=None", "data.train.sentences=1", "optimizer.lr=5e-4"]
_categories = [
    *_short,
    "init_from=checkpoints/remotesam-mini",
    "data.train.sentences=0",
    "optimizer.lr=1e-3",
    "schedule.final_factor=0.5",
]

recipes = {
    "without-hrplanes": dict(options=[*_planes, "data.train.sources.4.weight=0.0"]),
    "with-hrplanes": dict(options=[*_planes, "data.train.sources.4.weight=0.15"]),
    "neck-as-before": dict(options=[*_categories, "network.neck.blocks=None"]),
    "neck-with-blocks": dict(options=[*_categories, "network.neck.blocks=(0,3,2,1)", "init_new_parts=[neck.blocks.]"]),
}
