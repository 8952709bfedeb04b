"""Measure a model, or anybody's predictions, on a data set: ``remotesam evaluate``, from a clone.

    python tools/test.py --task ref --data nwpu-vhr-10 --root ../shared/data/nwpu_vhr10 --split val \
        --checkpoint checkpoints/remotesam-mini

A training state with its configuration; the published protocol; several GPUs or processes, each image once:

    python tools/test.py --task ref --config configs/remotesam_mini.py --checkpoint runs/mini/checkpoints/best.pt ...
    python tools/test.py --task ref --protocol reference ...
    torchrun --nproc-per-node 2 tools/test.py --task ref ...

All options: python tools/test.py --help; formats of predictions and rules of the tasks: docs/evaluation.md.
"""

import sys

from remotesam.cli import main

if __name__ == "__main__":
    main(["evaluate", *sys.argv[1:]])
