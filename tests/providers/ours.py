"""Recorded writes against our own, and recorded lists against our reader; replay.py runs it for each of its rows.

A recording is told to the mock, as replay.py does. Where a request changes the zone, what it changed is what it meant: the
engine (drive.c) is asked for the same on the mock as it was before, and one of the writes that it makes must be the recorded one,
by method, path and members. Not compared: the order of members, credentials and signatures, members that are empty, null, zero or
false against none, and what the row names (`but=KEY,KEY`); quotes around a text, the dot after a name and the zone's name after a
name are the codec's. One value turned into another may be made in another way, which is counted. A recorded list that we would
ask for is given to the engine as its answer, and none of its records may be lost."""
import collections
import copy
import json
import os
import re
import shlex
import threading
import urllib.parse

import run
from mock import core

SECRETS = re.compile(r"(?i)^key$|^user$|^pass$|sign|nonce|timestamp|stamp$|access.?key|token|^auth|session|sid$|password|secret|api.?key|customernumber|trace|^sso|"
                     r"^xmlns|^version$|^@|^format$|^page|per.?page|^limit$|^offset$|^max.?(items|results)|^line$|comment|lang$")
OLD = {"TXT": "old", "A": "192.0.2.99", "CNAME": "old.example.net."}
ACTIONS = re.compile(r"(?i)^(action|cmd|method|methodname|command)$")


def members(query, body, parsed):
    """What a request says, as one tree."""
    out = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    tree = parsed(body)
    if tree is None and b"=" in body:
        tree = dict(urllib.parse.parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    if isinstance(tree, dict):
        return {**out, **tree}
    return {**out, "*": tree} if tree not in (None, "") else out


class Ours:
    """One row's recordings, exchange by exchange."""
    def __init__(self, row, p, server, folder, replay):
        self.row, self.p, self.parsed, self.body_of = row, p, replay.parsed, replay.body_of
        self.r = run.Run(p, server.server_port, folder)
        self.r.home = row["zone"]
        self.equal, self.other_way, self.lists, self.wrong, self.seen = 0, 0, 0, [], []
        self.asked = None

    # ---- the mock's state, kept and put back ----
    def keep(self):
        return copy.deepcopy({k: v for k, v in self.p.__dict__.items() if k not in ("lock", "table", "auth", "before", "after", "log", "handle")})

    def back(self, state):
        self.p.__dict__.update(copy.deepcopy(state))

    def records(self):
        return collections.Counter((r.name, r.type, r.ttl, r.value) for z in self.p.zones for r in z.records if z.name == self.row["zone"])

    # ---- what requests mean ----
    def plain(self, x):
        text = (json.dumps(x) if isinstance(x, bool) else str(x)).strip()
        if "\n" in text:
            return [[self.plain(w) for w in shlex.split(line)] for line in text.split("\n")]
        text = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
        text = text.rstrip(".").lower()
        while text.endswith("." + self.row["zone"]):
            text = text.removesuffix("." + self.row["zone"])
        return "" if text in ("@", self.row["zone"], *self.row["same"]) else text

    def meaning(self, x):
        """A tree without what is not compared."""
        if isinstance(x, dict):
            kept = {k.lower(): self.meaning(v) for k, v in x.items() if not SECRETS.search(k) and k not in self.row["but"]}
            return {k: v for k, v in kept.items() if v not in ("", "null", "none", "0", "false", {}, [], None)}
        if isinstance(x, list):
            out = [self.meaning(v) for v in x]
            return out[0] if len(out) == 1 else out
        return self.plain(x)

    def alike(self, a, b):
        """Members on both sides; a TTL counts where both say one that no vendor would raise; lists in any order."""
        if isinstance(a, dict) and isinstance(b, dict):
            for k in {*a, *b}:
                if "ttl" in k and not (int(a.get(k, 0)) >= 600 and int(b.get(k, 0)) >= 600):
                    continue
                if k not in a or k not in b or not self.alike(a[k], b[k]):
                    return False
            return True
        if isinstance(a, list) and isinstance(b, list):
            left = list(b)
            for x in a:
                y = next((y for y in left if self.alike(x, y)), left)
                if y is left:
                    return False
                left.remove(y)
            return not left
        return a == b

    def place(self, path):
        return [self.plain(urllib.parse.unquote(x)) for x in path.rstrip("/").split("/")]

    def said(self, method, path, query, body):
        return [method, self.place(path), self.meaning(members(query, body, self.parsed))]

    def of_request(self, q):
        return self.said(q.method, q.path, q.raw_query, q.body)

    def of_log(self, x):
        return self.said(x["method"], x["path"], x["query"], x["body"].encode())

    # ---- a write ----
    def open(self):
        self.r.dirs += 1
        self.r.open()

    def edit(self, add, gone):
        """Our writes for this change, on the mock as it is."""
        self.p.log = []
        self.open()
        reply = self.r.ask("edit", zone=self.row["zone"], add=add, **{"del": gone})
        return reply, [x for x in self.p.log if x["write"]]

    def again(self, theirs, before, add):
        """Whether it is how we write a set that is there already: some APIs take that for a new one."""
        name, type_, ttl, _ = add[0]
        if type_ not in OLD:
            return False
        self.back(before)
        zone = self.p.zone(self.row["zone"])
        old = self.p.add(zone, name, type_, ttl, OLD[type_])
        return any(self.alike(theirs, self.of_log(x)) for x in self.edit(add, [[name, type_, ttl, old.value]])[1])

    def write(self, what, q, before):
        after, now = self.keep(), self.records()
        self.back(before)
        old = self.records()
        add, gone = [list(x) for x in (now - old).elements()], [list(x) for x in (old - now).elements()]
        theirs = self.of_request(q)
        if not add and not gone:
            self.back(after)
            self.equal += any(self.alike(theirs, x) for x in self.seen)  # a commit
            return
        reply, mine = self.edit(add, gone)
        done = reply["ok"] and {(r[0], r[1], r[3]) for r in self.records()} == {(r[0], r[1], r[3]) for r in now}
        ours = [self.of_log(x) for x in mine]
        self.seen += ours
        if any(self.alike(theirs, x) for x in ours) or (add and self.p.unit in ("set", "name") and self.again(theirs, before, add)):
            self.equal += 1
        elif done and ((add and gone) or (self.row["way"] and re.search(self.row["way"], f"{what} {q.body.decode(errors='replace')}"))):
            self.other_way += 1
        else:
            self.wrong.append(f"{what}: none of our writes is like\n      {json.dumps(theirs)}\n      " +
                              ("\n      ".join(map(json.dumps, ours)) or run.short(reply)))
        self.back(after)

    # ---- a list ----
    def request(self):
        """How we ask for the zone: the last request of a list, and how many there are like it."""
        if self.asked is None:
            self.p.log = []
            self.open()
            self.r.ask("list", zone=self.row["zone"])
            all_ = [(x["method"], self.place(x["path"]), self.actions(x["query"], x["body"].encode())) for x in self.p.log if not x["write"]]
            self.asked = (all_[-1], all_.count(all_[-1])) if all_ else (None, 0)
        return self.asked

    def actions(self, query, body):
        tree = members(query, body, self.parsed)
        tree = tree if isinstance(tree, dict) else {}
        while len(tree) == 1 and isinstance(next(iter(tree.values())), dict):
            tree = next(iter(tree.values()))
        return {k.lower(): v for k, v in tree.items() if ACTIONS.search(k)}

    def matches(self, q):
        return (q.method, self.place(q.path), self.actions(q.raw_query, q.body)) == self.request()[0]

    def types(self, x, key=""):
        if isinstance(x, dict):
            theirs = any(str(x.get(k)).lower() == v.lower() for k, v in self.row["left"]) or \
                x.get("zone", self.row["zone"]) != self.row["zone"]
            return 0 if theirs else sum(self.types(v, k) for k, v in x.items())
        if isinstance(x, list):
            return sum(self.types(v, key) for v in x)
        return int(bool(re.search(r"(?i)type$", key)) and x in self.p.types)

    def read(self, what, q, exchange):
        if not self.p.lists or not self.matches(q):
            return
        raw = self.body_of(exchange["response"].get("body"))
        handle, given = self.p.handle, []
        last = self.request()[1]

        def answer(asked):
            if not self.matches(asked):
                return handle(asked)
            given.append(1)
            if len(given) != last:
                return handle(asked)
            return core.Reply(int(exchange["response"]["status"]["code"]), raw)
        state = self.keep()
        self.open()
        self.p.handle = answer
        reply = self.r.ask("list", zone=self.row["zone"])
        self.p.handle = handle
        self.back(state)
        want = self.types(self.parsed(raw))
        if len(given) < last:
            return
        if reply["ok"] and len(reply["records"]) >= want:
            self.lists += 1
        elif not reply["ok"] and "incomplete" in reply["text"]:
            pass  # a first page whose others nobody asked for
        else:
            self.wrong.append(f"{what}: {want} records, and we read {run.short(reply, 400)}")

    # ---- all of it ----
    def tell(self, story, exchange):
        recorded, status = exchange["request"], int(exchange["response"]["status"]["code"])
        what = f"{recorded['method']} {recorded['uri']}"
        if not re.search(self.row["only"], what) or (self.row["other"] and re.search(self.row["other"], what)):
            return
        q = story.request(recorded)
        if status < 400 and not self.p.writes(q):
            self.read(what, q, exchange)
        if self.row["bare"]:
            return
        before = self.keep()
        story.tell(exchange)  # which makes the change, and learns ids
        if status < 400 and self.p.writes(q):
            self.write(what, q, before)


def compare(row, files, folder, replay):
    """(what was compared, [what differs]); replay: that module."""
    sums, wrong, yaml = [0, 0, 0], [], replay.yaml_module()
    server = core.start()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    try:
        for path in files:
            p = core.running[row["name"]]
            ours = Ours(row, p, server, os.path.join(folder, path.stem), replay)
            story = replay.Story(row, p)
            for exchange in replay.load(path, yaml):
                ours.tell(story, exchange)
            ours.r.ended()
            sums = [a + b for a, b in zip(sums, (ours.equal, ours.other_way, ours.lists))]
            wrong += [f"{path.stem.removeprefix('test_provider_')}: {w}" for w in ours.wrong]
    finally:
        server.shutdown()
        server.server_close()
    lists = core.providers[row["name"]].lists
    if not wrong and ((not sums[0] and not row["bare"]) or (lists and not sums[2])):
        wrong = ["no write was equal, or no list was read"]
    return f"{sums[0]} writes are ours too, {sums[1]} we make another way, {sums[2]} lists are read", wrong
