"""Spaceship: https://docs.spaceship.dev/. Values put and deleted as they are, without ids; take and skip."""
from . import _parts
from .core import Provider, Refuse, Reply, provider, route

ROOT = "/api/v1/dns/records/(?P<name>[^/]+)"
FIELDS = {"A": {"address": "address"}, "AAAA": {"address": "address"}, "CNAME": {"cname": "target"}, "NS": {"nameserver": "target"},
          "PTR": {"pointer": "target"}, "MX": {"preference": "priority", "exchange": "target"},
          "SRV": {"priority": "priority", "weight": "weight", "port": "port", "target": "target"},
          "CAA": {"flag": "flags", "tag": "tag", "value": "ca"}, "TXT": {"value": "value"}}


@provider
class Spaceship(Provider):
    name = "spaceship"
    hosts = ("spaceship.dev",)
    env = {"SPACESHIP_API_KEY": "spaceship-key", "SPACESHIP_API_SECRET": "spaceship-secret"}
    types = tuple(FIELDS)
    unit = "value"
    ttl_min, ttl_max = 60, 3600
    odd = ()
    page, page_max = 100, 500

    def auth(self, q):
        if (q.header("X-Api-Key"), q.header("X-Api-Secret")) != ("spaceship-key", "spaceship-secret"):
            raise Refuse(401, {"detail": "Unauthorized"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"detail": "Unauthorized"})

    def broken(self, fault):
        return Reply(fault.get("status", 500), {"detail": "Something went wrong"})

    def rate(self, fault):
        return Reply(429, {"detail": "Too many requests"}, super().rate(fault).headers)

    def invalid(self, field, why):
        raise Refuse(422, {"detail": "Request validation failed", "data": [{"field": field, "details": why}]})

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise Refuse(404, {"detail": "The domain was not found."})
        return zone

    def shown(self, zone, r):
        rel, out = zone.rel(r.name, "@"), {"type": r.type, "ttl": r.ttl, "group": {"type": "custom"}}
        if r.type == "SRV":
            service, protocol, *rest = rel.split(".")
            out.update(service=service, protocol=protocol)
            rel = ".".join(rest) or "@"
        parts = _parts.cut(r.type, r.value) or {}
        for theirs, ours in FIELDS.get(r.type, {}).items():
            out[theirs] = parts.get(ours, r.value)
        return {"name": rel, **out}

    def read(self, zone, x):
        """(name, type, value) of an item that was sent."""
        fields = FIELDS.get(x.get("type"))
        if not fields:
            self.invalid("items.type", "unknown type")
        known = {"type", "name", "ttl", "group", *fields, *(("service", "protocol") if x["type"] == "SRV" else ())}
        if set(x) - known or known - {"ttl", "group"} - set(x):
            self.invalid("items", f"fields are {sorted(known)}")
        name = x["name"]
        if x["type"] == "SRV":
            if not x["service"].startswith("_") or not x["protocol"].startswith("_"):
                self.invalid("items.service", "must begin with an underscore")
            name = f"{x['service']}.{x['protocol']}" + ("" if name == "@" else "." + name)
        parts = {ours: x[theirs] for theirs, ours in fields.items()}
        if any(k in _parts.NUMBERS and not isinstance(v, int) for k, v in parts.items()) or \
                any(not v and not isinstance(v, int) for v in parts.values()):
            self.invalid("items", "of another sort")
        value = _parts.join(x["type"], parts) if x["type"] in _parts.PARTS else str(next(iter(parts.values())))
        return zone.full(name, apex=("@",)), x["type"], value

    @route("GET", ROOT)
    def records(self, q, name):
        zone = self.the_zone(name)
        if not {"take", "skip"} <= set(q.args) or not 1 <= q.number("take", 0) <= self.page_max:
            self.invalid("take", "take (1 to 500) and skip are required")
        items = [self.shown(zone, r) for r in zone.records]
        at = int(q.args["skip"])
        return Reply(200, {"items": items[at:at + min(q.number("take", 1), self.page)], "total": len(items)})

    @route("PUT", ROOT)
    def put(self, q, name):
        zone, body = self.the_zone(name), q.json() or {}
        if not body.get("items") or set(body) - {"force", "items"}:
            self.invalid("items", "must not be empty")
        new = [(self.read(zone, x), x.get("ttl", 3600)) for x in body["items"]]
        for (at, type_, _), ttl in new:
            if not self.ttl_min <= ttl <= self.ttl_max:
                self.invalid("items.ttl", "must be between 60 and 3600")
            if not body.get("force") and [r for r in zone.find(at) if "CNAME" in (r.type, type_) and r.type != type_]:
                self.invalid("items", "conflicts with a CNAME record")
        for (at, type_, value), ttl in new:
            same = [r for r in zone.find(at, type_) if r.value == value]
            if same:
                same[0].ttl = ttl
            else:
                self.add(zone, at, type_, ttl, value)
        return Reply(204)

    @route("DELETE", ROOT)
    def delete(self, q, name):
        zone, items = self.the_zone(name), q.json()
        if not isinstance(items, list) or not items:
            self.invalid("items", "must not be empty")
        gone = [self.read(zone, {k: v for k, v in x.items() if k != "ttl"}) for x in items]
        found = [[r for r in zone.find(at, type_) if r.value == value] for at, type_, value in gone]
        if [] in found:
            raise Refuse(404, {"detail": "A record to delete was not found."})
        for rs in found:
            self.remove(zone, rs[0])
        return Reply(204)
