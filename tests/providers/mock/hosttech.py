"""Hosttech: https://api.ns1.hosttech.eu/api/documentation. Records with ids; each type has fields of its own, and an MX
keeps its name in `ownername`. Zones come by limit and offset, records at once."""
from .core import Provider, Refuse, Reply, provider, route

FIELDS = {"A": ("name", ["ipv4"]), "AAAA": ("name", ["ipv6"]), "CNAME": ("name", ["cname"]), "TXT": ("name", ["text"]),
          "MX": ("ownername", ["pref", "name"]), "CAA": ("name", ["flag", "tag", "value"]), "TLSA": ("name", ["text"]),
          "SRV": ("service", ["priority", "weight", "port", "target"])}
NAMES = {"CNAME": "cname", "MX": "name", "SRV": "target"}


@provider
class Hosttech(Provider):
    name = "hosttech"
    hosts = ("api.ns1.hosttech.eu",)
    env = {"HOSTTECH_API_KEY": "hosttech-key"}
    ttl_min = 600
    odd = ()

    def invalid(self, **fields):
        raise Refuse(422, {"message": "The given data was invalid.", "errors": {k: [v] for k, v in fields.items()}})

    def auth(self, q):
        if q.header("Authorization") != "Bearer hosttech-key":
            raise Refuse(401, {"message": "Unauthenticated."})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"message": "Unauthenticated."})

    def the_zone(self, id_):
        zone = self.zone(id_=id_) or self.zone(id_)
        if not zone:
            raise Refuse(404, {"message": "No query results for model."})
        return zone

    def shown(self, zone, r):
        owner, fields = FIELDS[r.type]
        out = {"id": r.id, "type": r.type, owner: zone.rel(r.name), "ttl": r.ttl, "comment": ""}
        if r.type in ("TXT", "TLSA"):
            out["text"] = r.value
            return out
        for key, value in zip(fields, r.value.split(" ")):
            if key == NAMES.get(r.type):
                value = value.rstrip(".")
            out[key] = int(value) if key in ("pref", "priority", "weight", "port") else value.strip('"')
        return out

    def read(self, zone, type_, body):
        if type_ not in FIELDS:
            self.invalid(type="The selected type is invalid.")
        owner, fields = FIELDS[type_]
        if set(body) - {"type", "ttl", "comment", owner, *fields}:
            self.invalid(field="unknown: %s" % sorted(set(body) - {"type", "ttl", "comment", owner, *fields}))
        for key in fields:
            if body.get(key) in (None, ""):
                self.invalid(**{key: "Darf nicht leer sein."})
        if int(body.get("ttl", 3600)) < 600:
            self.invalid(ttl="Muss mindestens 600 sein.")
        if zone.name in str(body.get(owner) or "x"):
            self.invalid(**{owner: "without the zone"})
        values = [str(body[k]) + ("." if k == NAMES.get(type_) and not str(body[k]).endswith(".") else "") for k in fields]
        if type_ == "CAA":
            values[2] = '"%s"' % values[2]
        return zone.full(body.get(owner) or "", apex=("",)), " ".join(values), int(body.get("ttl", 3600))

    @route("GET", "/api/user/v1/zones")
    def list_zones(self, q):
        by, at = min(q.number("limit", 10), 100), q.number("offset", 0)
        zones = [z for z in self.zones if q.args.get("query", "") in z.name]
        return Reply(200, {"data": [{"id": z.id, "name": z.name, "ttl": 10800, "nameserver": "ns1.hosttech.ch", "dnssec": False}
                                    for z in zones[at:at + by]]})

    @route("GET", "/api/user/v1/zones/(?P<id_>[^/]+)")
    def show_zone(self, q, id_):
        del q
        zone = self.the_zone(id_)
        return Reply(200, {"data": {"id": zone.id, "name": zone.name, "ttl": 10800, "nameserver": "ns1.hosttech.ch"}})

    @route("GET", "/api/user/v1/zones/(?P<id_>[^/]+)/records")
    def list_records(self, q, id_):
        zone = self.the_zone(id_)
        return Reply(200, {"data": [self.shown(zone, r) for r in zone.records if q.args.get("type", r.type) == r.type]})

    @route("POST", "/api/user/v1/zones/(?P<id_>[^/]+)/records")
    def create(self, q, id_):
        zone, body = self.the_zone(id_), q.json()
        name, value, ttl = self.read(zone, body.get("type"), body)
        if any(r.value == value for r in zone.find(name, body["type"])):
            self.invalid(name="This record exists already.")
        return Reply(201, {"data": self.shown(zone, self.add(zone, name, body["type"], ttl, value))})

    def the_record(self, zone, id_):
        r = zone.by_id(id_)
        if not r:
            raise Refuse(404, {"message": "No query results for model."})
        return r

    @route("PUT", "/api/user/v1/zones/(?P<id_>[^/]+)/records/(?P<record>[^/]+)")
    def update(self, q, id_, record):
        zone = self.the_zone(id_)
        r = self.the_record(zone, record)
        r.name, r.value, r.ttl = self.read(zone, r.type, {"type": r.type, **q.json()})
        return Reply(200, {"data": self.shown(zone, r)})

    @route("DELETE", "/api/user/v1/zones/(?P<id_>[^/]+)/records/(?P<record>[^/]+)")
    def delete(self, q, id_, record):
        del q
        zone = self.the_zone(id_)
        self.remove(zone, self.the_record(zone, record))
        return Reply(204)
