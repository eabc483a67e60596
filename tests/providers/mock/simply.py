"""Simply.com: https://www.simply.com/en/docs/api/, and independent clients. Records with ids below a product; preference beside the value."""
from ._parts import flat, normal
from .core import Provider, Refuse, Reply, provider, route

KNOWN = {"name", "type", "data", "ttl", "priority", "comment"}
AT = "/2/my/products/(?P<zone>[^/]+)/dns/records"


@provider
class Simply(Provider):
    name = "simply"
    hosts = ("api.simply.com",)
    env = {"SIMPLY_ACCOUNT_NAME": "UE123456", "SIMPLY_API_KEY": "simply-key"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT")
    odd = ()

    def no(self, status, message):
        return Refuse(status, {"error": message})

    def auth(self, q):
        if q.basic() != ("UE123456", "simply-key"):
            raise self.no(401, "Invalid account authorization")

    def denied(self, fault):
        return self.no(fault.get("status", 401), "Invalid account authorization").reply

    def said(self, **more):
        return Reply(200, {"status": 200, "message": "success", **more})

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise self.no(404, "Unknown or invalid product reference")
        return zone

    def read(self, zone, body):
        if not isinstance(body, dict) or set(body) - KNOWN:
            raise self.no(400, "Invalid body")
        type_, text, ttl, priority = body.get("type"), body.get("data"), body.get("ttl", 3600), body.get("priority", 0)
        if type_ not in (*self.types, "NS") or not isinstance(text, str) or not text or any(isinstance(x, (str, bool)) for x in (ttl, priority)):
            raise self.no(400, "Invalid type, data, ttl or priority")
        try:
            return zone.full(str(body.get("name") or "@")), type_, ttl, normal(type_, f"{priority} {text}" if type_ == "MX" else text)
        except ValueError:
            raise self.no(400, "Invalid data") from None

    @route("GET", "/2/my/products/?")
    def products(self, q):
        del q
        return self.said(products=[{"object": z.name, "name": z.name, "domain": {"name": z.name, "name_idn": z.name, "managed": True},
                                    "product": {"id": 1, "name": "DNS"}, "autorenew": True, "cancelled": False} for z in self.zones])

    @route("GET", AT + "/?")
    def records(self, q, zone):
        del q
        zone = self.the_zone(zone)
        return self.said(records=[{"record_id": r.id, "name": zone.rel(r.name, "@"), "ttl": r.ttl, "data": flat(r.type, r.value, but=("priority",)),
                                   "type": r.type, "priority": int(r.value.split(" ")[0]) if r.type == "MX" else 0} for r in zone.records])

    @route("POST", AT + "/?")
    def create(self, q, zone):
        zone = self.the_zone(zone)
        return self.said(record={"id": self.add(zone, *self.read(zone, q.json())).id})

    def the_record(self, zone, id_):
        r = zone.by_id(id_)
        if not r:
            raise self.no(404, "Unknown DNS record")
        return r

    @route("PUT", AT + "/(?P<id_>[0-9]+)/?")
    def update(self, q, zone, id_):
        zone = self.the_zone(zone)
        r = self.the_record(zone, id_)
        r.name, r.type, r.ttl, r.value = self.read(zone, q.json())
        return self.said()

    @route("DELETE", AT + "/(?P<id_>[0-9]+)/?")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        self.remove(zone, self.the_record(zone, id_))
        return self.said()
