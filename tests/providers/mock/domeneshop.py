"""Domeneshop (Domainnameshop): https://api.domeneshop.no/docs/. Values with ids, numbers of MX and SRV as texts."""
import base64

from .core import Provider, Refuse, Reply, provider, route

MORE = {"MX": ("priority",), "SRV": ("priority", "weight", "port"), "CAA": ("flags", "tag")}
TAGS = ("issue", "issuewild", "iodef")


@provider
class Domeneshop(Provider):
    name = "domeneshop"
    hosts = ("api.domeneshop.no",)
    env = {"DOMENESHOP_API_TOKEN": "domene-token", "DOMENESHOP_API_SECRET": "domene-secret"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA")
    ttl_min, ttl_max = 60, 604800

    def auth(self, q):
        if q.header("Authorization") != "Basic " + base64.b64encode(b"domene-token:domene-secret").decode():
            raise Refuse(401, {"code": "unauthorized", "help": "Invalid credentials"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"code": "unauthorized", "help": "Invalid credentials"})

    def the_zone(self, id_):
        zone = self.zone(id_=id_)
        if not zone:
            raise Refuse(404, {"code": "domain:not-found", "help": "Domain not found"})
        return zone

    def shown(self, zone, r):
        more = MORE.get(r.type, ())
        *numbers, data = r.value.split(" ", len(more)) if more else [r.value]
        if r.type in ("CNAME", "MX", "SRV"):
            data = data.rstrip(".")
        if r.type == "CAA":
            numbers, data = [numbers[0], str(TAGS.index(numbers[1]))], data.strip('"')
        return {"id": r.id, "host": zone.rel(r.name, "@"), "ttl": r.ttl, "type": r.type, "data": data, **dict(zip(more, numbers))}

    def read(self, q, zone):
        body = q.json()
        more = MORE.get(body.get("type"), ()) if isinstance(body, dict) else ()
        if not isinstance(body, dict) or body.get("type") not in self.types or set(body) - {"id"} != {"host", "ttl", "type", "data", *more}:
            raise Refuse(400, {"code": "dns:invalid", "help": "Missing or unknown fields"})
        if not isinstance(body["ttl"], int) or body["ttl"] % 60 or not self.ttl_min <= body["ttl"] <= self.ttl_max:
            raise Refuse(400, {"code": "dns:ttl", "help": "TTL must be a multiple of 60"})
        if not body["host"] or not body["data"]:
            raise Refuse(400, {"code": "dns:invalid", "help": "host and data must not be empty"})
        data = body["data"] + ("." if body["type"] in ("CNAME", "MX", "SRV") and not body["data"].endswith(".") else "")
        if body["type"] == "CAA":
            if str(body["tag"]) not in ("0", "1", "2"):
                raise Refuse(400, {"code": "dns:invalid", "help": "Unknown tag"})
            return zone.full(body["host"], apex=("@",)), "CAA", body["ttl"], f'{int(body["flags"])} {TAGS[int(body["tag"])]} "{data}"'
        return zone.full(body["host"], apex=("@",)), body["type"], body["ttl"], " ".join([str(int(body[m])) for m in more] + [data])

    @route("GET", "/v0/domains")
    def domains(self, q):
        return Reply(200, [{"id": z.id, "domain": z.name, "status": "active", "renew": True, "nameservers": ["ns1.hyp.net"],
                            "services": {"dns": True, "email": False, "registrar": True, "webhotel": "none"}}
                           for z in self.zones if q.args.get("domain", z.name) in z.name])

    @route("GET", "/v0/domains/(?P<zone>[^/]+)/dns")
    def listed(self, q, zone):
        zone = self.the_zone(zone)
        all_ = [self.shown(zone, r) for r in zone.records]
        return Reply(200, [r for r in all_ if q.args.get("host", r["host"]) == r["host"] and q.args.get("type", r["type"]) == r["type"]])

    @route("POST", "/v0/domains/(?P<zone>[^/]+)/dns")
    def create(self, q, zone):
        zone = self.the_zone(zone)
        name, type_, ttl, value = self.read(q, zone)
        if any(r.value == value for r in zone.find(name, type_)):
            raise Refuse(409, {"code": "dns:duplicate", "help": "The record already exists"})
        r = self.add(zone, name, type_, ttl, value)
        return Reply(201, {"id": r.id})

    @route("PUT", "/v0/domains/(?P<zone>[^/]+)/dns/(?P<id_>[^/]+)")
    def update(self, q, zone, id_):
        zone = self.the_zone(zone)
        r = zone.by_id(id_)
        if not r:
            raise Refuse(404, {"code": "dns:not-found", "help": "Record not found"})
        r.name, r.type, r.ttl, r.value = self.read(q, zone)
        return Reply(204)

    @route("DELETE", "/v0/domains/(?P<zone>[^/]+)/dns/(?P<id_>[^/]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        r = zone.by_id(id_)
        if not r:
            raise Refuse(404, {"code": "dns:not-found", "help": "Record not found"})
        self.remove(zone, r)
        return Reply(204)
