"""RcodeZero: https://my.rcodezero.at/openapi/. Whole sets by PATCH of a list of changes; names whole and dotted."""
from . import _sets
from .core import Provider, Refuse, Reply, provider, route

ROOT = "/api/v1/zones"


@provider
class Rcodezero(Provider):
    name = "rcodezero"
    hosts = ("my.rcodezero.at",)
    env = {"RCODEZERO_API_TOKEN": "rcodezero-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS", "PTR", "SSHFP")
    unit = "set"
    ttl_min = 60
    page, page_max = 100, 1000

    def auth(self, q):
        if q.header("Authorization") != "Bearer rcodezero-token":
            raise Refuse(401, {"status": "failed", "message": "Unauthenticated."})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"status": "failed", "message": "Unauthenticated."})

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise Refuse(404, {"status": "failed", "message": "Zone not found"})
        return zone

    def shown_zone(self, z):
        return {"id": z.id, "domain": z.name, "type": "MASTER", "masters": [""], "serial": 2019093201, "created": "2019-09-30T12:57:51Z",
                "last_check": None, "dnssec_status": "Unsigned", "dnssec_status_detail": "Unsigned"}

    def listed(self, q, items, total):
        by = q.number("page_size", self.page)
        by = len(items) + 1 if by == -1 else min(by, self.page_max)
        at, pages = q.number("page", 1), max(1, -(-len(items) // by))
        part, url = items[(at - 1) * by:at * by], f"https://{q.host}{q.path}"
        return Reply(200, {"current_page": at, "data": part, "first_page_url": url + "?page=1", "from": (at - 1) * by + 1 if part else None,
                           "last_page": pages, "last_page_url": f"{url}?page={pages}", "path": url,
                           "next_page_url": f"{url}?page={at + 1}" if at < pages else None, "per_page": q.number("page_size", self.page),
                           "prev_page_url": f"{url}?page={at - 1}" if at > 1 else None, "to": (at - 1) * by + len(part) if part else None,
                           "total": total})

    @route("GET", ROOT)
    def zone_list(self, q):
        return self.listed(q, [self.shown_zone(z) for z in self.zones], len(self.zones))

    @route("GET", ROOT + "/(?P<name>[^/]+)")
    def one_zone(self, q, name):
        return Reply(200, self.shown_zone(self.the_zone(name)))

    @route("GET", ROOT + "/(?P<name>[^/]+)/rrsets")
    def rrsets(self, q, name):
        zone = self.the_zone(name)
        sets = [{"name": n + ".", "type": t, "ttl": rs[0].ttl, "records": [{"content": _sets.shown(r), "disabled": False} for r in rs]}
                for (n, t), rs in zone.sets().items()]
        return self.listed(q, sets, len(sets) + 1)  # it counts one that it does not show

    def understood(self, zone, change):
        kind, type_ = change.get("changetype", "").upper(), change.get("type")
        name = change.get("name", "")
        if kind not in ("ADD", "UPDATE", "DELETE") or type_ not in self.types:
            raise Refuse(400, {"status": "failed", "message": "Invalid changetype or type"})
        if not name.endswith(".") or not ("." + name).endswith(f".{zone.name}."):
            raise Refuse(400, {"status": "failed", "message": f"RRset {name} IN {type_}: Name is out of zone or not canonical"})
        name = name.rstrip(".").lower()
        there = zone.find(name, type_)
        if kind == "DELETE":
            if not there:
                raise Refuse(400, {"status": "failed", "message": "RRset not found"})
            return name, type_, 0, []
        if kind == "ADD" and there:
            raise Refuse(400, {"status": "failed", "message": f"RRset {name} IN {type_} already exists"})
        try:
            values = [_sets.read(zone, type_, r["content"], bare=False, relative=False) for r in change["records"]]
        except (ValueError, KeyError) as error:
            raise Refuse(400, {"status": "failed", "message": f"Record content is malformed: {error}"}) from None
        if (not values and kind == "ADD") or len(set(values)) != len(values) or not self.ttl_min <= change.get("ttl", 3600) <= self.ttl_max:
            raise Refuse(400, {"status": "failed", "message": "records or ttl is invalid"})
        if [r for r in zone.find(name) if r.type != type_ and "CNAME" in (r.type, type_)]:
            raise Refuse(400, {"status": "failed", "message": f"RRset {name} IN {type_}: Conflicts with pre-existing RRset"})
        return name, type_, change.get("ttl", 3600), values

    @route("PATCH", "/api/v1/acme/zones/(?P<name>[^/]+)/rrsets")  # for tokens that may do no more
    def acme(self, q, name):
        if any(c.get("type") != "TXT" or not c.get("name", "").startswith("_acme-challenge.") for c in q.json() or []):
            raise Refuse(403, {"status": "failed", "message": "Only _acme-challenge TXT records are allowed"})
        return self.patch(q, name)

    @route("PATCH", ROOT + "/(?P<name>[^/]+)/rrsets")
    def patch(self, q, name):
        zone, changes = self.the_zone(name), q.json()
        if not isinstance(changes, list) or not changes:
            raise Refuse(400, {"status": "failed", "message": "a list of changes is needed"})
        for at, type_, ttl, values in [self.understood(zone, c) for c in changes]:
            for r in zone.find(at, type_):
                self.remove(zone, r)
            for v in values:
                self.add(zone, at, type_, ttl, v)
        return Reply(200, {"status": "ok", "message": "RRsets updated"})
