#!/usr/bin/env python3
"""Independent clients against the mocks (gate B): what they do must work, or the mock lies about its vendor.

foreign.py [-v] [-j N] [NAME...]     NAME: a provider, a client, or PROVIDER:CLIENT

foreign.tsv has a row a provider and client: provider, client, arguments, credentials (blank-separated; "-" none). The
variables of the mock (env) are always given, too. {port} is the mock's, {front} that of TLS, {folder} one for files (the
mock's `files` lie there), {zone} the zone.
  lego, lego-new  arguments: its code. A certificate for the zone and its wildcard: both values seen, then gone.
  certbot         arguments: the plugin; credentials: lines of its file, or variables in capitals.
  lexicon         arguments: its name, the record types it is good for here ("A MX TXT" when none is given), and the steps
                  that it has not: "no-update", "no-list", "no-two" (values at one name), "no-delete" (by value).
  ansible         arguments: a module and its arguments with {fqdn} {name} {type} {value} {target} {priority} {ttl} {state};
                  {x?} drops the argument when x is empty. Then types, as for lexicon, after " -- ".
  npm             arguments: a script in foreign/, which does by the vendor's own client what our engine is then told to do
                  on a fresh mock: both zones must be the same, TTLs too.
Other records stay untouched by all. Missing clients are skipped, loudly; where CI is set they are failures."""
import argparse
import json
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

import dnsd
import run
import tls
from mock import core

PEERS = pathlib.Path(os.environ.get("PEERS", str(run.top / "build/peers")))
LIMIT = 120


class Client:
    """A mock, a way to it, and a folder, for one row."""
    def __init__(self, row, folder, acme, authority):
        self.name, self.client, self.arguments, self.credentials = row
        self.folder, self.acme = folder, acme
        server = core.start()
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        self.p, self.port = core.running[self.name], server.server_port
        self.proxy = tls.Proxy(authority, self.port)
        self.r = run.Run(self.p, self.port, folder)
        self.r.seed()
        for name, text in self.p.files.items():
            pathlib.Path(folder, name).write_text(text, encoding="utf-8")
        self.seen, self.most = set(), 0
        self.p.after = self.watch
        self.at = self.r.at("_acme-challenge")

    def watch(self, q, reply):
        del q, reply
        now = {x[4] for x in self.p.dump() if x[1] == self.at and x[2] == "TXT"}
        self.seen |= now
        self.most = max(self.most, len(now))

    def fill(self, text, **more):
        words = {"port": self.port, "front": self.proxy.front, "folder": self.folder, "zone": self.r.home, **more}
        return re.sub(r"\{([a-z]+)\??\}", lambda m: str(words.get(m[1], m[0])), text)

    def given(self):
        return [] if self.credentials == "-" else shlex.split(self.fill(self.credentials))

    def environment(self, *more):
        out = {**self.proxy.environment(), "HOME": self.folder, **self.p.env}
        out.update(x.split("=", 1) for x in more)
        out["PATH"] = f"{PEERS}/bin:" + out["PATH"]
        return out

    def call(self, *command, env=None):
        try:
            done = subprocess.run([str(x) for x in command], env=env or self.environment(), cwd=self.folder, text=True, timeout=LIMIT,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
        except subprocess.TimeoutExpired:
            raise run.Differs(f"{command[0]} does not end") from None
        if done.returncode:
            raise run.Differs(f"{' '.join(map(str, command[-6:]))}: status {done.returncode}: ...{done.stdout.strip()[-700:]}")
        return done.stdout

    def need(self, program):
        if not (PEERS / "bin" / program).exists() and not shutil.which(program):
            raise run.Skip(f"missing: {program}")

    def issued(self):
        if len(self.seen) < 2:
            raise run.Differs(f"the values of the apex and the wildcard did not both appear: {sorted(self.seen)}")
        self.r.holds(self.r.start, what="after the certificate")
        return "both values at once" if self.most > 1 else "one value after the other"


def lego(c):
    c.need(c.client)
    code, *more = shlex.split(c.fill(c.arguments))
    # Its pauses are for DNS to follow, which nobody waits for here.
    prefixes = {code.upper(), *(n.partition("_")[0] for n in c.p.env), *(x.partition("_")[0] for x in c.given())}
    quick = [f"{p}_{what}_INTERVAL=0" for p in prefixes for what in ("POLLING", "SEQUENCE")]
    c.call(c.client, "--path", c.folder + "/lego", "--server", c.acme, "--accept-tos", "--email", "a@example.net", "--dns", code,
           "--dns.resolvers", dnsd.start(dnsd.zones_of(c.p)), "--dns.disable-cp", *more,
           "--domains", c.r.home, "--domains", "*." + c.r.home, "run", env=c.environment(*quick, *c.given()))
    return c.issued()


def certbot(c):
    c.need("certbot-dns")
    plugin, *more = shlex.split(c.fill(c.arguments))
    lines = [] if c.credentials == "-" else c.fill(c.credentials).split(";")
    env = [x.strip() for x in lines if re.match(r"\s*[A-Z_]+=", x)]
    lines = [x.strip() for x in lines if x.strip() not in env]
    if lines:
        path = pathlib.Path(c.folder, "credentials.ini")
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        path.chmod(0o600)
        more += [f"--{plugin}-credentials", str(path)]
    if plugin != "dns-route53":
        more += [f"--{plugin}-propagation-seconds", "0"]
    c.call("certbot-dns", "certonly", "-n", "--agree-tos", "-m", "a@example.net", "--server", c.acme, "--config-dir", "c", "--work-dir",
           "w", "--logs-dir", "l", "--authenticator", plugin, *more, "-d", c.r.home, "-d", "*." + c.r.home, env=c.environment(*env))
    return c.issued()


def wanted(words):
    types = {w for w in words if w.isupper()} or {"A", "MX", "TXT"}
    return types, {w for w in words if w.startswith("no-")}


def lexicon(c):
    c.need("lexicon")
    r, (name, *rest) = c.r, shlex.split(c.fill(c.arguments))
    types, without = wanted(rest)
    ttl = str(r.ttl)
    env = c.environment(*[x for x in c.given() if not x.startswith("--")])
    options = [x for x in c.given() if x.startswith("--")]

    def do(action, type_, label="", content=None, *more):
        content = [] if content is None else ["--content", content]
        named = ["--name", r.at(label)] if label else []
        return c.call("lexicon", name, *options, action, r.home, type_, *named, *content, *more, env=env)
    end = []
    if "A" in types:
        do("create", "A", "lex", "192.0.2.1", "--ttl", ttl)
        r.holds(r.start + [r.rec("lex", "A", "192.0.2.1")], what="create A")
        if "no-update" not in without:
            do("update", "A", "lex", "192.0.2.2", "--ttl", ttl)
            r.holds(r.start + [r.rec("lex", "A", "192.0.2.2")], what="update A")
        do("delete", "A", "lex")
        r.holds(r.start, what="delete A")
    if "MX" in types:
        do("create", "MX", "lexmx", "mail.example.net", "--priority", "10", "--ttl", ttl)
        end += [r.rec("lexmx", "MX", "10 mail.example.net.")]
        r.holds(r.start + end, what="create MX")
    if "TXT" in types:
        two = [r.txt("lexicon-one"), r.txt("lexicon-two")]
        for _, _, _, value in two[:1 if "no-two" in without else 2]:
            do("create", "TXT", "_acme-challenge", value, "--ttl", ttl)
        r.holds(r.start + end + (two[:1] if "no-two" in without else two), what="create TXT")
        if "no-list" not in without:
            shown = do("list", "TXT")
            run.check("lexicon-one" in shown, f"lexicon does not list what it made: {shown[-300:]}")
        do("delete", "TXT", "_acme-challenge", *([] if "no-delete" in without else ["lexicon-one"]))
        end += [] if "no-delete" in without or "no-two" in without else two[1:]
        r.holds(r.start + end, what="delete TXT")
    return " ".join(sorted(types))


def ansible(c):
    c.need("ansible")
    r = c.r
    call, _, rest = c.arguments.partition(" -- ")
    module, *template = shlex.split(call)
    types, _ = wanted(rest.split())
    records = [x for x in (r.rec("ans", "A", "192.0.2.1"), r.rec("ansmx", "MX", "10 mail.example.net."), r.txt("ansible-one"),
                           r.rec("ans6", "AAAA", "2001:db8::1"), r.rec("anscname", "CNAME", "www.example.net.")) if x[1] in types]

    def do(record, state):
        fqdn, type_, ttl, value = record
        priority, target = value.split() if type_ == "MX" else ("", value)
        words = {"fqdn": fqdn, "name": fqdn[:-len(r.home) - 1], "type": type_, "value": value, "target": target.rstrip("."),
                 "priority": priority, "ttl": ttl, "state": state}
        args = {}
        for w in [*template, *c.given()]:
            if all(words.get(x) != "" for x in re.findall(r"\{([a-z]+)\?\}", w)):
                key, _, text = c.fill(w, **words).partition("=")
                args[key] = json.loads(text) if text[:1] in "[{" and text else text
        done = c.call("ansible", "localhost", "-i", "localhost,", "-c", "local", "-m", module, "-a", json.dumps(args), "-e",
                      "ansible_python_interpreter=/usr/bin/python3", env={**c.environment(), "ANSIBLE_LOCALHOST_WARNING": "false",
                                                                          "ANSIBLE_HOME": c.folder, "PYTHONPATH": f"{PEERS}/dns/root/usr/lib/python3/dist-packages"})
        return "CHANGED" in done
    for i, record in enumerate(records):
        run.check(do(record, "present"), f"{record[1]}: ansible says that nothing was to be changed")
        r.holds(r.start + records[:i + 1], what=f"present {record[1]}")
        run.check(not do(record, "present"), f"{record[1]}: ansible changes it again")
    for i, record in enumerate(records):
        do(record, "absent")
        r.holds(r.start + records[i + 1:], what=f"absent {record[1]}")
    return " ".join(x[1] for x in records)


def npm(c):
    c.need("node")
    if not (PEERS / "npm/node_modules").exists():
        raise run.Skip("missing: the vendors' clients from npm")
    r = c.r
    script, *rest = shlex.split(c.fill(c.arguments))
    types, _ = wanted(rest or ["A", "AAAA", "MX", "TXT", "CNAME"])
    add = [x for x in (r.rec("npm", "A", "192.0.2.1"), r.rec("npm", "AAAA", "2001:db8::1"), r.rec("npmmx", "MX", "10 mail.example.net."),
                       r.rec("npmmx", "MX", "20 mx.example.net."), r.rec("npmcname", "CNAME", "www.example.net."),
                       r.rec("_smtps._tcp", "SRV", "1 2 465 mail.example.net."), r.rec("npm", "CAA", '0 issue "letsencrypt.org"'),
                       r.rec("_25._tcp.npm", "TLSA", "3 1 1 " + "0a" * 32), r.txt("npm-one"), r.txt("npm-two"))
           if x[1] in types and r.can(x[1])]
    remove = [x for x in add if x[3] in ("192.0.2.1", "npm-one")]
    scenario = {"zone": r.home, "add": add, "remove": remove, "front": c.proxy.front, "port": c.port, "env": c.p.env, "folder": c.folder}
    c.call("node", run.here / "foreign" / script, env={**c.environment(*c.given()), "SCENARIO": json.dumps(scenario),
                                                      "NODE_PATH": f"{PEERS}/npm/node_modules", "NPM_ROOT": f"{PEERS}/npm/"})
    theirs = c.p.dump()
    r.holds(r.start + [x for x in add if x not in remove], what="by the vendor's client")
    r.seed()
    r.open()
    r.must("edit", add=add)
    r.must("edit", **{"del": remove})
    ours = c.p.dump()
    run.check(ours == theirs, f"ours lacks {run.short([x for x in theirs if x not in ours])} and has {run.short([x for x in ours if x not in theirs])}")
    return " ".join(sorted({x[1] for x in add}))


CLIENTS = {"lego": lego, "lego-new": lego, "certbot": certbot, "lexicon": lexicon, "ansible": ansible, "npm": npm}


def one(job):
    row, acme, ca, verbose = job
    with tempfile.TemporaryDirectory(prefix="opsmail-foreign.") as folder:
        c = None
        try:
            authority = tls.Authority(folder)
            if acme:
                pathlib.Path(authority.ca).write_text(pathlib.Path(authority.ca).read_text("utf-8") + pathlib.Path(ca).read_text("utf-8"), "utf-8")
            c = Client(row, folder, acme, authority)
            return row, "ok", CLIENTS[row[1]](c)
        except run.Skip as reason:
            return row, "not ok" if os.environ.get("CI") else "skip", str(reason)
        except run.Differs as what:
            text = str(what)
            if verbose and c:
                text += "".join(f"\n    {x['method']} {x['host']}{x['path']}{'?' + x['query'] if x['query'] else ''} "
                                f"{run.short(x['body'], 600)} -> {x['status']}" for x in c.p.log) + f"\n    TLS refused: {c.proxy.refused}"
            return row, "not ok", text
        except Exception as error:
            return row, "not ok", f"{type(error).__name__}: {error}"
        finally:
            if c:
                c.r.ended()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def start_acme(folder):
    """pebble, which believes every challenge: (process, directory, CA file)."""
    authority = tls.Authority(folder)
    pem, key = authority.pair("127.0.0.1")
    port, other = free_port(), free_port()
    pathlib.Path(folder, "pebble.json").write_text(json.dumps({"pebble": {
        "listenAddress": f"127.0.0.1:{port}", "managementListenAddress": f"127.0.0.1:{other}", "certificate": pem, "privateKey": key,
        "httpPort": 5002, "tlsPort": 5001, "externalAccountBindingRequired": False, "certificateValidityPeriod": 7776000}}), "utf-8")
    env = {**os.environ, "PATH": f"{PEERS}/bin:" + os.environ["PATH"], "PEBBLE_VA_ALWAYS_VALID": "1", "PEBBLE_AUTHZREUSE": "0",
           "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
    with open(folder + "/pebble.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(["pebble", "-config", folder + "/pebble.json"], env=env, stdout=log, stderr=log)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            try:
                process.wait(0.05)
                sys.exit("pebble does not start: " + pathlib.Path(folder, "pebble.log").read_text("utf-8"))
            except subprocess.TimeoutExpired:
                pass
    return process, f"https://127.0.0.1:{port}/dir", authority.ca


def rows_of(names):
    rows = []
    for line in (run.here / "foreign.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            row = (line.split("\t") + ["-"] * 4)[:4]
            if row[0] not in core.providers or row[1] not in CLIENTS:
                sys.exit(f"foreign.tsv: no mock or client for: {line}")
            if not names or {row[0], row[1], f"{row[0]}:{row[1]}"} & set(names):
                rows.append(row)
    return rows


def main():
    args = argparse.ArgumentParser()
    args.add_argument("-v", action="store_true")
    args.add_argument("-j", type=int, default=max(3, os.cpu_count() or 2))
    args.add_argument("--json")
    args.add_argument("--not", dest="without", action="append", default=[], help="leave this client out")
    args.add_argument("names", nargs="*")
    args = args.parse_args()
    rows = [r for r in rows_of(args.names) if r[1] not in args.without]
    run.build()
    sums, out = {"ok": 0, "not ok": 0, "skip": 0}, []
    with tempfile.TemporaryDirectory(prefix="opsmail-foreign.") as folder:
        pebble, acme, ca = None, None, None
        if any(r[1] in ("lego", "lego-new", "certbot") for r in rows) and (PEERS / "bin/pebble").exists():
            pebble, acme, ca = start_acme(folder)
        try:
            with run.workers(args.j) as pool:
                for row, verdict, text in run.each(pool.imap(one, [(r, acme, ca, args.v) for r in rows], chunksize=1)):
                    sums[verdict] += 1
                    out.append([row[0], row[1], verdict, text])
                    print(f"{verdict} {row[0]} {row[1]}{': ' if text else ''}{text}", flush=True)
        finally:
            if pebble:
                pebble.terminate()
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(out), encoding="utf-8")
    print(f"{sums['ok']} passed, {sums['not ok']} failed, {sums['skip']} skipped")
    return sums["not ok"] > 0


if __name__ == "__main__":
    sys.exit(main())
