"""deSEC: https://desec.readthedocs.io/en/latest/dns/rrsets.html. Whole sets, TTLs from an hour up, cursors in Link."""
import urllib.parse

from . import _sets
from .core import Provider, Refuse, Reply, provider, route

WHEN = "2025-10-15T23:22:14.754330Z"


@provider
class Desec(Provider):
    name = "desec"
    hosts = ("desec.io",)
    env = {"DESEC_TOKEN": "desec-secret-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS", "PTR", "SSHFP")
    unit = "set"
    ttl_min, ttl_max = 3600, 86400
    page = page_max = 500

    def auth(self, q):
        if q.header("Authorization") != "Token desec-secret-token":
            raise Refuse(401, {"detail": "Invalid token."})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"detail": "Invalid token."})

    def rate(self, fault):
        after = fault.get("retry_after")
        return Reply(429, {"detail": "Request was throttled."}, {} if after is None else {"Retry-After": str(after)})

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise Refuse(404, {"detail": "No Domain matches the given query."})
        return zone

    def domain(self, z):
        return {"created": WHEN, "published": WHEN, "name": z.name, "minimum_ttl": 3600, "touched": WHEN}

    def listed(self, q, items):
        """All at once while they fit a page, else only by cursors."""
        if "cursor" not in q.args:
            if len(items) > self.page:
                raise Refuse(400, {"detail": f"Pagination required. You can query up to {self.page} items at a time"})
            return Reply(200, items)
        at = int(q.args["cursor"].removeprefix("c") or 0)
        base = f"https://{q.host}{q.path}?" + "".join(f"{k}={urllib.parse.quote(v)}&" for k, v in q.args.items() if k != "cursor")
        links = [f'<{base}cursor=>; rel="first"']
        if at + self.page < len(items):
            links.append(f'<{base}cursor=c{at + self.page}>; rel="next"')
        return Reply(200, items[at:at + self.page], {"Link": ", ".join(links)})

    def shown(self, zone, rs):
        rel = zone.rel(rs[0].name)
        return {"created": WHEN, "domain": zone.name, "subname": rel, "name": rs[0].name + ".", "records": [_sets.shown(r) for r in rs],
                "ttl": rs[0].ttl, "type": rs[0].type, "touched": WHEN}

    @route("GET", "/api/v1/domains/")
    def domains(self, q):
        owns = q.args.get("owns_qname")
        mine = [z for z in self.zones if owns is None or owns == z.name or owns.endswith("." + z.name)]
        if owns is not None:
            mine = sorted(mine, key=lambda z: -len(z.name))[:1]
        return self.listed(q, [self.domain(z) for z in mine])

    @route("GET", "/api/v1/domains/(?P<name>[^/]+)/")
    def one_domain(self, q, name):
        return Reply(200, {**self.domain(self.the_zone(name)), "keys": [], "zonefile": ""})

    @route("GET", "/api/v1/domains/(?P<name>[^/]+)/rrsets/+")
    def rrsets(self, q, name):
        zone = self.the_zone(name)
        return self.listed(q, [self.shown(zone, rs) for (n, t), rs in zone.sets().items()
                               if q.args.get("type") in (None, t) and q.args.get("subname") in (None, zone.rel(n))])

    def write(self, zone, name, type_, ttl, values):
        if type_ not in self.types:
            raise Refuse(400, {"type": [f"\"{type_}\" is not a valid choice."]})
        if not isinstance(ttl, int) or not self.ttl_min <= ttl <= self.ttl_max:
            raise Refuse(400, {"ttl": ["Ensure this value is greater than or equal to 3600."]})
        try:
            new = [_sets.read(zone, type_, v, bare=False, relative=False) for v in values]
        except ValueError as error:
            raise Refuse(400, {"records": [f"Record content malformed: {error}"]}) from None
        if len(set(new)) != len(new) or (type_ == "CNAME" and (len(new) > 1 or name == zone.name)):
            raise Refuse(400, {"non_field_errors": ["RRset contains duplicate or too many records."]})
        if new and [r for r in zone.find(name) if (r.type == "CNAME") != (type_ == "CNAME")]:
            raise Refuse(400, {"non_field_errors": ["RRset with conflicting type present: CNAME"]})
        for r in zone.find(name, type_):
            self.remove(zone, r)
        return [self.add(zone, name, type_, ttl, v) for v in new]

    @route("POST", "/api/v1/domains/(?P<name>[^/]+)/rrsets/+")
    def create(self, q, name):
        zone, body = self.the_zone(name), q.json()
        if not isinstance(body, dict) or not {"type", "ttl", "records"} <= set(body):
            raise Refuse(400, {"records": ["This field is required."]})
        at = zone.full(body.get("subname", ""), apex=("",))
        if zone.find(at, body["type"]):
            raise Refuse(400, {"non_field_errors": ["Another RRset with the same subdomain and type exists for this domain."]})
        if not body["records"]:
            raise Refuse(400, {"records": ["This field must not be empty when using POST."]})
        return Reply(201, self.shown(zone, self.write(zone, at, body["type"], body["ttl"], body["records"])))

    def the_set(self, name, sub, type_):
        zone = self.the_zone(name)
        rs = zone.find(zone.full(sub, apex=("@",)), type_)
        return zone, rs

    @route("GET", "/api/v1/domains/(?P<name>[^/]+)/rrsets/(?P<sub>[^/]+)/(?P<type_>[A-Z]+)/+")
    def one(self, q, name, sub, type_):
        zone, rs = self.the_set(name, sub, type_)
        if not rs:
            raise Refuse(404, {"detail": "No RRset matches the given query."})
        return Reply(200, self.shown(zone, rs))

    @route("PATCH", "/api/v1/domains/(?P<name>[^/]+)/rrsets/(?P<sub>[^/]+)/(?P<type_>[A-Z]+)/+")
    @route("PUT", "/api/v1/domains/(?P<name>[^/]+)/rrsets/(?P<sub>[^/]+)/(?P<type_>[A-Z]+)/+")
    def update(self, q, name, sub, type_):
        zone, rs = self.the_set(name, sub, type_)
        body = q.json()
        if not rs:
            raise Refuse(404, {"detail": "No RRset matches the given query."})
        if body.get("subname") not in (None, "", zone.rel(rs[0].name)) or body.get("type", type_) != type_:
            raise Refuse(400, {"type": ["Can only be written on create."]})
        values = body.get("records", [_sets.shown(r) for r in rs])
        new = self.write(zone, rs[0].name, type_, body.get("ttl", rs[0].ttl), values)
        return Reply(200, self.shown(zone, new)) if new else Reply(204)

    @route("DELETE", "/api/v1/domains/(?P<name>[^/]+)/rrsets/(?P<sub>[^/]+)/(?P<type_>[A-Z]+)/+")
    def delete(self, q, name, sub, type_):
        zone, rs = self.the_set(name, sub, type_)
        for r in rs:
            self.remove(zone, r)
        return Reply(204)
