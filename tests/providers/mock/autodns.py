"""AutoDNS (InterNetX): https://help.internetx.com/display/APIXMLEN/JSON+API+Technical+Documentation. Zones are found by a
search, which names their name server; a stream of what is added and removed changes a zone, and is taken whole or not."""
import base64

from . import _parts
from .core import Provider, Refuse, Reply, provider, route

TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS")
FIRST = ("MX", "SRV")  # their first number is a field of its own
NS = "a.ns14.net"


def body(code, text, kind, **more):
    return {"stid": "20260101-app1-1", "status": {"code": code, "text": text, "type": kind}, **more}


@provider
class AutoDns(Provider):
    name = "autodns"
    hosts = ("api.autodns.com",)
    env = {"AUTODNS_API_USER": "autodns-user", "AUTODNS_API_PASSWORD": "autodns-password"}
    types, unit = TYPES, "value"
    ttl_min = 60

    def auth(self, q):
        word = base64.b64encode(b"autodns-user:autodns-password").decode()
        if q.header("Authorization") != "Basic " + word or not q.header("X-Domainrobot-Context").isdigit():
            raise Refuse(401, body("EF00001", "The authentication failed.", "ERROR"))

    def denied(self, fault):
        return Reply(fault.get("status", 401), body("EF00001", "The authentication failed.", "ERROR"))

    def writes(self, q):
        return q.path.endswith("/_stream")

    def no(self, status, code, text, **more):
        return Refuse(status, body(code, text, "ERROR", **more))

    @route("POST", "/v1/zone/_search")
    def search(self, q):
        x, found = q.json() or {}, self.zones
        for f in x.get("filters") or []:
            if set(f) != {"key", "value", "operator"} or f["key"] not in ("name", "origin") or f["operator"] != "EQUAL":
                raise self.no(400, "EF00400", "Unknown filter")
            found = [z for z in found if z.name == f["value"].lower()]
        view = x.get("view") or {}
        at, by = view.get("offset", 0), view.get("limit", 100)
        return Reply(200, body("S0205", "The zone list was queried.", "SUCCESS", object={"type": "Zone", "summary": len(found)}, data=[
            {"origin": z.name, "virtualNameServer": NS} for z in found[at:at + by]]))

    def shown(self, zone, r):
        first, value = r.value.split(" ", 1) if r.type in FIRST else (None, r.value)
        if r.type in _parts.PARTS:
            value = _parts.flat(r.type, r.value, ".", but=("priority",) if first else ())
        return {"name": zone.rel(r.name), "ttl": r.ttl, "type": r.type, "value": value, **({"pref": int(first)} if first else {})}

    @route("GET", "/v1/zone/(?P<name>[^/_]+)/(?P<ns>[^/]+)")
    def records(self, q, name, ns):
        zone = self.zone(name)
        if not zone or ns != NS:
            raise self.no(404, "E0205", "The zone does not exist.")
        return Reply(200, body("S0205", "Zone info", "SUCCESS", data=[
            {"origin": zone.name, "virtualNameServer": NS, "soa": {"ttl": 3600}, "nameServers": [{"name": NS}], "wwwInclude": False,
             "resourceRecords": [self.shown(zone, r) for r in zone.records]}]))

    def read(self, zone, x):
        if not isinstance(x, dict) or set(x) - {"name", "ttl", "type", "value", "pref"} or x.get("type") not in TYPES or not x.get("value"):
            raise self.no(400, "EF02000", "The resource record is invalid.")
        name = x.get("name") or ""
        full = name.lower().rstrip(".") if name.endswith(".") else zone.full(name)
        try:
            text = f"{int(x['pref'])} {x['value']}" if x["type"] in FIRST else x["value"]
            value = _parts.normal(x["type"], text)
        except (KeyError, ValueError):
            raise self.no(400, "EF02001", "The value of the resource record is invalid.") from None
        ttl = x.get("ttl") or 3600
        if ttl < 60 or (full != zone.name and not full.endswith("." + zone.name)):
            raise self.no(400, "EF02002", "The resource record is invalid.")
        return full, x["type"], ttl, value

    @route("POST", "/v1/zone/(?P<name>[^/]+)/_stream")
    def stream(self, q, name):
        name, x = name.lower().rstrip("."), q.json()
        zone = max((z for z in self.zones if name == z.name or name.endswith("." + z.name)), key=lambda z: len(z.name), default=None)
        if not zone:
            raise self.no(404, "E0205", "The zone does not exist.")
        if not isinstance(x, dict) or set(x) - {"adds", "rems"} or not (x.get("adds") or x.get("rems")):
            raise self.no(400, "EF00400", "The request is invalid.")
        adds, rems = [[self.read(zone, r) for r in x.get(k) or []] for k in ("adds", "rems")]
        gone = []
        for full, type_, _, value in rems:
            old = next((r for r in zone.find(full, type_) if r.value == value and r not in gone), None)
            if not old:
                raise self.no(400, "E0202002", "The zone could not be updated on the name server.",
                              messages=[{"text": "The resource record does not exist.", "code": "EF02021", "status": "ERROR"}])
            gone.append(old)
        for full, type_, _, value in adds:
            if any(r.value == value and r not in gone for r in zone.find(full, type_)):
                raise self.no(400, "E0202002", "The zone could not be updated on the name server.",
                              messages=[{"text": "The resource record was entered twice.", "code": "EF02022", "status": "ERROR"}])
        for r in gone:
            self.remove(zone, r)
        for r in adds:
            self.add(zone, *r)
        return Reply(200, body("S0301", "Zone was updated successfully on the name server.", "SUCCESS", data=[
            {"origin": zone.name, "virtualNameServer": NS, "resourceRecords": [self.shown(zone, r) for r in zone.records]}]))
