"""Leaseweb: https://developer.leaseweb.com/docs/#tag/DNS. Whole sets by name and type, a TXT as it was
sent (in quotes or bare), a few TTLs, and all sets at once."""
from . import _sets
from .core import Provider, Refuse, Reply, provider, route

AT, CALL = "/hosting/v2/domains", "289346a1-3eaf-4da4-b707-62ef12eb08be"


@provider
class Leaseweb(Provider):
    name = "leaseweb"
    hosts = ("api.leaseweb.com",)
    env = {"LEASEWEB_API_KEY": "leaseweb-api-key"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA")
    unit = "set"
    ttls = (60, 300, 1800, 3600, 14400, 28800, 43200, 86400)
    ttl_min, ttl_max = 60, 86400
    page, page_max = 10, 65536

    def said(self, status, message, details=None):
        more = {} if details is None else {"errorDetails": details}
        return Reply(status, {"correlationId": CALL, "errorCode": str(status), "errorMessage": message, **more}, {"Correlation-Id": CALL})

    def refuse(self, status, message, details=None):
        no = Refuse(status)
        no.reply = self.said(status, message, details)
        raise no

    def bad(self, **details):
        self.refuse(400, "The API could not interpret your request correctly.", details)

    def auth(self, q):
        if q.header("X-LSW-Auth") != "leaseweb-api-key":
            self.refuse(401, "You are not authorized to view this resource.")

    def denied(self, fault):
        return self.said(fault.get("status", 401), "You are not authorized to view this resource.")

    def missing(self, fault):
        return self.said(fault.get("status", 404), "Resource not found")

    def the_zone(self, name):
        return self.zone(name) or self.refuse(404, "Resource not found")

    def links(self, zone, *more):
        home = f"/domains/{zone.name}/resourceRecordSets"
        return {"self": {"href": "/".join((home, *more))}, "collection": {"href": home}}

    def domain(self, z):
        return {"_links": {"self": {"href": f"/domains/{z.name}"}}, "domainName": z.name}

    def shown(self, zone, rs):
        name, type_ = rs[0].name + ".", rs[0].type
        return {"_links": self.links(zone, name, type_), "content": [getattr(r, "sent", _sets.shown(r)) for r in rs],
                "editable": True, "name": name, "ttl": rs[0].ttl, "type": type_}

    @route("GET", AT)
    def domains(self, q):
        by, at = min(q.number("limit", self.page), self.page_max), q.number("offset", 0)
        return Reply(200, {"_metadata": {"limit": by, "offset": at, "totalCount": len(self.zones)},
                           "domains": [self.domain(z) for z in self.zones[at:at + by]]})

    @route("GET", AT + "/(?P<name>[^/]+)")
    def inspect(self, q, name):
        return Reply(200, self.domain(self.the_zone(name)))

    @route("GET", AT + "/(?P<name>[^/]+)/resourceRecordSets")
    def listed(self, q, name):
        zone = self.the_zone(name)
        return Reply(200, {"_links": self.links(zone), "resourceRecordSets": [self.shown(zone, rs) for rs in zone.sets().values()]})

    @route("GET", AT + "/(?P<name>[^/]+)/resourceRecordSets/(?P<of>[^/]+)/(?P<type_>[A-Z]+)")
    def one(self, q, name, of, type_):
        zone = self.the_zone(name)
        rs = zone.find(of.lower().rstrip("."), type_)
        if not rs:
            self.refuse(404, "Resource not found")
        return Reply(200, self.shown(zone, rs))

    def write(self, status, zone, name, type_, body):
        name, values = name.lower().rstrip("."), body.get("content")
        if type_ not in self.types:
            self.bad(type=["unknown"])
        if body.get("ttl") not in self.ttls:
            self.bad(ttl=["one of " + ", ".join(map(str, self.ttls))])
        if name != zone.name and not name.endswith("." + zone.name):
            self.bad(name=["not in this domain"])
        if not isinstance(values, list) or not values or not all(isinstance(v, str) and v for v in values):
            self.bad(content=["a list of texts"])
        try:
            new = [(_sets.read(zone, type_, v, relative=False), v) for v in values]
        except ValueError as error:
            self.bad(content=[str(error)])
        if [r for r in zone.find(name) if r.type != type_ and "CNAME" in (r.type, type_)]:
            self.bad(name=["a CNAME stands alone"])
        for r in zone.find(name, type_):
            self.remove(zone, r)
        return Reply(status, self.shown(zone, [self.add(zone, name, type_, body["ttl"], v, sent=sent) for v, sent in new]))

    @route("POST", AT + "/(?P<name>[^/]+)/resourceRecordSets")
    def create(self, q, name):
        zone, body = self.the_zone(name), q.json() or {}
        of, type_ = body.get("name") or "", body.get("type")
        if set(body) - {"name", "type", "ttl", "content"} or not of.endswith("."):
            self.bad(name=["name, type, ttl and content; the name ends in a dot"])
        if zone.find(of.lower().rstrip("."), type_):
            self.bad(name=["there is such a set"])
        return self.write(201, zone, of, type_, body)

    @route("PUT", AT + "/(?P<name>[^/]+)/resourceRecordSets/(?P<of>[^/]+)/(?P<type_>[A-Z]+)")
    def update(self, q, name, of, type_):
        zone, body = self.the_zone(name), q.json() or {}
        if set(body) - {"ttl", "content"}:
            self.bad(name=["is not allowed here"])
        if not zone.find(of.lower().rstrip("."), type_):
            self.refuse(404, "Resource not found")
        return self.write(200, zone, of, type_, body)

    @route("DELETE", AT + "/(?P<name>[^/]+)/resourceRecordSets/(?P<of>[^/]+)/(?P<type_>[A-Z]+)")
    def delete(self, q, name, of, type_):
        """No refusal where there is none."""
        zone = self.the_zone(name)
        for r in zone.find(of.lower().rstrip("."), type_):
            self.remove(zone, r)
        return Reply(204)
