"""Joker.com's DMAPI: https://joker.com/faq/books/reseller-documentation-en/page/modify-zonedata, recordings, and
https://github.com/DNSControl/dnscontrol (providers/joker) for SRV and CAA. Forms in, headers and lines out; a session; a zone is
read and written whole, a line a record: label, type, priority, target, TTL. Each zone also has settings ($dnssec, $dyndns) and a
redirection, which are not part of the dump: a zone without them is refused here, as it would lose them. A TXT comes with a blank
that nobody wrote (lego, lexicon: "until it gets fixed on API side")."""
import re
import uuid

from ._parts import cut
from .core import Provider, Refuse, Reply, provider, quoted, route, unquoted

SETTINGS = ["$dnssec=no", "$dyndns=no::"]
WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s"]+')


@provider
class JokerDmapi(Provider):
    name = "jokerdmapi"
    hosts = ("dmapi.joker.com",)
    env = {"JOKER_API_KEY": "joker-api-key"}
    alt = ({"JOKER_USERNAME": "joker-user", "JOKER_PASSWORD": "joker-password"},)
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS")
    unit = "zone"
    ttl_min, txt_no, txt_trim, txt_ascii = 60, '"\\', True, True
    odd = ()

    def setup(self):
        self.sessions = set()

    def expire(self):
        self.sessions.clear()
        return True

    def say(self, code=0, text="Command completed successfully", lines=(), **headers):
        head = [f"Status-Code: {code}", f"Status-Text: {text}", *[f"{k.replace('_', '-')}: {v}" for k, v in headers.items()]]
        return Reply(200, "\n".join(["Version: 1.2.53", *head, "", *lines]) + "\n", {"Content-Type": "text/plain; charset=utf-8"})

    def refuse(self, *args):
        refusal = Refuse(200)
        refusal.reply = self.say(*args)
        raise refusal

    def denied(self, fault):
        return self.say(2202, "Authorization error")

    def missing(self, fault):
        return self.say(2303, "Object does not exist")

    def writes(self, q):
        return q.path.endswith("/dns-zone-put")

    def auth(self, q):
        if not q.path.endswith("/login") and q.form().get("auth-sid") not in self.sessions:
            self.refuse(2202, "Authorization error")

    @route("POST", "/request/login")
    def login(self, q):
        x = q.form()
        if x.get("api-key") != self.env["JOKER_API_KEY"] and (x.get("username"), x.get("password")) != ("joker-user", "joker-password"):
            return self.say(2200, "Authentication error")
        sid = uuid.uuid4().hex
        self.sessions.add(sid)
        return self.say(0, "OK", ["com", "net", "org"], UID=1909591, Auth_Sid=sid, Session_Timeout=3600, Account_currency="EUR")

    @route("POST", "/request/logout")
    def logout(self, q):
        self.sessions.discard(q.form()["auth-sid"])
        return self.say()

    @route("POST", "/request/dns-zone-list")
    def zone_list(self, q):
        del q
        return self.say(0, "Command completed successfully", [f"{z.name} 2031-12-31" for z in self.zones])

    @route("POST", "/request/query-domain-list")
    def domain_list(self, q):
        want = q.form().get("pattern") or ""
        return self.say(0, "Command completed successfully", [f"{z.name} 2031-12-31 production" for z in self.zones if z.name == want])

    def kept(self, zone):
        return SETTINGS + (["redirect URL 0 http://joker.com 60"] if zone.name == self.home else [])

    def the_zone(self, q):
        return self.zone(q.form().get("domain") or "-") or self.refuse(2303, "Object does not exist")

    def line(self, zone, r):
        parts, label = cut(r.type, r.value, ".") or {}, zone.rel(r.name, "@")
        pri, target = parts.get("priority", 0), parts.get("target", r.value)
        if r.type == "TXT":
            return f"{label} TXT 0  {quoted(r.value)[:-1]} \" {r.ttl}"
        if r.type == "SRV":
            pri, target = f"{pri}/{parts['weight']}", f"{target}:{parts['port']}"
        if r.type == "CAA":
            pri, target = parts["flags"], f'{parts["tag"]} "{parts["ca"]}"'
        return f"{label} {r.type} {pri} {target} {r.ttl}"

    @route("POST", "/request/dns-zone-get")
    def get(self, q):
        zone = self.the_zone(q)
        return self.say(0, "Command completed successfully", self.kept(zone) + [self.line(zone, r) for r in zone.records])

    def read(self, zone, line):
        words = WORDS.findall(line)
        if len(words) < 5 or words[1] not in self.types or not words[-1].isdigit() or (words[1] == "CAA") != (len(words) == 6):
            self.refuse(2400, f"Command failed: {line}")
        label, type_, pri, *target, ttl = words
        if (type_ not in ("MX", "SRV", "CAA") and pri != "0") or int(ttl) < self.ttl_min:
            self.refuse(2400, f"Command failed: {line}")
        value = target[0]
        if type_ == "TXT":
            value = unquoted(value).strip()
        if type_ in ("CNAME", "NS", "MX"):
            value = value.rstrip(".") + "."
        if type_ == "MX":
            value = f"{int(pri)} {value}"
        if type_ == "SRV":
            m = re.fullmatch(r"(\d+)/(\d+) ([^:]+?)\.?:(\d+)", f"{pri} {value}") or self.refuse(2400, f"Command failed: {line}")
            value = f"{m[1]} {m[2]} {m[4]} {m[3]}."
        if type_ == "CAA":
            value = f'{int(pri)} {target[0]} "{unquoted(target[1])}"'
        return zone.full(label), type_, int(ttl), value

    @route("POST", "/request/dns-zone-put")
    def put(self, q):
        zone, lines = self.the_zone(q), [x for x in (q.form().get("zone") or "").splitlines() if x.strip()]
        if not lines or not set(self.kept(zone)) <= set(lines):
            self.refuse(2400, "Command failed: the zone is empty, or its settings are gone")
        new = [self.read(zone, x) for x in lines if x not in self.kept(zone)]
        if len(set((n, t, v) for n, t, _, v in new)) != len(new):
            self.refuse(2400, "Command failed: a record stands there twice")
        if any(t == "CNAME" and any(m == n and (u, w) != (t, v) for m, u, _, w in new) for n, t, _, v in new):
            self.refuse(2400, "Command failed: a CNAME stands alone")
        for r in list(zone.records):
            self.remove(zone, r)
        for record in new:
            self.add(zone, *record)
        return self.say(0, "Command completed successfully", Proc_ID=603776570)
