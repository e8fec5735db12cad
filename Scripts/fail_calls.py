#!/usr/bin/env python3
"""Makes every I/O call and every thread creation of a short run fail once, one at a time.

    Scripts/fail_calls.py [PATH OF convnet]

A run is trained, and gone on with, and each call that the program makes fails in a run of its own (see failing_calls.c). Whatever
fails, the command has to end within seconds, with success or with a sentence and status 1, and afterwards the run has to be gone
on with, or begun again where it had not begun, to the bits of a run in which nothing fails. Exits with 1 where one does not.
"""
import collections, os, pathlib, re, shutil, subprocess, sys, tempfile
import small_run

LIMIT = 30
command = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".build/release/convnet")
place = pathlib.Path(tempfile.mkdtemp(prefix="convnet-calls-"))
library = place / "failing.so"
subprocess.run(
    ["clang", "-shared", "-fPIC", "-O1", "-o", library, pathlib.Path(__file__).with_name("failing_calls.c"), "-ldl", "-pthread"],
    check=True)
small_run.make_pictures(command, place, 32)
training = small_run.training(epochs=2)


def run(arguments, **environment):
    """Status (None for a hang), what was said."""
    process = subprocess.Popen(
        [command, *arguments], cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **environment})
    try:
        output, errors = process.communicate(timeout=LIMIT)
        return process.returncode, errors.decode(errors="replace")
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None, ""


def begin_half():
    """Leaves a run that was stopped after its first epoch."""
    shutil.rmtree(place / "run", ignore_errors=True)
    shutil.copytree(place / "half", place / "run")


def counts(arguments):
    run(arguments, LD_PRELOAD=str(library), FAIL_COUNTS=str(place / "counts"))
    return {name: int(count) for name, count in (line.split() for line in (place / "counts").read_text().splitlines())}


status, errors = run(training + ["--out", "whole"])
assert status == 0, errors
small_run.leave_half(command, place)
whole = small_run.result(place / "whole")

faults, outcomes = [], collections.Counter()
for title, prepare, arguments in [
    ("a new run", lambda: shutil.rmtree(place / "run", ignore_errors=True), training + ["--out", "run"]),
    ("a run that goes on", begin_half, ["train", "--resume", "--out", "run"]),
]:
    prepare()
    for name, count in sorted(counts(arguments).items()):
        for number in range(1, count + 1):
            prepare()
            status, errors = run(arguments, LD_PRELOAD=str(library), FAIL_CALL=name, FAIL_AT=str(number))
            case = f"{title}, {name} {number} of {count}"
            if status is None:
                faults.append(f"{case}: hangs")
            elif status not in (0, 1):
                faults.append(f"{case}: status {status}: {errors[-200:]}")
            elif status == 1 and not re.search(r"^Error: .+$", errors, re.M):
                faults.append(f"{case}: no word of an error: {errors[-200:]}")
            again = (place / "run" / "config.yaml").exists()
            if not again: shutil.rmtree(place / "run", ignore_errors=True)
            if status != 0 or small_run.result(place / "run") != whole:
                last, errors = run(["train", "--resume", "--out", "run"] if again else training + ["--out", "run"])
                if last != 0:
                    faults.append(f"{case}: cannot be gone on with: {errors[-300:]}")
                elif small_run.result(place / "run") != whole:
                    faults.append(f"{case}: other bits than those of a whole run")
            outcomes[title, "success" if status == 0 else "an error" if status == 1 else "a fault"] += 1
    for kind in ["success", "an error", "a fault"]:
        print(f"{title}: {outcomes[title, kind]} calls that failed ended in {kind}", flush=True)
for fault in faults: print("FAULT", fault)
shutil.rmtree(place)
print(f"{sum(outcomes.values())} calls, {len(faults)} faults")
sys.exit(bool(faults))
