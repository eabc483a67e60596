"""Contabo: https://api.contabo.com/ (models of its own client, cntb). A token by OAuth2's password grant from another host, a UUID
in every request, records with ids and a field for each part, pages that begin with 1."""
import re
import uuid

from . import _parts
from .core import Provider, Refuse, Reply, provider, route

FIELDS = {"MX": ("prio", "data"), "SRV": ("prio", "weight", "port", "data"), "CAA": ("flag", "tag", "data")}
TOKEN = "/auth/realms/contabo/protocol/openid-connect/token"
ENV = {"CNTB_OAUTH2_CLIENT_ID": "INT-1", "CNTB_OAUTH2_CLIENT_SECRET": "client-secret", "CNTB_OAUTH2_USER": "me@example.org",
       "CNTB_OAUTH2_PASS": "api-password"}


def refuse(status, message):
    return Refuse(status, {"statusCode": status, "message": message})


@provider
class Contabo(Provider):
    name = "contabo"
    hosts = ("api.contabo.com", "auth.contabo.com")
    env = ENV
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA")
    page, page_max, odd = 10, 100, ()

    def setup(self):
        self.tokens = set()

    def expire(self):
        self.tokens.clear()
        return True

    def fault_for(self, q):  # a token is fetched between a scenario's steps: that must not use up what it has in store
        return {} if q.path == TOKEN else super().fault_for(q)

    def writes(self, q):
        return q.method != "GET" and q.path != TOKEN

    def auth(self, q):
        if q.path == TOKEN:
            return
        if q.header("Authorization").removeprefix("Bearer ") not in self.tokens:
            raise refuse(401, "Unauthorized")
        try:
            uuid.UUID(q.header("x-request-id"))
        except ValueError:
            raise refuse(400, "x-request-id must be a UUID") from None

    @route("POST", TOKEN)
    def token(self, q):
        want = dict(zip(("client_id", "client_secret", "username", "password"), ENV.values()))
        if q.form() != {**want, "grant_type": "password"}:
            return Reply(401, {"error": "invalid_grant", "error_description": "Invalid user credentials"})
        token = uuid.uuid4().hex
        self.tokens.add(token)
        return Reply(200, {"access_token": token, "expires_in": 300, "token_type": "Bearer", "scope": "email profile"})

    def paged(self, q, items, path):
        some, (at, by, pages) = self.pages(q, items, size="size")
        return Reply(200, {"data": some, "_pagination": {"size": by, "totalElements": len(items), "totalPages": pages, "page": at},
                           "_links": {"self": path}})

    @route("GET", "/v1/dns/zones")
    def zones_list(self, q):
        return self.paged(q, [{"tenantId": "INT", "customerId": "1", "zoneName": z.name} for z in self.zones], q.path)

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise refuse(404, "DNS zone not found")
        return zone

    def shown(self, zone, r):
        fields = FIELDS.get(r.type, ("data",))
        out = {"id": r.id, "tenantId": "INT", "customerId": "1", "name": zone.rel(r.name), "type": r.type, "ttl": r.ttl, "prio": 0,
               "port": 0, "weight": 0, "flag": 0, "tag": ""}
        out.update((k, int(v) if k not in ("data", "tag") else v.strip('"') if r.type == "CAA" else v)
                   for k, v in zip(fields, r.value.split(" ", len(fields) - 1)))
        return out

    @route("GET", "/v1/dns/zones/(?P<name>[^/]+)/records")
    def records(self, q, name):
        zone = self.the_zone(name)
        return self.paged(q, [self.shown(zone, r) for r in zone.records], q.path)

    @route("POST", "/v1/dns/zones/(?P<name>[^/]+)/records")
    def create(self, q, name):
        zone, b = self.the_zone(name), q.json()
        if not isinstance(b, dict) or not {"type", "ttl", "prio", "data"} <= set(b) or b["type"] not in self.types or not b["data"] or \
                set(b) - {"name", "type", "ttl", "prio", "data", "port", "weight", "flag", "tag"} or \
                any(not isinstance(b.get(k, 0), int) for k in ("ttl", "prio", "port", "weight", "flag")):
            raise refuse(400, "the record is invalid")
        try:
            value = " ".join(str(b[k]) for k in FIELDS.get(b["type"], ("data",)))
            value = _parts.normal(b["type"], value)
        except (KeyError, ValueError):
            raise refuse(400, "the record is invalid") from None
        name = zone.full(re.sub(r"(^|\.)" + re.escape(zone.name) + r"\Z", "", b.get("name", "")), apex=("",))
        if any(r.value == value for r in zone.find(name, b["type"])):
            raise refuse(409, "the record already exists")
        if any((r.type == "CNAME") != (b["type"] == "CNAME") for r in zone.find(name)):
            raise refuse(400, "the record conflicts with another")
        return Reply(201, {"data": [self.shown(zone, self.add(zone, name, b["type"], b["ttl"], value))], "_links": {"self": q.path}})

    @route("DELETE", "/v1/dns/zones/(?P<name>[^/]+)/records/(?P<rid>[0-9]+)")
    def delete(self, q, name, rid):
        del q
        zone = self.the_zone(name)
        r = zone.by_id(rid)
        if not r:
            raise refuse(404, "DNS record not found")
        self.remove(zone, r)
        return Reply(204)
