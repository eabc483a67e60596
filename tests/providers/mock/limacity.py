"""Lima-City: https://www.lima-city.de/hilfe/lima-city-api. Records with ids, read by whole names and written by relative ones."""
from . import _parts
from .core import Provider, Refuse, Reply, provider, quoted, route, unquoted

ROOT = "/usercp/domains/(?P<id_>[0-9]+)/records"


@provider
class Limacity(Provider):
    name = "limacity"
    hosts = ("www.lima-city.de",)
    env = {"LIMACITY_API_KEY": "limacity-key"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT")
    ttl_min = 60

    def auth(self, q):
        if q.header("Authorization") != "Basic YXBpOmxpbWFjaXR5LWtleQ==":
            raise Refuse(401, {"status": "access_denied"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"status": "access_denied"})

    def the_zone(self, id_):
        zone = self.zone(id_=id_)
        if not zone:
            raise Refuse(404, {"status": "not_found"})
        return zone

    def shown(self, zone, r):
        parts = _parts.cut(r.type, r.value) or {}
        content = quoted(r.value, 255) if r.type == "TXT" else parts.get("target", r.value)
        out = {"id": r.id, "content": content, "name": r.name, "ttl": r.ttl, "type": r.type, "priority": parts.get("priority")}
        return {**out, "subdomain": zone.rel(r.name)} if r.name != zone.name else out

    @route("GET", "/usercp/domains.json")
    def domains(self, q):
        return Reply(200, {"domains": [{
            "id": z.id, "mode": "CREATE", "tld": z.name.partition(".")[2], "domain": z.name.partition(".")[0], "in_subscription": False,
            "auto_renew": False, "status": "ok", "unicode_fqdn": z.name.encode().decode("idna"),
            "registered_at": "1970-01-01T00:00:00+00:00", "registered_until": "2000-01-01T00:00:00+00:00"} for z in self.zones]})

    @route("GET", ROOT + r"\.json")
    def records(self, q, id_):
        zone = self.the_zone(id_)
        return Reply(200, {"records": [self.shown(zone, r) for r in zone.records]})

    def wrong(self, **errors):
        raise Refuse(422, {"status": "invalid_resource", "errors": {k: [v] for k, v in errors.items()}})

    def read(self, zone, q):
        x = (q.json() or {}).get("nameserver_record")
        if not isinstance(x, dict) or set(x) - {"name", "type", "content", "ttl", "priority"} or not x.get("content"):
            self.wrong(content="muss ausgefuellt werden")
        if x.get("type") not in self.types or int(x.get("ttl", 3600)) < self.ttl_min:
            self.wrong(type="ist kein gueltiger Wert")
        name = zone.full(x.get("name", ""))
        if x["type"] == "MX":
            value = _parts.join("MX", {"priority": x["priority"], "target": x["content"]})
        elif x["type"] == "TXT":
            value = unquoted(x["content"]) if x["content"].startswith('"') else x["content"]
        else:
            value = _parts.normal(x["type"], x["content"])
        if [r for r in zone.find(name) if r.type != x["type"] and "CNAME" in (r.type, x["type"])]:
            self.wrong(name="ist bereits vergeben")
        return name, x["type"], int(x.get("ttl", 3600)), value

    @route("POST", ROOT + r"\.json")
    def create(self, q, id_):
        zone = self.the_zone(id_)
        made = self.read(zone, q)
        if [r for r in zone.find(made[0], made[1]) if r.value == made[3]]:
            self.wrong(content="ist bereits vergeben")
        self.add(zone, *made)
        return Reply(200, {"status": "ok"})

    @route("DELETE", ROOT + "/(?P<record>[0-9]+)")
    def delete(self, q, id_, record):
        zone = self.the_zone(id_)
        r = zone.by_id(record)
        if not r:
            raise Refuse(404, {"status": "not_found"})
        self.remove(zone, r)
        return Reply(200, {"status": "ok"})
