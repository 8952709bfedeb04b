r"""What images with boxes alone, which the model's own masks fill, teach it: as long with them as without.

Both recipes go on from weights that never saw HRPlanes, here in runs/before, whose neck had no blocks.

OMP_NUM_THREADS=1 python tools/compare_recipes.py configs/recipes_hrplanes.py \
    -o runs/hrplanes --seconds 300 --parallel 2
"""

base = "configs/remotesam_mini.py"

_short = [
    "init_from=runs/before",
    "network.neck.blocks=None",
    "data.train.sentences=1",
    "workers=0",
    "optimizer.lr=5e-4",
    "schedule.warmup_steps=20",
    "ema_decay=0.98",
    "eval_every=None",
    "checkpoint_every=100000",
    "presence_threshold=0.5",
]

recipes = {
    "without-hrplanes": dict(options=[*_short, "data.train.sources.4.weight=0.0"]),
    "with-hrplanes": dict(options=[*_short, "data.train.sources.4.weight=0.15"]),
}
