"""NS1 Connect: https://ns1.com/api, and recordings. Whole sets by name and type; a zone shows its sets with short_answers."""
from ._parts import cut, flat, normal
from .core import Provider, Refuse, Reply, provider, route


@provider
class Ns1(Provider):
    name = "ns1"
    hosts = ("api.nsone.net",)
    env = {"NS1_API_KEY": "ns1-key"}
    unit = "set"

    def new_id(self):
        return "5ab7b702a632f6%010x" % super().new_id()

    def auth(self, q):
        if q.header("X-NSONE-Key") != "ns1-key":
            raise Refuse(401, {"message": "Unauthorized"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"message": "Unauthorized"})

    def missing(self, fault):
        return Reply(fault.get("status", 404), {"message": "zone not found"})

    def rate(self, fault):
        after = {} if fault.get("retry_after") is None else {"Retry-After": str(fault["retry_after"])}
        return Reply(fault.get("status", 429), {"message": "Rate limit exceeded"}, after)

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise Refuse(404, {"message": "zone not found"})
        return zone

    def answers(self, records):
        return [{"answer": [str(v) for v in cut(r.type, r.value).values()] if cut(r.type, r.value) else [r.value], "id": r.id}
                for r in records]

    def shown(self, zone, name, type_, records):
        return {"domain": name, "zone": zone.name, "type": type_, "ttl": records[0].ttl, "id": records[0].id, "tier": 1,
                "answers": self.answers(records), "filters": [], "meta": {}, "regions": {}, "link": None, "networks": [0]}

    @route("GET", "/v1/zones")
    def list_zones(self, q):
        del q
        return Reply(200, [{"zone": z.name, "id": z.id, "ttl": 3600, "dnssec": False, "link": None} for z in self.zones])

    @route("GET", "/v1/zones/(?P<zone>[^/]+)")
    def show_zone(self, q, zone):
        del q
        zone = self.the_zone(zone)
        return Reply(200, {"zone": zone.name, "id": zone.id, "ttl": 3600, "serial": zone.serial, "link": None, "records": [
            {"domain": n, "type": t, "ttl": rs[0].ttl, "id": rs[0].id, "tier": 1, "link": None,
             "short_answers": [flat(t, r.value).replace('"', "") if t == "CAA" else flat(t, r.value) for r in rs]}
            for (n, t), rs in zone.sets().items()]})

    @route("GET", "/v1/zones/(?P<zone>[^/]+)/(?P<name>[^/]+)/(?P<type_>[^/]+)")
    def show(self, q, zone, name, type_):
        del q
        zone = self.the_zone(zone)
        records = zone.find(name.lower(), type_)
        if not records:
            raise Refuse(404, {"message": "record not found"})
        return Reply(200, self.shown(zone, name.lower(), type_, records))

    def write(self, q, zone, name, type_):
        body, ttl = q.json(), 3600
        if type_ not in (*self.types, "NS", "PTR") or (name != zone.name and not name.endswith("." + zone.name)):
            raise Refuse(400, {"message": f"Input validation failed (Value 'domain' or 'type' is wrong: {name} {type_})"})
        values = []
        for a in body.get("answers") or []:
            words = [str(x) for x in a["answer"]]
            if type_ == "CAA" and len(words) == 3:
                words[2] = '"%s"' % words[2]
            if type_ == "TXT" and len(words) != 1:
                raise Refuse(400, {"message": "a TXT answer is one text"})
            try:
                values.append(normal(type_, " ".join(words)))
            except ValueError:
                raise Refuse(400, {"message": "Input validation failed (Value 'answers')"}) from None
        if not values or len(set(values)) != len(values):
            raise Refuse(400, {"message": "duplicate or missing answers"})
        old = zone.find(name, type_)
        ttl = int(body.get("ttl") or (old[0].ttl if old else ttl))
        for r in old:
            self.remove(zone, r)
        return Reply(200, self.shown(zone, name, type_, [self.add(zone, name, type_, ttl, v) for v in values]))

    @route("PUT", "/v1/zones/(?P<zone>[^/]+)/(?P<name>[^/]+)/(?P<type_>[^/]+)")
    def create(self, q, zone, name, type_):
        zone = self.the_zone(zone)
        if zone.find(name.lower(), type_):
            raise Refuse(400, {"message": "record already exists"})
        return self.write(q, zone, name.lower(), type_)

    @route("POST", "/v1/zones/(?P<zone>[^/]+)/(?P<name>[^/]+)/(?P<type_>[^/]+)")
    def change(self, q, zone, name, type_):
        zone = self.the_zone(zone)
        if not zone.find(name.lower(), type_):
            raise Refuse(404, {"message": "record not found"})
        return self.write(q, zone, name.lower(), type_)

    @route("DELETE", "/v1/zones/(?P<zone>[^/]+)/(?P<name>[^/]+)/(?P<type_>[^/]+)")
    def delete(self, q, zone, name, type_):
        del q
        zone = self.the_zone(zone)
        records = zone.find(name.lower(), type_)
        if not records:
            raise Refuse(404, {"message": "record not found"})
        for r in records:
            self.remove(zone, r)
        return Reply(200, {})
