"""Compares convnet with PyTorch, ONNX Runtime and OpenVINO on this machine and writes results.md.

    compare.py                               everything: half an hour on two cores
    compare.py --only inference              one section, printed rather than written
    compare.py --quick                       one round of small batches, printed: does everything work?
    BENCHMARK_PREFIX="flock FILE" compare.py what every process is started behind

Each measurement is a process of its own. A peer that is not installed, or that fails, is left out, and the report says
so.
"""

import argparse
import os
import sys
from dataclasses import dataclass

import contests
from loading import loading
from processes import CONVNET, FOLDER, Failure, measure, output
from report import document
from scaling import scaling


@dataclass(frozen=True)
class Settings:
    rounds: int
    threads: int
    seconds: float
    quick: bool

    def batch(self, size):
        return size // 8 if self.quick else size

    def arguments(self, batch):
        """What ours and theirs are called with."""
        return ["--batch", batch, "--threads", self.threads, "--seconds", self.seconds]


def command(settings):
    figures = measure([sys.executable, FOLDER / "command.py"])
    return f"""\
- `convnet predict` on a LeNet-5 model, the whole process: {figures['seconds_to_predict']:.3f} s (median of 11).
- Resident memory while training LeNet-5: {figures['first_mb']:.1f} MB after the first epoch, \
{figures['last_mb']:.1f} MB {figures['steps_between']:,} steps later."""


SECTIONS = {
    "training": ("Training", contests.training),
    "training-bf16": ("Training in bf16", contests.training_bf16),
    "inference": ("Inference", contests.inference),
    "inference-bf16": ("Inference in bf16", contests.inference_bf16),
    "training-small": ("Training small networks", contests.training_small),
    "loading": ("Loading pictures", loading),
    "scaling": ("Scaling", scaling),
    "command": ("The command", command),
}


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=SECTIONS, metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--quick", action="store_true", help="one round of small batches")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--seconds", type=float, default=3, help="for one measurement, of five steps at least")
    return parser.parse_args()


def main():
    options = parse_options()
    rounds, seconds = (1, 0.5) if options.quick else (options.rounds, options.seconds)
    settings = Settings(rounds, options.threads, seconds, options.quick)
    texts = {}
    for name in [options.only] if options.only else SECTIONS:
        title, section = SECTIONS[name]
        print(f"# {title}", file=sys.stderr)
        try:
            texts[title] = section(settings)
        except Failure as failure:
            texts[title] = f"Not measured: {failure}"
    report = document(output([CONVNET, '--version']).strip(), settings, texts)
    print(report)
    if not (options.only or options.quick):
        (FOLDER / "results.md").write_text(report)


if __name__ == "__main__":
    main()
