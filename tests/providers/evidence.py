#!/usr/bin/env python3
"""What is known of each provider, from three runs: the scenarios (run.py), the recordings (replay.py) and independent
clients (foreign.py). Fails where any of them fails, where a descriptor claims a level that they do not give, and where
providers/SCENARIOS.md is not what they say.

evidence.py [--full] [--write] [NAME...]     --full: all clients; else one a provider, the quickest that it has
                                             --write: writes providers/SCENARIOS.md

Levels: L1 the scenarios pass; L2 and the mock agrees with recordings or an independent client works on it; L3 both; L4 a
real server took all types (the descriptor's `by` names the scenario of the lab)."""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import foreign
import run

QUICK = ("lego", "lego-new", "npm", "lexicon", "certbot", "ansible")
TABLE = run.top / "providers/SCENARIOS.md"
LEVELS = ("unproven", "L2", "L3", "L4")


def claims():
    """{provider: (level, by)} of the descriptors."""
    out = {}
    for path in sorted((run.top / "providers").glob("*.yaml")):
        text = path.read_text("utf-8")
        level = re.search(r"^proof:.*?level: *(\w+)", text, re.M | re.S)
        by = re.search(r"^proof:.*?by: *\"?([^\"}\n]*)", text, re.M | re.S)
        out[path.stem] = (level[1] if level else "unproven", by[1] if by else "")
    return out


def call(program, folder, *args):
    """Runs one of the three, aloud; its rows."""
    out = pathlib.Path(folder, program + ".json")
    done = subprocess.run([sys.executable, run.here / program, "--json", out, *args], stdout=subprocess.PIPE, text=True)
    for line in done.stdout.splitlines():
        if not line.startswith("ok ") and not re.match(r"skip (?!tls )\S+ S\d\d ", line):
            print("# " + line if re.match(r"\d+ passed", line) else line, flush=True)
    if not out.exists():
        print(f"not ok {program} ended early")
        return [[program, "", "not ok", "ended early"]]
    return json.loads(out.read_text("utf-8"))


def quickest(rows):
    best = {}
    for name, client, *_ in rows:
        if name not in best or QUICK.index(client) < QUICK.index(best[name]):
            best[name] = client
    return [f"{n}:{c}" for n, c in best.items()]


def is_missing(row):
    """A stranger that could not be asked here. Recordings without what was asked judge nobody, wherever it is run."""
    return row[2] == "skip" and not row[3].startswith("requests were recorded without what they say")


class Evidence:
    def __init__(self, names, full):
        self.left_out = False
        with tempfile.TemporaryDirectory(prefix="opsmail-evidence.") as folder:
            self.scenarios = call("run.py", folder, *names)
            self.replays = call("replay.py", folder, *names)
            rows = foreign.rows_of(names)
            chosen = [f"{r[0]}:{r[1]}" for r in rows] if full else quickest(rows)
            self.clients = call("foreign.py", folder, *chosen) if chosen else []
        self.listed = sorted({(r[0], r[1]) for r in rows})
        self.names = sorted({r[0] for r in self.scenarios} - {"tls"})
        self.rows = self.scenarios + self.replays + self.clients
        self.unjudged = {r[0] for r in self.replays + self.clients if is_missing(r)}

    def verdicts(self, rows, name):
        return [r[2] for r in rows if r[0] == name]

    def level(self, name):
        mine = self.verdicts(self.scenarios, name)
        if "not ok" in mine or "ok" not in mine:
            return 0
        gates = [v and all(x == "ok" for x in v) for v in (self.verdicts(self.replays, name), self.verdicts(self.clients, name))]
        return sum(map(bool, gates))

    def judged(self, claimed):
        """[(verdict, text)...]: a claim each."""
        out = []
        for name, (level, by) in claimed.items():
            have = LEVELS[self.level(name)] if name in self.names else "unproven"
            if level == "L4":
                lab = re.search(r"tests/lab/[\w.-]+\.sh", by)
                out.append(("ok" if lab and (run.top / lab[0]).exists() else "not ok", f"{name} L4: {by}"))
            elif LEVELS.index(level) <= LEVELS.index(have):
                out.append(("ok", f"{name} {level}" + (f" (could say {have})" if level != have else "")))
            elif name in self.unjudged:
                out.append(("skip", f"{name} {level}: not all could be run here"))
            else:
                out.append(("not ok", f"{name} claims {level}, the evidence is {have}"))
        return out

    def table(self, claimed):
        ids = sorted({r[1] for r in self.scenarios if r[0] != "tls"})
        reasons, lines = {}, []
        for name in self.names:
            level = claimed[name][0] if name in claimed else "bridge"
            cells = {r[1]: (r[2], r[3]) for r in self.scenarios if r[0] == name}
            marks = []
            for sid in ids:
                verdict, text = cells.get(sid, ("skip", "it was not run"))
                marks.append("+" if verdict == "ok" else "FAIL" if verdict == "not ok" else
                             str(reasons.setdefault(text, len(reasons) + 1)))
            told = [re.match(r"(\d+) exchanges.*?\((\d+) writes", r[3]) for r in self.replays if r[0] == name]
            recordings = " ".join(f"{m[1]} ({m[2]} writes)" for m in told if m) or "-"
            clients = ", ".join(c for n, c in self.listed if n == name) or "-"
            lines.append(f"| {name} | {level} | {recordings} | {clients} | " + " | ".join(marks) + " |")
        proven = sum(claimed[n][0] != "unproven" for n in claimed)
        titles = [f"- {sid}: {(f.__doc__ or '').strip()}" for sid, f in sorted(run.scenarios.items())]
        return "\n".join([
            "# What each provider was tried on", "",
            "Written by `make providers-table`; `make lab` checks it. A mock of the vendor's API stands in for the vendor: see",
            "`tests/providers`. Recordings: exchanges recorded at the vendor's that the mock answers alike. Clients: independent",
            "programs that work on the mock. `+` passed; a number is why a scenario cannot be, below. Levels: README.md.",
            f"{proven} of {len(claimed)} descriptors are at L2 or better.", "",
            "| provider | level | recordings | clients | " + " | ".join(ids) + " |",
            "|" + "---|" * (4 + len(ids)), *lines, "", "## The scenarios", *titles, f"- S24, once for all: {run.s24.__doc__}", "", "## Why some cannot be",
            *[f"{n}. {text}" for text, n in reasons.items()], ""])


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--full", action="store_true")
    args.add_argument("--write", action="store_true")
    args.add_argument("names", nargs="*")
    args = args.parse_args()
    run.build()
    e = Evidence(args.names, args.full)
    claimed = {n: c for n, c in claims().items() if not args.names or n in args.names}
    results = e.judged(claimed)
    for verdict, text in results:
        if verdict != "ok" or "could say" in text or args.names:
            print(f"{verdict} {text}")
    results += [(r[2], "") for r in e.rows]
    if args.write and e.unjudged:
        sys.exit(f"not written: not all could be run here: {', '.join(sorted(e.unjudged))}")
    if args.write:
        TABLE.write_text(e.table(claimed), "utf-8")
    elif not args.names:
        same = TABLE.exists() and TABLE.read_text("utf-8") == e.table(claimed)
        verdict = "ok" if same else "skip" if e.unjudged else "not ok"
        print(f"{verdict} providers/SCENARIOS.md is what was run" + ("" if same else ": make providers-table"))
        results.append((verdict, ""))
    n = [sum(v == x for v, _ in results) for x in ("ok", "not ok", "skip")]
    if os.environ.get("CI"):
        # What an API or a recording has not is no stranger that is missing.
        n[2] -= sum(r[2] == "skip" and not is_missing(r) for r in e.replays) + sum(r[2] == "skip" for r in e.scenarios)
    print(f"{n[0]} passed, {n[1]} failed, {n[2]} skipped")
    return n[1] > 0


if __name__ == "__main__":
    sys.exit(main())
