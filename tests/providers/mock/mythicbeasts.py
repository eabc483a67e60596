"""Mythic Beasts, DNS API v2: https://www.mythic-beasts.com/support/api/dnsv2. Sets at /zones/ZONE/records/HOST/TYPE; key and
secret are a Basic login, or buy a token that lives five minutes."""
import base64

from .core import Provider, Refuse, Reply, provider, route

MORE = {"MX": ("mx_priority",), "SRV": ("srv_priority", "srv_weight", "srv_port"), "CAA": ("caa_flags", "caa_tag"),
        "TLSA": ("tlsa_usage", "tlsa_selector", "tlsa_matching"), "SSHFP": ("sshfp_algorithm", "sshfp_type")}


@provider
class MythicBeasts(Provider):
    name = "mythicbeasts"
    hosts = ("api.mythic-beasts.com", "auth.mythic-beasts.com")
    env = {"MYTHICBEASTS_USERNAME": "mythic-key", "MYTHICBEASTS_PASSWORD": "mythic-secret"}
    unit = "set"
    ttl_min, ttl_max = 60, 604800
    txt_no = '"\\'

    def basic(self, q):
        return q.header("Authorization") == "Basic " + base64.b64encode(b"mythic-key:mythic-secret").decode()

    def auth(self, q):
        if q.host == "auth.mythic-beasts.com":
            if not self.basic(q):
                raise Refuse(401, {"error": "invalid_client"})
        elif not self.basic(q) and q.header("Authorization") != "Bearer mythic-token":
            raise Refuse(401, {"error": "Authentication failed"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"error": "Authentication failed"})

    def rate(self, fault):
        reply = super().rate(fault)
        return Reply(reply.status, {"error": "Rate limit exceeded"}, {k: v for k, v in reply.headers.items() if k == "Retry-After"})

    @route("POST", "/login")
    def login(self, q):
        if q.form().get("grant_type") != "client_credentials":
            raise Refuse(400, {"error": "unsupported_grant_type"})
        return Reply(200, {"access_token": "mythic-token", "expires_in": 300, "token_type": "bearer"})

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise Refuse(404, {"error": "Zone not found"})
        return zone

    def shown(self, zone, r):
        more = MORE.get(r.type, ())
        *numbers, data = r.value.split(" ", len(more)) if more else [r.value]
        out = {"host": zone.rel(r.name, "@"), "ttl": r.ttl, "type": r.type, "data": data.strip('"') if r.type == "CAA" else data}
        return {**out, **{k: v if k == "caa_tag" else int(v) for k, v in zip(more, numbers)}}

    def read(self, zone, body, host=None, type_=None):
        out = []
        if not isinstance(body, dict) or not isinstance(body.get("records"), list):
            raise Refuse(400, {"errors": ["No records given"]})
        for r in body["records"]:
            host_, kind = r.get("host", host), r.get("type", type_)
            more = MORE.get(kind, ())
            if kind not in (*self.types, "SSHFP", "NS", "PTR") or not host_ or set(r) - {"host", "type", "ttl", "data", *more} or \
                    not set(more) <= set(r) or (host and (host_, kind) != (host, type_)):
                raise Refuse(400, {"errors": [f"Bad record {r}"]})
            ttl, data = int(r.get("ttl", 3600)), str(r.get("data", ""))
            if not data or not self.ttl_min <= ttl <= self.ttl_max or (kind == "TXT" and set(data) & set(self.txt_no)):
                raise Refuse(400, {"errors": [f"Bad data or TTL in {r}"]})
            if kind in ("CNAME", "MX", "SRV", "NS", "PTR") and not data.endswith("."):
                data += "." + zone.name + "."
            if kind == "CAA":
                data = f'"{data}"'
            if kind in ("TLSA", "SSHFP") and data != data.lower():
                raise Refuse(400, {"errors": ["Hex strings must be in lower-case"]})
            out.append((zone.full(host_, apex=("@",)), kind, ttl, " ".join([str(r[m]) for m in more] + [data])))
        return out

    def fits(self, zone, q, host=None, type_=None):
        host, type_ = host or q.args.get("host"), type_ or q.args.get("type")
        return [r for r in zone.find(zone.full(host, apex=("@",)) if host else None, type_)
                if q.args.get("data", self.shown(zone, r)["data"]) == self.shown(zone, r)["data"]]

    @route("GET", "/dns/v2/zones")
    def listed(self, q):
        del q
        return Reply(200, {"zones": [z.name for z in self.zones]})

    @route("GET", "/dns/v2/zones/(?P<zone>[^/]+)/records(/(?P<host>[^/]+)/(?P<type_>[A-Z]+))?")
    def records(self, q, zone, host, type_):
        zone = self.the_zone(zone)
        return Reply(200, {"records": [self.shown(zone, r) for r in self.fits(zone, q, host, type_)]})

    @route("POST", "/dns/v2/zones/(?P<zone>[^/]+)/records(/(?P<host>[^/]+)/(?P<type_>[A-Z]+))?")
    def post(self, q, zone, host, type_):
        zone = self.the_zone(zone)
        new = self.read(zone, q.json(), host, type_)
        for name, kind, ttl, value in new:
            if any(r.value == value for r in zone.find(name, kind)):
                raise Refuse(400, {"errors": [f"Duplicate record '{zone.rel(name, '@')} {ttl} {kind} {value}'"]})
        for x in new:
            self.add(zone, *x)
        return Reply(200, {"message": f"{len(new)} records added", "records_added": len(new)})

    @route("PUT", "/dns/v2/zones/(?P<zone>[^/]+)/records/(?P<host>[^/]+)/(?P<type_>[A-Z]+)")
    def put(self, q, zone, host, type_):
        zone = self.the_zone(zone)
        new, old = self.read(zone, q.json(), host, type_), self.fits(zone, q, host, type_)
        if len(set(new)) != len(new):
            raise Refuse(400, {"errors": ["Duplicate record"]})
        for r in old:
            self.remove(zone, r)
        for x in new:
            self.add(zone, *x)
        return Reply(200, {"message": f"{len(new)} records added", "records_added": len(new), "records_removed": len(old)})

    @route("DELETE", "/dns/v2/zones/(?P<zone>[^/]+)/records/(?P<host>[^/]+)/(?P<type_>[A-Z]+)")
    def delete(self, q, zone, host, type_):
        zone = self.the_zone(zone)
        old = self.fits(zone, q, host, type_)
        for r in old:
            self.remove(zone, r)
        return Reply(200, {"records_removed": len(old)})
