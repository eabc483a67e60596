#!/usr/bin/env python3
"""Recorded traffic against the mocks (gate A): what a vendor was asked is asked of its mock, which must answer alike.

replay.py [-v] [NAME...]

The recordings are those of $OPSMAIL_DATA/cassettes (not ours). replay.tsv has a row a provider: provider, folder, zone, the
zone's id ("-": the mock's own), which exchanges are the API that the mock speaks (a regular expression over "METHOD URL"),
and options, blank-separated ("-": none):
  ignore=KEY,KEY         members that the mock leaves out, or that the vendor has added since the recording
  header=NAME:VALUE      put into every request; so are query=NAME:VALUE and body=NAME:VALUE (JSON or form)
  state=REGEX            a recorded refusal that speaks of what lay there before the recording began: told, not compared
  other=REGEX            more exchanges that are told and not compared, over "METHOD URL"
  but=KEY,KEY            members that our writes need not have, nor the recorded ones
  same=WORD,WORD         names of the zone and of who has it: ids, aside
  left=KEY:VALUE         entries of lists that are no records of the zone
  way=REGEX              writes that we make in another way, over "METHOD URL BODY"
  bare=yes               requests were recorded without what they say: lists are read, nothing else is compared
  form=json              bodies are recorded as if they were JSON, and were forms
  records=NAME,TYPE,VALUE  a record that was there before (blanks as "_")

Each file is a story of its own: the mock begins anew. Credentials are not part of recordings, so the mock does not look at
them. Ids of a reply are learned by walking both replies side by side, and put into the requests that follow. Compared are
the sort of status (2xx, 4xx ...) and the shape of JSON and XML replies: members and their types, wherever both have any; of a
text its first word.

What the mock has passed, the engine then has to: see ours.py."""
import argparse
import gzip
import json
import os
import pathlib
import re
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree

import ours
import run
from mock import core

DATA = pathlib.Path(os.environ.get("OPSMAIL_DATA") or run.top.parent / "shared/data")
PEERS = pathlib.Path(os.environ.get("PEERS", str(run.top / "build/peers")))
IDS = re.compile(r"(?i)(^|[_.-])(id|uuid|rid|key|handle|ref|token|sessionid|etag|href|path|mesh|xid)s?$|[a-z]I[dD]$|^(line|host)$")


def yaml_module():
    try:
        import yaml
    except ImportError:
        sys.path.append(f"{PEERS}/root/usr/lib/python3/dist-packages")
        try:
            import yaml
        except ImportError:
            return None
    return yaml


def load(path, yaml):
    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        pass
    Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, _, node: loader.construct_scalar(node))
    return yaml.load(path.read_text("utf-8"), Loader).get("interactions") or []


def body_of(x):
    x = x.get("string", x.get("base64_string", b"")) if isinstance(x, dict) else x
    raw = x.encode() if isinstance(x, str) else x or b""
    return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw


def tree(element):
    """XML as JSON would have it; a list where an element repeats."""
    if element.tag == "struct":  # of XML-RPC: by its members' names
        return {x.findtext("name").strip(): tree(x.find("value")) for x in element}
    if element.tag == "array":
        return [tree(x) for x in element.find("data")]
    if element.tag == "value" and len(element) == 1:
        return tree(element[0])
    if len(element) == 0:
        return element.text or ""
    out = {}
    for child in element:
        out.setdefault(child.tag.rpartition("}")[2], []).append(tree(child))
    return {k: v[0] if len(v) == 1 else v for k, v in out.items()}


def headed(text):
    """A text that begins with "Name: value" lines, as members and lines; None for others."""
    head, _, rest = text.partition("\n\n")
    pairs = [re.fullmatch(r"([A-Za-z_-]+): ?(.*)", x) for x in head.splitlines()]
    if not pairs or not all(pairs):
        return None
    members = {m[1]: m[2] for m in pairs}
    went = "accepted" if members.get("Status-Code", "0") == "0" else "refused"
    return {went: {**members, "lines": [x for x in rest.splitlines() if x]}}


def parsed(raw):
    text = raw.decode(errors="replace").strip()
    if re.fullmatch(r"[A-Z]{2,}(\s.*)?", text, re.S):
        return {text.split()[0]: "a text"}
    if re.match(r"[A-Za-z-]+: ", text):
        return headed(text)
    if text[:1] in "{[":
        try:
            return json.loads(text)
        except ValueError:
            return None
    if text[:1] == "<" and not re.match(r"(?i)<!doctype html|<html", text):
        try:
            root = xml.etree.ElementTree.fromstring(text)
            return {root.tag.rpartition("}")[2]: tree(root)}
        except xml.etree.ElementTree.ParseError:
            return None
    return None


def leaves(x):
    if isinstance(x, dict):
        return [y for v in x.values() for y in leaves(v)]
    return [y for v in x for y in leaves(v)] if isinstance(x, list) else [str(x)]


def kind(x):
    return {bool: "boolean", int: "number", float: "number", str: "text", dict: "object", list: "list"}.get(type(x), "null")


class Story:
    """One file of a recording, told to a mock."""
    def __init__(self, row, p):
        self.row, self.p, self.ids = row, p, {}
        self.same, self.writes, self.reads, self.others, self.wrong = 0, 0, 0, 0, []
        own = int if isinstance(p.new_zone_id(row["zone"]), int) and row["id"].isdigit() else str
        p.reset([{"name": row["zone"], "records": [[n, t, 3600, v.replace("_", " ")] for n, t, v in row["records"]],
                  **({} if row["id"] == "-" else {"id": own(row["id"])})}])
        p.auth = lambda q: None

    # ---- what is asked ----
    def mapped(self, text):
        return self.ids.get(text, text)

    def change(self, x):
        if isinstance(x, dict):
            return {self.mapped(k): self.change(v) for k, v in x.items()}
        if isinstance(x, list):
            return [self.change(v) for v in x]
        new = self.ids.get(str(x)) if isinstance(x, (str, int)) and not isinstance(x, bool) else None
        return x if new is None else int(new) if isinstance(x, int) and new.isdigit() else new

    def form(self, text):
        return urllib.parse.urlencode([(k, self.mapped(v)) for k, v in urllib.parse.parse_qsl(text, keep_blank_values=True)])

    def body(self, raw):
        text = raw.decode(errors="replace")
        more = self.row["body"]
        if self.row["form"]:
            found = re.findall(r'"([a-z-]+)": (?:"(.*?)"|(\d+))(?=, "|\}$)', text, re.S)
            return urllib.parse.urlencode({**{k: (v or n).replace("\\n", "\n") for k, v, n in found}, **more}).encode()
        if text[:1] in "{[":
            try:
                j = self.change(json.loads(text))
                return json.dumps({**j, **more} if isinstance(j, dict) else j).encode()
            except ValueError:
                return raw
        if text[:1] == "<":
            for old, new in self.ids.items():
                text = re.sub(rf">{re.escape(old)}<", f">{new}<", text)
            return text.encode()
        if "=" in text:
            text = self.form(text)
            return (text + ("&" if more else "") + urllib.parse.urlencode(more)).encode()
        return raw

    def request(self, recorded):
        url = urllib.parse.urlsplit(recorded["uri"])
        path = "/".join(urllib.parse.quote(self.mapped(urllib.parse.unquote(x)), safe="~@*:!$&'()+,;=") for x in url.path.split("/"))
        query = "&".join(f"{k}={urllib.parse.quote(self.mapped(urllib.parse.unquote_plus(v)), safe='~')}" if v else k
                         for k, _, v in (x.partition("=") for x in url.query.split("&"))) if url.query else ""
        query = "&".join(x for x in (query, urllib.parse.urlencode(self.row["query"])) if x)
        headers = core.http.client.HTTPMessage()
        for k, v in {**{k: v if isinstance(v, str) else v[0] for k, v in (recorded.get("headers") or {}).items() if v},
                     **self.row["header"]}.items():
            headers[k] = v.decode() if isinstance(v, bytes) else str(v)
        return core.Request(recorded["method"], url.hostname, path + ("?" + query if query else ""), headers,
                            self.body(body_of(recorded.get("body"))))

    # ---- what is answered ----
    def pairs(self, a, b):
        """Elements of two lists that are alike: b's nearest for each of a's."""
        out, left = [], list(b)
        for x in a:
            best = max(left, key=lambda y: len(set(leaves(x)) & set(leaves(y))), default=None)
            if best is not None and len(set(leaves(x)) & set(leaves(best))) >= min(2, len(set(leaves(x))) - 1, 2):
                left.remove(best)
                out.append((x, best))
        return out

    @staticmethod
    def by_number(*x):
        """Objects by their ids, for lists of them."""
        return [list(y.values()) if isinstance(y, dict) and y and all(k.isdigit() for k in y) else y for y in x]

    def learn(self, a, b, key=""):
        a, b = self.by_number(a, b)
        if isinstance(a, dict) and isinstance(b, dict):
            for k in a:
                if k in b:
                    self.learn(a[k], b[k], k)
        elif isinstance(a, list) and isinstance(b, list):
            for x, y in self.pairs(a, b):
                self.learn(x, y, key)
        elif IDS.search(key) and a not in (None, "") and str(a) != str(b) and kind(a) == kind(b):
            self.ids[str(a)] = str(b)

    def shape(self, a, b, at=""):
        """What differs in members and types, as texts."""
        a, b = self.by_number(a, b)
        if kind(a) == "null" or kind(b) == "null":
            return []
        if kind(a) != kind(b):
            return [f"{at or '.'} is {kind(a)} at the vendor's and {kind(b)} here"]
        if isinstance(a, dict):
            out = [f"{at}.{k} is not here" for k in a if k not in b and k not in self.row["ignore"]]
            out += [f"{at}.{k} is not at the vendor's" for k in b if k not in a and k not in self.row["ignore"]]
            return out + [y for k in a if k in b and k not in self.row["ignore"] for y in self.shape(a[k], b[k], f"{at}.{k}")]
        if isinstance(a, list):
            pairs = self.pairs(a, b) or ([(a[0], b[0])] if a and b else [])
            return sorted({y for x, z in pairs for y in self.shape(x, z, at + "[]")})
        return []

    def tell(self, exchange):
        recorded, reply = exchange["request"], exchange["response"]
        what = f"{recorded['method']} {recorded['uri']}"
        if not re.search(self.row["only"], what) or (self.row["other"] and re.search(self.row["other"], what)):
            self.others += 1
            return
        q = self.request(recorded)
        got, _ = self.p.answer(q)
        status = int(reply["status"]["code"])
        raw = body_of(reply.get("body"))
        theirs, ours = parsed(raw), parsed(got.body)
        if status // 100 != got.status // 100:
            if self.row["state"] and re.search(self.row["state"], raw.decode(errors="replace")):
                self.others += 1
                return
            self.wrong.append(f"{what}: {status} at the vendor's, {got.status} here: {run.short(got.body.decode(errors='replace'), 200)} "
                              f"(asked: {run.short(q.body.decode(errors='replace'), 200)})")
            return
        differs = self.shape(theirs, ours) if status < 400 else []
        if status < 400 and (theirs is None) != (ours is None) and raw.strip():
            differs = [f"the vendor says {run.short(raw.decode(errors='replace'), 100)}, the mock {run.short(got.body.decode(errors='replace'), 100)}"]
        self.learn(theirs, ours)
        if differs and self.row["state"] and re.search(self.row["state"], raw.decode(errors="replace")):
            self.others += 1  # a refusal in a good status
            return
        if differs:
            self.wrong.append(f"{what}: " + "; ".join(differs))
            return
        self.same += 1
        if status < 400 and self.p.writes(q):
            self.writes += 1
        elif status < 400:
            self.reads += 1


def rows_of(names):
    for line in (run.here / "replay.tsv").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, folder, zone, id_, only, options = (line.split("\t") + ["-"] * 6)[:6]
        row = {"name": name, "folder": name if folder == "-" else folder, "zone": zone, "id": id_, "only": only, "ignore": set(),
               "header": {}, "query": {}, "body": {}, "state": "", "other": "", "form": "", "records": [], "but": set(), "same": set(), "way": "", "left": [], "bare": ""}
        for option in [] if options == "-" else options.split(" "):
            key, _, value = option.partition("=")
            if key in ("header", "query", "body"):
                k, _, v = value.partition(":")
                row[key][k] = v
            elif key in ("ignore", "but", "same"):
                row[key] |= set(value.split(","))
            elif key == "left":
                row[key].append(value.split(":"))
            elif key == "records":
                row[key].append(value.split(",", 2))
            elif key in ("state", "other", "form", "way", "bare"):
                row[key] = value
            else:
                sys.exit(f"replay.tsv: {name}: no such option: {option}")
        if name not in core.providers:
            sys.exit(f"replay.tsv: there is no mock of {name}")
        if not names or name in names:
            yield row


def replay(row, yaml):
    """(verdict, text, differences) for a row."""
    folder = DATA / "cassettes" / row["folder"]
    files = sorted(folder.rglob("*.yaml"))
    sums, wrong = {"same": 0, "writes": 0, "reads": 0, "others": 0}, []
    for path in files if not row["bare"] else ():
        story = Story(row, core.providers[row["name"]]())
        for exchange in load(path, yaml):
            story.tell(exchange)
        for k in sums:
            sums[k] += getattr(story, k)
        wrong += [f"{path.stem.removeprefix('test_provider_')}: {w}" for w in story.wrong]
    text = f"{sums['same']} exchanges of {len(files)} files agree ({sums['writes']} writes, {sums['reads']} reads), {sums['others']} are others"
    if wrong:
        return "not ok", f"{len(wrong)} differ, {text}", wrong
    if not row["bare"] and (not sums["writes"] or (not sums["reads"] and core.providers[row["name"]].lists)):
        return "not ok", f"no write or no read was compared: {text}", []
    with tempfile.TemporaryDirectory(prefix="opsmail-replay.") as scratch:
        own, wrong = ours.compare(row, files, scratch, sys.modules[__name__])
    if wrong:
        return "not ok", f"{len(wrong)} writes or lists are not ours; {own}; {text}", wrong
    if row["bare"]:
        return "skip", f"requests were recorded without what they say; {own}", []
    return "ok", f"{text}; {own}", []


def one(job):
    row, yaml = job, yaml_module()
    lacking = "missing: PyYAML" if not yaml else "" if (DATA / "cassettes" / row["folder"]).is_dir() else f"no recordings in {DATA}/cassettes"
    if lacking:
        return row, "not ok" if os.environ.get("CI") and not yaml else "skip", lacking, []
    return (row, *replay(row, yaml))


def main():
    args = argparse.ArgumentParser()
    args.add_argument("-v", action="store_true", help="all differences, not the first ones")
    args.add_argument("-j", type=int, default=max(2, os.cpu_count() or 2))
    args.add_argument("--json")
    args.add_argument("names", nargs="*")
    args = args.parse_args()
    run.build()
    sums, out, rows = {"ok": 0, "not ok": 0, "skip": 0}, [], list(rows_of(args.names))
    with run.workers(args.j) as pool:
        for row, verdict, text, wrong in run.each(pool.imap(one, rows, chunksize=1)):
            sums[verdict] += 1
            out.append([row["name"], "replay", verdict, text])
            print(f"{verdict} {row['name']} replay: {text}" + "".join(f"\n    {w}" for w in (wrong if args.v else wrong[:6])), flush=True)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(out), encoding="utf-8")
    print(f"{sums['ok']} passed, {sums['not ok']} failed, {sums['skip']} skipped")
    return sums["not ok"] > 0


if __name__ == "__main__":
    sys.exit(main())
