#!/usr/bin/env python3
# The logs that Linux carries for the tests of its kunit.py (tools/testing/kunit/test_data, in build/assembly, which make
# suites fetches) are printed by a guest: of each, the harness must count as many results of every kind as kunit.py.
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
KUNIT = os.path.join(ROOT, "build/assembly/linux/tools/testing/kunit")
HEAD = "[gate]\nproves = as many results as kunit.py counts\nkernel = build/selftest/say.img\nstatus = 0\nresults = ktap\n"


def theirs(log):
    """What kunit.py counts; it calls crashed what fails or is missing when the output ends."""
    said = subprocess.run([sys.executable, KUNIT + "/kunit.py", "parse", log], capture_output=True, text=True, check=False).stdout
    line = re.findall(r"Ran \d+ tests: ?(.*)", re.sub(r"\x1b\[[0-9;]*m", "", said))[-1]
    of = dict((kind, int(number)) for kind, number in re.findall(r"(\w+): (\d+)", line))
    return {"pass": of.get("passed", 0), "fail": of.get("failed", 0) + of.get("crashed", 0), "skip": of.get("skipped", 0)}


def ours(attempt):
    of = {"pass": 0, "fail": 0, "skip": 0}
    for result in attempt.get("subtests", []):
        of[{"missing": "fail"}.get(result["result"], result["result"])] += 1
    return of


logs = sorted(glob.glob(KUNIT + "/test_data/*.log"))
if not logs:
    sys.exit("suite_kunit: no logs in %s: remove build/assembly, and \"make suites\" fetches it again" % KUNIT)
wrong = 0
with tempfile.TemporaryDirectory() as folder:
    os.makedirs(folder + "/gates")
    os.makedirs(folder + "/fixtures/kunit")
    os.symlink(ROOT + "/build", folder + "/build")
    gate = HEAD
    for at, log in enumerate(logs):
        with open(log, "rb") as source, open(folder + "/fixtures/kunit/%d" % at, "wb") as out:
            out.write(source.read() + b"\0")
        gate += "[case log-%d]\ninitrd = fixture:%d\n" % (at, at)
    with open(folder + "/gates/kunit.gate", "w", encoding="utf-8") as out:
        out.write(gate)
    subprocess.run([ROOT + "/build/harness", "run", "--quiet", "--no-history", "--journal", folder + "/journal", "--fresh", "--out", folder + "/out",
                    "--json", folder + "/json", folder + "/gates/kunit.gate"], stdout=subprocess.DEVNULL, check=False)
    with open(folder + "/json", encoding="utf-8") as source:
        attempts = {case["case"]: case["attempts"][0] for case in json.load(source)["cases"]}
    for at, log in enumerate(logs):
        found, wanted = ours(attempts["log-%d" % at]), theirs(log)
        if found != wanted:
            wrong += 1
            print("suite_kunit: %s: kunit.py counts %s, harness %s" % (os.path.basename(log), wanted, found))
print("kunit: %d logs, %d with other counts than kunit.py's" % (len(logs), wrong))
sys.exit(wrong > 0)
