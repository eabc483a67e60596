"""Constellix, API v1: https://api-docs.constellix.com/. A record is a set with an id, its values a list called roundRobin; each
request carries the time in milliseconds, signed with HMAC-SHA1. CNAME is left out: it has no such list."""
import base64
import email.utils
import hashlib
import hmac
import time

from . import _parts
from .core import Provider, Refuse, Reply, provider, quoted, route, unquoted

FIELDS = {"MX": ("level", "value"), "SRV": ("priority", "weight", "port", "value"), "CAA": ("flag", "tag", "data")}


def refuse(status, *errors):
    return Refuse(status, {"errors": list(errors)})


@provider
class Constellix(Provider):
    name = "constellix"
    hosts = ("api.dns.constellix.com",)
    env = {"CONSTELLIX_API_KEY": "cx-key", "CONSTELLIX_SECRET_KEY": "cx-secret"}
    types = ("A", "AAAA", "MX", "TXT", "SRV", "CAA")
    unit, signed, odd = "set", 30, ()

    def auth(self, q):
        key, mac, stamp = (q.header("x-cns-security-token").split(":") + ["", "", ""])[:3]
        want = base64.b64encode(hmac.new(b"cx-secret", stamp.encode(), hashlib.sha1).digest()).decode()
        if key != "cx-key" or not stamp.isdigit() or not hmac.compare_digest(want, mac):
            raise refuse(401, "Unauthorized")
        if abs(int(stamp) / 1000 - time.time()) > self.signed:
            raise Refuse(401, {"errors": ["Request date is out of range"]}, {"Date": email.utils.formatdate(usegmt=True)})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"errors": ["Unauthorized"]})

    def the_zone(self, id_):
        zone = self.zone(id_=id_)
        if not zone:
            raise refuse(404, "Requested domain was not found")
        return zone

    def domain(self, z):
        return {"id": z.id, "name": z.name, "typeId": 1, "hasGtdRegions": False, "hasGeoIP": False, "nameserverGroup": 1,
                "nameservers": ["ns11.constellix.com."], "note": "", "version": 9, "status": "ACTIVE", "tags": None, "contactIds": []}

    @route("GET", "/v1/domains")
    def domains(self, q):
        del q
        return Reply(200, [self.domain(z) for z in self.zones])

    @route("GET", "/v1/domains/search")
    def search(self, q):
        zone = self.zone(q.args.get("exact") or "-")
        if not zone:
            raise refuse(404, "Requested domain was not found")
        return Reply(200, [self.domain(zone)])

    def shown(self, zone, rs):
        r, values = rs[0], []
        for x in rs:
            one = {"value": quoted(x.value, 255) if r.type == "TXT" else x.value, "disableFlag": False}
            if r.type in FIELDS:
                one = {k: int(v) if v.isdigit() else v.strip('"') for k, v in
                       zip(FIELDS[r.type], x.value.split(" ", len(FIELDS[r.type]) - 1))}
            values.append(one)
        return {"id": r.id, "type": r.type, "recordType": r.type.lower(), "name": zone.rel(r.name), "recordOption": "roundRobin",
                "ttl": r.ttl, "gtdRegion": 1, "parentId": zone.id, "parent": "domain", "source": "Domain", "modifiedTs": 1580908547865,
                "value": values, "roundRobin": values}

    def sets(self, zone, type_=None, name=None):
        return [rs for (n, t), rs in zone.sets().items() if type_ in (None, t) and name in (None, zone.rel(n))]

    @route("GET", "/v1/domains/(?P<zid>[0-9]+)/records")
    def all(self, q, zid):
        del q
        zone = self.the_zone(zid)
        return Reply(200, [self.shown(zone, rs) for rs in self.sets(zone)])

    @route("GET", "/v1/domains/(?P<zid>[0-9]+)/records/(?P<type_>[a-zA-Z]+)/search")
    def find(self, q, zid, type_):
        zone = self.the_zone(zid)
        found = self.sets(zone, type_.upper(), q.args.get("exact"))
        if not found:
            raise refuse(404, "Requested record was not found")
        return Reply(200, [{"id": rs[0].id, "name": zone.rel(rs[0].name), "recordType": "", "type": ""} for rs in found])

    def value(self, zone, type_, one):
        try:
            if type_ in FIELDS:
                if set(one) - {"disableFlag"} != set(FIELDS[type_]):
                    raise ValueError(one)
                words = [str(one[k]) for k in FIELDS[type_]]
                if type_ in ("MX", "SRV") and not words[-1].endswith("."):
                    words[-1] += f".{zone.name}."
                return _parts.normal(type_, " ".join(words))
            text = one["value"]
            text = unquoted(text) if type_ == "TXT" and text.startswith('"') else text
            if not text:
                raise ValueError(one)
            return text
        except (ValueError, KeyError, AttributeError):
            raise refuse(400, "Invalid value") from None

    def body(self, q, zone, type_):
        b = q.json()
        if type_ not in self.types or not isinstance(b, dict) or not {"name", "ttl", "roundRobin"} <= set(b) or \
                not isinstance(b["ttl"], int) or not b["roundRobin"]:
            raise refuse(400, "Invalid record")
        values = [self.value(zone, type_, x) for x in b["roundRobin"]]
        if len(set(values)) != len(values):
            raise refuse(400, "Duplicate values")
        return zone.full(b["name"], apex=("",)), b["ttl"], values

    @route("POST", "/v1/domains/(?P<zid>[0-9]+)/records/(?P<type_>[a-zA-Z]+)")
    def create(self, q, zid, type_):
        zone, type_ = self.the_zone(zid), type_.upper()
        name, ttl, values = self.body(q, zone, type_)
        if zone.find(name, type_):
            raise refuse(400, "Record with this name already exists")
        rs = [self.add(zone, name, type_, ttl, v) for v in values]
        return Reply(200, [self.shown(zone, rs)])

    def the_set(self, zone, type_, rid):
        rs = next((rs for rs in self.sets(zone, type_.upper()) if str(rs[0].id) == rid), None)
        if not rs:
            raise refuse(404, "Requested record was not found")
        return rs

    @route("GET", "/v1/domains/(?P<zid>[0-9]+)/records/(?P<type_>[a-zA-Z]+)/(?P<rid>[0-9]+)")
    def one(self, q, zid, type_, rid):
        del q
        zone = self.the_zone(zid)
        return Reply(200, self.shown(zone, self.the_set(zone, type_, rid)))

    @route("PUT", "/v1/domains/(?P<zid>[0-9]+)/records/(?P<type_>[a-zA-Z]+)/(?P<rid>[0-9]+)")
    def put(self, q, zid, type_, rid):
        zone, type_ = self.the_zone(zid), type_.upper()
        old = self.the_set(zone, type_, rid)
        name, ttl, values = self.body(q, zone, type_)
        if (ttl, values) == (old[0].ttl, [r.value for r in old]):
            raise refuse(400, "Contents are identical")
        id_ = old[0].id
        for r in old:
            self.remove(zone, r)
        rs = [self.add(zone, name, type_, ttl, v) for v in values]
        rs[0].id = id_
        return Reply(200, {"success": "Record updated successfully"})

    @route("DELETE", "/v1/domains/(?P<zid>[0-9]+)/records/(?P<type_>[a-zA-Z]+)/(?P<rid>[0-9]+)")
    def delete(self, q, zid, type_, rid):
        zone = self.the_zone(zid)
        for r in self.the_set(zone, type_, rid):
            self.remove(zone, r)
        return Reply(200, {"success": "Record deleted successfully"})
