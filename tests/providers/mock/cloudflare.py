"""Cloudflare: https://developers.cloudflare.com/api/resources/dns/. Records with ids; SRV, CAA and TLSA as data; TXT in character
strings, which long ones become by themselves; zones of a name may be public or internal."""
import re

from .core import Provider, Refuse, Reply, provider, quoted, route, unquoted

PARTS = {"SRV": ("priority", "weight", "port", "target"), "CAA": ("flags", "tag", "value"),
         "TLSA": ("usage", "selector", "matching_type", "certificate")}
KNOWN = {"type", "name", "content", "ttl", "priority", "proxied", "data", "comment", "tags", "settings", "id"}


def refuse(status, code, message):
    return Refuse(status, {"result": None, "success": False, "errors": [{"code": code, "message": message}], "messages": []})


@provider
class Cloudflare(Provider):
    name = "cloudflare"
    hosts = ("api.cloudflare.com",)
    env = {"CF_DNS_API_TOKEN": "cloudflare-token"}
    alt = ({"CF_API_EMAIL": "me@example.net", "CF_API_KEY": "0123456789abcdef0123456789abcdef01234"},)
    page, page_max = 100, 5000
    txt_max = 2048
    ttl_min, ttl_max = 60, 86400
    private = True

    def new_id(self):
        return "%032x" % (0x372e67954025e0ba6aaa6d586b9e0b00 + super().new_id())

    def auth(self, q):
        token, key, mail = q.header("Authorization"), q.header("X-Auth-Key"), q.header("X-Auth-Email")
        if token:
            if not token.startswith("Bearer "):
                raise refuse(400, 6003, "Invalid request headers")
            if token != "Bearer " + self.env["CF_DNS_API_TOKEN"]:
                raise refuse(401, 1000, "Invalid API Token")
        elif not key or not mail:
            raise refuse(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
        elif not re.fullmatch("[0-9a-f]{37}", key):
            raise refuse(400, 6003, "Invalid request headers")
        elif {"CF_API_EMAIL": mail, "CF_API_KEY": key} != self.alt[0]:
            raise refuse(403, 9103, "Unknown X-Auth-Key or X-Auth-Email")

    def denied(self, fault):
        return refuse(fault.get("status", 403), 10000, "Authentication error").reply

    def rate(self, fault):
        reply = refuse(fault.get("status", 429), 971, "Please wait and consider throttling your request speed").reply
        reply.headers.update(super().rate(fault).headers)
        return reply

    def paged(self, q, items, most):
        by = q.number("per_page", self.page)
        if not 1 <= by <= most:
            raise refuse(400, 1003, f"Invalid or missing zone per_page: {by}")
        at, pages = q.number("page", 1), max(1, -(-len(items) // by))
        part = items[(at - 1) * by:at * by]
        return Reply(200, {"result": part, "success": True, "errors": [], "messages": [], "result_info":
                           {"page": at, "per_page": by, "count": len(part), "total_count": len(items), "total_pages": pages}})

    def zone_shown(self, z):
        return {"id": z.id, "name": z.name.encode().decode("idna"), "status": "active", "paused": False, "type": "internal" if z.private
                else "full", "name_servers": ["a.ns.cloudflare.com"], "account": {"id": "8d76151cc3a22bf025f36489c7a0be23", "name": "me"}}

    def the_zone(self, id_):
        if not re.fullmatch("[0-9a-f]{32}", id_):
            raise refuse(404, 7003, f"Could not route to /client/v4/zones/{id_}/dns_records, perhaps your object identifier is invalid?")
        zone = self.zone(id_=id_)
        if not zone:
            raise refuse(403, 9109, "Unauthorized to access requested resource")
        return zone

    def content(self, r):
        if r.type == "TXT":
            return r.raw if getattr(r, "raw", None) else quoted(r.value, 255)
        words = r.value.split(" ")
        text = " ".join(words[1:] if r.type in ("MX", "SRV") else words)
        return text.rstrip(".") if r.type in ("MX", "SRV", "CNAME", "NS", "PTR") and text != "." else text

    def shown(self, r):
        out = {"id": r.id, "name": r.name, "type": r.type, "content": self.content(r), "proxiable": r.type in ("A", "AAAA", "CNAME"),
               "proxied": False, "ttl": r.ttl, "settings": {"flatten_cname": False} if r.type == "CNAME" else {}, "meta": {},
               "comment": None, "tags": [], "created_on": "2026-01-01T00:00:00.000000Z", "modified_on": "2026-01-01T00:00:00.000000Z"}
        words = r.value.split(" ", 3 if r.type == "TLSA" else 2 if r.type == "CAA" else 9)
        if r.type in ("MX", "SRV"):
            out["priority"] = int(words[0])
        if r.type in PARTS:
            words = [unquoted(w) if k == "value" else int(w) if w.isdigit() and k not in ("certificate", "tag") else w
                     for k, w in zip(PARTS[r.type], words)]
            out["data"] = {k: w.rstrip(".") if k == "target" and w != "." else w for k, w in zip(PARTS[r.type], words)}
        return out

    def read(self, body):
        """(value, raw content) of what a client sends."""
        type_, content, data = body["type"], body.get("content"), body.get("data")
        if type_ in PARTS:
            if not isinstance(data, dict) or set(PARTS[type_]) - set(data):
                raise refuse(400, 9004, f"{type_} records need data: " + " ".join(PARTS[type_]))
            for k in PARTS[type_]:
                if k not in ("target", "tag", "value", "certificate") and (isinstance(data[k], bool) or not isinstance(data[k], int)):
                    raise refuse(400, 1004, f"DNS Validation Error: {k} must be a number")
            words = [quoted(data[k]) if k == "value" else str(data[k]) for k in PARTS[type_]]
            return " ".join(w + "." if k == "target" and not w.endswith(".") else w for k, w in zip(PARTS[type_], words)), None
        if not isinstance(content, str) or not content:
            raise refuse(400, 9000, f"Content for {type_} record is invalid.")
        if type_ == "TXT":
            text = unquoted(content) if content[0] == '"' else content
            if text is None or len(text.encode()) > 2048:
                raise refuse(400, 9207, "Content for TXT record is invalid or longer than 2048 characters.")
            return text, content if len(text) < 256 else None
        if type_ == "MX":
            if not isinstance(body.get("priority"), int):
                raise refuse(400, 9101, "priority is a required data field.")
            content = f"{body['priority']} {content}"
        return content + "." if type_ in ("MX", "CNAME", "NS", "PTR") and not content.endswith(".") else content, None

    def checked(self, zone, body, mine=None):
        if not isinstance(body, dict) or set(body) - KNOWN or not isinstance(body.get("name"), str):
            raise refuse(400, 9207, "Request body is invalid.")
        if body.get("type") not in self.types + ("PTR", "NS"):
            raise refuse(400, 9001, f"Invalid type {body.get('type')}.")
        ttl = body.get("ttl", 1)
        if isinstance(ttl, bool) or not isinstance(ttl, int) or not (ttl == 1 or 60 <= ttl <= 86400):
            raise refuse(400, 9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.")
        name = body["name"].lower().rstrip(".")
        name = name if name == zone.name or name.endswith("." + zone.name) else zone.full(name)
        value, raw = self.read(body)
        for r in zone.find(name):
            if r is not mine and (r.type, r.value) == (body["type"], value):
                raise refuse(400, 81058, "An identical record already exists.")
            if r is not mine and "CNAME" in (r.type, body["type"]) and {r.type, body["type"]} & {"A", "AAAA"} | {"CNAME"} == {r.type, body["type"]}:
                raise refuse(400, 81053, "An A, AAAA, or CNAME record with that host already exists.")
        return name, body["type"], ttl, value, raw

    @route("GET", "/client/v4/zones")
    def list_zones(self, q):
        name = q.args.get("name")
        shown = [self.zone_shown(z) for z in self.zones if name is None or name.lower() in (z.name, z.name.encode().decode("idna"))]
        return self.paged(q, shown, 100)

    @route("GET", "/client/v4/zones/(?P<zone>[^/]+)/dns_records")
    def records(self, q, zone):
        shown = [self.shown(r) for r in self.the_zone(zone).records]
        for k in ("name", "type", "content"):
            want = q.args.get(k) or q.args.get(k + ".exact")
            if want:
                shown = [x for x in shown if x[k].lower().strip('"') == want.lower().strip('"')]
        return self.paged(q, shown, 5000000)

    @route("POST", "/client/v4/zones/(?P<zone>[^/]+)/dns_records")
    def create(self, q, zone):
        zone = self.the_zone(zone)
        *what, raw = self.checked(zone, q.json())
        return self.result(self.shown(self.add(zone, *what, raw=raw)))

    def result(self, x):
        return Reply(200, {"result": x, "success": True, "errors": [], "messages": []})

    def the_record(self, zone, id_):
        r = zone.by_id(id_)
        if not r:
            raise refuse(404, 81044, "Record does not exist.")
        return r

    @route("PUT", "/client/v4/zones/(?P<zone>[^/]+)/dns_records/(?P<id_>[^/]+)")
    @route("PATCH", "/client/v4/zones/(?P<zone>[^/]+)/dns_records/(?P<id_>[^/]+)")
    def update(self, q, zone, id_):
        zone = self.the_zone(zone)
        r, body = self.the_record(zone, id_), q.json()
        if q.method == "PATCH":
            old = self.shown(r)
            body = {**{k: old[k] for k in ("type", "name", "content", "ttl", "priority", "data") if k in old}, **body}
        r.name, r.type, r.ttl, r.value, r.raw = self.checked(zone, body, r)
        return self.result(self.shown(r))

    @route("DELETE", "/client/v4/zones/(?P<zone>[^/]+)/dns_records/(?P<id_>[^/]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        self.remove(zone, self.the_record(zone, id_))
        return self.result({"id": id_})
