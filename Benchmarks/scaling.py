"""The section of the report that says how a training step's time grows with the work, and how long compiling takes."""

import statistics
import sys

from contest import Contestant
from processes import benchmark, measure
from report import paragraph, table


def scaling(settings):
    batch = settings.batch(16)
    batches = [settings.batch(size) for size in (8, 16, 32, 64)]
    by_batch = [Contestant(f"batch {size}", benchmark("resnet18", "train", size, settings)) for size in batches]
    by_depth = [Contestant(name, benchmark(name, "train", batch, settings))
                for name in ("resnet50", "resnet101", "resnet152")]
    for contestants in (by_batch, by_depth):
        take_turns(contestants, settings.rounds)
    return "\n\n".join([
        growth("A step of ResNet-18 by batch", by_batch, batches),
        growth(f"A step at batch {batch} by multiply-adds", by_depth, [operations(each) for each in by_depth]),
        compile_time("resnet50", batch, settings),
    ])


def take_turns(contestants, rounds):
    for number in range(rounds):
        for each in contestants:
            each.run()
            print(f"{each.name}, round {number + 1}: {each.results[-1]['milliseconds']:,.1f} ms", file=sys.stderr)


def operations(contestant):
    """Of one step."""
    result = contestant.results[0]
    return result["gflops"] * result["milliseconds"] * 1e6


def growth(title, contestants, sizes):
    """How far the times are from a line, and from one through the origin."""
    times = [each.median() for each in contestants]
    slope, intercept = statistics.linear_regression(sizes, times)
    affine = [slope * size + intercept for size in sizes]
    factor = sum(size * time for size, time in zip(sizes, times)) / sum(size * size for size in sizes)
    proportional = [factor * size for size in sizes]
    rows = [
        [each.name, f"{size / sizes[0]:.2f}", f"{time:,.1f} ms", f"{time / line - 1:+.1%}", f"{time / ray - 1:+.1%}"]
        for each, size, time, line, ray in zip(contestants, sizes, times, affine, proportional)
    ]
    rows.append(["largest deviation", "", "", largest_deviation(times, affine), largest_deviation(times, proportional)])
    header = ["step", "work", "time", "from the least-squares line", "from the line through the origin"]
    return f"{title}:\n\n{table(header, rows)}"


def largest_deviation(times, expected):
    return f"**{max(abs(time / line - 1) for time, line in zip(times, expected)):.1%}**"


def compile_time(network, batch, settings):
    command = benchmark(network, "train", batch, settings)
    measure(command)
    milliseconds = measure(command)["compile_milliseconds"]
    return paragraph(f"""
        Compiling the plan that trains {network} at batch {batch} takes {milliseconds:,.0f} ms in a process that finds
        the algorithms of its convolutions in the cache.""")
