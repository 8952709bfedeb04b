r"""What images with boxes alone, and the model's own masks in these boxes, teach it: as long with them as without.

Both go on from weights that have never seen them, here in runs/before.

OMP_NUM_THREADS=1 python tools/compare_recipes.py configs/recipes_hrplanes.py \
    -o runs/hrplanes --seconds 420 --parallel 2
"""

base = "configs/remotesam_mini.py"

_further = [
    "init_from=runs/before",
    "network.neck.blocks=None",
    "data.train.sentences=1",
    "workers=0",
    "schedule.warmup_steps=20",
    "optimizer.lr=5e-4",
    "ema_decay=0.98",
    "eval_every=None",
    "checkpoint_every=100000",
    "presence_threshold=0.5",
]

recipes = {
    "without-hrplanes": dict(options=[*_further, "data.train.sources.4.weight=0.0"]),
    "with-hrplanes": dict(options=[*_further, "data.train.sources.4.weight=0.15"]),
}
