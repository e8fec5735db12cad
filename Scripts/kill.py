#!/usr/bin/env python3
"""Kills runs at random moments and goes on with them.

    Scripts/kill.py [KILLS] [PATH OF convnet] [SEED]

A run from pictures is killed (SIGKILL) at moments that are drawn over all that it does: reading, training, writing, going on.
After each kill every file has to be whole, which `convnet check` tells; each run that comes to its end has to have the bits of
one that nobody killed. 200 kills unless told otherwise. Exits with 1 where anything is wrong.
"""
import os, pathlib, random, shutil, subprocess, sys, tempfile, time
import small_run

kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
command = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else ".build/release/convnet")
moments = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
place = pathlib.Path(tempfile.mkdtemp(prefix="convnet-kill-"))
small_run.make_pictures(command, place)
training = small_run.training(epochs=8)


def run(arguments):
    return subprocess.run([command, *arguments], cwd=place, capture_output=True, text=True)


start = time.monotonic()
outcome = run(training + ["--out", "whole"])
duration = time.monotonic() - start
assert outcome.returncode == 0, outcome.stderr
whole = small_run.result(place / "whole")

faults, killed, finished, begun = [], 0, 0, 0
while killed < kills:
    exists = (place / "run" / "config.yaml").exists()
    if not exists: shutil.rmtree(place / "run", ignore_errors=True)
    begun += not exists
    process = subprocess.Popen(
        [command, *(["train", "--resume"] if exists else training), "--out", "run"], cwd=place, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    try:
        process.wait(moments.uniform(0, duration))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        killed += 1
    errors = process.stderr.read()
    if process.returncode == 0:
        finished += 1
        if small_run.result(place / "run") != whole: faults.append(f"after {killed} kills: other bits than a whole run's")
        shutil.rmtree(place / "run")
    elif process.returncode != -9:
        faults.append(f"after {killed} kills: status {process.returncode}: {errors[-300:]}")
        shutil.rmtree(place / "run", ignore_errors=True)
    elif (place / "run" / "config.yaml").exists():
        check = run(["check", "run"])
        if check.returncode != 0: faults.append(f"after {killed} kills: {check.stdout}{check.stderr}")
for fault in faults: print("FAULT", fault)
shutil.rmtree(place)
print(f"{killed} kills, {begun} runs begun, {finished} came to their end, {len(faults)} faults")
sys.exit(bool(faults))
