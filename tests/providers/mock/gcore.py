"""Gcore: https://api.gcore.com/docs/dns. Whole sets, at names without a final dot; a value is a list of its fields."""
from .core import Provider, Refuse, Reply, provider, route

FIELDS = {"MX": (int, str), "SRV": (int, int, int, str), "CAA": (int, str, str)}


@provider
class Gcore(Provider):
    name = "gcore"
    hosts = ("api.gcore.com",)
    env = {"GCORE_PERMANENT_API_TOKEN": "1234$gcore-permanent-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA")
    unit, page, page_max = "set", 100, 1000
    ttl_min = 120
    odd = ()

    def new_zone_id(self, name):
        return name

    def auth(self, q):
        if q.header("Authorization") != "APIKey " + next(iter(self.env.values())):
            raise Refuse(401, {"error": "unauthorized"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"error": "unauthorized"})

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise Refuse(404, {"error": "zone is not found"})
        return zone

    def slice(self, q, items):
        at, by = q.number("offset", 0), min(q.number("limit", self.page), self.page_max)
        return items[at:at + by]

    def shown(self, key, records):
        def content(r):
            if r.type not in FIELDS:
                return [r.value]
            kinds = FIELDS[r.type]
            return [k(w.strip('"')) if k is str else k(w) for k, w in zip(kinds, r.value.split(" ", len(kinds) - 1))]
        return {"name": key[0], "type": key[1], "ttl": records[0].ttl, "filters": [],
                "resource_records": [{"id": r.id, "content": content(r), "enabled": True, "meta": {}} for r in records]}

    def read(self, type_, body):
        values = []
        if not isinstance(body, dict) or set(body) - {"ttl", "resource_records", "filters", "meta"} or not body.get("resource_records"):
            raise Refuse(400, {"error": "invalid rrset"})
        if not isinstance(body.get("ttl"), int) or body["ttl"] < self.ttl_min:
            raise Refuse(400, {"error": f"ttl must be at least {self.ttl_min}"})
        for record in body["resource_records"]:
            content, kinds = record.get("content"), FIELDS.get(type_, (str,))
            if not isinstance(content, list) or len(content) != len(kinds) or not all(isinstance(c, k) for c, k in zip(content, kinds)):
                raise Refuse(400, {"error": f"invalid content of {type_}: {content}"})
            words = [str(c) for c in content]
            if type_ in ("CNAME", "MX", "SRV") and not words[-1].endswith("."):
                words[-1] += "."
            if type_ == "CAA":
                words[-1] = f'"{words[-1]}"'
            values.append(" ".join(words))
        if len(set(values)) != len(values):
            raise Refuse(400, {"error": "duplicate records"})
        return values

    @route("GET", "/dns/v2/zones")
    def listed(self, q):
        return Reply(200, {"zones": [{"id": i, "name": z.name} for i, z in enumerate(self.slice(q, self.zones))],
                           "total_amount": len(self.zones)})

    @route("GET", "/dns/v2/zones/(?P<zone>[^/]+)")
    def one(self, q, zone):
        del q
        return Reply(200, {"id": 1, "name": self.the_zone(zone).name, "records": []})

    @route("GET", "/dns/v2/zones/(?P<zone>[^/]+)/rrsets")
    def rrsets(self, q, zone):
        sets = list(self.the_zone(zone).sets().items())
        return Reply(200, {"rrsets": [self.shown(k, r) for k, r in self.slice(q, sets)], "total_amount": len(sets)})

    def at(self, zone, name, type_):
        zone, name = self.the_zone(zone), name.lower().rstrip(".")
        if name != zone.name and not name.endswith("." + zone.name):
            raise Refuse(400, {"error": "the name is not in the zone"})
        return zone, name, zone.find(name, type_)

    @route("GET", "/dns/v2/zones/(?P<zone>[^/]+)/(?P<name>[^/]+)/(?P<type_>[A-Z]+)")
    def get(self, q, zone, name, type_):
        del q
        zone, name, there = self.at(zone, name, type_)
        if not there:
            raise Refuse(404, {"error": "record is not found"})
        return Reply(200, self.shown((name, type_), there))

    def write(self, q, zone, name, type_, there):
        values = self.read(type_, q.json())
        for r in there:
            self.remove(zone, r)
        for v in values:
            self.add(zone, name, type_, q.json()["ttl"], v)
        return Reply(200, self.shown((name, type_), zone.find(name, type_)))

    @route("POST", "/dns/v2/zones/(?P<zone>[^/]+)/(?P<name>[^/]+)/(?P<type_>[A-Z]+)")
    def create(self, q, zone, name, type_):
        zone, name, there = self.at(zone, name, type_)
        if there:
            raise Refuse(409, {"error": "rrset is already exists"})
        return self.write(q, zone, name, type_, there)

    @route("PUT", "/dns/v2/zones/(?P<zone>[^/]+)/(?P<name>[^/]+)/(?P<type_>[A-Z]+)")
    def put(self, q, zone, name, type_):
        return self.write(q, *self.at(zone, name, type_)[:2], type_, self.at(zone, name, type_)[2])

    @route("DELETE", "/dns/v2/zones/(?P<zone>[^/]+)/(?P<name>[^/]+)/(?P<type_>[A-Z]+)")
    def delete(self, q, zone, name, type_):
        del q
        zone, name, there = self.at(zone, name, type_)
        if not there:
            raise Refuse(404, {"error": "record is not found"})
        for r in there:
            self.remove(zone, r)
        return Reply(200, {})
