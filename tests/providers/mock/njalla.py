"""Njalla: https://njal.la/api/. Calls by name in POSTs to one path, refusals with status 200; TTLs and preferences from lists."""
from ._parts import flat, normal
from .core import Provider, Refuse, Reply, provider, route

TTLS = (60, 300, 900, 3600, 10800, 21600, 86400)
PRIOS = (0, 1, 5, 10, 20, 30, 40, 50, 60)
MEMBERS = {"list-domains": (), "get-domain": ("domain",), "list-records": ("domain",), "remove-record": ("domain", "id"),
           "add-record": ("domain", "type", "name", "content", "ttl", "prio"), "edit-record": ("domain", "id", "content", "ttl", "prio")}


class No(Exception):
    pass


@provider
class Njalla(Provider):
    name = "njalla"
    hosts = ("njal.la",)
    env = {"NJALLA_TOKEN": "njalla-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "CAA", "NS")
    ttls = TTLS
    floods = ({"reply": {"status": 429, "body": "Too Many Requests"}},)

    def auth(self, q):
        if q.header("Authorization") != "Njalla njalla-token":
            raise Refuse(200, {"jsonrpc": "2.0", "error": {"code": 403, "message": "Invalid token."}})

    def writes(self, q):
        return not (q.json() or {}).get("method", "").startswith(("list-", "get-"))

    def denied(self, fault):
        return Reply(200, {"jsonrpc": "2.0", "error": {"code": 403, "message": "Permission denied" if fault.get("status") == 403
                                                       else "Invalid token."}})

    def the_zone(self, params):
        zone = self.zone(str(params["domain"]))
        if not zone:
            raise No(403, "permission denied")  # as for another's
        return zone

    def shown(self, zone, r):
        out = {"id": r.id, "name": zone.rel(r.name, "@"), "type": r.type, "content": flat(r.type, r.value, but=("priority",)), "ttl": r.ttl}
        return {**out, "prio": int(r.value.split()[0])} if r.type == "MX" else out

    def read(self, type_, params):
        ttl, prio = params.get("ttl", 10800), params.get("prio", 0)
        if int(ttl) not in TTLS or not str(ttl).isdigit():
            raise No(400, f"Invalid TTL: {ttl}")
        if type_ == "MX" and prio not in PRIOS:
            raise No(400, f"Invalid priority: {prio}")
        if type_ not in (*self.types, "NS") or not params.get("content"):
            raise No(400, "Invalid type or no content")
        try:
            return int(ttl), normal(type_, f"{prio} {params['content']}" if type_ == "MX" else params["content"])
        except ValueError:
            raise No(400, "Invalid content") from None

    def does(self, method, params):
        if method == "list-domains":
            return {"domains": [{"name": z.name, "status": "active", "expiry": "2030-01-01T00:00:00Z"} for z in self.zones]}
        zone = self.the_zone(params)
        if method == "get-domain":
            return {"name": zone.name, "status": "active", "expiry": "2030-01-01T00:00:00Z", "autorenew": True, "locked": True}
        if method == "list-records":
            return {"records": [self.shown(zone, r) for r in zone.records]}
        if method == "add-record":
            name, type_ = str(params["name"]).lower().rstrip("."), params["type"]
            name = name if name == zone.name or name.endswith("." + zone.name) else zone.full(name)
            ttl, value = self.read(type_, params)
            if any(r.value == value for r in zone.find(name, type_)):
                raise No(400, "Record already exists")
            return self.shown(zone, self.add(zone, name, type_, ttl, value))
        r = zone.by_id(params["id"])
        if not r:
            raise No(404, "Record not found")
        if method == "remove-record":
            self.remove(zone, r)
            return {}
        old = self.shown(zone, r)
        r.ttl, r.value = self.read(r.type, {**old, **params})
        return self.shown(zone, r)

    @route("POST", "/api/1/")
    def call(self, q):
        body = q.json() or {}
        method, params = body.get("method"), body.get("params")
        try:
            if method not in MEMBERS or not isinstance(params, dict):
                raise No(405, "Method not found")
            lacks = [k for k in MEMBERS[method] if k not in params and k not in ("ttl", "prio") and method != "edit-record"]
            if lacks:
                raise No(400, "missing " + lacks[0])
            return Reply(200, {"jsonrpc": "2.0", "result": self.does(method, params)})
        except No as no:
            return Reply(200, {"jsonrpc": "2.0", "error": {"code": no.args[0], "message": no.args[1]}})
