"""Trunk and neck of the bundled model on contours and categories alone, before configs/remotesam_mini.py goes on.

Without sentences an image takes a third of the time, and all its categories are learned from at once.

python tools/mask_boxes.py hrplanes --root ../shared/data/hrplanes --size 960 -o runs/hrplanes_masks.json
python tools/train.py configs/remotesam_mini_categories.py --cfg-options init_from=checkpoints/remotesam-mini
"""

_base_ = "remotesam_mini.py"
work_dir = "runs/remotesam_mini_categories"

data = dict(train=dict(sentences=0, augment=dict(copy_paste=0.4)), val=None)
optimizer = dict(lr=1e-3, lr_multipliers={"neck.blocks": 2.5})
schedule = dict(final_factor=0.2)
max_seconds = 3000
eval_every = None
