"""Neodigit and Virtualname (Tecnocratica): https://developers.neodigit.net/, and an independent client. Records with ids, written inside
"record", the preference beside the value."""
from ._parts import flat, normal
from .core import Provider, Refuse, Reply, provider, route

KNOWN = {"name", "type", "content", "ttl", "prio"}


@provider
class Neodigit(Provider):
    name = "neodigit"
    hosts = ("api.neodigit.net",)
    env = {"NEODIGIT_TOKEN": "neodigit-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT")
    odd = ()

    def auth(self, q):
        if q.header("X-TCpanel-Token") != next(iter(self.env.values())):
            raise Refuse(401, {"error": "Unauthorized"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"error": "Unauthorized"})

    def the_zone(self, id_):
        zone = self.zone(id_=id_)
        if not zone:
            raise Refuse(404, {"error": "Not found"})
        return zone

    def shown(self, zone, r):
        return {"id": r.id, "name": zone.rel(r.name), "type": r.type, "content": flat(r.type, r.value, but=("priority",)), "ttl": r.ttl,
                "prio": int(r.value.split(" ")[0]) if r.type == "MX" else None, "created_at": "2015-09-21T14:40:27.127+02:00",
                "updated_at": "2015-09-21T14:40:27.127+02:00"}

    def read(self, zone, body):
        body = body.get("record") if isinstance(body, dict) else None
        if not isinstance(body, dict) or set(body) - KNOWN:
            raise Refuse(422, {"error": "param is missing or the value is empty: record"})
        type_, text, ttl, prio = body.get("type"), body.get("content"), body.get("ttl") or 7200, body.get("prio") or 0
        if type_ not in (*self.types, "NS", "SRV") or not isinstance(text, str) or not text or any(isinstance(x, (str, bool)) for x in (ttl, prio)):
            raise Refuse(422, {"errors": {"content": ["is invalid"]}})
        try:
            value = normal(type_, f"{prio} {text}" if type_ == "MX" else text)
        except ValueError:
            raise Refuse(422, {"errors": {"content": ["is invalid"]}}) from None
        name = zone.full(str(body.get("name") or ""), apex=("",))
        if any(r.value == value for r in zone.find(name, type_)):
            raise Refuse(422, {"errors": {"content": ["has already been taken"]}})
        return name, type_, ttl, value

    @route("GET", "/v1/dns/zones")
    def list_zones(self, q):
        del q
        return Reply(200, [{"id": z.id, "name": z.name, "human_name": z.name, "created_at": "2015-09-21T12:19:04.000+02:00",
                            "updated_at": "2015-09-21T12:19:04.000+02:00"} for z in self.zones])

    @route("GET", "/v1/dns/zones/(?P<zone>[0-9]+)/records")
    def records(self, q, zone):
        zone = self.the_zone(zone)
        return Reply(200, [self.shown(zone, r) for r in zone.records if q.args.get("type", r.type) == r.type])

    @route("POST", "/v1/dns/zones/(?P<zone>[0-9]+)/records")
    def create(self, q, zone):
        zone = self.the_zone(zone)
        return Reply(201, self.shown(zone, self.add(zone, *self.read(zone, q.json()))))

    @route("DELETE", "/v1/dns/zones/(?P<zone>[0-9]+)/records/(?P<id_>[0-9]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        r = zone.by_id(id_)
        if not r:
            raise Refuse(404, {"error": "Not found"})
        self.remove(zone, r)
        return Reply(204)


@provider
class Virtualname(Neodigit):
    name = "virtualname"
    hosts = ("api.virtualname.net",)
    env = {"VIRTUALNAME_TOKEN": "virtualname-token"}
