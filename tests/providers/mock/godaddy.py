"""GoDaddy: https://developer.godaddy.com/doc/endpoint/domains, and recordings. Whole sets by type and name; no ids. An SRV is at
the name of who has the service, "@" for the zone, with service and protocol beside it: what is put there replaces all services
of that name. Its CAA can be read alone: types that may be written are an enumeration without it, and who sends one gets a 422
(https://github.com/AnalogJ/lexicon/pull/506)."""
from ._parts import cut, join
from .core import Provider, Refuse, Reply, provider, route


@provider
class Godaddy(Provider):
    name = "godaddy"
    hosts = ("api.godaddy.com",)
    env = {"GODADDY_API_KEY": "gd-key", "GODADDY_API_SECRET": "gd-secret"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "NS")
    unit = "set"
    ttl_min, txt_max = 600, 1024
    page, page_max = 500, 500
    odd = (("odd", "CAA", 3600, '0 issue "letsencrypt.org"'),)

    def auth(self, q):
        if q.header("Authorization") != "sso-key gd-key:gd-secret":
            raise Refuse(401, {"code": "UNABLE_TO_AUTHENTICATE", "message": "Unauthorized : Could not authenticate API key/secret"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"code": "UNABLE_TO_AUTHENTICATE", "message": "Unauthorized : Could not authenticate"})

    def missing(self, fault):
        return Reply(fault.get("status", 404), {"code": "NOT_FOUND", "message": "Domain not found for shopper"})

    def rate(self, fault):
        reply = super().rate(fault)
        reply.body = b'{"code":"TOO_MANY_REQUESTS","message":"Too many requests received within interval","retryAfterSec":30}'
        return reply

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise Refuse(404, {"code": "NOT_FOUND", "message": f"Domain {name} not found for shopper"})
        return zone

    def shown(self, zone, r):
        out = {"data": r.value, "name": zone.rel(r.name, "@"), "ttl": r.ttl, "type": r.type}
        parts = cut(r.type, r.value)
        if r.type == "SRV":
            service, protocol, owner = self.owned(r.name)
            out.update(service=service, protocol=protocol, name=zone.rel(owner, "@"))
        if parts and r.type != "CAA":
            out["data"] = parts.pop("target")
            out.update(parts)
        return out

    def owned(self, name):
        """("_sip", "_tcp", who has it)"""
        return name.split(".", 2)

    def at(self, zone, type_, rel):
        """What is shown at a name."""
        return [r for r in zone.records if (not type_ or r.type == type_) and
                (not rel or (self.owned(r.name)[2] if r.type == "SRV" else r.name) == zone.full(rel))]

    def named(self, zone, rel, type_, body):
        if type_ != "SRV":
            return zone.full(rel)
        if any(not str(body.get(x) or "").startswith("_") for x in ("service", "protocol")):
            raise Refuse(422, {"code": "INVALID_BODY", "message": "service and protocol are needed"})
        return f"{body['service']}.{body['protocol']}.{zone.full(rel)}".lower()

    def read(self, body, type_):
        if type_ not in self.types:
            raise Refuse(422, {"code": "INVALID_VALUE_ENUM", "message": "type"})
        if not str(body.get("data") or "") or int(body.get("ttl") or 3600) < 600:
            raise Refuse(422, {"code": "INVALID_BODY", "message": "Request body doesn't fulfill schema, see details in `fields`"})
        if type_ == "MX" and str(body["data"]) == ".":
            raise Refuse(422, {"code": "INVALID_VALUE_ENUM", "message": "MX data"})
        parts = {"priority": 0, "weight": 0, "port": 0, **body, "target": body["data"]}
        if any(not isinstance(parts[x], int) or not 0 <= parts[x] <= 65535 for x in ("priority", "weight", "port")):
            raise Refuse(422, {"code": "INVALID_BODY", "message": "priority, weight and port are numbers"})
        value = body["data"] if type_ not in ("MX", "CNAME", "NS", "SRV") else join(type_, parts)
        if type_ == "TXT" and len(value) > 1024:
            raise Refuse(422, {"code": "INVALID_BODY", "message": "TXT data too long"})
        return int(body.get("ttl") or 3600), value

    @route("GET", "/v1/domains/(?P<zone>[^/]+)")
    def show(self, q, zone):
        del q
        return Reply(200, {"domain": self.the_zone(zone).name, "domainId": 1, "status": "ACTIVE"})

    @route("GET", "/v1/domains/(?P<zone>[^/]+)/records(/(?P<type_>[A-Z]+)(/(?P<rel>[^/]+))?)?")
    def records(self, q, zone, type_, rel):
        zone = self.the_zone(zone)
        all_ = [self.shown(zone, r) for r in self.at(zone, type_, rel)]
        by, at = min(q.number("limit", self.page), self.page_max), q.number("offset", 0)  # "results to skip", says the vendor
        return Reply(200, all_[at:at + by])

    def put(self, zone, old, new):
        for r in old:
            self.remove(zone, r)
        for name, type_, ttl, value in new:
            if not any(r.value == value for r in zone.find(name, type_)):
                self.add(zone, name, type_, ttl, value)
        return Reply(200)

    @route("PUT", "/v1/domains/(?P<zone>[^/]+)/records/(?P<type_>[A-Z]+)/(?P<rel>[^/]+)")
    def put_set(self, q, zone, type_, rel):
        zone = self.the_zone(zone)
        return self.put(zone, self.at(zone, type_, rel), [(self.named(zone, rel, type_, b), type_, *self.read(b, type_)) for b in q.json()])

    @route("PUT", "/v1/domains/(?P<zone>[^/]+)/records/(?P<type_>[A-Z]+)")
    def put_type(self, q, zone, type_):
        zone = self.the_zone(zone)
        return self.put(zone, zone.find(None, type_), [(self.named(zone, b["name"], type_, b), type_, *self.read(b, type_)) for b in q.json()])

    @route("PATCH", "/v1/domains/(?P<zone>[^/]+)/records")
    def add_some(self, q, zone):
        zone = self.the_zone(zone)
        return self.put(zone, [], [(self.named(zone, b["name"], b["type"], b), b["type"], *self.read(b, b["type"])) for b in q.json()])

    @route("DELETE", "/v1/domains/(?P<zone>[^/]+)/records/(?P<type_>[A-Z]+)/(?P<rel>[^/]+)")
    def delete(self, q, zone, type_, rel):
        del q
        zone = self.the_zone(zone)
        old = self.at(zone, type_, rel)
        if not old:
            raise Refuse(404, {"code": "NOT_FOUND", "message": "records not found"})
        self.put(zone, old, [])
        return Reply(204)
