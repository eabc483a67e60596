"""mijn.host: https://mijn.host/api/doc/. All records of a zone are read and written at once; one may also be set by PATCH
and taken away by DELETE, as lego does. Answers wear their status inside, too."""
from . import _parts
from .core import Provider, Refuse, Reply, provider, route

TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS")


def no(status, text):
    return Refuse(status, {"status": status, "status_description": text})


@provider
class MijnHost(Provider):
    name = "mijnhost"
    hosts = ("mijn.host",)
    env = {"MIJNHOST_API_KEY": "mijnhost-api-key"}
    types, unit = TYPES, "zone"
    ttl_min = 60
    odd = ()

    def auth(self, q):
        if q.header("API-Key") != "mijnhost-api-key":
            raise no(401, "Invalid API key")

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"status": fault.get("status", 401), "status_description": "Invalid API key"})

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise no(404, "Domain not found")
        return zone

    def read(self, zone, body, ttl=True):
        known = {"type", "name", "value", "ttl"}
        if not isinstance(body, dict) or set(body) - known or not all(body.get(k) for k in known - (set() if ttl else {"ttl"})):
            raise no(400, "Invalid record")
        full = str(body["name"]).lower()
        full = full.rstrip(".") if full.endswith(".") else zone.full(full)
        if body["type"] not in TYPES or (full != zone.name and not full.endswith("." + zone.name)) or not 60 <= int(body.get("ttl", 60)):
            raise no(400, "Invalid record")
        try:
            return full, body["type"], int(body.get("ttl", 60)), _parts.normal(body["type"], body["value"])
        except ValueError:
            raise no(400, "Invalid record") from None

    @route("GET", "/api/v2/domains")
    def domains(self, q):
        return Reply(200, {"status": 200, "status_description": "Request successful", "data": {"domains": [
            {"id": z.id, "domain": z.name, "renewal_date": "2030-01-01", "status": "Active", "status_id": 1, "tags": []} for z in self.zones]}})

    @route("GET", "/api/v2/domains/(?P<name>[^/]+)/dns")
    def records(self, q, name):
        zone = self.the_zone(name)
        return Reply(200, {"status": 200, "status_description": "Request successful", "data": {"domain": zone.name, "records": [
            {"type": r.type, "name": r.name + ".", "value": r.value, "ttl": r.ttl} for r in zone.records]}})

    @route("PUT", "/api/v2/domains/(?P<name>[^/]+)/dns")
    def all(self, q, name):
        zone, body = self.the_zone(name), q.json()
        if not isinstance(body, dict) or not isinstance(body.get("records"), list):
            raise no(400, "Missing records")
        todo = [self.read(zone, x) for x in body["records"]]
        if len({(n, t, v) for n, t, _, v in todo}) != len(todo):
            raise no(400, "Duplicate record")
        zone.records[:] = []
        for x in todo:
            self.add(zone, *x)
        return Reply(200, {"status": 200, "status_description": "DNS successfully updated"})

    @route("PATCH", "/api/v2/domains/(?P<name>[^/]+)/dns")
    def one(self, q, name):
        zone = self.the_zone(name)
        full, type_, ttl, value = self.read(zone, (q.json() or {}).get("record"))
        for r in zone.find(full, type_):
            if r.value == value:
                r.ttl = ttl
                break
        else:
            self.add(zone, full, type_, ttl, value)
        return Reply(200, {"status": 200, "status_description": "DNS successfully updated"})

    @route("DELETE", "/api/v2/domains/(?P<name>[^/]+)/dns")
    def gone(self, q, name):
        zone = self.the_zone(name)
        full, type_, _, value = self.read(zone, (q.json() or {}).get("record"), ttl=False)
        for r in zone.find(full, type_):
            if r.value == value:
                self.remove(zone, r)
                return Reply(200, {"status": 200, "status_description": "DNS successfully updated"})
        raise no(404, "Record not found")
