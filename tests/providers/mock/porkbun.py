"""Porkbun: https://porkbun.com/api/json/v3/documentation, and recordings. All calls are POST with the keys in the body."""
from ._parts import flat, normal
from .core import Provider, Refuse, Reply, provider, route



@provider
class Porkbun(Provider):
    name = "porkbun"
    hosts = ("api.porkbun.com", "porkbun.com")
    env = {"PORKBUN_API_KEY": "pk1_key", "PORKBUN_SECRET_API_KEY": "sk1_secret"}
    ttl_min = 600

    def no(self, message, status=400):
        raise Refuse(status, {"status": "ERROR", "message": message})

    def writes(self, q):
        return "/retrieve" not in q.path and "/ping" not in q.path and "/listAll" not in q.path

    def auth(self, q):
        body = q.json() or {}
        if (body.get("apikey"), body.get("secretapikey")) != ("pk1_key", "sk1_secret"):
            self.no("Invalid API key. (001)")

    def denied(self, fault):
        return Reply(fault.get("status", 400), {"status": "ERROR", "message": "Invalid API key. (001)"})

    def missing(self, fault):
        return Reply(fault.get("status", 400), {"status": "ERROR", "message": "Invalid domain."})

    def the_zone(self, name):
        return self.zone(name) or self.no("Invalid domain.")

    def read(self, zone, body):
        type_, prio = body.get("type"), body.get("prio", 0)
        if type_ not in self.types:
            self.no("The record type is not supported.")
        text = str(body.get("content", ""))
        if not text:
            self.no("Create error: We were unable to create the DNS record.")
        try:
            value = normal(type_, f"{int(prio or 0)} {text}" if type_ in ("MX", "SRV") else text)
        except (ValueError, KeyError):
            self.no("Create error: We were unable to create the DNS record.")
        return zone.full(body.get("name") or "", apex=("",)), type_, max(600, int(body.get("ttl") or 600)), value

    @route("POST", "/api/json/v3/ping")
    def ping(self, q):
        del q
        return Reply(200, {"status": "SUCCESS", "yourIp": "192.0.2.1"})

    @route("POST", "/api/json/v3/domain/listAll")
    def list_all(self, q):
        start = int((q.json() or {}).get("start") or 0)
        return Reply(200, {"status": "SUCCESS", "domains": [{"domain": z.name, "status": "ACTIVE"}
                                                            for z in self.zones[start:start + 1000]]})

    def shown(self, r):
        prio = r.value.split(" ")[0] if r.type in ("MX", "SRV") else "0"
        return {"id": str(r.id), "name": r.name, "type": r.type, "content": flat(r.type, r.value, but=("priority",)),
                "ttl": str(r.ttl), "prio": prio, "notes": ""}

    @route("POST", "/api/json/v3/dns/retrieve/(?P<zone>[^/]+)")
    def retrieve(self, q, zone):
        del q
        return Reply(200, {"status": "SUCCESS", "cloudflare": "enabled", "records": [self.shown(r) for r in self.the_zone(zone).records]})

    @route("POST", "/api/json/v3/dns/retrieveByNameType/(?P<zone>[^/]+)/(?P<type_>[^/]+)(/(?P<rel>[^/]+))?")
    def retrieve_by(self, q, zone, type_, rel):
        del q
        zone = self.the_zone(zone)
        return Reply(200, {"status": "SUCCESS", "records": [self.shown(r) for r in zone.find(zone.full(rel), type_)]})

    @route("POST", "/api/json/v3/dns/create/(?P<zone>[^/]+)")
    def create(self, q, zone):
        zone = self.the_zone(zone)
        name, type_, ttl, value = self.read(zone, q.json())
        if any(r.value == value for r in zone.find(name, type_)):
            self.no("Create error: We were unable to create the DNS record.")
        return Reply(200, {"status": "SUCCESS", "id": self.add(zone, name, type_, ttl, value).id})

    @route("POST", "/api/json/v3/dns/edit/(?P<zone>[^/]+)/(?P<id_>[^/]+)")
    def edit(self, q, zone, id_):
        zone = self.the_zone(zone)
        r = zone.by_id(id_) or self.no("Invalid record ID.")
        r.name, r.type, r.ttl, r.value = self.read(zone, q.json())
        return Reply(200, {"status": "SUCCESS"})

    @route("POST", "/api/json/v3/dns/delete/(?P<zone>[^/]+)/(?P<id_>[^/]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        self.remove(zone, zone.by_id(id_) or self.no("Invalid record ID."))
        return Reply(200, {"status": "SUCCESS"})
