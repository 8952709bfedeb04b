"""Speed of the scene generator on one core.

    python benchmarks/synthetic.py --count 100 --size 512

Prints scenes per second of wall time and of processor time (the latter is the one to compare on a busy machine),
and milliseconds a scene of every context.
"""

from __future__ import annotations

import argparse
import time

import cv2

from remotesam.data.synthetic import CONTEXTS, generate_scene


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the scene generator on one core.")
    parser.add_argument("--count", type=int, default=100, help="scenes of the mixture")
    parser.add_argument("--size", type=int, default=512, help="side in pixels")
    parser.add_argument("--each", type=int, default=8, help="scenes of every single context, 0 for none")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    generate_scene(0, size=arguments.size)
    wall, processor = time.perf_counter(), time.process_time()
    for seed in range(arguments.count):
        generate_scene(seed, size=arguments.size)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    count = arguments.count
    print(f"{count} scenes of {arguments.size} px, one thread: {1000 * processor / count:.1f} ms each")
    print(f"  {count / processor:.1f} scenes/s of processor time, {count / wall:.1f} scenes/s of wall time")
    for context in CONTEXTS if arguments.each else ():
        start = time.process_time()
        for seed in range(arguments.each):
            generate_scene(seed, size=arguments.size, context=context)
        print(f"  {context:10s} {1000 * (time.process_time() - start) / arguments.each:6.1f} ms")


if __name__ == "__main__":
    main()
