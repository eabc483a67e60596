"""Hetzner Cloud DNS: https://docs.hetzner.cloud/reference/cloud#zone-rrsets. Values to and from sets, by actions that take
a while."""
import urllib.parse

from . import _sets
from .core import Provider, Refuse, Reply, provider, route

NAME = "(?P<zone>[^/]+)"
SET = f"/v1/zones/{NAME}/rrsets/(?P<sub>[^/]+)/(?P<type_>[A-Z]+)"
WHEN = "2026-01-13T14:16:43Z"


@provider
class Hetzner(Provider):
    name = "hetzner"
    hosts = ("api.hetzner.cloud",)
    env = {"HETZNER_API_TOKEN": "hetzner-cloud-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS", "PTR")
    odd = (("odd", "HINFO", 3600, '"cpu" "os"'),)
    page, page_max = 25, 50
    ttl_min = 60
    pending = True
    id_start = 53000

    def setup(self):
        self.actions = {}

    def auth(self, q):
        if q.header("Authorization") != "Bearer hetzner-cloud-token":
            self.no(401, "unauthorized", "unable to authenticate")

    def no(self, status, code, message):
        raise Refuse(status, {"error": {"code": code, "message": message, "details": None}})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"error": {"code": "unauthorized", "message": "unable to authenticate", "details": None}})

    def rate(self, fault):
        reply = super().rate(fault)
        return Reply(429, {"error": {"code": "rate_limit_exceeded", "message": "limit of 3600 requests per hour reached"}}, reply.headers)

    def the_zone(self, name):
        zone = self.zone(id_=name) or self.zone(name)
        if not zone:
            self.no(404, "not_found", "Zone not found")
        return zone

    def listed(self, q, key, items):
        part, (at, by, pages) = self.pages(q, items)
        base = f"https://{q.host}{q.path}?" + "".join(f"{k}={urllib.parse.quote(v)}&" for k, v in q.args.items() if k not in ("page", "per_page"))
        link = f'<{base}page={pages}&per_page={by}>; rel="last"'
        return Reply(200, {"meta": {"pagination": {"page": at, "per_page": by, "previous_page": at - 1 if at > 1 else None,
                                                   "next_page": at + 1 if at < pages else None, "last_page": pages,
                                                   "total_entries": len(items)}}, key: part}, {"Link": link})

    def shown_zone(self, z):
        ns = ["hydrogen.ns.hetzner.com.", "oxygen.ns.hetzner.com.", "helium.ns.hetzner.de."]
        return {"id": z.id, "name": z.name, "mode": "primary", "ttl": 86400, "labels": {}, "primary_nameservers": [], "created": WHEN,
                "protection": {"delete": False}, "status": "ok", "record_count": len(z.records), "registrar": "other",
                "authoritative_nameservers": {"assigned": ns, "delegated": ns, "delegation_last_check": WHEN, "delegation_status": "valid"}}

    def shown(self, zone, rs):
        rel = zone.rel(rs[0].name, "@")
        return {"id": f"{rel}/{rs[0].type}", "name": rel, "type": rs[0].type, "ttl": rs[0].ttl, "labels": {}, "protection": {"change": False},
                "records": [{"value": _sets.shown(r), "comment": ""} for r in rs], "zone": zone.id}

    def act(self, zone, command, do):
        """Starts an action; it is running when it is first told of."""
        id_ = 604989101980000 + self.new_id()
        failing = self.options.get("action") == "error"
        if not failing:
            do()
        self.actions[str(id_)] = a = {
            "id": id_, "status": "running", "command": command, "progress": 0, "started": WHEN, "finished": None, "error": None,
            "resources": [{"id": zone.id, "type": "zone"}], "polls": 0, "failing": failing}
        return a

    def shown_action(self, a):
        return {k: v for k, v in a.items() if k not in ("polls", "failing")}

    @route("GET", "/v1/zones")
    def zone_list(self, q):
        return self.listed(q, "zones", [self.shown_zone(z) for z in self.zones if q.args.get("name") in (None, z.name)])

    @route("GET", "/v1/zones/actions/(?P<id_>[0-9]+)")
    @route("GET", "/v1/actions/(?P<id_>[0-9]+)")
    def action(self, q, id_):
        a = self.actions.get(id_)
        if not a:
            self.no(404, "not_found", "Action not found")
        a["polls"] += 1
        if a["polls"] > 1:
            a.update({"status": "error", "progress": 100, "finished": WHEN, "error": {"code": "action_failed", "message": "Action failed"}}
                     if a["failing"] else {"status": "success", "progress": 100, "finished": WHEN})
        return Reply(200, {"action": self.shown_action(a)})

    @route("GET", f"/v1/zones/{NAME}")
    def one_zone(self, q, zone):
        return Reply(200, {"zone": self.shown_zone(self.the_zone(zone))})

    @route("GET", f"/v1/zones/{NAME}/rrsets")
    def rrsets(self, q, zone):
        zone = self.the_zone(zone)
        return self.listed(q, "rrsets", [self.shown(zone, rs) for (n, t), rs in zone.sets().items()
                                         if q.args.get("type") in (None, t) and q.args.get("name") in (None, zone.rel(n, "@"))])

    @route("GET", SET)
    def one(self, q, zone, sub, type_):
        zone = self.the_zone(zone)
        rs = zone.find(zone.full(sub, apex=("@",)), type_)
        if not rs:
            self.no(404, "not_found", "RRSet not found")
        return Reply(200, {"rrset": self.shown(zone, rs)})

    def values(self, zone, type_, body):
        if type_ not in self.types or not body.get("records"):
            self.no(422, "invalid_input", "invalid input in field 'records'")
        try:
            return [_sets.read(zone, type_, r["value"], bare=False) for r in body["records"]]
        except (ValueError, KeyError) as error:
            self.no(422, "invalid_input", f"invalid input in field 'records': {error}")

    @route("POST", SET + "/actions/(?P<what>add|set|remove)_records")
    def change(self, q, zone, sub, type_, what):
        zone, body = self.the_zone(zone), q.json() or {}
        name, values = zone.full(sub, apex=("@",)), self.values(zone, type_, body)
        rs = zone.find(name, type_)
        if not rs and what != "add":
            self.no(404, "not_found", "RRSet not found")
        ttl = body.get("ttl") or (rs[0].ttl if rs else 86400)
        if ttl < 60 or ttl > 2147483647:
            self.no(422, "invalid_input", "invalid input in field 'ttl'")
        if what != "remove" and [r for r in zone.find(name) if r.type != type_ and "CNAME" in (r.type, type_)]:
            self.no(422, "unprocessable_entity", "CNAME RRSet can not coexist with other RRSets")
        have = [r.value for r in rs]
        if what == "add" and (set(values) & set(have) or len(set(values)) != len(values)):
            self.no(422, "unprocessable_entity", "record already exists in RRSet")
        if what == "add" and rs and body.get("ttl") not in (None, rs[0].ttl):
            self.no(422, "unprocessable_entity", "RRSet has another TTL")
        if what == "remove" and set(values) - set(have):
            self.no(422, "unprocessable_entity", "record does not exist in RRSet")

        def do():
            for r in [r for r in rs if what == "set" or (what == "remove" and r.value in values)]:
                self.remove(zone, r)
            for v in values if what != "remove" else []:
                self.add(zone, name, type_, ttl, v)
        return Reply(201, {"action": self.shown_action(self.act(zone, f"{what}_rrset_records", do))})

    @route("POST", SET + "/actions/change_ttl")
    def change_ttl(self, q, zone, sub, type_):
        zone, ttl = self.the_zone(zone), (q.json() or {}).get("ttl")
        rs = zone.find(zone.full(sub, apex=("@",)), type_)
        if not rs:
            self.no(404, "not_found", "RRSet not found")
        return Reply(201, {"action": self.shown_action(self.act(zone, "change_rrset_ttl", lambda: [setattr(r, "ttl", ttl or 86400) for r in rs]))})

    @route("DELETE", SET)
    def delete(self, q, zone, sub, type_):
        zone = self.the_zone(zone)
        rs = zone.find(zone.full(sub, apex=("@",)), type_)
        if not rs:
            self.no(404, "not_found", "RRSet not found")
        a = self.act(zone, "delete_rrset", lambda: [self.remove(zone, r) for r in rs])
        return Reply(201, {"action": self.shown_action(a)})
