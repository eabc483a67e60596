"""LuaDNS: https://luadns.com/api.html, and recordings. Records with ids; names and targets end in a dot."""
from ._parts import flat, normal
from .core import Provider, Refuse, Reply, provider, route


@provider
class Luadns(Provider):
    name = "luadns"
    hosts = ("api.luadns.com",)
    env = {"LUADNS_API_USERNAME": "me@example.org", "LUADNS_API_TOKEN": "lua-token"}
    ttl_min = 300

    def auth(self, q):
        if q.basic() != ("me@example.org", "lua-token"):
            raise Refuse(401, {"status": "Unauthorized", "message": "Access denied."})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"status": "Unauthorized", "message": "Access denied."})

    def the_zone(self, id_):
        zone = self.zone(id_=id_)
        if not zone:
            raise Refuse(404, {"status": "Not Found", "message": "Zone not found."})
        return zone

    def the_record(self, zone, id_):
        r = zone.by_id(id_)
        if not r:
            raise Refuse(404, {"status": "Not Found", "message": "Record not found."})
        return r

    def shown(self, zone, r):
        return {"id": r.id, "name": r.name + ".", "type": r.type, "content": flat(r.type, r.value, "."), "ttl": r.ttl,
                "zone_id": zone.id, "generated": False, "created_at": "2018-03-20T07:18:08.068353602Z"}

    def read(self, zone, body):
        name, type_ = str(body.get("name", "")), body.get("type")
        if not name.endswith(zone.name + "."):
            raise Refuse(400, {"status": "Bad Request", "message": "Invalid record name."})
        if type_ not in (*self.types, "NS", "PTR"):
            raise Refuse(400, {"status": "Bad Request", "message": "Invalid record type."})
        content = str(body.get("content", ""))
        if type_ in ("CNAME", "MX", "SRV", "NS", "PTR") and not content.endswith("."):
            content += "." + zone.name + "."  # relative, as in a zone file
        try:
            return name, type_, max(300, int(body.get("ttl") or 3600)), normal(type_, content)
        except ValueError:
            raise Refuse(400, {"status": "Bad Request", "message": "Invalid record content."}) from None

    @route("GET", "/v1/zones")
    def list_zones(self, q):
        del q
        return Reply(200, [{"id": z.id, "name": z.name, "synced": False, "queries_count": 0} for z in self.zones])

    @route("GET", "/v1/zones/(?P<id_>[^/]+)")
    def show_zone(self, q, id_):
        del q
        zone = self.the_zone(id_)
        return Reply(200, {"id": zone.id, "name": zone.name, "records": [self.shown(zone, r) for r in zone.records]})

    @route("GET", "/v1/zones/(?P<id_>[^/]+)/records")
    def list_records(self, q, id_):
        del q
        zone = self.the_zone(id_)
        return Reply(200, [self.shown(zone, r) for r in zone.records])

    @route("POST", "/v1/zones/(?P<id_>[^/]+)/records")
    def create(self, q, id_):
        zone = self.the_zone(id_)
        name, type_, ttl, value = self.read(zone, q.json())
        if any(r.value == value for r in zone.find(name.rstrip(".").lower(), type_)):
            raise Refuse(400, {"status": "Bad Request", "message": "Record already exists."})
        return Reply(200, self.shown(zone, self.add(zone, name, type_, ttl, value)))

    @route("PUT", "/v1/zones/(?P<id_>[^/]+)/records/(?P<record>[^/]+)")
    def update(self, q, id_, record):
        zone = self.the_zone(id_)
        r = self.the_record(zone, record)
        name, r.type, r.ttl, r.value = self.read(zone, q.json())
        r.name = name.rstrip(".").lower()
        return Reply(200, self.shown(zone, r))

    @route("DELETE", "/v1/zones/(?P<id_>[^/]+)/records/(?P<record>[^/]+)")
    def delete(self, q, id_, record):
        del q
        zone = self.the_zone(id_)
        r = self.the_record(zone, record)
        self.remove(zone, r)
        return Reply(200, self.shown(zone, r))
