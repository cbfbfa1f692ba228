"""All that only a CUDA machine shows, in order of worth, within a budget of seconds.

``python -m benchmarks.gpu --budget 600 --results DIR`` runs the tests marked ``gpu``, the cases of
speed one after the other, then the cases of quality, ``--jobs`` of them at a time. Each part is a
process of its own with a time limit of its own; what the budget leaves no time for is skipped.
``DIR`` then holds ``CASE.cuda.json`` of every case that ended, the output of every part,
``gpu.json`` with the outcome of all parts, and the same as a table in ``gpu.txt``.

Cases of speed compute in float32, fits of quality with products in TF32.

``--dry-run`` shows on any machine that every part starts: tests and cases run on the device that
is there, on little data and without limits of time, and no figure is written.
"""

import argparse
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import environment
from benchmarks.run import load_case

LONG = 3600.0


@dataclass(frozen=True)
class Part:
    """A process to run: the name of a case or "tests", its group, and its limit in seconds."""

    name: str
    group: str
    limit: int


PARTS = (
    Part("tests", "tests", 200),
    Part("vae_speed_gpu", "speed", 90),
    Part("rbm_speed_gpu", "speed", 90),
    Part("gan_speed_gpu", "speed", 90),
    Part("dcgan_speed_gpu", "speed", 90),
    Part("pixel_speed_gpu", "speed", 90),
    Part("orderless_speed_gpu", "speed", 90),
    Part("rbm_mnist_500", "quality", 300),
    Part("vae_binary_mnist", "quality", 200),
    Part("vae_iwae_mnist", "quality", 300),
    Part("dbm_mnist", "quality", 300),
    Part("gan_dcgan_mnist", "quality", 400),
    Part("dbn_mnist", "quality", 300),
    Part("autoencoder_mnist", "quality", 120),
    Part("autoencoder_stacked_mnist", "quality", 200),
    Part("rbm_discriminative_mnist", "quality", 200),
    Part("dbn_backprop_mnist", "quality", 200),
    Part("few_labels_mnist_1000", "quality", 300),
    Part("few_labels_mnist_100", "quality", 300),
    Part("pixel_mnist", "quality", 600),
)


@dataclass
class Outcome:
    """How a part ended: "passed", "failed", "too long", or "skipped" for want of time."""

    name: str
    group: str
    status: str
    seconds: float = 0.0
    last_words: str = ""


def parse(argv):
    """Read the command line."""
    names = [part.name for part in PARTS] + ["speed", "quality"]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--budget", type=float, default=600.0, help="seconds in all")
    parser.add_argument("--results", type=Path, required=True, help="folder of what is found")
    parser.add_argument("--only", nargs="+", choices=names, help="some parts, or a group")
    parser.add_argument("--jobs", type=int, default=3, help="cases of quality at a time")
    parser.add_argument("--dry-run", action="store_true", help="little data, on any device")
    return parser.parse_args(argv)


def main(argv=None):
    """Run the parts, write the bundle, and return 1 where a part failed."""
    arguments = parse(argv)
    arguments.results.mkdir(parents=True, exist_ok=True)
    parts = [p for p in PARTS if not arguments.only or {p.name, p.group} & set(arguments.only)]
    bundle = Bundle(arguments)
    for group, jobs in (("tests", 1), ("speed", 1), ("quality", arguments.jobs)):
        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(bundle.run, [part for part in parts if part.group == group]))
    bundle.write()
    print(bundle.table())
    return int(any(outcome.status in ("failed", "too long") for outcome in bundle.outcomes))


class Bundle:
    """Runs parts until the budget is spent, and remembers how they ended."""

    def __init__(self, arguments):
        self.dry_run, self.results = arguments.dry_run, arguments.results
        self.jobs = arguments.jobs
        # A dry run is to show that parts start, however slow the machine.
        self.end = time.monotonic() + (arguments.budget if not self.dry_run else LONG)
        self.device = "cuda" if not arguments.dry_run or _has_cuda() else "cpu"
        self.outcomes = []

    def run(self, part):
        """Run a part within its limit and what is left of the budget."""
        left = self.end - time.monotonic()
        if left < min(20, part.limit):
            self.outcomes.append(Outcome(part.name, part.group, "skipped"))
            return
        command = self._tests() if part.name == "tests" else self._case(part)
        start, log = time.monotonic(), self.results / f"{part.name}.log"
        status = "too long"
        with log.open("w") as file:
            try:
                code = subprocess.run(
                    command,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    env=self._environment(part),
                    timeout=LONG if self.dry_run else min(left, part.limit),
                ).returncode
                status = "passed" if code == 0 else "failed"
            except subprocess.TimeoutExpired:
                pass
        seconds = round(time.monotonic() - start, 1)
        words = log.read_text(errors="replace").strip().splitlines()
        last = words[-1].strip() if words else ""
        self.outcomes.append(Outcome(part.name, part.group, status, seconds, last))
        print(f"{part.name}: {status}, {seconds:g} s", flush=True)

    def _tests(self):
        # Elsewhere other versions may warn of what these do not.
        options = ["-q", "-W", "default", "-p", "no:cacheprovider"]
        return [sys.executable, "-m", "pytest", "-m", "gpu", *options, "tests"]

    def _case(self, part):
        options = ["--inside", "--device", self.device, "--results", str(self.results)]
        if self.dry_run:
            options.append("--quick")
        if part.group == "quality":
            options += ["--tf32", "--beside", str(self.jobs - 1)]
        return [sys.executable, "-m", "benchmarks.run", "--only", part.name, *options]

    def _environment(self, part):
        threads = 1 if part.name == "tests" else load_case(part.name).threads
        variables = environment.thread_environment(threads)
        variables["PYTHONUNBUFFERED"] = "1"
        if self.device == "cpu":
            variables["SKGEN_TEST_DEVICE"] = "cpu"
        return variables

    def table(self):
        """One line a part: how it ended, and what it said last."""
        order = {part.name: i for i, part in enumerate(PARTS)}
        lines = [f"{'part':26}{'outcome':10}{'seconds':>9}  last line"]
        for o in sorted(self.outcomes, key=lambda o: order[o.name]):
            lines.append(f"{o.name:26}{o.status:10}{o.seconds:9.1f}  {o.last_words[:90]}")
        return "\n".join(lines)

    def write(self):
        """Write the outcomes, as JSON and as a table."""
        record = {
            "device": self.device,
            "dry_run": self.dry_run,
            "machine": environment.machine(self.device),
            "versions": environment.versions(),
            "parts": [asdict(outcome) for outcome in self.outcomes],
        }
        (self.results / "gpu.json").write_text(json.dumps(record, indent=1) + "\n")
        (self.results / "gpu.txt").write_text(self.table() + "\n")


def _has_cuda():
    """Whether CUDA is there, asked in another process so that this one holds no memory on it."""
    code = "import torch; print(torch.cuda.is_available())"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return answer.stdout.strip() == "True"


if __name__ == "__main__":
    sys.exit(main())
