"""Vercel: https://vercel.com/docs/rest-api/dns, and independent clients. Records with ids, the newest first, 20 a page, pages by the time
of creation; SRV as an object when written and as words when read."""
from ._parts import flat, join, normal
from .core import Provider, Refuse, Reply, provider, route

KNOWN = {"name", "type", "value", "ttl", "mxPriority", "srv", "https", "comment"}


def refuse(status, code, message):
    return Refuse(status, {"error": {"code": code, "message": message}})


@provider
class Vercel(Provider):
    name = "vercel"
    hosts = ("api.vercel.com",)
    env = {"VERCEL_API_TOKEN": "vercel-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS")
    page, page_max = 20, 100
    ttl_min = 60
    odd = ()  # its other types are no types of the DNS

    def new_id(self):
        return "rec_%d" % super().new_id()

    def auth(self, q):
        if q.header("Authorization") != "Bearer vercel-token":
            raise refuse(403, "forbidden", "Not authorized")

    def denied(self, fault):
        return refuse(fault.get("status", 403), "forbidden", "Not authorized").reply

    def rate(self, fault):
        reply = refuse(429, "rate_limited", "Rate limit exceeded").reply
        reply.headers.update(super().rate(fault).headers)
        return reply

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise refuse(404, "not_found", f"The domain {name} is not found.")
        return zone

    def paged(self, q, key, items):
        """items: [(time, shown)...]"""
        by = q.number("limit", self.page)
        if not 1 <= by <= 100:
            raise refuse(400, "bad_request", "Invalid request: `limit` should be <= 100.")
        until = int(q.args.get("until") or 2**60)
        left = sorted((x for x in items if x[0] < until), key=lambda x: -x[0])
        part = [x for _, x in left[:by]]
        more = left[len(part) - 1][0] if part else None  # also on the last page
        return Reply(200, {key: part, "pagination": {"count": len(part), "next": more, "prev": left[0][0] if left else None}})

    def when(self, id_):
        return 1700000000000 + int(id_.split("_")[1])

    def shown(self, zone, r):
        words = r.value.split(" ")
        out = {"id": r.id, "slug": f"{r.name}-{r.type.lower()}", "name": zone.rel(r.name), "type": r.type, "value": flat(r.type, r.value,
               but=("priority",)), "creator": "me", "created": self.when(r.id), "updated": None, "createdAt": self.when(r.id), "updatedAt": None,
               "ttl": r.ttl, "comment": ""}
        if r.type == "MX":
            out["mxPriority"] = int(words[0])
        if r.type == "SRV":
            out["priority"] = int(words[0])
        return out

    def read(self, zone, body):
        if not isinstance(body, dict) or set(body) - KNOWN:
            raise refuse(400, "bad_request", "Invalid request: should NOT have additional property")
        type_, text, name, ttl = body.get("type"), body.get("value"), body.get("name"), body.get("ttl", 60)
        if type_ not in (*self.types, "ALIAS") or not isinstance(name, str):
            raise refuse(400, "bad_request", "Invalid request: `type` or `name` is invalid.")
        if isinstance(ttl, (bool, str)) or not 60 <= ttl <= 2147483647:
            raise refuse(400, "bad_request", "Invalid request: `ttl` should be >= 60.")
        try:
            if type_ == "SRV":
                srv = body["srv"]
                if "value" in body or set(srv) != {"priority", "weight", "port", "target"} or any(isinstance(v, str) for k, v in srv.items() if k != "target"):
                    raise ValueError(srv)
                text = join(type_, srv)
            elif not isinstance(text, str) or not text or "srv" in body:
                raise refuse(400, "bad_request", "Invalid request: missing required property `value`.")
            elif type_ == "MX":
                if isinstance(body["mxPriority"], str) or text == ".":
                    raise ValueError(text)
                text = f"{body['mxPriority']} {text}"
            elif type_ == "NS" and not name:
                raise refuse(400, "invalid_name", "Cannot set NS records at the root level. Only subdomain NS records are supported")
            text = normal(type_, text)
        except (ValueError, KeyError, TypeError):
            raise refuse(400, "bad_request", "Invalid request: the specified value is not valid for its type.") from None
        name = name.lower().rstrip(".")
        return name if name == zone.name or name.endswith("." + zone.name) else zone.full(name, apex=("",)), type_, ttl, text

    def zone_shown(self, z):
        return {"id": z.id, "name": z.name, "serviceType": "zeit.world", "verified": True, "nameservers": ["ns1.vercel-dns.com"],
                "intendedNameservers": ["ns1.vercel-dns.com"], "creator": {"id": "me", "username": "me", "email": "me@example.net"},
                "createdAt": self.when(z.id), "zone": True}

    @route("GET", "/v5/domains")
    def list_zones(self, q):
        return self.paged(q, "domains", [(self.when(z.id), self.zone_shown(z)) for z in self.zones])

    @route("GET", "/v[45]/domains/(?P<zone>[^/]+)")
    def one(self, q, zone):
        del q
        return Reply(200, {"domain": self.zone_shown(self.the_zone(zone))})

    @route("GET", "/v[45]/domains/(?P<zone>[^/]+)/records")
    def records(self, q, zone):
        zone = self.the_zone(zone)
        return self.paged(q, "records", [(self.when(r.id), self.shown(zone, r)) for r in zone.records])

    @route("POST", "/v[24]/domains/(?P<zone>[^/]+)/records")
    def create(self, q, zone):
        zone = self.the_zone(zone)
        name, type_, ttl, value = self.read(zone, q.json())
        if any(r.value == value for r in zone.find(name, type_)):
            raise refuse(409, "record_conflict", "A record with this name, type and value already exists.")
        return Reply(200, {"uid": self.add(zone, name, type_, ttl, value).id, "updated": 1})

    @route("DELETE", "/v2/domains/(?P<zone>[^/]+)/records/(?P<id_>[^/]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        r = zone.by_id(id_)
        if not r:
            raise refuse(404, "not_found", "The record is not found.")
        self.remove(zone, r)
        return Reply(200, {})
