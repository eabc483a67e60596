#!/usr/bin/env python3
"""Reverse DNS at hosters: our engine (tests/providers/drive.c) against stateful imitations of their APIs (hosters.py).

run.py [-v] [NAME...] [Pnn...]     -v: what was asked, where a scenario fails

One line a hoster and scenario, then the sums. Whether a scenario holds is judged by the imitation alone: by what its addresses are
called and by its log."""
import argparse
import os
import pathlib
import shutil
import sys
import tempfile
import threading

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here.parent / "providers"), str(here)]
import run as providers  # noqa: E402
from mock import core  # noqa: E402

core.providers.clear()
import hosters  # noqa: E402
import more  # noqa: E402,F401

Differs, Skip, check = providers.Differs, providers.Skip, providers.check
HOST, OTHER, STRANGE = hosters.HOST, "other.example.net", "198.51.100.77"
scenarios = {}


def scenario(f):
    scenarios[f.__name__.upper()] = f
    return f


class Run(providers.Run):
    def fresh(self, faults=(), log=False, creds=None, **options):
        self.p.reset([], faults, options)
        self.told = []
        self.dirs += 1
        return self.open(creds=creds, log=log)

    def base(self):
        return []

    def ips(self):
        extra = [getattr(self.p, k) for k in ("floating", "reserved", "flexible") if hasattr(self.p, k)]
        return [x for x in (self.p.v4, self.p.v6, *extra) if x]

    def is_(self, ip):
        ptr = self.p.at[ip].ptr
        return ptr.rstrip(".").lower() if ptr else None

    def get(self, ip):
        r = self.must("ptr", ip=ip)
        return r["name"], r["preset"]

    def resets(self, ip):
        return self.p.can_reset is True or (self.p.can_reset == "v6" and ":" in ip)


@scenario
def p01(r):
    """What is there is read: the hoster's own name, or none; nothing is written."""
    r.fresh()
    for ip in r.ips():
        name, preset = r.get(ip)
        check(name == r.is_(ip), f"{ip}: it reads {name}, and {r.is_(ip)} is there")
        check(preset == (name is not None), f"{ip}: {name} is the hoster's own, and is {'' if preset else 'not '}known as such")
    check(not r.writes(), "reading wrote something")


@scenario
def p02(r):
    """A name is set, and read back; once more another; one call each."""
    r.fresh()
    for ip in r.ips():
        for name in (HOST, OTHER):
            if hasattr(r.p, "forward") and r.p.forward:
                r.p.resolves[name] = set(r.ips())
            n = len(r.writes())
            r.must("ptr", ip=ip, name=name)
            check(r.is_(ip) == name, f"{ip} is called {r.is_(ip)}, not {name}")
            check(len(r.writes()) == n + 1, f"{len(r.writes()) - n} calls that change something, not one")
            check(r.get(ip) == (name, False), f"{ip}: read back {r.get(ip)}")


@scenario
def p03(r):
    """Nothing else is touched."""
    r.fresh()
    r.p.resolves[HOST] = set(r.ips())
    if getattr(r.p, "one_name", False):
        raise Skip("all addresses of a machine have one name there")
    for ip in r.ips():
        before = {k: a.ptr for k, a in r.p.at.items() if k != ip}
        r.must("ptr", ip=ip, name=HOST)
        check({k: a.ptr for k, a in r.p.at.items() if k != ip} == before, f"setting {ip} changed another address")


@scenario
def p04(r):
    """Taken back: the hoster's own name, or none; again is nothing."""
    for ip in r.ips():
        if not r.resets(ip):
            continue
        r.fresh()
        r.p.resolves[HOST] = set(r.ips())
        r.must("ptr", ip=ip, name=HOST)
        r.must("ptr", ip=ip, reset=True)
        check(r.is_(ip) == r.p.at[ip].preset, f"{ip} is called {r.is_(ip)}, not {r.p.at[ip].preset}")
        r.must("ptr", ip=ip, reset=True)
        check(r.is_(ip) == r.p.at[ip].preset, f"{ip} is called {r.is_(ip)} after a second time")
    if not any(r.resets(ip) for ip in r.ips()):
        r.fresh()
        r.fails("perm", "ptr", ip=r.p.v4, reset=True)


@scenario
def p05(r):
    """An address of another's is refused, and nothing is written to any that is ours."""
    r.fresh()
    before = {k: a.ptr for k, a in r.p.at.items()}
    for ip in (STRANGE, "2001:db8:ffff::1"):
        r.fails("missing perm", "ptr", ip=ip, name=HOST)
    check({k: a.ptr for k, a in r.p.at.items()} == before, "something was changed")


@scenario
def p06(r):
    """Wrong credentials: told as such, no try to write."""
    for key in r.p.env:
        if key in ("OVH_ENDPOINT", "SCW_DEFAULT_ZONE", "AWS_REGION"):
            continue
        r.fresh(creds={**r.p.env, key: "not-the-secret"})
        reply = r.fails("auth", "ptr", ip=r.p.v4, name=HOST)
        check("not-the-secret" not in reply["text"], "the credential is shown")
        check(r.is_(r.p.v4) == r.p.at[r.p.v4].preset, "it was changed all the same")


@scenario
def p07(r):
    """Asked for patience: waits as told, then does it."""
    r.fresh(faults=[{"on": "write", "what": "rate", "retry_after": 3}])
    r.must("ptr", ip=r.p.v4, name=HOST)
    check(r.is_(r.p.v4) == HOST, "it was not set")
    check(r.told[-1]["slept"] >= 500, f"it slept {r.told[-1]['slept']} ms")


@scenario
def p08(r):
    """The forward name does not lead there yet: refused, in the hoster's words."""
    if not r.p.forward:
        raise Skip("it does not look at the forward name")
    r.fresh()
    for ip in r.ips():
        r.p.resolves[HOST] = set()
        reply = r.fails("perm", "ptr", ip=ip, name=HOST)
        check(HOST in reply["text"] or "match" in reply["text"] or "invalid" in reply["text"], f"the reason is not told: {reply['text']}")
        check(r.is_(ip) == r.p.at[ip].preset, "it was changed")


@scenario
def p09(r):
    """The answer to a change is lost: it is told as unknown, and reading tells."""
    r.fresh(faults=[{"on": "write", "lose": True}])
    if r.ask("ptr", ip=r.p.v4, name=HOST)["ok"]:
        check(len(r.writes()) == 2 and r.writes()[0]["method"] == "PUT", "it is called done, and was not made again")
    check(r.get(r.p.v4) == (HOST, False), f"it reads {r.get(r.p.v4)}")
    check(len(r.writes()) == 1 or all(w["method"] == "PUT" for w in r.writes()), "a call that may not be repeated was")


@scenario
def p10(r):
    """A page for people, half an answer, a broken server: no name is made of it, nothing is written."""
    for fault in ({"html": True}, {"cut": 5}, {"what": "broken"}):
        r.fresh(faults=[{"on": "read", "times": 9, "match": r"^\w+ (?!/auth|/realms|/1.0/auth)", **fault}])
        reply = r.ask("ptr", ip=r.p.v4, name=HOST) if r.p.name not in ONE_CALL else r.ask("ptr", ip=r.p.v4)
        check(not reply["ok"] and reply["kind"] in ("temp", "perm", "changed"), f"{fault}: {providers.short(reply)}")
        check(not r.writes(), f"{fault}: it wrote")


ONE_CALL = ("linode", "upcloud", "hetznerrobot", "contabo", "netcupscp")  # they need not look before they write


@scenario
def p11(r):
    """A session that ended early is begun anew."""
    r.fresh()
    r.must("ptr", ip=r.p.v4)
    if not r.p.expire():
        raise Skip("it has no sessions")
    r.must("ptr", ip=r.p.v4, name=HOST)
    check(r.is_(r.p.v4) == HOST, "it was not set")


@scenario
def p12(r):
    """No credential is in the log."""
    r.fresh(log=True)
    r.must("ptr", ip=r.p.v4, name=HOST)
    r.log.seek(0)
    text = r.log.read()
    check(len(text) > 100, "there is no log")
    for key, value in r.p.env.items():
        if key in ("OVH_ENDPOINT", "OVH_APPLICATION_KEY", "SCW_DEFAULT_ZONE", "AWS_REGION", "AWS_ACCESS_KEY_ID", "CNTB_OAUTH2_CLIENT_ID",
                   "CNTB_OAUTH2_USER", "HETZNER_ROBOT_USER", "UPCLOUD_USERNAME"):
            continue
        check(value not in text, f"{key} is in the log")


@scenario
def p13(r):
    """What is particular: pages, a promise that is broken, an API of another age."""
    if r.p.name in ("hetzner", "vultr", "digitalocean", "scaleway"):
        r.fresh(page=1)
        check(r.get(r.p.v4)[0] == r.is_(r.p.v4), "in pages of one it finds another")
        r.must("ptr", ip=r.p.v4, name=HOST)
        check(r.is_(r.p.v4) == HOST, "in pages of one it was not set")
    if r.p.name == "hetzner":
        r.fresh(fails=True)
        r.fails("perm", "ptr", ip=r.p.v4, name=HOST)
    if r.p.name == "contabo":
        r.fresh(ttl=False)
        r.must("ptr", ip=r.p.v6, name=HOST)
        check(r.is_(r.p.v6) == HOST, "without a TTL it was not set")
    if r.p.name not in ("hetzner", "vultr", "digitalocean", "scaleway", "contabo"):
        raise Skip("nothing is")


def one(r, key, verbose):
    try:
        scenarios[key](r)
        return "ok", scenarios[key].__doc__
    except Skip as reason:
        return "skip", str(reason)
    except (Differs, KeyError, OSError) as error:
        text = f"{type(error).__name__ if not isinstance(error, Differs) else ''} {error}".strip()
        if verbose:
            for x in r.p.log:
                text += f"\n    {x['method']} {x['host']}{x['path']}?{x['query']} {x['body']} -> {x['status']}"
            for x in r.told:
                text += f"\n    told {providers.short(x)}"
        return "not ok", text


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("-v", action="store_true")
    a.add_argument("names", nargs="*")
    a = a.parse_args()
    keys = [n.upper() for n in a.names if n.upper() in scenarios] or list(scenarios)
    names = [n for n in a.names if n in core.providers] or sorted(core.providers)
    unknown = [n for n in a.names if n not in core.providers and n.upper() not in scenarios]
    if unknown:
        sys.exit(f"unknown: {' '.join(unknown)}")
    server = core.start()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    sums = {"ok": 0, "not ok": 0, "skip": 0}
    folder = tempfile.mkdtemp(prefix="opsmail-rdns.")
    for name in names:
        os.makedirs(f"{folder}/{name}")
        r = Run(core.running[name], server.server_port, f"{folder}/{name}")
        for key in keys:
            word, text = one(r, key, a.v)
            sums[word] += 1
            print(f"{word} {name} {key} {text}", flush=True)
        r.ended()
    shutil.rmtree(folder)
    print(f"{sums['ok']} passed, {sums['not ok']} failed, {sums['skip']} skipped")
    sys.exit(sums["not ok"] > 0)


if __name__ == "__main__":
    main()
