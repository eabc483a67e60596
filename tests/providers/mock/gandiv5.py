"""Gandi LiveDNS: https://api.gandi.net/docs/livedns/. Whole sets by name and type; TTLs from 300 to 2592000."""
from . import _sets
from .core import Provider, Refuse, Reply, provider, route

AT = "https://api.gandi.net/v5/livedns/domains"


@provider
class Gandi(Provider):
    name = "gandiv5"
    hosts = ("api.gandi.net",)
    env = {"GANDIV5_PERSONAL_ACCESS_TOKEN": "gandi-personal-token"}
    alt = ({"GANDIV5_API_KEY": "gandi-api-key"},)
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS", "PTR", "SSHFP")
    unit = "set"
    ttl_min, ttl_max = 300, 2592000

    def refuse(self, status, cause, message, what="dns-record"):
        raise Refuse(status, {"code": status, "message": message, "object": what, "cause": cause})

    def auth(self, q):
        if q.header("Authorization") not in ("Bearer gandi-personal-token", "Apikey gandi-api-key"):
            self.refuse(401, "Unauthorized", "The server could not verify that you authorized to access the document you requested.", "HTTPUnauthorized")

    def denied(self, fault):
        status = fault.get("status", 401)
        return Reply(status, {"code": status, "message": "Access was denied to this resource.", "object": "HTTPForbidden", "cause": "Forbidden"})

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            self.refuse(404, "Not Found", "The resource could not be found.", "HTTPNotFound")
        return zone

    def listed(self, q, items):
        part, (at, by, pages) = self.pages(q, items)
        link = f'<https://{q.host}{q.path}?page={at + 1}&per_page={by}>; rel="next"'
        return Reply(200, part, {"Total-Count": str(len(items)), **({"Link": link} if at < pages else {})})

    def shown(self, zone, rs):
        rel, type_ = zone.rel(rs[0].name, "@"), rs[0].type
        return {"rrset_name": rel, "rrset_type": type_, "rrset_ttl": rs[0].ttl, "rrset_values": [_sets.shown(r) for r in rs],
                "rrset_href": f"{AT}/{zone.name}/records/{rel}/{type_}"}

    @route("GET", "/v5/livedns/domains")
    def domains(self, q):
        return self.listed(q, [{"fqdn": z.name, "domain_href": f"{AT}/{z.name}", "domain_records_href": f"{AT}/{z.name}/records"}
                               for z in self.zones])

    @route("GET", "/v5/livedns/domains/(?P<name>[^/]+)")
    def domain(self, q, name):
        z = self.the_zone(name)
        return Reply(200, {"fqdn": z.name, "domain_href": f"{AT}/{z.name}", "domain_keys_href": f"{AT}/{z.name}/keys",
                           "domain_records_href": f"{AT}/{z.name}/records", "automatic_snapshots": True})

    @route("GET", "/v5/livedns/domains/(?P<name>[^/]+)/records")
    def records(self, q, name):
        zone = self.the_zone(name)
        return self.listed(q, [self.shown(zone, rs) for rs in zone.sets().values()])

    @route("GET", "/v5/livedns/domains/(?P<name>[^/]+)/records/(?P<sub>[^/]+)")
    def of_name(self, q, name, sub):
        zone = self.the_zone(name)
        return Reply(200, [self.shown(zone, rs) for (n, _), rs in zone.sets().items() if n == zone.full(sub)])

    @route("GET", "/v5/livedns/domains/(?P<name>[^/]+)/records/(?P<sub>[^/]+)/(?P<type_>[A-Z]+)")
    def one(self, q, name, sub, type_):
        zone = self.the_zone(name)
        rs = zone.find(zone.full(sub), type_)
        if not rs:
            self.refuse(404, "Not Found", f"Can't find the DNS record {sub}/{type_} in the zone")
        return Reply(200, self.shown(zone, rs))

    def write(self, zone, sub, type_, body):
        name, ttl, values = zone.full(sub), body.get("rrset_ttl", 10800), body.get("rrset_values")
        if set(body) - {"rrset_ttl", "rrset_values", "rrset_name", "rrset_type", "rrset_href"} or not values or type_ not in self.types:
            self.refuse(400, "Bad Request", "rrset_values: required", "schema")
        if not self.ttl_min <= ttl <= self.ttl_max:
            self.refuse(400, "Bad Request", "rrset_ttl: must be between 300 and 2592000", "schema")
        try:
            new = [_sets.read(zone, type_, v) for v in values]
        except ValueError as error:
            self.refuse(400, "Bad Request", f"Invalid values: {error}")
        if len(set(new)) != len(new):
            self.refuse(400, "Bad Request", "Duplicate values")
        if [r for r in zone.find(name) if r.type != type_ and "CNAME" in (r.type, type_)]:
            self.refuse(409, "Conflict", "A CNAME record already exists with this name" if type_ != "CNAME" else "A DNS Record already exists")
        for r in zone.find(name, type_):
            self.remove(zone, r)
        for v in new:
            self.add(zone, name, type_, ttl, v)
        return Reply(201, {"message": "DNS Record Created"}, {"Location": f"{AT}/{zone.name}/records/{sub}/{type_}"})

    @route("POST", "/v5/livedns/domains/(?P<name>[^/]+)/records/(?P<sub>[^/]+)/(?P<type_>[A-Z]+)")
    def create(self, q, name, sub, type_):
        zone = self.the_zone(name)
        if zone.find(zone.full(sub), type_):
            self.refuse(409, "Conflict", "A DNS Record already exists with same value")
        return self.write(zone, sub, type_, q.json() or {})

    @route("POST", "/v5/livedns/domains/(?P<name>[^/]+)/records/(?P<sub>[^/]+)")
    @route("POST", "/v5/livedns/domains/(?P<name>[^/]+)/records")
    def create_named(self, q, name, sub=None):
        zone, body = self.the_zone(name), q.json() or {}
        sub, type_ = sub or body.get("rrset_name", "@"), body.get("rrset_type")
        if zone.find(zone.full(sub), type_):
            self.refuse(409, "Conflict", "A DNS Record already exists with same value")
        return self.write(zone, sub, type_, body)

    @route("PUT", "/v5/livedns/domains/(?P<name>[^/]+)/records/(?P<sub>[^/]+)/(?P<type_>[A-Z]+)")
    def replace(self, q, name, sub, type_):
        return self.write(self.the_zone(name), sub, type_, q.json() or {})

    @route("DELETE", "/v5/livedns/domains/(?P<name>[^/]+)/records/(?P<sub>[^/]+)/(?P<type_>[A-Z]+)")
    @route("DELETE", "/v5/livedns/domains/(?P<name>[^/]+)/records/(?P<sub>[^/]+)")
    def delete(self, q, name, sub, type_=None):
        zone = self.the_zone(name)
        for r in zone.find(zone.full(sub), type_):
            self.remove(zone, r)
        return Reply(204)
