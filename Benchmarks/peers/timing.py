"""What a step takes, measured as `convnet benchmark` does."""

import statistics
import time


def median_milliseconds(step, seconds):
    """Two steps do not count; at least five do, and as many as fit into the seconds."""
    step()
    step()
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3
