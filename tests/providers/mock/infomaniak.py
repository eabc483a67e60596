"""Infomaniak, version 2: https://developer.infomaniak.com/docs/api. Records with ids; values as text without final dots."""
from . import _parts
from .core import Provider, Refuse, Reply, provider, quoted, route

ROOT = "/2/zones/(?P<name>[^/]+)"


@provider
class Infomaniak(Provider):
    name = "infomaniak"
    hosts = ("api.infomaniak.com",)
    env = {"INFOMANIAK_ACCESS_TOKEN": "infomaniak-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS", "SSHFP")
    ttl_min, ttl_max = 60, 2147483647
    page, page_max = 100, 500

    def no(self, status, code, text, **more):
        raise Refuse(status, {"result": "error", "error": {"code": code, "description": text, **more}})

    def auth(self, q):
        if q.header("Authorization") != "Bearer infomaniak-token":
            self.no(401, "not_authorized", "Authorization required")

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"result": "error", "error": {"code": "not_authorized", "description": "Authorization required"}})

    def rate(self, fault):
        return Reply(429, {"result": "error", "error": {"code": "too_many_requests", "description": "Too many requests"}}, super().rate(fault).headers)

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            self.no(404, "object_not_found", "Object not found")
        return zone

    def shown(self, zone, r):
        rel = zone.rel(r.name, ".")
        if r.type == "TXT":
            target = quoted(r.value, 255)
        else:
            target = _parts.flat(r.type, r.value).replace('"', "") if r.type in _parts.PARTS else r.value
        return {"id": r.id, "source": rel, "source_idn": r.name, "type": r.type, "ttl": r.ttl, "target": target, "updated_at": 1779826643}

    @route("GET", ROOT)
    def one_zone(self, q, name):
        z = self.the_zone(name)
        return Reply(200, {"result": "success", "data": {"id": z.id, "fqdn": z.name, "dnssec": {"is_enabled": False},
                                                         "nameservers": ["ns11.infomaniak.ch", "ns12.infomaniak.ch"]}})

    @route("GET", ROOT + "/exists")
    def exists(self, q, name):
        self.the_zone(name)
        return Reply(200, {"result": "success", "data": True})

    @route("GET", ROOT + "/records")
    def records(self, q, name):
        zone = self.the_zone(name)
        items = [self.shown(zone, r) for r in zone.records]
        if not {"page", "per_page"} & set(q.args):
            return Reply(200, {"result": "success", "data": items})
        part, (at, by, pages) = self.pages(q, items)
        return Reply(200, {"result": "success", "data": part, "total": len(items), "page": at, "pages": pages, "items_per_page": by})

    def made(self, zone, body):
        type_, target, ttl = body.get("type"), body.get("target"), body.get("ttl", 3600)
        if set(body) - {"source", "type", "target", "ttl"}:
            self.no(422, "validation_failed", "Validation failed")
        if type_ not in self.types or not target:
            self.no(422, "validation_failed", "Validation failed", errors=[
                {"code": "attribute_required", "description": "The type attribute is required", "context": {"attribute": "type"}}])
        if not self.ttl_min <= ttl <= self.ttl_max:
            self.no(422, "validation_failed", "Validation failed", errors=[
                {"code": "attribute_min_value", "description": "The ttl must be at least 60", "context": {"attribute": "ttl"}}])
        try:
            value = target if type_ == "TXT" else _parts.normal(type_, target)
        except ValueError:
            self.no(422, "validation_failed", "The target is invalid")
        name = zone.full(body.get("source", ""), apex=("", "."))
        if [r for r in zone.find(name) if r.type != type_ and "CNAME" in (r.type, type_)]:
            self.no(422, "conflict", "A CNAME cannot stand beside other records")
        if [r for r in zone.find(name, type_) if r.value == value]:
            self.no(422, "already_exists", "This record already exists")
        return name, type_, ttl, value

    @route("POST", ROOT + "/records")
    def create(self, q, name):
        zone = self.the_zone(name)
        r = self.add(zone, *self.made(zone, q.json() or {}))
        return Reply(200, {"result": "success", "data": self.shown(zone, r)})

    def the_record(self, name, id_):
        zone = self.the_zone(name)
        r = zone.by_id(id_)
        if not r:
            self.no(404, "object_not_found", "Object not found")
        return zone, r

    @route("PUT", ROOT + "/records/(?P<id_>[0-9]+)")
    def update(self, q, name, id_):
        zone, r = self.the_record(name, id_)
        body = q.json() or {}
        if set(body) - {"target", "ttl"}:
            self.no(422, "validation_failed", "Only target and ttl can be changed")
        r.ttl = body.get("ttl", r.ttl)
        if body.get("target"):
            r.value = body["target"] if r.type == "TXT" else _parts.normal(r.type, body["target"])
        return Reply(200, {"result": "success", "data": self.shown(zone, r)})

    @route("DELETE", ROOT + "/records/(?P<id_>[0-9]+)")
    def delete(self, q, name, id_):
        self.remove(*self.the_record(name, id_))
        return Reply(200, {"result": "success", "data": True})
