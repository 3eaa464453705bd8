"""``python -m benchmarks.kernels conv``: one kind of kernel beside PyTorch's."""

import argparse
import importlib

KINDS = ("conv", "optimizer", "product", "transformer")

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("kind", choices=KINDS)
parser.add_argument("--rounds", type=int, default=15)
parser.add_argument(
    "--processor",
    action="store_true",
    help="one thread, processor time: for a machine with other work",
)
arguments = parser.parse_args()
module = importlib.import_module(f"benchmarks.kernels.{arguments.kind}")
module.main(arguments.rounds, arguments.processor)
