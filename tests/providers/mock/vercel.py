"""Vercel: https://vercel.com/docs/rest-api/dns. Records with ids; pages by `until`, a time in milliseconds."""
from ._parts import cut, flat, join, normal
from .core import Provider, Refuse, Reply, provider, route


@provider
class Vercel(Provider):
    name = "vercel"
    hosts = ("api.vercel.com",)
    env = {"VERCEL_API_TOKEN": "vercel-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA")
    page, page_max = 20, 100
    ttl_min, ttl_max = 60, 86400
    odd = (("odd", "HTTPS", 3600, "1 ."),)

    def new_id(self):
        return "rec_%024x" % super().new_id()

    def no(self, status, code, message):
        raise Refuse(status, {"error": {"code": code, "message": message}})

    def auth(self, q):
        if q.header("Authorization") != "Bearer vercel-token":
            self.no(403, "forbidden", "The request is missing an authentication token")

    def denied(self, fault):
        return Reply(fault.get("status", 403), {"error": {"code": "forbidden", "message": "Not authorized"}})

    def missing(self, fault):
        return Reply(fault.get("status", 404), {"error": {"code": "not_found", "message": "The domain was not found."}})

    def broken(self, fault):
        return Reply(fault.get("status", 500), {"error": {"code": "internal_server_error", "message": "An unexpected error"}})

    def rate(self, fault):
        after = {} if fault.get("retry_after") is None else {"Retry-After": str(fault["retry_after"])}
        return Reply(fault.get("status", 429), {"error": {"code": "rate_limited", "message": "Rate limited"}}, after)

    def the_zone(self, name):
        return self.zone(name) or self.no(404, "not_found", "The domain was not found.")

    def listed(self, q, key, items):
        """Newest first; `until` is the moment of the last one that was sent."""
        by = min(q.number("limit", self.page), self.page_max)
        until = q.number("until", 0)
        items = [(1600000000000 + i, x) for i, x in enumerate(items)][::-1]
        rest = [x for x in items if not until or x[0] < until]
        after = rest[by - 1][0] if len(rest) > by else None
        return Reply(200, {key: [x for _, x in rest[:by]], "pagination": {"count": len(rest[:by]), "next": after, "prev": None}})

    def shown(self, zone, r):
        parts = cut(r.type, r.value) or {}
        out = {"id": r.id, "slug": r.id, "name": zone.rel(r.name), "type": r.type, "value": flat(r.type, r.value, but=("priority",)),
               "ttl": r.ttl, "creator": "me", "domain": zone.name, "created": 1600000000000, "updated": 1600000000000, "recordType": r.type}
        if r.type == "MX":
            out["mxPriority"] = parts["priority"]
        if r.type == "SRV":
            out["priority"] = parts["priority"]
        return out

    @route("GET", "/v5/domains")
    def domains(self, q):
        return self.listed(q, "domains", [{"id": z.id, "name": z.name, "verified": True, "serviceType": "zeit.world"} for z in self.zones])

    @route("GET", "/v4/domains/(?P<zone>[^/]+)/records")
    def records(self, q, zone):
        zone = self.the_zone(zone)
        return self.listed(q, "records", [self.shown(zone, r) for r in zone.records])

    @route("POST", "/v2/domains/(?P<zone>[^/]+)/records")
    def create(self, q, zone):
        zone, body = self.the_zone(zone), q.json()
        type_, ttl = body.get("type"), int(body.get("ttl") or 60)
        if type_ not in (*self.types, "NS", "HTTPS"):
            self.no(400, "bad_request", "Invalid request: `type` should be equal to one of the allowed values.")
        if not 60 <= ttl <= 86400:
            self.no(400, "bad_request", "Invalid request: `ttl` should be >= 60 and <= 86400.")
        try:
            if type_ == "SRV":
                value = join("SRV", {k: body["srv"][k] for k in ("priority", "weight", "port", "target")})
            elif type_ == "MX":
                value = join("MX", {"priority": body["mxPriority"], "target": body["value"]})
            else:
                value = normal(type_, str(body["value"]))
        except (KeyError, TypeError, ValueError):
            self.no(400, "bad_request", "Invalid request: missing required property.")
        name = zone.named(str(body.get("name") or ""))
        if any(r.value == value for r in zone.find(name, type_)):
            self.no(409, "record_already_exists", "The record already exists.")
        return Reply(200, {"uid": self.add(zone, name, type_, ttl, value).id, "updated": 1600000000000})

    @route("DELETE", "/v2/domains/(?P<zone>[^/]+)/records/(?P<id_>[^/]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        self.remove(zone, zone.by_id(id_) or self.no(404, "not_found", "The record was not found."))
        return Reply(200, {})
