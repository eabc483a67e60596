"""IONOS: https://developer.hosting.ionos.com/docs/dns, and recordings. Records with ids, made by lists; a zone shows all."""
from ._parts import flat, normal
from .core import Provider, Refuse, Reply, provider, quoted, route, unquoted


@provider
class Ionos(Provider):
    name = "ionos"
    hosts = ("api.hosting.ionos.com",)
    env = {"IONOS_API_KEY": "prefix.secret"}
    alt = ({"IONOS_PREFIX": "prefix", "IONOS_SECRET": "secret"},)
    ttl_min = 60

    def new_id(self):
        return "bf559199-4628-e782-da0d-%012x" % super().new_id()

    def no(self, status, code, message):
        raise Refuse(status, [{"code": code, "message": message}])

    def auth(self, q):
        if q.header("X-API-Key") != "prefix.secret":
            self.no(401, "UNAUTHORIZED", "The customer is not authorized to do this operation.")

    def denied(self, fault):
        return Reply(fault.get("status", 401), [{"code": "UNAUTHORIZED", "message": "The customer is not authorized to do this operation."}])

    def rate(self, fault):
        reply = super().rate(fault)
        reply.body = b'[{"code":"RATE_LIMIT","message":"too many requests"}]'
        return reply

    def the_zone(self, id_):
        return self.zone(id_=id_) or self.no(404, "ZONE_NOT_FOUND", "Zone does not exist.")

    def shown(self, zone, r):
        value = quoted(r.value, 255) if r.type == "TXT" else flat(r.type, r.value, but=("priority",))
        out = {"name": r.name, "rootName": zone.name, "type": r.type, "content": value, "ttl": r.ttl, "disabled": False,
               "changeDate": "2024-11-28T13:45:43.504Z", "id": r.id}
        if r.type in ("MX", "SRV"):
            out["prio"] = int(r.value.split(" ")[0])
        return out

    def read(self, zone, body):
        name, type_ = str(body.get("name", "")).lower(), body.get("type")
        if type_ not in (*self.types, "NS"):
            self.no(400, "INVALID_RECORD", "Record is invalid: type.")
        if name != zone.name and not name.endswith("." + zone.name):
            self.no(400, "INVALID_RECORD", "Record is invalid: name.")
        if int(body.get("ttl") or 3600) < 60:
            self.no(400, "INVALID_RECORD", "Record is invalid: ttl.")
        text = str(body.get("content", ""))
        if type_ == "TXT":
            text = unquoted(text) if text.startswith('"') else text
        elif type_ in ("MX", "SRV"):
            text = f"{int(body.get('prio') or 0)} {text}"
        try:
            return name, type_, int(body.get("ttl") or 3600), normal(type_, text)
        except ValueError:
            self.no(400, "INVALID_RECORD", "Record is invalid: content.")

    @route("GET", "/dns/v1/zones")
    def list_zones(self, q):
        del q
        return Reply(200, [{"name": z.name, "id": z.id, "type": "NATIVE"} for z in self.zones])

    @route("GET", "/dns/v1/zones/(?P<id_>[^/]+)")
    def show_zone(self, q, id_):
        zone = self.the_zone(id_)
        suffix, name, type_ = q.args.get("suffix", ""), q.args.get("recordName"), q.args.get("recordType")
        records = [self.shown(zone, r) for r in zone.records if r.name.endswith(suffix) and (not name or r.name == name.lower()) and
                   (not type_ or r.type in type_.split(","))]
        return Reply(200, {"name": zone.name, "id": zone.id, "type": "NATIVE", "records": records})

    @route("POST", "/dns/v1/zones/(?P<id_>[^/]+)/records")
    def create(self, q, id_):
        zone, out = self.the_zone(id_), []
        for body in q.json():
            name, type_, ttl, value = self.read(zone, body)
            if not any(r.value == value for r in zone.find(name, type_)):
                self.add(zone, name, type_, ttl, value)
            out += [self.shown(zone, r) for r in zone.find(name, type_) if r.value == value]
        return Reply(201, out)

    @route("DELETE", "/dns/v1/zones/(?P<id_>[^/]+)/records/(?P<record>[^/]+)")
    def delete(self, q, id_, record):
        del q
        zone = self.the_zone(id_)
        self.remove(zone, zone.by_id(record) or self.no(404, "RECORD_NOT_FOUND", "Record does not exist."))
        return Reply(200)

    @route("PATCH", "/dns/v1/zones/(?P<id_>[^/]+)")
    def patch(self, q, id_):
        """What lego does: the sets named in the body are replaced."""
        zone, new = self.the_zone(id_), [self.read(self.the_zone(id_), b) for b in q.json()]
        for r in [r for r in zone.records if any((r.name, r.type) == n[:2] for n in new)]:
            self.remove(zone, r)
        for name, type_, ttl, value in new:
            self.add(zone, name, type_, ttl, value)
        return Reply(200)
