"""SafeDNS (ANS, once UKFast): https://developers.ukfast.io/documentation/safedns, and recordings. Records with ids and whole names, TXT in
quotes, ten a page, pages by links."""
from ._parts import flat, normal
from .core import Provider, Refuse, Reply, provider, quoted, route, unquoted

KNOWN = {"name", "type", "content", "ttl", "priority"}


def refuse(status, title, detail):
    return Refuse(status, {"errors": [{"title": title, "detail": detail, "status": status, "source": "record"}]})


@provider
class Safedns(Provider):
    name = "safedns"
    hosts = ("api.ukfast.io",)
    env = {"SAFEDNS_AUTH_TOKEN": "safedns-key"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "CAA")
    page, page_max = 10, 100
    odd = ()

    def auth(self, q):
        if q.header("Authorization") != "safedns-key":
            raise Refuse(401, {"message": "Unauthorised"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"message": "Unauthorised"})

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise refuse(404, "Zone Not Found", "Zone name not found")
        return zone

    def paged(self, q, items):
        part, (at, by, n) = self.pages(q, items)
        tail = f"&per_page={by}" if "per_page" in q.args else ""
        url = lambda i: f"https://{q.host}{q.path}?page={i}{tail}" if 1 <= i <= n else None  # noqa: E731
        return Reply(200, {"data": part, "meta": {"pagination": {
            "total": len(items), "count": len(part), "per_page": by, "current_page": at, "total_pages": n,
            "links": {"first": url(1), "previous": url(at - 1), "next": url(at + 1), "last": url(n)}}}})

    def shown(self, r):
        content = quoted(r.value) if r.type == "TXT" else flat(r.type, r.value, but=("priority",))
        return {"id": r.id, "name": r.name, "type": r.type, "content": content, "updated_at": "2026-01-01T00:00:00+00:00", "ttl": r.ttl,
                "priority": int(r.value.split(" ")[0]) if r.type == "MX" else None}

    def read(self, zone, body):
        if not isinstance(body, dict) or set(body) - KNOWN:
            raise refuse(422, "Validation Error", "unknown members")
        type_, text, name = body.get("type"), body.get("content"), str(body.get("name") or "").lower()
        ttl = 86400 if body.get("ttl") is None else body["ttl"]
        if type_ not in (*self.types, "NS", "SRV") or not isinstance(text, str) or not text or isinstance(ttl, (str, bool)):
            raise refuse(422, "Validation Error", "type, content or ttl is invalid")
        if name != zone.name and not name.endswith("." + zone.name):
            raise refuse(422, "Validation Error", "The name must end with the zone")
        if type_ == "TXT" and (text[0] != '"' or text[-1] != '"' or len(text) < 2):
            raise refuse(422, "Validation Error", "The content of TXT records must be quoted")
        if type_ == "MX" and (isinstance(body.get("priority"), (str, bool)) or body.get("priority") is None):
            raise refuse(422, "Validation Error", "MX records need a priority")
        try:
            return name, type_, ttl, unquoted(text) if type_ == "TXT" else normal(type_, f"{body['priority']} {text}" if type_ == "MX" else text)
        except ValueError:
            raise refuse(422, "Validation Error", "The content is invalid") from None

    def done(self, q, status, zone, r):
        return Reply(status, {"data": {"id": r.id}, "meta": {"location": f"https://{q.host}/safedns/v1/zones/{zone.name}/records/{r.id}"}})

    @route("GET", "/safedns/v1/zones")
    def list_zones(self, q):
        return self.paged(q, [{"name": z.name, "description": ""} for z in self.zones])

    @route("GET", "/safedns/v1/zones/(?P<zone>[^/]+)")
    def one(self, q, zone):
        del q
        return Reply(200, {"data": {"name": self.the_zone(zone).name, "description": ""}, "meta": {}})

    @route("GET", "/safedns/v1/zones/(?P<zone>[^/]+)/records")
    def records(self, q, zone):
        return self.paged(q, [self.shown(r) for r in self.the_zone(zone).records])

    @route("POST", "/safedns/v1/zones/(?P<zone>[^/]+)/records")
    def create(self, q, zone):
        zone = self.the_zone(zone)
        what = self.read(zone, q.json())
        if any(r.value == what[3] for r in zone.find(what[0], what[1])):
            raise refuse(422, "Validation Error", "The record already exists")
        return self.done(q, 201, zone, self.add(zone, *what))

    def the_record(self, zone, id_):
        r = zone.by_id(id_)
        if not r:
            raise refuse(404, "Record Not Found", "Record not found")
        return r

    @route("PATCH", "/safedns/v1/zones/(?P<zone>[^/]+)/records/(?P<id_>[0-9]+)")
    def update(self, q, zone, id_):
        zone = self.the_zone(zone)
        r = self.the_record(zone, id_)
        old = {k: v for k, v in self.shown(r).items() if k in KNOWN}
        r.name, r.type, r.ttl, r.value = self.read(zone, {**old, **(q.json() or {})})
        return self.done(q, 200, zone, r)

    @route("DELETE", "/safedns/v1/zones/(?P<zone>[^/]+)/records/(?P<id_>[0-9]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        self.remove(zone, self.the_record(zone, id_))
        return Reply(204)
