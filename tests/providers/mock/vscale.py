"""Vscale and the first API of Selectel: https://developers.vscale.io/documentation/api/v1/#api-Domains, and an independent client. Records
with ids and whole names; SRV and CAA in members of their own."""
from ._parts import cut, flat, join, normal
from .core import Provider, Refuse, Reply, provider, route

KNOWN = {"name", "type", "ttl", "content", "email", "priority", "weight", "port", "target", "flag", "tag", "value"}


@provider
class Vscale(Provider):
    name = "vscale"
    hosts = ("api.vscale.io",)
    env = {"VSCALE_API_TOKEN": "vscale-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA")
    ttl_min, ttl_max = 60, 604800
    root = "/v1/domains"
    odd = ()

    def no(self, status, text, field=""):
        return Refuse(status, {"error": text, "code": status, "field": field})

    def auth(self, q):
        if q.header("X-Token") != next(iter(self.env.values())):
            raise self.no(401, "Unauthorized")

    def denied(self, fault):
        return self.no(fault.get("status", 401), "Unauthorized").reply

    def the_zone(self, id_):
        zone = self.zone(id_=id_)
        if not zone:
            raise self.no(404, "domain_not_found")
        return zone

    def shown(self, r):
        out, parts = {"id": r.id, "name": r.name, "type": r.type, "ttl": r.ttl}, cut(r.type, r.value) or {}
        if r.type == "SRV":
            return {**out, **parts}
        if r.type == "CAA":
            return {**out, "flag": parts["flags"], "tag": parts["tag"], "value": parts["ca"]}
        return {**out, "content": flat(r.type, r.value, but=("priority",)), **({"priority": parts["priority"]} if r.type == "MX" else {})}

    def read(self, zone, body):
        if not isinstance(body, dict) or set(body) - KNOWN:
            raise self.no(400, "unknown_field")
        type_, name, ttl = body.get("type"), str(body.get("name") or "").lower().rstrip("."), body.get("ttl", 86400)
        if type_ not in (*self.types, "NS"):
            raise self.no(400, "wrong_type", "type")
        if name != zone.name and not name.endswith("." + zone.name):
            raise self.no(400, "bad_name", "name")
        if isinstance(ttl, (str, bool)) or not 60 <= ttl <= 604800:
            raise self.no(400, "bad_ttl", "ttl")
        if any(isinstance(body.get(k, 0), (str, bool)) for k in ("priority", "weight", "port", "flag")):
            raise self.no(400, "not_a_number")
        try:
            if type_ in ("SRV", "CAA"):
                value = join(type_, {**body, "flags": body.get("flag"), "ca": body.get("value")})
            elif not isinstance(body.get("content"), str) or not body["content"]:
                raise self.no(400, "field_required", "content")
            else:
                value = normal(type_, f"{body['priority']} {body['content']}" if type_ == "MX" else body["content"])
        except (ValueError, KeyError, TypeError):
            raise self.no(400, "bad_value") from None
        if any(r.value == value for r in zone.find(name, type_)):
            raise self.no(400, "record_exists")
        return name, type_, ttl, value

    @route("GET", "(/v1/domains|/domains/v1)/")
    def list_zones(self, q):
        del q
        return Reply(200, [{"id": z.id, "name": z.name} for z in self.zones])

    @route("GET", "(/v1/domains|/domains/v1)/(?P<name>[^/]+)")
    def one(self, q, name):
        del q
        zone = self.zone(name) or self.zone(id_=name)
        if not zone:
            raise self.no(404, "domain_not_found")
        return Reply(200, {"id": zone.id, "name": zone.name})

    @route("GET", "(/v1/domains|/domains/v1)/(?P<zone>[0-9]+)/records/")
    def records(self, q, zone):
        del q
        return Reply(200, [self.shown(r) for r in self.the_zone(zone).records])

    @route("POST", "(/v1/domains|/domains/v1)/(?P<zone>[0-9]+)/records/")
    def create(self, q, zone):
        zone = self.the_zone(zone)
        return Reply(200, self.shown(self.add(zone, *self.read(zone, q.json()))))

    @route("DELETE", "(/v1/domains|/domains/v1)/(?P<zone>[0-9]+)/records/(?P<id_>[0-9]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        r = zone.by_id(id_)
        if not r:
            raise self.no(404, "record_not_found")
        self.remove(zone, r)
        return Reply(204)

    def handle(self, q):
        if not q.path.startswith(self.root):
            return self.no(404, "not_found").reply
        return super().handle(q)


@provider
class Selectel(Vscale):
    name = "selectel"
    hosts = ("api.selectel.ru",)
    env = {"SELECTEL_API_TOKEN": "selectel-token"}
    root = "/domains/v1"
