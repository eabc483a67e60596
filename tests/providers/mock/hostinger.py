"""Hostinger: https://developers.hostinger.com/. Whole sets, overwritten or added to; deleted by name and type."""
from . import _sets
from .core import Provider, Refuse, Reply, provider, route

ROOT = "/api/dns/v1/zones/(?P<name>[^/]+)"


@provider
class Hostinger(Provider):
    name = "hostinger"
    hosts = ("developers.hostinger.com",)
    env = {"HOSTINGER_API_TOKEN": "hostinger-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS")
    odd = (("odd", "SOA", 3600, "ns1.example.net. host.example.net. 1 2 3 4 5"),)
    unit = "set"
    ttl_min, ttl_max = 60, 86400

    def no(self, status, text, **errors):
        raise Refuse(status, {"message": text, "correlation_id": "26a91bd9-f8c8-4a83-9df9-83e23d696fe3",
                              **({"errors": {k: [v] for k, v in errors.items()}} if errors else {})})

    def auth(self, q):
        if q.header("Authorization") != "Bearer hostinger-token":
            self.no(401, "Unauthenticated")

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"message": "Unauthenticated", "correlation_id": "c"})

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            self.no(404, "Domain not found")
        return zone

    @route("GET", "/api/domains/v1/portfolio")
    def portfolio(self, q):
        return Reply(200, [{"id": z.id, "domain": z.name, "type": "domain", "status": "active", "created_at": "2025-02-27T11:54:22Z",
                            "expires_at": "2027-02-27T11:54:22Z"} for z in self.zones])

    @route("GET", ROOT)
    def records(self, q, name):
        zone = self.the_zone(name)
        return Reply(200, [{"name": zone.rel(n, "@"), "type": t, "ttl": rs[0].ttl, "records": [
            {"content": _sets.shown(r), "is_disabled": False} for r in rs]} for (n, t), rs in zone.sets().items()])

    def read(self, zone, s):
        if set(s) != {"name", "type", "ttl", "records"} or s["type"] not in self.types or not s["records"]:
            self.no(422, "The zone field is invalid.", zone="name, type, ttl and records are required")
        if not self.ttl_min <= s["ttl"] <= self.ttl_max:
            self.no(422, "The ttl field is invalid.", ttl="must be between 60 and 86400")
        try:
            values = [_sets.read(zone, s["type"], r["content"]) for r in s["records"]]
        except (ValueError, KeyError) as error:
            self.no(422, "The content is invalid.", content=str(error))
        name = zone.full(s["name"], apex=("@",))
        if [r for r in zone.find(name) if r.type != s["type"] and "CNAME" in (r.type, s["type"])]:
            self.no(422, "DNS resource record is not valid or conflicts with another one")
        return name, s["type"], s["ttl"], values

    @route("PUT", ROOT)
    def put(self, q, name):
        zone, body = self.the_zone(name), q.json() or {}
        if set(body) - {"overwrite", "zone"} or not body.get("zone"):
            self.no(422, "The zone field is required.", zone="The zone field is required.")
        for at, type_, ttl, values in [self.read(zone, s) for s in body["zone"]]:
            there = zone.find(at, type_)
            if body.get("overwrite", True):
                for r in there:
                    self.remove(zone, r)
                there = []
            for r in there:
                r.ttl = ttl
            for v in values:
                if v not in [r.value for r in there]:
                    self.add(zone, at, type_, ttl, v)
        return Reply(200, {"message": "Request accepted"})

    @route("DELETE", ROOT)
    def delete(self, q, name):
        zone, filters = self.the_zone(name), (q.json() or {}).get("filters")
        if not filters or any(set(f) != {"name", "type"} for f in filters):
            self.no(422, "The filters field is required.", filters="name and type")
        for f in filters:
            for r in zone.find(zone.full(f["name"], apex=("@",)), f["type"]):
                self.remove(zone, r)
        return Reply(200, {"message": "Request accepted"})
