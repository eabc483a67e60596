#!/usr/bin/env python3
"""What no CA of ours does by itself, done between client and CA.

  proxy.py --listen 127.0.0.1:14001 --upstream 127.0.0.1:14000 --cert srv.pem --key srv.key
           [--control 127.0.0.1:14002] [--rules FILE] [--log FILE]
      ends TLS, keeps Host and keep-alive, counts requests and connections, breaks what the rules say.

  proxy.py --listen 127.0.0.1:14003 --upstream 127.0.0.1:14000 --delay 0.05 [--control ...]
      plain TCP, every segment late by that much in each direction, the handshakes too; counts round trips.

The control port speaks HTTP: GET /counts, POST /rules (a JSON list; counts start again at nothing), POST /reset.

A rule is an object; the first that fits and is not used up acts.
  which     what: directory nonce newAccount newOrder authz challenge finalize order cert revoke keyChange account
            renewalInfo | path: regexp | method | nth: k-th fitting request only | after: skip so many | times: at most
  instead   status, problem (short ACME type), detail, retry_after (seconds, or "date+N"), body, ctype, html, headers,
            redirect, subproblems, nonce: true (a good one is added), forward: true (the CA sees the request all the same)
  on reply  json (merged), order_status, strange: true (challenges of unknown make), drop (headers), truncate, huge, cert (wrong-leaf reversed empty no-chain
            garbage), shout (odd header case), delay, drip, reset: before | after
"""
import argparse, asyncio, email.utils, json, re, socket, ssl, struct, sys, time

WHAT = {  # pebble's paths
    "directory": r"^/dir$", "nonce": r"nonce", "newAccount": r"sign-me-up", "newOrder": r"order-plz", "authz": r"/authZ/",
    "challenge": r"/chalZ/", "finalize": r"/finalize-order/", "order": r"/my-order/", "cert": r"/certZ/",
    "revoke": r"/revoke-cert", "keyChange": r"/rollover", "account": r"/my-account/", "renewalInfo": r"renewalInfo"}


def what(path):
    return next((k for k, v in WHAT.items() if re.search(v, path)), "other")


class State:
    def __init__(self):
        self.rules, self.leaf = [], None
        self.reset()

    def reset(self):
        self.requests = self.connections = self.trips = 0
        self.by, self.log = {}, []
        for r in self.rules:
            r.pop("_seen", None), r.pop("_done", None)

    def counts(self):
        return {"requests": self.requests, "connections": self.connections, "round_trips": self.trips,
                "by": self.by, "log": self.log}

    def match(self, method, path, kind):
        for r in self.rules:
            if "what" in r and r["what"] != kind or "method" in r and r["method"] != method:
                continue
            if "path" in r and not re.search(r["path"], path):
                continue
            r["_seen"] = n = r.get("_seen", 0) + 1
            if "nth" in r and n != r["nth"] or n <= r.get("after", 0):
                continue
            if "times" in r and r.get("_done", 0) >= r["times"]:
                continue
            r["_done"] = r.get("_done", 0) + 1
            return r
        return {}


S = State()


async def read_message(rd):
    """start line, [(name, value)], body"""
    head = await rd.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")[:-2]
    hs = [tuple(x.strip() for x in ln.split(":", 1)) for ln in lines[1:]]
    low = {k.lower(): v for k, v in hs}
    body = b""
    if "chunked" in low.get("transfer-encoding", ""):
        while n := int((await rd.readline()).split(b";")[0], 16):
            body += await rd.readexactly(n)
            await rd.readline()
        await rd.readline()
    elif "content-length" in low and not lines[0].startswith("HTTP/1.1 304"):
        body = await rd.readexactly(int(low["content-length"])) if not getattr(rd, "no_body", False) else b""
    return lines[0], hs, body


def pack(start, hs, body, length=None):
    hs = [(k, v) for k, v in hs if k.lower() not in ("transfer-encoding", "content-length")]
    hs.append(("Content-Length", str(len(body) if length is None else length)))
    return (start + "\r\n" + "".join(f"{k}: {v}\r\n" for k, v in hs) + "\r\n").encode("latin-1") + body


def reset(wr):
    sock = wr.transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wr.transport.abort()


def later(v):
    return v if not str(v).startswith("date+") else email.utils.formatdate(time.time() + float(v[5:]), usegmt=True)


def pem_blocks(b):
    return re.findall(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", b, re.S)


class Front:
    def __init__(self, a):
        self.up = a.upstream
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE

    async def connect(self):
        return await asyncio.open_connection(*self.up, ssl=self.tls, limit=1 << 20)

    async def ask(self, conn, method, raw):
        rd, wr = conn
        wr.write(raw)
        await wr.drain()
        rd.no_body = method == "HEAD"
        return await read_message(rd)

    async def nonce(self, conn, host):
        _, hs, _ = await self.ask(conn, "HEAD", f"HEAD /nonce-plz HTTP/1.1\r\nHost: {host}\r\nUser-Agent: proxy\r\n\r\n".encode())
        return next(v for k, v in hs if k.lower() == "replay-nonce")

    async def client(self, rd, wr):
        S.connections += 1
        me, conn = S.connections, None
        try:
            while True:
                try:
                    line, hs, body = await read_message(rd)
                except asyncio.IncompleteReadError:
                    break
                conn = conn or await self.connect()
                if not await self.one(me, conn, wr, line, hs, body):
                    break
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, OSError):
            pass
        finally:
            for w in (wr, conn and conn[1]):
                if w:
                    w.close()

    async def one(self, me, conn, wr, line, hs, body):
        method, path, _ = line.split(" ", 2)
        kind, low = what(path), {k.lower(): v for k, v in hs}
        S.requests += 1
        S.by[kind] = S.by.get(kind, 0) + 1
        r = S.match(method, path, kind)
        entry = {"t": round(time.time(), 3), "c": me, "m": method, "p": path, "w": kind, "r": bool(r)}
        S.log.append(entry)
        if r.get("reset") == "before":
            reset(wr)
            return False
        own = any(k in r for k in ("status", "problem", "html", "redirect", "body"))
        if not own or r.get("forward"):
            start, rhs, rbody = await self.ask(conn, method, pack(line, hs, body) if body or "content-length" in low or
                                               "transfer-encoding" in low else (line + "\r\n" + "".join(
                                                   f"{k}: {v}\r\n" for k, v in hs) + "\r\n").encode("latin-1"))
        if own:
            start, rhs, rbody = await self.made_up(r, conn, low.get("host", ""))
        if r.get("reset") == "after":
            reset(wr)
            return False
        rhs = [(k, v) for k, v in rhs if k not in r.get("drop", [])]
        if "json" in r or "order_status" in r or "strange" in r:
            try:
                doc = json.loads(rbody)
                if "strange" in r:  # what a client must not stumble over
                    doc["challenges"] = [{"type": "weird-99"}, {"type": "dns-persist-01", "status": "pending", "issuer-domain-names": []},
                                         {"status": "pending"}, {"type": 7, "url": 1, "token": None}] + doc.get("challenges", [])
                    doc["unheard-of"] = {"deep": [[[]]]}
                if "order_status" in r:
                    doc["status"] = r["order_status"]
                    if doc["status"] != "valid":
                        doc.pop("certificate", None)
                doc.update(r.get("json", {}))
                rbody = json.dumps(doc).encode()
                rhs += [("Retry-After", str(later(r["retry_after"])))] if "retry_after" in r else []
            except ValueError:
                pass
        if kind == "cert" and (b := pem_blocks(rbody)):
            rbody = {"wrong-leaf": b"".join([S.leaf or b[-1]] + b[1:]), "reversed": b"".join(b[::-1]), "empty": b"",
                     "no-chain": b[0], "garbage": b"-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n",
                     }.get(r.get("cert"), rbody)
            S.leaf = b[0]
        if r.get("shout"):
            rhs = [(k.upper(), v) for k, v in rhs]
        entry["s"] = int(start.split(" ")[1])
        await asyncio.sleep(r.get("delay", 0))
        length = len(rbody)
        if method == "HEAD":
            length = next((v for k, v in rhs if k.lower() == "content-length"), 0)
            rbody = b""
        if r.get("huge"):
            wr.write(pack(start, rhs, b"", r["huge"]))
            for _ in range(r["huge"] // 65536 + 1):
                wr.write(b" " * 65536)
                await wr.drain()
            return False
        if "truncate" in r:
            rbody = rbody[:r["truncate"]]
        out = pack(start, rhs, rbody, length)
        if r.get("drip"):
            for i in range(len(out)):
                wr.write(out[i:i + 1])
                await wr.drain()
                await asyncio.sleep(r["drip"])
        else:
            wr.write(out)
            await wr.drain()
        return "truncate" not in r and low.get("connection", "").lower() != "close"

    async def made_up(self, r, conn, host):
        hs, status = list(r.get("headers", {}).items()), r.get("status", 400)
        if "problem" in r:
            doc = {"type": "urn:ietf:params:acme:error:" + r["problem"], "detail": r.get("detail", "the proxy says so"),
                   "status": status}
            if "subproblems" in r:
                doc["subproblems"] = r["subproblems"]
            body, ctype = json.dumps(doc).encode(), "application/problem+json"
        elif r.get("html"):
            body, ctype = b"<html><head><title>Bad gateway</title></head><body><h1>Sorry</h1></body></html>", "text/html"
        else:
            body, ctype = r.get("body", "").encode(), r.get("ctype", "text/plain")
        if "redirect" in r:
            status = r.get("status", 302)
            hs.append(("Location", r["redirect"]))
        if "html" in r and "status" not in r:
            status = 502
        hs.append(("Content-Type", r.get("ctype", ctype)))
        if "retry_after" in r:
            hs.append(("Retry-After", str(later(r["retry_after"]))))
        if r.get("nonce"):
            hs.append(("Replay-Nonce", await self.nonce(conn, host)))
        return f"HTTP/1.1 {status} Said-by-the-proxy", hs, body


class Late:
    """Delivers each segment after its delay; the connection's first waits a round trip more, as SYN and SYN-ACK would."""

    def __init__(self, a):
        self.up, self.delay = a.upstream, a.delay

    async def client(self, rd, wr):
        S.connections += 1
        S.trips += 1  # the TCP handshake
        ready, heard = time.monotonic() + 2 * self.delay, [True]
        try:
            urd, uwr = await asyncio.open_connection(*self.up)
        except OSError:
            wr.close()
            return
        for w in (wr, uwr):
            w.transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.gather(self.pump(rd, uwr, ready, heard, True), self.pump(urd, wr, 0, heard, False))

    async def pump(self, rd, wr, ready, heard, up):
        q = asyncio.Queue()

        async def deliver():
            while True:
                at, data = await q.get()
                await asyncio.sleep(max(0, at - time.monotonic()))
                if not data:
                    break
                if not up:
                    heard[0] = True
                wr.write(data)
            wr.close()
        task = asyncio.create_task(deliver())
        try:
            while data := await rd.read(65536):
                if up and heard[0] and len(data) > 31:  # a closing alert asks for no answer
                    S.trips += 1
                    heard[0] = False
                q.put_nowait((max(time.monotonic(), ready) + self.delay, data))
        except OSError:
            pass
        q.put_nowait((time.monotonic() + self.delay, b""))
        await task


async def control(rd, wr):
    try:
        line, _, body = await read_message(rd)
        verb, path, _ = line.split(" ", 2)
        if path == "/rules":
            S.rules = json.loads(body or b"[]")
        if verb == "POST":
            S.reset()
        wr.write(pack("HTTP/1.1 200 OK", [("Content-Type", "application/json"), ("Connection", "close")],
                      json.dumps(S.counts()).encode()))
        await wr.drain()
    except (ValueError, OSError, asyncio.IncompleteReadError):
        pass
    wr.close()


def addr(s):
    host, _, port = s.rpartition(":")
    return host.strip("[]"), int(port)


async def main():
    p = argparse.ArgumentParser()
    for n in ("listen", "upstream"):
        p.add_argument("--" + n, type=addr, required=True)
    p.add_argument("--control", type=addr)
    for n in ("cert", "key", "rules"):
        p.add_argument("--" + n)
    p.add_argument("--delay", type=float, default=0)
    a = p.parse_args()
    if a.rules:
        S.rules = json.load(open(a.rules))
    tls = None
    if not a.delay:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(a.cert, a.key)
        tls.set_alpn_protocols(["http/1.1"])
    front = Late(a) if a.delay else Front(a)
    await asyncio.start_server(front.client, *a.listen, ssl=tls, limit=1 << 20)
    if a.control:
        await asyncio.start_server(control, *a.control)
    print("ready", flush=True)
    await asyncio.Event().wait()

try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(0)
