"""The report's Markdown."""

import importlib.metadata
import os
import pathlib
import platform
import re
import statistics
import textwrap
import time

from contest import HOPELESS

PEERS = {"PyTorch": "torch", "torchvision": "torchvision", "ONNX Runtime": "onnxruntime", "OpenVINO": "openvino"}


def paragraph(text):
    return textwrap.fill(" ".join(text.split()), width=120)


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def speed_table(contests):
    """Images per second of ours and of the fastest rival."""
    rows = []
    for contest in contests:
        row = [contest.work, f"{contest.speed(contest.ours):,.1f}"]
        if contest.best:
            ratios = contest.ratios
            row += [f"{contest.speed(contest.best):,.1f} ({contest.best.name})", f"**{contest.ratio:.2f}×**",
                    f"{min(ratios):.2f} to {max(ratios):.2f}"]
        else:
            row += ["not measured", "", ""]
        rows.append(row)
    ratios = [contest.ratio for contest in contests if contest.best]
    if ratios:
        rows.append(["geometric mean", "", "", f"**{statistics.geometric_mean(ratios):.2f}×**", ""])
    return table(["network", "convnet", "fastest rival", "ratio", "ratio by round"], rows) + not_measured(contests)


def memory_table(contests):
    """Peak memory in 10⁶ bytes, beside the rival that needs the least."""
    rows = []
    for contest in contests:
        own = contest.ours.median("peak_memory_mb")
        row = [contest.work, f"{own:,.0f} MB"]
        sizes = {rival.name: rival.median("peak_memory_mb") for rival in contest.rivals if rival.results}
        if sizes:
            name = min(sizes, key=sizes.get)
            row += [f"{sizes[name]:,.0f} MB ({name})", f"{own / sizes[name]:.2f}"]
        else:
            row += ["not measured", ""]
        rows.append(row)
    return table(["network", "convnet", "most frugal rival", "share"], rows)


def not_measured(contests):
    problems = sorted({problem for contest in contests for problem in contest.problems})
    return "".join(f"\n\nNot measured: {problem}" for problem in problems)


def machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{processor()}, {os.cpu_count()} processors, {memory:.0f} GB of memory, {platform.system()}"


def processor():
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
        return re.search(r"model name\s*: (.*)", text).group(1)
    except (OSError, AttributeError):
        return platform.processor() or "unknown processor"


def versions():
    return ", ".join(f"{name} {version(package)}" for name, package in PEERS.items())


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def document(convnet, settings, sections):
    """The whole report; `sections` are Markdown by title, `convnet` is its name and version."""
    introduction = paragraph(f"""
        {time.strftime('%Y-%m-%d')}, {machine()}; {settings.threads} threads. {convnet}; {versions()}. Written by
        `make benchmark`.""")
    method = paragraph(f"""
        Speeds are images per second: the median of the rounds, {settings.rounds} of them, in each of which ours and
        theirs take turns, every one in a process of its own that reports its median step of {settings.seconds:g}
        seconds, at least of five, after two that do not count. A rival that takes {HOPELESS} times as long as the
        fastest in the first round runs no further ones. The smallest and the largest ratio of a
        round say how steady the machine was.""")
    parts = ["# Benchmark results", introduction, method]
    for title, text in sections.items():
        parts += [f"## {title}", text]
    return "\n\n".join(parts) + "\n"
