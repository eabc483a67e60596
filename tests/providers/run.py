#!/usr/bin/env python3
"""Runs the scenarios S01 to S25 for every provider that has a mock, by the real engine (drive.c).

run.py [-v] [-j N] [NAME...] [Snn...]     -v: what was asked, where a scenario fails

One line a provider and scenario, then the sums. Whether a scenario holds is judged by the mock alone: by what its zones
hold and by its log. A scenario is left out only for a reason that the mock gives, or for what the vendor's API has not."""
import argparse
import base64
import email.utils
import json
import multiprocessing
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

here = pathlib.Path(__file__).resolve().parent
top = here.parent.parent
sys.path.insert(0, str(here))
import dnsd  # noqa: E402
import tls  # noqa: E402
import mock  # noqa: E402,F401
from mock import core  # noqa: E402

DRIVE = os.environ.get("DRIVE", str(top / "build/tests/providers/drive"))
PATIENCE = 200
scenarios = {}


class Differs(Exception):
    pass


class Skip(Exception):
    pass


def scenario(f):
    scenarios[f.__name__.upper()] = f
    return f


def short(x, n=300):
    text = x if isinstance(x, str) else json.dumps(x)
    return text if len(text) <= n else text[:n] + "..."


def plain(value, type_):
    """Names and hex may come in any case; a TXT is what it is."""
    return value if type_ == "TXT" else value.lower()


class Drive:
    """The engine, a process: opened on one provider after the other."""
    def __init__(self, port, log=None, more=None):
        env = {"PATH": os.environ["PATH"], "MOCK_PORT": str(port), "HOME": "/nonexistent", **(more or {})}
        env.update({"DRIVE_LOG": "1"} if log else {})
        self.process = subprocess.Popen([DRIVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=log or subprocess.DEVNULL, env=env, text=True)

    def ask(self, op, **args):
        try:
            self.process.stdin.write(json.dumps({"op": op, **args}) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())
        except (OSError, ValueError):
            return {"ok": False, "kind": "died", "text": f"the driver ended: status {self.process.poll()}", "requests": 0}

    def end(self):
        self.process.kill()
        self.process.communicate()


class Run:
    """One provider: its mock, an engine, and what scenarios do with both."""
    def __init__(self, p, port, folder):
        self.p, self.port, self.folder = p, port, folder
        self.drive, self.log, self.dirs = None, None, 0
        self.home = p.home
        self.ttl = min((t for t in p.ttls if t >= 300), default=max(p.ttls)) if p.ttls else min(max(300, p.ttl_min), p.ttl_max)
        self.told = []

    # ---- the mock ----
    def at(self, name):
        return f"{name}.{self.home}" if name else self.home

    def rec(self, name, type_, value, ttl=None):
        return [self.at(name), type_, ttl or self.ttl, value]

    def base(self):
        all_ = [self.rec("", "A", "192.0.2.10"), self.rec("www", "A", "192.0.2.11"),
                self.rec("", "MX", "10 mail.%s." % self.home), self.rec("old", "TXT", "another's")]
        return [r for r in all_ if self.can(r[1])]

    def can(self, *types):
        return all(t in self.p.types for t in types)

    def need(self, *types):
        for t in types:
            if not self.can(t):
                raise Skip(f"its API has no {t} records")

    def need_list(self):
        if not self.p.lists:
            raise Skip("its API shows no values")

    def seed(self, records=None, faults=(), zones=None, **options):
        if self.drive:
            self.drive.ask("close")
        self.start = self.base() if records is None else records
        self.p.reset(zones or [{"name": self.home, "records": self.start}], faults, options)
        self.told = []
        self.dirs += 1

    def state(self):
        return sorted([z, n, t, plain(v, t)] for z, n, t, _, v in self.p.dump())

    def holds(self, records, zone=None, what=""):
        """The zone holds just these, TTLs aside."""
        want = sorted([zone or self.home, r[0], r[1], plain(r[3], r[1])] for r in records)
        have = [r for r in self.state() if r[0] == (zone or self.home)]
        if have != want:
            lacks = [r[1:] for r in want if want.count(r) > have.count(r)]
            more = [r[1:] for r in have if have.count(r) > want.count(r)]
            raise Differs(f"{what}{': ' if what else ''}the zone lacks {short(lacks)} and has too much {short(more)}")

    def writes(self):
        return [x for x in self.p.log if x["write"]]

    # ---- the engine ----
    def engine(self, log=False):
        if self.drive and (log or self.log or self.drive.process.poll() is not None):
            self.drive.end()
            self.drive = None
        if not self.drive:
            self.log = open(self.folder + "/log", "w+", encoding="utf-8", errors="replace") if log else None
            self.drive = Drive(self.port, self.log)
        return self.drive

    def machine(self, env, files):
        """The engine on a machine that has these variables and, in its home, these files."""
        home = self.folder + f"/home{self.dirs}"
        for name, text in files.items():
            path = pathlib.Path(home, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("{home}", home), "utf-8")
        self.ended()
        self.drive = Drive(self.port, more={"HOME": home, **{k: v.replace("{home}", home) for k, v in env.items()}})

    def open(self, creds=None, log=False, again=False, **more):
        zone = more.pop("zone", self.p.settings.get("zone"))
        d = self.folder + f"/{self.dirs}"
        os.makedirs(d, exist_ok=True)
        reply = self.engine(log).ask("open", provider=self.p.name, creds=self.p.env if creds is None else creds, dir=d,
                                     **({"zone": zone} if zone else {}), **more)
        if not again and not reply["ok"]:
            raise Differs(f"it does not open: {reply['kind']}: {reply['text']}")
        return reply

    def ask(self, op, **args):
        reply = self.drive.ask(op, **args)
        self.told.append(reply)
        return reply

    def must(self, op, **args):
        reply = self.ask(op, **args)
        if not reply["ok"]:
            raise Differs(f"{op} {short(args, 160)}: {reply['kind']}: {reply['text']}")
        return reply

    def fails(self, kinds, op, **args):
        reply = self.ask(op, **args)
        if reply["ok"] or reply["kind"] not in kinds.split():
            raise Differs(f"{op} {short(args, 160)} should fail ({kinds}), but: {short(reply)}")
        return reply

    def add(self, *records, **more):
        return self.must("edit", add=list(records), **more)

    def remove(self, *records, **more):
        return self.must("edit", **{"del": list(records)}, **more)

    def listed(self):
        reply = self.must("list", zone=self.home)
        return sorted([r[0], r[1], plain(r[3], r[1])] for r in reply["records"])

    def txt(self, value, name="_acme-challenge"):
        return self.rec(name, "TXT", value)

    def ended(self):
        if self.drive:
            self.drive.end()


def check(holds, text):
    if not holds:
        raise Differs(text)


# ---- the scenarios ----
@scenario
def s01(r):
    """Two TXT values at one name."""
    r.seed()
    r.open()
    r.add(r.txt("A-value"))
    r.add(r.txt("B-value"))
    r.holds(r.start + [r.txt("A-value"), r.txt("B-value")], what="one after the other")
    r.seed()
    r.open()
    r.add(r.txt("A-value"), r.txt("B-value"))
    r.holds(r.start + [r.txt("A-value"), r.txt("B-value")], what="both at once")


@scenario
def s02(r):
    """One of two is removed; again is nothing."""
    r.seed(r.base() + [r.txt("A-value"), r.txt("B-value")])
    r.open()
    r.remove(r.txt("A-value"))
    left = [x for x in r.start if x[3] != "A-value"]
    r.holds(left)
    n = len(r.writes())
    r.remove(r.txt("A-value"))
    r.holds(left, what="the second time")
    if r.p.lists:
        check(len(r.writes()) == n, "the second removal wrote something")
    r.remove(r.txt("B-value"))
    r.holds(r.base(), what="the last one")


MAIL = (
    ("host", "A", "192.0.2.1"), ("host", "A", "192.0.2.2"), ("host", "AAAA", "2001:db8::1"), ("", "AAAA", "2001:db8::2"),
    ("sub", "MX", "10 mail.{}."), ("sub", "MX", "20 mx.example.net."), ("sub", "TXT", "v=spf1 mx -all"),
    ("sel._domainkey", "TXT", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
    ("_dmarc", "TXT", "v=DMARC1; p=reject; rua=mailto:d@example.net"), ("_mta-sts", "TXT", "v=STSv1; id=20260101T000000"),
    ("_smtp._tls", "TXT", "v=TLSRPTv1; rua=mailto:t@example.net"), ("autoconfig", "CNAME", "www.{}."),
    ("_submissions._tcp", "SRV", "0 1 465 mail.{}."), ("_imaps._tcp", "SRV", "10 5 993 imap.example.net."),
    ("_pop3s._tcp.sub", "SRV", "0 0 995 mail.{}."),
    ("", "CAA", '0 issue "letsencrypt.org"'), ("", "CAA", '0 iodef "mailto:sec@example.net"'),
    ("_25._tcp.mail", "TLSA", "3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
)


def mail(r):
    return [r.rec(n, t, v.replace("{}", r.home)) for n, t, v in MAIL if r.can(t) and
            not (t == "TXT" and set(v) & set(r.p.txt_no))]


@scenario
def s03(r):
    """Everything there is, is read, with ids, TTLs and foreign types."""
    r.need_list()
    r.seed(r.base() + mail(r) + [[r.at(n), t, max(ttl, r.p.ttl_min), v] for n, t, ttl, v in r.p.odd])
    r.open()
    got = r.must("list", zone=r.home)["records"]
    want = sorted([x[0], x[1], x[2], plain(x[3], x[1])] for x in r.start)
    have = sorted([x[0], x[1], x[2], plain(x[3], x[1])] for x in got)
    lacks, more = [x for x in want if x not in have], [x for x in have if x not in want and x[1] not in ("SOA", "NS")]
    check(not lacks and not more, f"the list lacks {short(lacks)} and has too much {short(more)}")
    if r.p.unit == "record":
        check(all(x[4] for x in got), f"a record came without an id: {short([x for x in got if not x[4]])}")


@scenario
def s04(r):
    """MX 2 to 1 with another preference: never without."""
    r.need("MX")
    old = [r.rec("sub", "MX", "10 a.example.net."), r.rec("sub", "MX", "20 b.example.net.")]
    new = r.rec("sub", "MX", "5 a.example.net.")
    r.seed(r.base() + old)
    r.open()
    seen = []
    r.p.after = lambda q, reply: seen.append(sum(x[1] == r.at("sub") for x in r.p.dump()))
    r.must("edit", add=[new], **{"del": old})
    r.holds(r.base() + [new])
    check(min(seen) > 0, "in between there was no MX")


@scenario
def s05(r):
    """All records that mail needs, there and back; other types are refused before anything is sent."""
    r.seed()
    r.open()
    wanted = mail(r)
    r.add(*wanted)
    r.holds(r.start + wanted)
    if r.p.lists:
        want = sorted([x[0], x[1], plain(x[3], x[1])] for x in r.start + wanted)
        have = [x for x in r.listed() if x[1] not in ("SOA", "NS")]
        check(have == want, f"read back it lacks {short([x for x in want if x not in have])} "
              f"and has too much {short([x for x in have if x not in want])}")
    for name, type_, value in MAIL:
        if not r.can(type_):
            n = len(r.writes())
            r.fails("perm", "edit", add=[r.rec(name, type_, value.replace("{}", r.home))])
            check(len(r.writes()) == n, f"a {type_} was sent to an API that has none")
    r.remove(*wanted)
    r.holds(r.base(), what="all removed")


@scenario
def s06(r):
    """Published again, nothing is written."""
    r.need_list()
    r.seed()
    r.open()
    r.add(*mail(r))
    n = len(r.writes())
    r.add(*mail(r))
    check(len(r.writes()) == n, f"{short([(x['method'], x['path']) for x in r.writes()[n:]])} was sent for nothing")


@scenario
def s07(r):
    """Lists of many pages, and the last record of them."""
    r.need_list()
    for n, page in zip(r.p.sizes, (100, 10, 100)):
        many = [r.rec(f"h{i:03}", "TXT", f"value {i}") for i in range(n)]
        r.seed(many, page=page)
        r.open()
        have = [x for x in r.listed() if x[1] == "TXT"]
        check(len(have) == n, f"{len(have)} of {n} records were read (pages of {page})")
        r.remove(many[-1])
        r.holds(many[:-1], what=f"{n} records")


def patience(r, fault, on):
    r.seed(faults=[{"on": on, **fault}])
    r.open()
    reply = r.add(r.txt("A-value"))
    r.holds(r.start + [r.txt("A-value")], what=f"{on}, {short(fault)}")
    hit = any(f.get("seen") for f in r.p.faults)
    asked = fault.get("retry_after") is not None and "what" in fault and \
        "retry-after" in {k.lower() for k in r.p.rate(fault).headers}
    if hit:
        check(reply["slept"] >= (1500 if asked else 1), f"{on}, {short(fault)}: only {reply['slept']} ms were waited")
        check(reply["slept"] <= 130000, f"{on}, {short(fault)}: {reply['slept']} ms were waited")


@scenario
def s08(r):
    """Too fast: waits as told, then goes on; not for ever."""
    for fault in [{"what": "rate", "retry_after": x} for x in (3, "date", None)] + [dict(f) for f in r.p.floods]:
        for on in ("read", "write"):
            date = email.utils.formatdate(time.time() + 4, usegmt=True)
            patience(r, {**fault, "retry_after": date} if fault.get("retry_after") == "date" else dict(fault), on)
    r.seed(faults=[{"what": "rate", "times": 1000}])
    r.open()
    reply = r.fails("temp", "edit", add=[r.txt("A-value")])
    check(reply["slept"] <= 300000 and reply["requests"] <= 20, f"no end of trying: {short(reply)}")
    r.holds(r.start)


def flipped(r):
    """A signature that is one character off on its way is refused by the mock."""
    def other(text):
        at = next(i for i in range(len(text) - 4, -1, -1) if text[i].isalnum())
        return text[:at] + ("b" if text[at] == "a" else "a") + text[at + 1:]

    def tamper(q):
        for name in list(q.headers):
            if name.lower() in ("authorization", "x-cns-security-token") or "sign" in name.lower() or "hmac" in name.lower():
                value = q.headers[name]
                if not any(c.isalnum() for c in value[:-3]):
                    continue
                q.headers.replace_header(name, other(value))
                return
        for name, value in q.args.items():
            if "sign" in name.lower() and "method" not in name.lower() and "version" not in name.lower():
                q.args[name] = other(value)
                q.raw_query = urllib.parse.urlencode(q.args)
                q.target = q.path + "?" + q.raw_query
                return
        if q.body:
            q.body = other(q.body.decode()).encode()
    r.seed()
    r.open()
    r.p.before = tamper
    r.fails("auth perm", "edit", add=[r.txt("A-value")])
    r.holds(r.start, what="with a signature that is one character off")


def secrets_of(r):
    fields = r.ask("show", provider=r.p.name)["fields"]
    names = {n for f in fields if f["secret"] for n in f["names"].split()}
    return {k: v for k, v in r.p.env.items() if k in names and len(v) >= 4}


@scenario
def s09(r):
    """Refused credentials: said so, no storm, no secret shown."""
    r.seed()
    r.open(log=True)
    secrets = secrets_of(r)
    r.add(r.txt("A-value"))
    for fault in ({"what": "denied", "times": 1000}, {"what": "denied", "status": 403, "times": 1000}):
        r.seed(faults=[fault])
        r.open(log=True)
        reply = r.fails("auth", "edit", add=[r.txt("A-value")])
        check(reply["requests"] <= 6, f"{reply['requests']} requests although refused")
        r.holds(r.start)
    for name in list(secrets)[:1]:
        r.seed()
        opened = r.open({**r.p.env, name: secrets[name][:-1] + ("A" if secrets[name][-1] != "A" else "B")}, again=True)
        reply = r.fails("auth conf perm", "edit", add=[r.txt("A-value")]) if opened["ok"] else opened
        check(reply["kind"] in ("auth", "conf"), f"a wrong {name} is called {reply['kind']}: {reply['text']}")
        r.holds(r.start, what=f"with a wrong {name}")
    if r.p.signed:
        flipped(r)
    r.seed()
    r.open(log=True)
    r.add(r.txt("A-value"))
    if r.p.expire():
        r.add(r.txt("B-value"))
        r.holds(r.start + [r.txt("A-value"), r.txt("B-value")], what="after the session had expired")
    r.log.seek(0)
    seen = r.log.read() + json.dumps(r.told)
    for name, value in secrets.items():
        for form in (value, urllib.parse.quote(value, safe=""), base64.b64encode(value.encode()).decode().rstrip("=")):
            check(form not in seen, f"{name} is shown in what it says")


BREAKS = [("read", {"what": "broken", "status": s}) for s in (500, 502, 504)] + \
    [("read", f) for f in ({"reset": True}, {"cut": 20}, {"html": True})] + \
    [("write", {"what": "broken", "status": s}) for s in (500, 504)] + \
    [("write", f) for f in ({"lose": True}, {"reset": True}, {"cut": 5}, {"html": True})]


@scenario
def s10(r):
    """What breaks on the way: no loss, nothing twice."""
    for on, fault in BREAKS:
        r.seed(r.base() + [r.txt("B-value")], faults=[{"on": on, **fault}])
        r.open()
        r.add(r.txt("A-value"))
        r.holds(r.start + [r.txt("A-value")], what=f"{on}, {short(fault)}")
        if on == "write":
            r.p.faults = [{"on": on, **fault}]
            r.remove(r.txt("B-value"))
            r.holds(r.base() + [r.txt("A-value")], what=f"removal, {short(fault)}")
    for on, fault in (("read", {"html": True}), ("write", {"what": "broken"}), ("write", {"reset": True})):
        r.seed(faults=[{"on": on, "times": 1000, **fault}])
        r.open()
        reply = r.fails("temp changed perm", "edit", add=[r.txt("A-value")])
        check(reply["requests"] <= 60, f"{on}, {short(fault)} for ever: {reply['requests']} requests")
        r.holds(r.start, what=f"{on}, {short(fault)} for ever")


@scenario
def s11(r):
    """A zone with letters that ASCII has not."""
    home = "xn--bcher-kva." + r.home.partition(".")[2]
    there = [[f"www.{home}", "TXT", r.ttl, "another's"]]
    new = [[f"_acme-challenge.{home}", "TXT", r.ttl, "A-value"], [f"xn--mller-kva.{home}", "TXT", r.ttl, "B-value"]]
    r.seed(zones=[{"name": home, "records": there}])
    r.open(**({"zone": home} if r.p.settings.get("zone") else {}))
    zone = r.must("zone", name=f"a.{home}")["zone"]
    check(zone == home, f"the zone is called {zone}")
    r.add(*new)
    r.holds(there + new, home)
    if r.p.lists:
        have = sorted(x[0] for x in r.must("list", zone=home)["records"] if x[1] == "TXT")
        check(have == sorted(x[0] for x in there + new), f"it reads the names {have}")
    r.remove(*new)
    r.holds(there, home)


@scenario
def s12(r):
    """The longest zone that holds a name, on a label's border."""
    if r.p.settings.get("zone"):
        raise Skip("the zone is given")
    rest = r.home.partition(".")[2]
    zones = [r.home, f"a.{r.home}", f"my{r.home}"]
    r.seed(zones=[{"name": z, "records": [[f"www.{z}", "TXT", r.ttl, "another's"]]} for z in zones])
    r.open()
    for name, zone in ((f"x.a.{r.home}", zones[1]), (f"x.b.{r.home}", zones[0]), (f"ba.{r.home}", zones[0]),
                       (f"www.my{r.home}", zones[2]), (zones[1], zones[1])):
        got = r.must("zone", name=name)["zone"]
        check(got == zone, f"{name} is looked for in {got}")
    r.fails("missing", "zone", name=f"www.not{r.home}")
    r.fails("missing", "zone", name=f"no-such-domain.{rest}")
    r.add([f"_acme-challenge.a.{r.home}", "TXT", r.ttl, "A-value"])
    r.holds([[f"www.a.{r.home}", "TXT", 0, "another's"], [f"_acme-challenge.a.{r.home}", "TXT", 0, "A-value"]], zones[1])
    for zone in (zones[0], zones[2]):
        r.holds([[f"www.{zone}", "TXT", 0, "another's"]], zone)


@scenario
def s13(r):
    """The apex, a wildcard, underscores, and far below."""
    new = [r.txt("at the apex", ""), r.txt("p=reject", "_dmarc"), r.txt("deep", "a.b.c.d.e")]
    new += [r.rec("*", "A", "192.0.2.9")] if r.can("A") else [r.txt("any", "*")]
    new += [r.rec("_25._tcp.mail", "TLSA", "3 1 1 " + "ab" * 32)] if r.can("TLSA") else [r.txt("port", "_25._tcp.mail")]
    r.seed()
    r.open()
    r.add(*new)
    r.holds(r.start + new)
    r.remove(*new)
    r.holds(r.base())


TEXTS = ("x" * 255, "y" * 256, "v=DKIM1; k=rsa; p=" + "M" * 392, "z" * 800, 'say "hello" twice', "back\\slash", "a;b; c",
         "two  blanks and one at the end ", "gr\u00fc\u00df dich", "100% & <more> 'or' #less, = +", "v=spf1 a:{x} ~all")


@scenario
def s14(r):
    """Long and odd texts, as they are, or refused before anything is sent."""
    for text in TEXTS:
        cannot = len(text.encode()) > r.p.txt_max or set(text) & set(r.p.txt_no) or \
            (r.p.txt_trim and text != text.strip()) or (r.p.txt_ascii and not text.isascii())
        r.seed()
        r.open()
        if cannot:
            r.fails("perm", "edit", add=[r.txt(text, "text")])
            check(not r.writes(), f"{short(text, 40)} was sent although the API cannot hold it")
            continue
        r.add(r.txt(text, "text"))
        r.holds(r.start + [r.txt(text, "text")], what=short(text, 40))
        n = len(r.writes())
        r.add(r.txt(text, "text"))
        check(len(r.writes()) == n or not r.p.lists, f"{short(text, 40)} is not known again")
        r.remove(r.txt(text, "text"))
        r.holds(r.start, what=f"{short(text, 40)} removed")


@scenario
def s15(r):
    """Another's values at the same name, also while we are at it."""
    r.seed(r.base() + [r.txt("another's one"), r.txt("another's two")])
    r.open()
    r.add(r.txt("A-value"))
    r.holds(r.start + [r.txt("A-value")])
    r.remove(r.txt("A-value"))
    r.holds(r.start)
    same = r.p.unit in ("record", "value") or r.p.cas
    if r.p.unit == "zone" and not same:
        return
    late = r.txt("another's late one", "_acme-challenge" if same else "late")
    done = []

    def meanwhile(q):
        if r.p.writes(q) and not done:
            done.append(1)
            r.p.add(r.p.zone(r.home), *late)
    r.seed()
    r.open()
    r.p.before = meanwhile
    r.add(r.txt("A-value"))
    r.holds(r.start + [late, r.txt("A-value")], what="a value came while we wrote")


@scenario
def s16(r):
    """A zone that is written whole is not written on a list that lost something."""
    if r.p.unit != "zone":
        raise Skip("its API does not write whole zones")
    many = r.base() + [r.txt(f"value {i}", f"h{i}") for i in range(20)]
    r.seed(many)
    r.open()
    r.listed()
    hidden = []

    def hide(q):
        if not r.p.writes(q):
            zone = r.p.zone(r.home)
            hidden[:], zone.records[:] = zone.records, []

    def show(q, reply):
        if hidden and not r.p.writes(q):
            r.p.zone(r.home).records[:] = hidden
    r.p.before, r.p.after = hide, show
    r.fails("temp changed perm", "edit", add=[r.txt("A-value")])
    r.p.before = r.p.after = None
    r.holds(many)


@scenario
def s17(r):
    """The commit fails: rolled back or said so, and the next run gets there."""
    if not r.p.commit:
        raise Skip("its API has no commit")
    r.seed(faults=[{"match": r.p.commit, "what": "broken", "times": 1000}])
    r.open()
    r.fails("temp changed perm", "edit", add=[r.txt("A-value")])
    r.p.faults = []
    r.open()
    r.add(r.txt("A-value"))
    r.holds(r.start + [r.txt("A-value")])


@scenario
def s18(r):
    """A change that is promised and then fails is no success."""
    if not r.p.pending:
        raise Skip("its API makes changes at once")
    r.seed(action="error")
    r.open()
    r.fails("temp changed perm", "edit", add=[r.txt("A-value")])
    r.seed()
    r.open()
    r.add(r.txt("A-value"))
    r.holds(r.start + [r.txt("A-value")])


@scenario
def s19(r):
    """TTLs out of bounds become allowed ones, and it says so."""
    low, high = (min(r.p.ttls), max(r.p.ttls)) if r.p.ttls else (r.p.ttl_min, r.p.ttl_max)
    r.seed()
    r.open()
    for asked, name in ((1, "low"), (2**31 - 1, "high")):
        told = r.add(r.rec(name, "TXT", "A-value", asked)).get("told", [])
        got = [x[3] for x in r.p.dump() if x[1] == r.at(name)]
        check(len(got) == 1, f"a TTL of {asked}: the zone holds {len(got)} records")
        check(low <= got[0] <= high and (not r.p.ttls or got[0] in r.p.ttls), f"a TTL of {asked} became {got[0]}")
        if got[0] != asked:
            check(any(f"a TTL of {asked} becomes" in x for x in told), f"a TTL of {asked} became {got[0]} and nobody is told")


@scenario
def s20(r):
    """A challenge whose name is a CNAME of another zone's; a circle; a wildcard's CNAME."""
    other = "validation." + r.home.partition(".")[2]
    given = r.p.settings.get("zone")
    target = f"x.acme.{given or other}"
    there = [[other, "TXT", r.ttl, "another's"]] if r.p.unit == "zone" and not given else []  # such a one is never empty
    zones = [{"name": r.home, "records": r.base()}] + ([] if given else [{"name": other, "records": there}])
    r.seed(zones=zones)
    at = r.at("_acme-challenge.deleg")
    aliases = {at: r.at("step"), r.at("step"): target, r.at("_acme-challenge.loop"): r.at("b"),
               r.at("b"): r.at("_acme-challenge.loop"), "*." + r.at("wild"): "elsewhere.test"}
    where = dnsd.start(dnsd.zones_of(r.p, aliases))
    r.open(resolver=where)
    r.must("put", tokens=[[at, "token-one"], [at, "token-two"]], who="deleg")
    want = [[target, "TXT", 0, "token-one"], [target, "TXT", 0, "token-two"]]
    r.holds(r.base() + want if given else there + want, given or other)
    r.must("clear")
    r.holds(r.base())
    reply = r.fails("perm", "put", tokens=[[r.at("_acme-challenge.loop"), "t"]], who="loop")
    check("circle" in reply["text"], f"a circle of CNAMEs is told as {reply['text']}")
    r.must("put", tokens=[[r.at("_acme-challenge.wild"), "token-three"]], who="wild")
    r.holds(r.base() + [r.txt("token-three", "_acme-challenge.wild")])
    r.must("clear")
    r.holds(r.base())


@scenario
def s21(r):
    """Killed after a value was made: the next run removes that one alone."""
    r.seed(r.base() + [r.txt("another's")])
    r.open()
    drive = r.drive

    def kill(q, reply):
        del reply
        if r.p.writes(q) and any(x[4] == "A-value" for x in r.p.dump()):
            drive.process.kill()
    r.p.after = kill
    r.ask("edit", add=[r.txt("A-value")], owner="one")
    r.p.after = None
    r.holds(r.start + [r.txt("A-value")], what="when it was killed")
    drive.end()
    r.open()
    check(r.must("sweep", zone=r.home, owner="one")["gone"] == 1, "the next run did not sweep one value")
    r.holds(r.start)


@scenario
def s22(r):
    """A private zone of the same name is left alone."""
    if not r.p.private:
        raise Skip("its API has one zone a name")
    for order in (True, False):
        r.seed(zones=[{"name": r.home, "private": private, "records": r.base()} for private in (order, not order)])
        r.open()
        r.add(r.txt("A-value"))
        for z in r.p.zones:
            has = any(x.value == "A-value" for x in z.records)
            check(has != z.private, "it was written into the private zone" if z.private else "the public zone was not written")


@scenario
def s23(r):
    """A clock that is wrong, where it is part of a signature: mended or named."""
    if not r.p.signed:
        raise Skip("its API signs no time")
    for skew in (-r.p.signed - 600, r.p.signed + 600):
        r.seed()
        r.open(skew=skew)
        reply = r.ask("edit", add=[r.txt("A-value")])
        if reply["ok"]:
            r.holds(r.start + [r.txt("A-value")])
        else:
            check(any(w in reply["text"].lower() for w in ("clock", "skew", "time")), f"{skew} s off: {reply['text']}")
            check(reply["requests"] <= 6, f"{reply['requests']} requests with a wrong clock")
            r.holds(r.start)


@scenario
def s25(r):
    """Each name that a credential may have, alone; and what is missing is named."""
    r.seed()
    r.open()
    fields = r.ask("show", provider=r.p.name)["fields"]
    for env in (r.p.env, *r.p.alt):
        known = {n for f in fields for n in f["names"].split()}
        check(set(env) <= known, f"it does not know {sorted(set(env) - known)}")
        for f in fields:
            mine = [n for n in f["names"].split() if n in env]
            for name in f["names"].split() if mine else ():
                creds = {k: v for k, v in env.items() if k != mine[0]}
                r.open({**creds, name: env[mine[0]]})
                r.must("zone", name=r.at("_acme-challenge"))
            if not mine or f["preset"]:
                continue
            reply = r.open({k: v for k, v in env.items() if k not in mine}, again=True)
            if f["required"]:
                check(not reply["ok"] and reply["kind"] == "auth" and f["names"].split()[0] in reply["text"],
                      f"without {mine[0]} it says {short(reply)}")
    if r.p.granted:
        r.seed()
        creds = {k: v for k, v in r.p.env.items() if k != r.p.granted}
        text = r.must("onboard", provider=r.p.name, creds=creds)["text"]
        r.open({**creds, **r.p.grant(text)})
        r.add(r.txt("A-value"))
        r.remove(r.txt("A-value"))
        r.holds(r.start, what="with the credential that was asked for")
        n = len(r.p.log)
        check(not r.must("onboard", provider=r.p.name, creds=r.p.env)["text"] and len(r.p.log) == n, "what is there was asked for")
    for env, files in r.p.chains:
        r.seed()
        r.machine(env, files)
        r.open({})
        r.add(r.txt("A-value"))
        r.holds(r.start + [r.txt("A-value")], what=f"with {short(env)} and the files {sorted(files)}")
    r.ended()


# ---- once for all: TLS ----
def s24(folder, port):
    """By the program itself: who is not trusted, or is another, gets no credentials; a proxy is used when it is set."""
    opsmail = os.environ.get("OPSMAIL", str(top / "build/opsmail"))
    if not shutil.which("openssl") or not os.path.exists(opsmail):
        raise Skip("missing: openssl or build/opsmail")
    p, authority = core.running["vultr"], tls.Authority(folder)
    p.reset([{"name": "example.com"}])
    os.makedirs(folder + "/conf", mode=0o700)
    pathlib.Path(folder, "conf/opsmail.yaml").write_text("dns: {provider: vultr}\n", "utf-8")
    os.makedirs(folder + "/certs")
    name = subprocess.run(["openssl", "x509", "-in", authority.ca, "-noout", "-hash"], stdout=subprocess.PIPE, text=True, check=True)
    shutil.copy(authority.ca, f"{folder}/certs/{name.stdout.strip()}.0")
    trusting = ["unshare", "-m", "sh", "-c", f'mount --bind {folder}/certs /etc/ssl/certs && exec "$@"', "sh"]

    def zones(proxy, *before):
        env = {"PATH": os.environ["PATH"], "HOME": folder, "https_proxy": f"http://127.0.0.1:{proxy.port}", **p.env}
        return subprocess.run([*before, opsmail, "--conf", folder + "/conf", "dns", "zones"], env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    done = zones(tls.Proxy(authority, port))
    check(done.returncode and "not trusted" in done.stdout, f"a certificate of nobody: status {done.returncode}: {done.stdout}")
    check(not p.log, "a request went to who is not trusted")
    if not os.path.isdir("/etc/ssl/certs") or subprocess.run([*trusting, "true"], stderr=subprocess.DEVNULL).returncode:
        raise Skip("what is trusted can be changed for a while by root alone, in a mount namespace")
    done = zones(tls.Proxy(authority, port, "www.example.net"), *trusting)
    check(done.returncode and "another name" in done.stdout, f"a certificate of another: status {done.returncode}: {done.stdout}")
    check(not p.log, "a request went to another")
    done = zones(tls.Proxy(authority, port), *trusting)
    check(done.returncode == 0 and "example.com" in done.stdout, f"by a proxy to who is trusted: {done.returncode}: {done.stdout}")


# ---- running them ----
def run_one(job):
    """All scenarios of one provider: [(name, scenario, verdict, text)...]."""
    name, wanted, verbose = job
    with tempfile.TemporaryDirectory(prefix="opsmail-providers.") as folder:
        server = core.start()
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        if name == "tls":
            todo, r = {"S24": lambda _: s24(folder, server.server_port)}, Run(core.running["vultr"], server.server_port, folder)
        else:
            todo, r = scenarios, Run(core.running[name], server.server_port, folder)
        out = []
        for sid, f in sorted(todo.items()):
            if wanted and sid not in wanted:
                continue
            try:
                if sid in r.p.skip and name != "tls":
                    raise Skip(r.p.skip[sid])
                f(r)
                out.append((name, sid, "ok", ""))
            except Skip as reason:
                out.append((name, sid, "skip", str(reason)))
            except Differs as what:
                text = str(what)
                if verbose:
                    text += "".join(f"\n    {x['method']} {x['host']}{x['path']}{'?' + x['query'] if x['query'] else ''} "
                                    f"{short(x['body'], 400)} -> {x['status']}{' (write)' if x['write'] else ''}"
                                    for x in r.p.log[-40:])
                out.append((name, sid, "not ok", text))
            except Exception as error:  # a fault of this file or of the mock: a failure all the same
                out.append((name, sid, "not ok", f"{type(error).__name__}: {error}"))
        r.ended()
        server.shutdown()
        server.server_close()
        shutil.rmtree(folder, ignore_errors=True)
        return out


def workers(n):
    """Processes, a new one for each task. They are forked by a process without threads: one that is forked while another
    thread holds a lock waits for that lock for ever."""
    return multiprocessing.get_context("forkserver").Pool(n, maxtasksperchild=1)


def each(results):
    """The results as they come; one that does not come is a failure, not a wait."""
    while True:
        try:
            yield results.next(PATIENCE)
        except StopIteration:
            return
        except multiprocessing.TimeoutError:
            sys.exit(f"nothing came for {PATIENCE} s")


def build():
    if "DRIVE" in os.environ:
        return
    flags = top / "build/flags"  # as it was built before: other flags would make all anew
    strict = ["WERROR=1"] if flags.exists() and "-Werror" in flags.read_text("utf-8") else []
    made = subprocess.run(["make", "-s", "-j2", "-C", str(top), *strict, "all", "build/tests/providers/drive"], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        sys.exit(made.stdout)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("-v", action="store_true")
    args.add_argument("-j", type=int, default=max(2, os.cpu_count() or 2))
    args.add_argument("--json")
    args.add_argument("what", nargs="*")
    args = args.parse_args()
    known = {*scenarios, "S24"}
    wanted = {w.upper() for w in args.what if w.upper() in known}
    names = [w for w in args.what if w.upper() not in known] or [*sorted(core.providers), "tls"]
    for name in names:
        if name not in core.providers and name != "tls":
            sys.exit(f"no mock is called {name}")
    build()
    sums, all_ = {"ok": 0, "not ok": 0, "skip": 0}, []
    with workers(min(args.j, len(names))) as pool:
        for rows in each(pool.imap(run_one, [(n, wanted, args.v) for n in names], chunksize=1)):
            for name, sid, verdict, text in rows:
                sums[verdict] += 1
                all_.append([name, sid, verdict, text])
                print(f"{verdict} {name} {sid}" + (": " if text and verdict == "not ok" else " " if text else "") + text, flush=True)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(all_), encoding="utf-8")
    print(f"{sums['ok']} passed, {sums['not ok']} failed, {sums['skip']} skipped")
    return sums["not ok"] > 0


if __name__ == "__main__":
    sys.exit(main())
