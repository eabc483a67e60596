"""Netlify: https://open-api.netlify.com/#tag/dnsZone. Records with ids, no update; pages by the Link header."""
from ._parts import cut, join
from .core import Provider, Refuse, Reply, provider, route


@provider
class Netlify(Provider):
    name = "netlify"
    hosts = ("api.netlify.com",)
    env = {"NETLIFY_TOKEN": "netlify-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA")
    page, page_max = 100, 100
    odd = (("odd", "SPF", 3600, "v=spf1 -all"),)

    def new_id(self):
        return "5f3fe6ab1c9d44000%07x" % super().new_id()

    def new_zone_id(self, name):
        return name.replace(".", "_")

    def no(self, status, message):
        raise Refuse(status, {"code": status, "message": message})

    def auth(self, q):
        if q.header("Authorization") != "Bearer netlify-token":
            self.no(401, "Access Denied")

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"code": 401, "message": "Access Denied"})

    def the_zone(self, id_):
        return self.zone(id_=id_) or self.no(404, "Not Found")

    def listed(self, q, items):
        part, (number, by, n) = self.pages(q, items)
        links = [f'<https://api.netlify.com{q.path}?page={k}&per_page={by}>; rel="{rel}"'
                 for k, rel in ((number + 1, "next"), (n, "last")) if number < n]
        return Reply(200, part, {"Link": ", ".join(links)} if links else {})

    def shown(self, zone, r):
        parts = cut(r.type, r.value) or {}
        return {"id": r.id, "hostname": r.name, "type": r.type, "value": parts.get("target", parts.get("ca", r.value)), "ttl": r.ttl,
                "priority": parts.get("priority"), "weight": parts.get("weight"), "port": parts.get("port"), "flag": parts.get("flags"),
                "tag": parts.get("tag"), "dns_zone_id": zone.id, "site_id": None, "managed": False, "errors": []}

    @route("GET", "/api/v1/dns_zones")
    def list_zones(self, q):
        return self.listed(q, [{"id": z.id, "name": z.name, "records": [], "dns_servers": []} for z in self.zones])

    @route("GET", "/api/v1/dns_zones/(?P<id_>[^/]+)/dns_records")
    def records(self, q, id_):
        zone = self.the_zone(id_)
        return self.listed(q, [self.shown(zone, r) for r in zone.records])

    @route("POST", "/api/v1/dns_zones/(?P<id_>[^/]+)/dns_records")
    def create(self, q, id_):
        zone, body = self.the_zone(id_), q.json()
        type_, name, text = body.get("type"), str(body.get("hostname") or "").lower().rstrip("."), str(body.get("value") or "")
        if type_ not in (*self.types, "NS") or not text or (name != zone.name and not name.endswith("." + zone.name)):
            self.no(422, "Validation failed: hostname, type or value is invalid")
        try:
            parts = {**body, "target": text, "ca": text, "flags": body.get("flag")}
            value = join(type_, parts) if type_ in ("CNAME", "MX", "SRV", "CAA", "NS") else text
        except (KeyError, ValueError, TypeError):
            self.no(422, "Validation failed")
        return Reply(201, self.shown(zone, self.add(zone, name, type_, body.get("ttl") or 3600, value)))

    @route("DELETE", "/api/v1/dns_zones/(?P<id_>[^/]+)/dns_records/(?P<record>[^/]+)")
    def delete(self, q, id_, record):
        del q
        zone = self.the_zone(id_)
        self.remove(zone, zone.by_id(record) or self.no(404, "Not Found"))
        return Reply(204)
