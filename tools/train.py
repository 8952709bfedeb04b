"""Train a network from a configuration file.

A laptop, on whatever it has:

    python tools/train.py configs/remotesam_mini.py

One GPU in bf16, any field changed on the command line:

    python tools/train.py configs/rmsin_swin-b_896.py --cfg-options mixed_precision=bf16 batch_size=4

Eight GPUs of one machine, then four such machines (the same command on each, with --node-rank 0 to 3):

    torchrun --nproc-per-node 8 tools/train.py configs/rmsin_swin-b_896.py
    torchrun --nnodes 4 --node-rank 0 --nproc-per-node 8 --rdzv-backend c10d --rdzv-endpoint HOST:29500 \
        tools/train.py configs/rmsin_swin-b_896.py

Parameters, gradients and optimiser state sharded over the GPUs (FSDP), in bf16:

    torchrun --nproc-per-node 8 tools/train.py configs/rmsin_swin-b_896.py --cfg-options fsdp=True mixed_precision=bf16

Continue after any interruption; write the best weights so far as a folder for RemoteSAM.from_pretrained:

    python tools/train.py configs/remotesam_mini.py --resume
    python tools/train.py configs/remotesam_mini.py --export checkpoints/remotesam-mini --half
"""

import argparse
import sys

from mmengine.config import Config, DictAction


def main() -> int:
    """Run the command; 0 if all went well, 2 for a mistake in the configuration, 1 for a failure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", help="configuration file, see docs/configuration.md")
    parser.add_argument("--resume", action="store_true", help="continue from the newest state in the run's folder")
    parser.add_argument("--work-dir", help="folder of the run, instead of the configuration's work_dir")
    parser.add_argument("--cfg-options", nargs="+", action=DictAction, default={}, help="fields to change: a.b=c ...")
    parser.add_argument("--export", metavar="FOLDER", help="train nothing; write the best averaged weights there")
    parser.add_argument("--state", metavar="FILE", help="with --export: this state instead of the best one")
    parser.add_argument("--half", action="store_true", help="with --export: store float16")
    arguments = parser.parse_args()

    from remotesam.training.config import parse_config
    from remotesam.training.loop import NonFiniteError, Trainer

    try:
        values = Config.fromfile(arguments.config)
        values.merge_from_dict(arguments.cfg_options)
        if arguments.work_dir:
            values.work_dir = arguments.work_dir
        config = parse_config(values)
        if arguments.export:
            from remotesam.training.export import export

            print(export(config, folder=arguments.export, state=arguments.state, half=arguments.half))
        else:
            Trainer(config, resume=arguments.resume).run()
    except NonFiniteError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; add --resume to the command to go on from the last saved state", file=sys.stderr)
        return 130
    except (ValueError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
