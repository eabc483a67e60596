"""DigitalOcean: https://docs.digitalocean.com/reference/api, and recordings. Records with ids; 20 a page unless asked."""
from ._parts import cut, join
from .core import Provider, Refuse, Reply, provider, route


@provider
class Digitalocean(Provider):
    name = "digitalocean"
    hosts = ("api.digitalocean.com",)
    env = {"DO_AUTH_TOKEN": "do-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA")
    page, page_max = 20, 200
    ttl_min, txt_max, txt_no = 30, 510, "\\"
    odd = (("odd", "SOA", 1800, "1800"),)

    def no(self, status, id_, message):
        raise Refuse(status, {"id": id_, "message": message})

    def auth(self, q):
        if q.header("Authorization") != "Bearer " + next(iter(self.env.values())):
            self.no(401, "unauthorized", "Unable to authenticate you.")

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"id": "unauthorized", "message": "Unable to authenticate you."})

    def missing(self, fault):
        return Reply(fault.get("status", 404), {"id": "not_found", "message": "The resource you were accessing could not be found."})

    def rate(self, fault):
        reply = super().rate(fault)
        reply.body = b'{"id":"too_many_requests","message":"API Rate limit exceeded."}'
        return reply

    def the_zone(self, name):
        return self.zone(name) or self.no(404, "not_found", "The resource you were accessing could not be found.")

    def links(self, q, pages):
        """The whole URL of the next page, as they send it."""
        number, by, n = pages
        base = f"https://{q.host}{q.path}?page="
        return {"pages": {"next": f"{base}{number + 1}&per_page={by}", "last": f"{base}{n}&per_page={by}"}} if number < n else {}

    def shown(self, zone, r):
        parts = cut(r.type, r.value) or {}
        data = parts.get("target", parts.get("ca", r.value))
        return {"id": r.id, "type": r.type, "name": zone.rel(r.name, "@"), "data": "@" if data == zone.name else data,
                "priority": parts.get("priority"), "port": parts.get("port"), "ttl": r.ttl, "weight": parts.get("weight"),
                "flags": parts.get("flags"), "tag": parts.get("tag")}

    def read(self, zone, body):
        type_, data = body.get("type"), str(body.get("data") or "")
        if type_ not in (*self.types, "NS"):
            self.no(422, "unprocessable_entity", "Type must be one of A, AAAA, CAA, CNAME, MX, NS, SRV, TXT.")
        if not data or int(body.get("ttl") or 1800) < 30:
            self.no(422, "unprocessable_entity", "Data can't be blank. TTL must be at least 30.")
        if type_ in ("CNAME", "MX", "NS", "SRV", "CAA") and data != "@" and not data.endswith("."):
            self.no(422, "unprocessable_entity", "Data needs to end with a dot (.)")
        if type_ == "TXT" and ("\\" in data or len(data.encode()) > 510) or data == ".":
            self.no(422, "unprocessable_entity", "Data is invalid or too long.")
        try:
            parts = {**body, "target": zone.name if data == "@" else data, "ca": data.rstrip(".")}
            value = join(type_, parts) if type_ in ("CNAME", "MX", "NS", "SRV", "CAA") else data
        except (ValueError, KeyError, TypeError):
            self.no(422, "unprocessable_entity", "Priority, weight, port, flags or tag is wrong.")
        return zone.named(str(body.get("name") or "@")), type_, int(body.get("ttl") or 1800), value

    @route("GET", "/v2/domains/?")
    def domains(self, q):
        part, pages = self.pages(q, self.zones)
        return Reply(200, {"domains": [{"name": z.name, "ttl": 1800, "zone_file": ""} for z in part], "links": self.links(q, pages),
                           "meta": {"total": len(self.zones)}})

    @route("GET", "/v2/domains/(?P<zone>[^/]+)/?")
    def domain(self, q, zone):
        del q
        return Reply(200, {"domain": {"name": self.the_zone(zone).name, "ttl": 1800, "zone_file": ""}})

    @route("GET", "/v2/domains/(?P<zone>[^/]+)/records/?")
    def records(self, q, zone):
        zone = self.the_zone(zone)
        found = [r for r in zone.records if q.args.get("type", r.type) == r.type and q.args.get("name", r.name).lower() == r.name]
        part, pages = self.pages(q, found)
        return Reply(200, {"domain_records": [self.shown(zone, r) for r in part], "links": self.links(q, pages),
                           "meta": {"total": len(found)}})

    @route("POST", "/v2/domains/(?P<zone>[^/]+)/records/?")
    def create(self, q, zone):
        zone = self.the_zone(zone)
        r = self.add(zone, *self.read(zone, q.json()))
        return Reply(201, {"domain_record": self.shown(zone, r)})

    def the_record(self, zone, id_):
        return zone.by_id(id_) or self.no(404, "not_found", "The resource you were accessing could not be found.")

    @route("PUT", "/v2/domains/(?P<zone>[^/]+)/records/(?P<id_>[^/]+)/?")
    def update(self, q, zone, id_):
        zone = self.the_zone(zone)
        r = self.the_record(zone, id_)
        old = self.shown(zone, r)
        if r.type in ("CNAME", "MX", "NS", "SRV", "CAA") and old["data"] != "@":
            old["data"] += "."
        r.name, r.type, r.ttl, r.value = self.read(zone, {**old, **q.json()})
        return Reply(200, {"domain_record": self.shown(zone, r)})

    @route("DELETE", "/v2/domains/(?P<zone>[^/]+)/records/(?P<id_>[^/]+)/?")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        self.remove(zone, self.the_record(zone, id_))
        return Reply(204)
