"""What the mocks of all providers share: a store of zones in neutral form, an HTTP server that finds a provider by its
host name, faults on demand, and a log of what was asked.

A mock is written from the vendor's documentation and recordings, never from our descriptor. It says what the vendor
would say, keeps what the vendor would keep, and refuses what the vendor would refuse: a missing page parameter gets the
vendor's own page size, a wrong signature its own refusal.

Neutral form of a record: name as FQDN in lower-case ASCII without a final dot, type, TTL, value in presentation form
(RFC 1035) with every name inside ending in a dot, but TXT as the plain text itself. Odd vendor forms (numbers for
types, "@" for the apex, quoted TXT) exist only in what a mock sends and reads.

Control (Host: mock.control), JSON in and out:
  POST /reset {provider, zones: [{name, id?, private?, records: [[name, type, ttl, value]...]}], faults: [...], options: {}}
  GET  /dump?provider=X   [[zone, name, type, ttl, value]...], sorted
  GET  /log?provider=X    [{method, host, path, query, body, status, write}...] since the reset
  POST /faults {provider, faults}
A fault: {match: regex over "METHOD /path", on: "read" | "write" (as writes() says), nth: from which match on (1), times:
how many (1), and one of
  what: "rate" | "denied" | "broken" | "missing"  the vendor's own reply of that sort, keys: retry_after, status
  reply: {status, headers, body}                  this reply
  lose: true        the change is made, the connection is closed without a reply
  reset: true       closed before anything is done
  cut: N            the reply ends after N bytes, Content-Length promises all
  html: true        status 200, a page for people}
"""
import base64
import http.server
import json
import re
import socket
import socketserver
import struct
import sys
import threading
import time
import urllib.parse

providers = {}  # name: class
MAIL_TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA")


def provider(cls):
    """Class decorator: makes it known by its name."""
    providers[cls.name] = cls
    return cls


def route(method, pattern):
    """Method decorator: METHOD and a regular expression for the whole path; its groups become arguments, percent-decoded."""
    def mark(f):
        f.routes = getattr(f, "routes", []) + [(method, re.compile(pattern + r"\Z"))]
        return f
    return mark


def quoted(text, size=0):
    """A text as character strings (RFC 1035 5.1): one, or several of at most `size` bytes."""
    def one(raw):
        return '"%s"' % "".join(f"\\{c:03}" if c < 32 or c > 126 else "\\" + chr(c) if c in b'"\\' else chr(c) for c in raw)
    raw = text.encode()
    return " ".join(one(raw[i:i + size]) for i in range(0, max(1, len(raw)), size)) if size else one(raw)


def unquoted(text):
    """The reverse: what strings and words say together; None when a quote is left open."""
    out, i, inside = b"", 0, False
    raw = text.encode()
    while i < len(raw):
        c = raw[i:i + 1]
        if c == b"\\":
            three = raw[i + 1:i + 4]
            out += bytes([int(three) & 255]) if three.isdigit() and len(three) == 3 else raw[i + 1:i + 2]
            i += 3 if three.isdigit() and len(three) == 3 else 1
        elif c == b'"':
            inside = not inside
        elif inside or c not in b" \t":
            out += c
        i += 1
    return None if inside else out.decode(errors="replace")


class Refuse(Exception):
    """Raised by a mock to answer with a refusal."""
    def __init__(self, status, body=None, headers=None):
        super().__init__(status)
        self.reply = Reply(status, body, headers)


class Reply:
    """body: dict or list (JSON), str, bytes or None."""
    def __init__(self, status=200, body=None, headers=None):
        self.status, self.headers = status, dict(headers or {})
        if isinstance(body, (dict, list)):
            self.headers.setdefault("Content-Type", "application/json")
            body = json.dumps(body)
        self.body = body.encode() if isinstance(body, str) else (body or b"")


class Request:
    def __init__(self, method, host, target, headers, body):
        self.method, self.host, self.target, self.headers, self.body = method, host, target, headers, body
        self.path, _, self.raw_query = target.partition("?")
        self.args = dict(urllib.parse.parse_qsl(self.raw_query, keep_blank_values=True))

    def header(self, name, default=""):
        return self.headers.get(name, default)

    def basic(self):
        """(user, password) of Authorization: Basic; ("", "") without."""
        kind, _, text = self.header("Authorization").partition(" ")
        try:
            user, _, password = base64.b64decode(text).decode().partition(":") if kind == "Basic" else ("", "", "")
        except ValueError:
            return "", ""
        return user, password

    def json(self):
        try:
            return json.loads(self.body or b"null")
        except ValueError:
            raise Refuse(400, {"message": "the body is no JSON"}) from None

    def form(self):
        return dict(urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True))

    def number(self, name, default):
        return int(self.args.get(name) or default)


class Record:
    def __init__(self, name, type_, ttl, value, id_, **extra):
        self.name, self.type, self.ttl, self.value, self.id = name.lower().rstrip("."), type_, int(ttl), value, id_
        self.__dict__.update(extra)


class Zone:
    def __init__(self, name, id_, private=False):
        self.name, self.id, self.private, self.records, self.serial = name, id_, private, [], 1

    def rel(self, name, apex=""):
        return apex if name == self.name else name[:-len(self.name) - 1]

    def full(self, rel, apex=("", "@")):
        rel = rel.lower().rstrip(".")
        return self.name if rel in apex else f"{rel}.{self.name}"

    def named(self, text, apex=("", "@")):
        """For vendors that take whole names too, when they end in a dot."""
        text = text.lower()
        return text.rstrip(".") if text.endswith(f"{self.name}.") else self.full(text, apex)

    def find(self, name=None, type_=None):
        return [r for r in self.records if (name is None or r.name == name) and (type_ is None or r.type == type_)]

    def by_id(self, id_):
        return next((r for r in self.records if str(r.id) == str(id_)), None)

    def sets(self):
        """{(name, type): [records]} in order of appearance."""
        out = {}
        for r in self.records:
            out.setdefault((r.name, r.type), []).append(r)
        return out


class Provider:
    """One provider's state and manners. Subclasses set the first block and add routes."""
    name = ""        # as opsmail calls it
    hosts = ()       # whole names, or ".suffix"; a self-hosted one: "NAME.mock"
    env = {}         # the variables that hold valid credentials, ours (a provider's given names)
    settings = {}    # more of `dns:` in opsmail.yaml, {"zone": "example.com"} where it must be given
    types = MAIL_TYPES
    page, page_max = 100, 100  # the vendor's own default and limit
    id_start = 1001  # vendors whose ids are text override new_id()
    skip = {}        # scenario: why it cannot be for this vendor, "S14": "..."
    # What the scenarios (run.py) need to know; say only what is not so:
    home = "example.com"  # the zone that they use
    unit = "record"  # what a write carries: "record" (has an id), "value" (has none), "set", "name", "zone", or "slot" (one TXT, no more)
    cas = False      # a write on an old state is refused
    lists = True     # values can be read back
    txt_max, txt_no = 4000, ""  # longest TXT in bytes, characters it cannot hold
    txt_trim, txt_ascii = False, False  # blanks at its ends are lost, and so is what is no ASCII
    ttl_min, ttl_max, ttls = 1, 2**31 - 1, ()  # ttls: only these
    signed = 0       # seconds a signature's time may be off; 0: no time is signed
    private = False  # it has private zones, perhaps of a public one's name
    commit = ""      # regex over "METHOD /path" of the call that makes staged changes real
    pending = False  # changes are promised; options {"action": "error"} makes them fail later
    odd = (("odd", "SSHFP", 3600, "4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789"),)
    sizes = (101, 250, 601)  # records in zones that are read in pages
    floods = ()      # more faults that ask for patience in the vendor's own way: ({"reply": {...}}, ...)
    files = {}       # for clients that want credentials in a file: {name: text}
    alt = ()         # other sets of valid credentials: ({NAME: VALUE}, ...)
    granted = ""     # the variable of a credential that the vendor gives who asks for it: see grant()
    chains = ()      # what a machine has instead of credentials: (({variable: value}, {file in its home: text}), ...), {home} in both

    def __init__(self):
        self.lock, self.table = threading.RLock(), []
        for k in dir(type(self)):
            for method, pattern in getattr(getattr(type(self), k), "routes", []):
                self.table.append((method, pattern, getattr(self, k)))
        self.reset([])

    def reset(self, zones, faults=(), options=None):
        self.zones, self.log, self.faults, self.options = [], [], [dict(f) for f in faults], options or {}
        self.page, self.since = self.options.get("page", type(self).page), time.monotonic()
        self.last_id, self.before, self.after = self.id_start, None, None  # hooks: f(q), and f(q, reply)
        for z in zones:
            zone = Zone(z["name"], z.get("id") or self.new_zone_id(z["name"]), z.get("private", False))
            self.zones.append(zone)
            for name, type_, ttl, value in z.get("records", []):
                self.add(zone, name, type_, ttl, value)
        self.setup()

    def setup(self):
        """After a reset: sessions, tokens and the like."""

    def expire(self):
        """Forgets sessions and tokens; False when there are none."""
        return False

    def grant(self, text):
        """Does what `text` tells a person to do, so that the credential in it is good; returns {NAME: VALUE}."""
        raise NotImplementedError

    def new_id(self):
        self.last_id += 1
        return self.last_id

    def new_zone_id(self, name):
        del name
        return self.new_id()

    def add(self, zone, name, type_, ttl, value, **extra):
        r = Record(name, type_, ttl, value, self.new_id(), **extra)
        zone.records.append(r)
        zone.serial += 1
        return r

    def remove(self, zone, record):
        zone.records.remove(record)
        zone.serial += 1

    def zone(self, name=None, id_=None):
        return next((z for z in self.zones if (name is None or z.name == name.lower().rstrip(".")) and
                     (id_ is None or str(z.id) == str(id_))), None)

    def dump(self):
        return sorted([z.name, r.name, r.type, r.ttl, r.value] for z in self.zones for r in z.records)

    # ---- what a vendor says; override what it says differently ----
    def auth(self, q):
        """Raises Refuse when the credentials or the signature are wrong."""

    def rate(self, fault):
        after = {} if fault.get("retry_after") is None else {"Retry-After": str(fault["retry_after"])}
        return Reply(fault.get("status", 429), {"message": "too many requests"}, after)

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"message": "unauthorized"})

    def broken(self, fault):
        return Reply(fault.get("status", 500), {"message": "internal error"})

    def missing(self, fault):
        return Reply(fault.get("status", 404), {"message": "not found"})

    def writes(self, q):
        """Whether a request means to change something: override for POST-only APIs."""
        return q.method != "GET"

    def pages(self, q, items, page="page", size="per_page", first=1):
        """The slice a client asked for, and (number, size, pages)."""
        by = min(q.number(size, self.page), self.page_max)
        at = q.number(page, first) - first
        return items[at * by:(at + 1) * by], (at + first, by, max(1, -(-len(items) // by)))

    def handle(self, q):
        self.auth(q)
        known = False
        for method, pattern, f in self.table:
            m = pattern.match(q.path)
            known = known or bool(m)
            if m and method == q.method:
                return f(q, **{k: urllib.parse.unquote(v or "") for k, v in m.groupdict().items()})
        return Reply(405 if known else 404, {"message": f"no such call: {q.method} {q.path}"})

    # ---- the server's side ----
    def fault_for(self, q):
        for f in self.faults:
            if f.get("on") and (f["on"] == "write") != bool(self.writes(q)):
                continue
            if re.search(f.get("match", "."), f"{q.method} {q.path}"):
                f["seen"] = f.get("seen", 0) + 1
                first = f.get("nth", 1)
                if first <= f["seen"] < first + f.get("times", 1):
                    return f
        return {}

    def answer(self, q):
        """(reply, fault): what is sent, and what happens to it on the way."""
        with self.lock:
            fault = self.fault_for(q)
            if self.before:
                self.before(q)
            if fault.get("reset"):
                reply = None
            elif "what" in fault:
                reply = getattr(self, fault["what"])(fault)
            elif "reply" in fault:
                reply = Reply(**fault["reply"])
            elif fault.get("html"):
                reply = Reply(200, "<html><body>Down for maintenance</body></html>", {"Content-Type": "text/html"})
            else:
                try:
                    reply = self.handle(q)
                except Refuse as refusal:
                    reply = refusal.reply
            self.log.append({"method": q.method, "host": q.host, "path": q.path, "query": q.raw_query,
                             "body": q.body.decode(errors="replace"), "status": reply.status if reply else 0,
                             "write": bool(self.writes(q))})
            if self.after:
                self.after(q, reply)
            return reply, fault


running = {}  # name: instance


def find(host):
    """Whose host it is. The address of a machine's metadata is one for all clouds: then it is whose reset was the last."""
    host = host.split(":")[0].lower()
    theirs = [p for p in running.values() if any(host == h or (h.startswith(".") and host.endswith(h)) for h in p.hosts)]
    return max(theirs, key=lambda p: p.since) if theirs else running.get(host.removesuffix(".mock"))


def control(q):
    body = q.json() or {}
    p = running.get(body.get("provider") or q.args.get("provider"))
    if q.path == "/list":
        return Reply(200, [{k: getattr(x, k) for k in ("name", "env", "settings", "types", "skip", "hosts")}
                           for x in running.values()])
    if not p:
        return Reply(404, {"message": "no such provider"})
    with p.lock:
        if q.path == "/reset":
            p.reset(body.get("zones", []), body.get("faults", []), body.get("options"))
            return Reply(200, {})
        if q.path == "/faults":
            p.faults = [dict(f) for f in body.get("faults", [])]
            return Reply(200, {})
        if q.path == "/dump":
            return Reply(200, p.dump())
        if q.path == "/log":
            return Reply(200, p.log)
    return Reply(404, {"message": "no such control"})


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm, wbufsize = True, 1 << 16  # one packet an answer

    def log_message(self, *_):
        pass

    def hang_up(self):
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            out = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                out += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return out
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def serve(self):
        q = Request(self.command, self.headers.get("Host", ""), self.path, self.headers, self.body())
        fault, p = {}, find(q.host)
        try:
            if q.host == "mock.control":
                reply = control(q)
            elif not p:
                reply = Reply(421, {"message": f"no mock is called {q.host}"})
            else:
                reply, fault = p.answer(q)
        except Exception as error:  # a fault of the mock itself: said aloud, and no success
            print(f"{q.method} {q.host}{q.path}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            reply = Reply(599, {"message": f"the mock failed: {error!r}"})
        if fault.get("delay"):
            time.sleep(fault["delay"])
        if reply is None or fault.get("lose"):
            self.hang_up()
            return
        self.send_response(reply.status)
        for k, v in reply.headers.items():
            self.send_header(k, v)
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD" and reply.status not in (204, 304):
            self.wfile.write(reply.body[:fault["cut"]] if "cut" in fault else reply.body)
        if "cut" in fault:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = serve


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):  # a client that hangs up is no fault
            super().handle_error(request, client_address)


def start(port=0):
    """Starts all known providers on a port of the loopback; returns the server, which the caller serves."""
    running.update((name, cls()) for name, cls in sorted(providers.items()))
    return Server(("127.0.0.1", port), Handler)
