"""TransIP: https://api.transip.nl/rest/docs.html. A login whose body is signed gives a token; entries without ids, taken away by
naming all of them: name, expire, type and content."""
import re

from . import _rsa, _sets
from .core import Provider, Refuse, Reply, provider, route

FIELDS = {"name": str, "expire": int, "type": str, "content": str}


@provider
class Transip(Provider):
    name = "transip"
    hosts = ("api.transip.nl",)
    env = {"TRANSIP_ACCOUNT_NAME": "example", "TRANSIP_PRIVATE_KEY": _rsa.KEY}
    files = {"key.pem": _rsa.KEY + "\n"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS")
    unit = "value"
    txt_max, txt_no, txt_trim = 1024, "`\\", True

    def setup(self):
        self.tokens, self.nonces = set(), set()

    def expire(self):
        self.tokens.clear()
        return True

    def no(self, status, text):
        return Reply(status, {"error": text})

    def rate(self, fault):
        reply = super().rate(fault)
        return Reply(reply.status, {"error": "Rate limit exceeded"}, reply.headers)

    def denied(self, fault):
        return self.no(fault.get("status", 401), "Your access token is invalid.")

    def broken(self, fault):
        return self.no(fault.get("status", 500), "Internal error occurred, please contact our support")

    def missing(self, fault):
        return self.no(404, "Domain not found")

    def writes(self, q):
        return q.method != "GET" and q.path != "/v6/auth"

    def refuse(self, status, text):
        raise Refuse(status, {"error": text})

    def auth(self, q):
        if q.path == "/v6/auth":
            if not _rsa.good(q.header("Signature"), q.body, "sha512") or (q.json() or {}).get("login") != "example":
                self.refuse(401, "Invalid signature or login")
        elif q.header("Authorization").removeprefix("Bearer ") not in self.tokens:
            self.refuse(401, "Your access token is invalid.")

    @route("POST", "/v6/auth")
    def login(self, q):
        body = q.json()
        if not isinstance(body, dict) or set(body) - {"login", "nonce", "read_only", "expiration_time", "label", "global_key"}:
            self.refuse(400, "Invalid request body")
        nonce = body.get("nonce")
        if not isinstance(nonce, str) or not 6 <= len(nonce) <= 32 or nonce in self.nonces:
            self.refuse(406, "The provided nonce is not between 6 and 32 characters, or was used before")
        if not isinstance(body.get("global_key", False), bool) or not isinstance(body.get("read_only", False), bool) or not re.fullmatch(
                r"\d+ (seconds?|minutes?|hours?|days?|weeks?)", body.get("expiration_time", "1 day")):
            self.refuse(406, "Invalid expiration time")
        self.nonces.add(nonce)
        # a JSON Web Token: clients read exp out of it, here the year 2100
        token = f"eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzUxMiJ9.eyJleHAiOjQxMDI0NDQ4MDB9.{nonce}"
        self.tokens.add(token)
        return Reply(201, {"token": token})

    def shown(self, z):
        return {"name": z.name, "authCode": "kJqfuOXNOYQKqh/jO4bYSn54YDqgAt1ksCe+ZG4Ud4nfpzw8qBsfR2JqAj7Ce12SxKcGD09v+yXd6lrm", "isTransferLocked": False,
                "registrationDate": "2020-01-05", "renewalDate": "2023-01-05", "isWhitelabel": False, "isDnsOnly": False,
                "cancellationDate": "", "cancellationStatus": "", "hasActionRunning": False, "supportsLocking": False, "tags": [],
                "hasAutoDns": False}

    def links(self, path):
        return [{"rel": "self", "link": "https://api.transip.nl" + path}]

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            self.refuse(404, f"Domain with name '{name}' not found")
        return zone

    @route("GET", "/v6/domains")
    def domains(self, q):
        zones = self.pages(q, self.zones, size="pageSize")[0] if "pageSize" in q.args or "page" in q.args else self.zones
        return Reply(200, {"domains": [self.shown(z) for z in zones], "_links": self.links(q.path)})

    @route("GET", "/v6/domains/(?P<zone>[^/]+)")
    def domain(self, q, zone):
        return Reply(200, {"domain": self.shown(self.the_zone(zone)), "_links": self.links(q.path)})

    @route("GET", "/v6/domains/(?P<zone>[^/]+)/dns")
    def entries(self, q, zone):
        z = self.the_zone(zone)
        return Reply(200, {"dnsEntries": [{"name": z.rel(r.name, "@"), "expire": r.ttl, "type": r.type, "content": r.value} for r in z.records],
                           "_links": self.links(q.path)})

    def entry(self, z, q):
        """(name, type, ttl, value) of the body."""
        body = q.json()
        one = body.get("dnsEntry") if isinstance(body, dict) and set(body) == {"dnsEntry"} else None
        if not isinstance(one, dict) or set(one) != set(FIELDS) or not all(type(one[k]) is t for k, t in FIELDS.items()):
            self.refuse(406, "The dnsEntry is not valid: name, expire, type and content are wanted")
        if one["type"] not in self.types + ("SSHFP", "NAPTR", "ALIAS") or not one["name"] or not one["content"] or one["expire"] < 1:
            self.refuse(406, "Invalid DNS entry: type, name, content or expire")
        if one["name"].endswith(".") or (one["name"] != "@" and not re.fullmatch(r"[\w*.-]+", one["name"])):
            self.refuse(406, f"Invalid DNS entry: the name '{one['name']}'")
        value = one["content"]
        if one["type"] == "TXT":
            value = value.strip()
            if len(value.encode()) > 1024 or re.search(r"[`\\]", value):
                self.refuse(406, "Invalid DNS entry: the content of this TXT")
        else:
            try:
                value = _sets.read(z, one["type"], value)
            except ValueError as why:
                self.refuse(406, f"Invalid DNS entry: {why}")
        if one["type"] == "MX" and value.endswith(" ."):
            self.refuse(406, "Invalid DNS entry: the content of this MX")
        return z.full(one["name"], ("@",)), one["type"], one["expire"], value

    @route("POST", "/v6/domains/(?P<zone>[^/]+)/dns")
    def create(self, q, zone):
        z = self.the_zone(zone)
        name, type_, ttl, value = self.entry(z, q)
        if any(r.value == value for r in z.find(name, type_)):
            self.refuse(406, "Invalid DNS entry: there is one alike")
        if any((r.type == "CNAME") or type_ == "CNAME" for r in z.find(name)):
            self.refuse(406, "Invalid DNS entry: a CNAME stands alone")
        self.add(z, name, type_, ttl, value)
        return Reply(201, [])

    @route("PATCH", "/v6/domains/(?P<zone>[^/]+)/dns")
    def update(self, q, zone):
        z = self.the_zone(zone)
        name, type_, ttl, value = self.entry(z, q)
        found = [r for r in z.find(name, type_) if r.ttl == ttl]
        if len(found) != 1:
            self.refuse(404 if not found else 409, "DNS entry not found" if not found else "Multiple DNS entries found")
        found[0].value = value
        return Reply(204)

    @route("DELETE", "/v6/domains/(?P<zone>[^/]+)/dns")
    def delete(self, q, zone):
        z = self.the_zone(zone)
        name, type_, ttl, value = self.entry(z, q)
        found = [r for r in z.find(name, type_) if (r.ttl, r.value) == (ttl, value)]
        if not found:
            self.refuse(404, f"Dns entry {name} {ttl} {type_} '{value}' not found")
        self.remove(z, found[0])
        return Reply(204)
