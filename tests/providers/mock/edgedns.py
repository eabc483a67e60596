"""Akamai Edge DNS: https://techdocs.akamai.com/edge-dns/reference/edge-dns-api. Whole sets, one a URL; pages by number. Signed by
EdgeGrid, EG1-HMAC-SHA256; a timestamp may be 30 seconds off, but 300 here, since the tests' clock runs ahead while it waits."""
import base64
import hashlib

from . import _sets, _sign
from .core import Provider, Refuse, Reply, provider, route


@provider
class EdgeDNS(Provider):
    name = "edgedns"
    hosts = ("akab-mock.luna.akamaiapis.net",)
    env = {"AKAMAI_HOST": "akab-mock.luna.akamaiapis.net", "AKAMAI_CLIENT_TOKEN": "akab-client-token-xxx", "AKAMAI_CLIENT_SECRET":
           "SOMESECRET-edgegrid=", "AKAMAI_ACCESS_TOKEN": "akab-access-token-xxx"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS", "PTR")
    unit = "set"
    page, page_max = 25, 1000
    ttl_min, ttl_max = 30, 2147483647
    txt_no = '"\\'
    signed = 300

    def setup(self):
        self.nonces = set()

    def no(self, status, title, detail):
        return Refuse(status, {"type": "https://problems.luna.akamaiapis.net/authoritative-dns/" + title.replace(" ", ""), "title": title,
                               "status": status, "detail": detail, "instance": "https://problems.luna.akamaiapis.net/1"})

    def rate(self, fault):
        headers = {} if fault.get("retry_after") is None else {"Retry-After": str(fault["retry_after"])}
        return Reply(429, {"title": "Too Many Requests", "status": 429, "detail": "The limit of requests is reached"}, headers)

    def denied(self, fault):
        return self.no(fault.get("status", 401), "Unauthorized", "Inactive client token").reply

    def auth(self, q):
        header = q.header("Authorization")
        unsigned, _, signature = header.partition("signature=")
        if not unsigned.startswith("EG1-HMAC-SHA256 "):
            raise self.no(401, "Unauthorized", "Invalid authorization")
        given = dict(x.split("=", 1) for x in unsigned.split(" ", 1)[1].split(";") if x)
        if (given.get("client_token"), given.get("access_token")) != (self.env["AKAMAI_CLIENT_TOKEN"], self.env["AKAMAI_ACCESS_TOKEN"]):
            raise self.no(401, "Unauthorized", "Inactive client token")
        digest = base64.b64encode(hashlib.sha256(q.body[:131072]).digest()).decode() if q.method == "POST" and q.body else ""
        key = base64.b64encode(_sign.mac(self.env["AKAMAI_CLIENT_SECRET"], given.get("timestamp", ""))).decode()
        text = "\t".join([q.method, "https", q.host.lower(), q.target, "", digest, unsigned])
        if not _sign.same(base64.b64encode(_sign.mac(key, text)).decode(), signature):
            raise self.no(401, "Unauthorized", "The signature does not match")
        if _sign.off(given["timestamp"], "%Y%m%dT%H:%M:%S+0000") > self.signed:
            raise self.no(400, "Bad request", "Invalid timestamp")
        if given.get("nonce") in self.nonces:
            raise self.no(401, "Unauthorized", "The nonce was used before")
        self.nonces.add(given.get("nonce"))

    def listed(self, q, key, items):
        all_ = q.args.get("showAll") == "true"
        some, (number, by, _) = self.pages(q, items, "page", "pageSize")
        head = {"totalElements": len(items), "showAll": all_}
        return Reply(200, {"metadata": head if all_ else {**head, "page": number, "pageSize": by}, key: items if all_ else some})

    @route("GET", "/config-dns/v2/zones")
    def list_zones(self, q):
        return self.listed(q, "zones", [{"zone": z.name, "type": "PRIMARY", "contractId": "C-1", "activationState": "ACTIVE"} for z in self.zones
                                        if q.args.get("search", "") in z.name])

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise self.no(404, "Zone Not Found", f"The zone {name} is not found.")
        return zone

    def shown(self, key, records):
        return {"name": key[0], "type": key[1], "ttl": records[0].ttl, "rdata": [_sets.shown(r) for r in records]}

    @route("GET", "/config-dns/v2/zones/(?P<zone>[^/]+)/recordsets")
    def list_sets(self, q, zone):
        return self.listed(q, "recordsets", [self.shown(k, v) for k, v in self.the_zone(zone).sets().items()
                                             if k[1] in q.args.get("types", k[1]).split(",")])

    SET = "/config-dns/v2/zones/(?P<zone>[^/]+)/names/(?P<name>[^/]+)/types/(?P<type_>[^/]+)"

    def there(self, zone, name, type_):
        found = zone.find(name.lower(), type_)
        if not found:
            raise self.no(404, "Record Set Not Found", f"There is no {type_} set at {name}.")
        return found

    @route("GET", SET)
    def one(self, q, zone, name, type_):
        del q
        return Reply(200, self.shown((name, type_), self.there(self.the_zone(zone), name, type_)))

    def write(self, q, zone, name, type_, old):
        body = q.json() or {}
        name = name.lower()
        if (body.get("name", "").lower().rstrip("."), body.get("type")) != (name, type_) or type_ not in self.types:
            raise self.no(400, "Bad Request", "The name and the type are not those of the path.")
        if not (name == zone.name or name.endswith("." + zone.name)):
            raise self.no(422, "Unprocessable Entity", "The name is not in the zone.")
        if not isinstance(body.get("ttl"), int) or not self.ttl_min <= body["ttl"] <= self.ttl_max:
            raise self.no(400, "Bad Request", "The TTL is invalid.")
        try:
            values = [_sets.read(zone, type_, x, bare=False) for x in body["rdata"]]
        except (ValueError, KeyError, TypeError) as why:
            raise self.no(400, "Bad Request", f"The rdata is invalid: {why}") from None
        if not values or len(set(values)) != len(values):
            raise self.no(422, "Unprocessable Entity", "The rdata is empty, or has a value twice.")
        if any((r.type == "CNAME") != (type_ == "CNAME") for r in zone.find(name) if r not in old):
            raise self.no(422, "Unprocessable Entity", "A CNAME stands alone.")
        for r in old:
            self.remove(zone, r)
        for v in values:
            self.add(zone, name, type_, body["ttl"], v)
        return body

    @route("POST", SET)
    def create(self, q, zone, name, type_):
        zone = self.the_zone(zone)
        if zone.find(name.lower(), type_):
            raise self.no(409, "Record Set Already Exists", f"The {type_} set at {name} is there.")
        return Reply(201, self.write(q, zone, name, type_, []))

    @route("PUT", SET)
    def replace(self, q, zone, name, type_):
        zone = self.the_zone(zone)
        return Reply(200, self.write(q, zone, name, type_, self.there(zone, name, type_)))

    @route("DELETE", SET)
    def delete(self, q, zone, name, type_):
        del q
        zone = self.the_zone(zone)
        for r in self.there(zone, name, type_):
            self.remove(zone, r)
        return Reply(204)
