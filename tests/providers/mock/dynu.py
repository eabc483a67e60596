"""Dynu, API v2: https://www.dynu.com/Support/API. Each answer has a statusCode; errors are exceptions with 4xx and 501. The
token of the OAuth2 grant is fetched by GET with Basic login."""
import base64

from .core import Provider, Refuse, Reply, provider, route

FIELDS = {"A": ("ipv4Address",), "AAAA": ("ipv6Address",), "CNAME": ("host",), "MX": ("priority", "host"), "TXT": ("textData",),
          "SRV": ("priority", "weight", "port", "host")}


def refuse(status, type_, message):
    return Refuse(status, {"statusCode": status, "type": type_, "message": message})


@provider
class Dynu(Provider):
    name = "dynu"
    hosts = ("api.dynu.com",)
    env = {"DYNU_API_KEY": "dynu-api-key"}
    alt = ({"Dynu_ClientId": "dynu-client", "Dynu_Secret": "dynu-secret"},)
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV")
    ttl_min = 30
    id_start, odd = 13690777, ()
    odd = ()

    def auth(self, q):
        if q.path == "/v2/oauth2/token":
            if q.header("Authorization") != "Basic " + base64.b64encode(b"dynu-client:dynu-secret").decode():
                raise refuse(401, "Authentication Exception", "Invalid.")
        elif q.header("API-Key") != "dynu-api-key" and q.header("Authorization") != "Bearer dynu-bearer":
            raise refuse(401, "Authentication Exception", "Invalid.")

    def denied(self, fault):
        return refuse(fault.get("status", 401), "Authentication Exception", "Invalid.").reply

    def the_zone(self, id_):
        zone = self.zone(id_=id_)
        if not zone:
            raise refuse(501, "Argument Exception", "Invalid.")
        return zone

    def shown(self, zone, r):
        fields = FIELDS.get(r.type, ())
        words = r.value.split(" ", len(fields) - 1) if fields else []
        more = {k: int(w) if k in ("priority", "weight", "port") else w for k, w in zip(fields, words)}
        if "host" in more:
            more["host"] = more["host"].rstrip(".")
        value = '"%s"' % r.value if r.type == "TXT" else r.value
        return {"id": r.id, "domainId": zone.id, "domainName": zone.name, "nodeName": zone.rel(r.name), "hostname": r.name,
                "recordType": r.type, "ttl": r.ttl, "state": True, "content": f"{r.name}. {r.ttl} IN {r.type} {value}",
                "updatedOn": "2025-05-06T18:36:37.847", **more}

    def read(self, q, zone):
        body = q.json()
        fields = FIELDS.get(body.get("recordType"), ()) if isinstance(body, dict) else ()
        known = {"id", "domainId", "domainName", "hostname", "content", "updatedOn", "nodeName", "recordType", "ttl", "state", *fields}
        if not fields or set(body) - known or not {"recordType", *fields} <= set(body) or body.get("state") is not True:
            raise refuse(501, "Argument Exception", "Invalid.")
        words = [str(body[f]) for f in fields]
        if fields[-1] == "host":
            words[-1] = words[-1].rstrip(".") + "."
        ttl = int(body.get("ttl", 120))
        if not words[-1].strip(".") or ttl < self.ttl_min:
            raise refuse(501, "Argument Exception", "Invalid.")
        return zone.full(body.get("nodeName", ""), apex=("",)), body["recordType"], ttl, " ".join(words)

    @route("GET", "/v2/oauth2/token")
    def token(self, q):
        del q
        return Reply(200, {"access_token": "dynu-bearer", "token_type": "bearer", "expires_in": 28800, "scope": "..."})

    @route("GET", "/v2/dns")
    def domains(self, q):
        del q
        return Reply(200, {"statusCode": 200, "domains": [{"id": z.id, "name": z.name, "unicodeName": z.name, "state": "Complete", "ttl": 60}
                                                          for z in self.zones]})

    @route("GET", "/v2/dns/getroot/(?P<name>[^/]+)")
    def root(self, q, name):
        del q
        fit = [z for z in self.zones if name == z.name or name.endswith("." + z.name)]
        if not fit:
            raise refuse(501, "Argument Exception", "Invalid.")
        zone = max(fit, key=lambda z: len(z.name))
        return Reply(200, {"statusCode": 200, "id": zone.id, "domainName": zone.name, "hostname": name, "node": zone.rel(name)})

    @route("GET", "/v2/dns/record/(?P<name>[^/]+)")
    def by_name(self, q, name):
        zone = next((z for z in self.zones if name == z.name or name.endswith("." + z.name)), None)
        if not zone:
            raise refuse(501, "Argument Exception", "Invalid.")
        return Reply(200, {"statusCode": 200, "dnsRecords": [self.shown(zone, r) for r in zone.find(name, q.args.get("recordType"))]})

    @route("GET", "/v2/dns/(?P<zone>[0-9]+)/record")
    def listed(self, q, zone):
        del q
        zone = self.the_zone(zone)
        return Reply(200, {"statusCode": 200, "dnsRecords": [self.shown(zone, r) for r in zone.records]})

    @route("POST", "/v2/dns/(?P<zone>[0-9]+)/record")
    def create(self, q, zone):
        zone = self.the_zone(zone)
        name, type_, ttl, value = self.read(q, zone)
        same = next((r for r in zone.find(name, type_) if r.value == value), None)
        r = same or self.add(zone, name, type_, ttl, value)
        return Reply(200, {"statusCode": 200, **self.shown(zone, r)})

    @route("POST", "/v2/dns/(?P<zone>[0-9]+)/record/(?P<id_>[0-9]+)")
    def update(self, q, zone, id_):
        zone = self.the_zone(zone)
        r = zone.by_id(id_)
        name, type_, ttl, value = self.read(q, zone)
        if not r or r.name != name:
            raise refuse(501, "Argument Exception", "Invalid.")
        r.type, r.ttl, r.value = type_, ttl, value
        return Reply(200, {"statusCode": 200, **self.shown(zone, r)})

    @route("DELETE", "/v2/dns/(?P<zone>[0-9]+)/record/(?P<id_>[0-9]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        r = zone.by_id(id_)
        if not r:
            raise refuse(501, "Argument Exception", "Invalid.")
        self.remove(zone, r)
        return Reply(200, {"statusCode": 200})
