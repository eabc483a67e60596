"""easyDNS: https://docs.sandbox.rest.easydns.net, and recordings. Records with ids; a domain that is not theirs has exists N."""
from ._parts import flat, normal
from .core import Provider, Refuse, Reply, provider, route


@provider
class Easydns(Provider):
    name = "easydns"
    hosts = ("rest.easydns.net", "sandbox.rest.easydns.net")
    env = {"EASYDNS_TOKEN": "easy-token", "EASYDNS_KEY": "easy-key"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "NS")
    ttl_min = 300
    odd = ()

    def auth(self, q):
        if q.basic() != ("easy-token", "easy-key"):
            raise Refuse(403, {"error": {"code": 403, "message": "Forbidden: invalid token or key"}})

    def denied(self, fault):
        return Reply(fault.get("status", 403), {"error": {"code": 403, "message": "Forbidden: invalid token or key"}})

    def rate(self, fault):
        after = {} if fault.get("retry_after") is None else {"Retry-After": str(fault["retry_after"])}
        return Reply(fault.get("status", 420), {"error": {"code": 420, "message": "Enhance Your Calm: rate limit"}}, after)

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise Refuse(404, {"error": {"code": 404, "message": "Domain not found"}})
        return zone

    def shown(self, zone, r):
        prio = r.value.split(" ")[0] if r.type == "MX" else "0"
        return {"id": str(r.id), "domain": zone.name, "host": zone.rel(r.name, "@"), "ttl": str(r.ttl), "prio": prio, "type": r.type,
                "rdata": flat(r.type, r.value, but=("priority",)), "geozone_id": "0", "last_mod": "2016-04-04 13:48:01"}

    def read(self, zone, type_, body):
        if type_ not in self.types or not str(body.get("rdata") or ""):
            raise Refuse(400, {"error": {"code": 400, "message": "Invalid record"}})
        text = str(body["rdata"])
        try:
            value = normal(type_, f"{int(body.get('prio') or 0)} {text}" if type_ == "MX" else text)
        except ValueError:
            raise Refuse(400, {"error": {"code": 400, "message": "Invalid rdata"}}) from None
        return zone.full(body["host"]), type_, max(300, int(body.get("ttl") or 300)), value

    @route("GET", "/domain/(?P<name>[^/]+)")
    def domain(self, q, name):
        del q
        zone = self.zone(name)
        yes = "Y" if zone else "N"
        return Reply(200, {"msg": "OK", "tm": 1459791538, "status": 200, "data": {
            "id": name, "domain": name, "exists": yes, "onsystem": yes, "expiry": None, "next_due": None, "cloned_to": "NONE",
            "service": "19", "sub_block": "NONE"}})

    @route("GET", "/zones/records/all/(?P<name>[^/]+)(/(?P<keyword>[^/]+))?")
    def records(self, q, name, keyword):
        zone = self.the_zone(name)
        all_ = [self.shown(zone, r) for r in zone.records if not keyword or keyword in r.name]
        at, by = q.number("start", 0), q.number("max", 1000)
        return Reply(200, {"tm": 1459792082, "data": all_[at:at + by], "count": len(all_[at:at + by]), "total": len(all_),
                           "start": at, "max": by, "status": 200})

    @route("PUT", "/zones/records/add/(?P<name>[^/]+)/(?P<type_>[^/]+)")
    def create(self, q, name, type_):
        zone, body = self.the_zone(name), q.json()
        name, type_, ttl, value = self.read(zone, type_, body)
        if any(r.value == value for r in zone.find(name, type_)):
            raise Refuse(409, {"error": {"code": 409, "message": "Record already exists"}})
        r = self.add(zone, name, type_, ttl, value)
        # Numbers come back as they were sent: as numbers in the recordings, as texts for lego.
        return Reply(201, {"msg": "OK", "tm": 1469913523, "status": 201, "data": {
            "host": body["host"], "geozone_id": 0, "ttl": body.get("ttl", 300), "prio": body.get("prio", 0), "rdata": body["rdata"],
            "revoked": 0, "id": str(r.id), "new_host": r.name}})

    def record_by(self, id_):
        for zone in self.zones:
            if zone.by_id(id_):
                return zone, zone.by_id(id_)
        raise Refuse(404, {"error": {"code": 404, "message": "Record not found"}})

    @route("POST", "/zones/records/(?P<id_>[^/]+)")
    def update(self, q, id_):
        zone, r = self.record_by(id_)
        r.name, r.type, r.ttl, r.value = self.read(zone, r.type, {**self.shown(zone, r), **q.json()})
        return Reply(200, {"msg": "Record updated successfully.", "tm": 1459792029, "data": self.shown(zone, r), "status": 200})

    @route("DELETE", "/zones/records/(?P<name>[^/]+)/(?P<id_>[^/]+)")
    def delete(self, q, name, id_):
        del q
        zone = self.the_zone(name)
        r = zone.by_id(id_)
        if not r:
            raise Refuse(404, {"error": {"code": 404, "message": "Record not found"}})
        self.remove(zone, r)
        return Reply(200, {"msg": "OK", "data": {"domain": zone.name, "id": str(r.id)}, "status": 200})
