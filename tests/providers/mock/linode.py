"""Linode: https://techdocs.akamai.com/linode-api/reference/domains, and recordings. Records with ids, 100 a page. An SRV has no
name but a service and a protocol, before both of which an underscore is put; what is below the protocol's label is part of it
(so its users found: https://github.com/DNSControl/dnscontrol/pull/4828)."""
import re

from ._parts import cut, join
from .core import Provider, Refuse, Reply, provider, route

PROTOCOLS = ("udp", "tcp", "xmpp", "tls", "smtp")
TTLS = (300, 3600, 7200, 14400, 28800, 57600, 86400, 172800, 345600, 604800, 1209600, 2419200)


@provider
class Linode(Provider):
    name = "linode"
    hosts = ("api.linode.com",)
    env = {"LINODE_TOKEN": "linode-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS")
    page, page_max = 100, 500
    ttls, ttl_min = TTLS, 300
    odd = ()

    def no(self, status, reason, field=None):
        raise Refuse(status, {"errors": [{"reason": reason, **({"field": field} if field else {})}]})

    def auth(self, q):
        if q.header("Authorization") != "Bearer linode-token":
            self.no(401, "Invalid Token")

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"errors": [{"reason": "Invalid Token"}]})

    def rate(self, fault):
        reply = super().rate(fault)
        reply.body = b'{"errors":[{"reason":"Too many requests"}]}'
        return reply

    def the_zone(self, id_):
        return self.zone(id_=id_) or self.no(404, "Not found")

    def listed(self, q, items, shown):
        part, (number, _, n) = self.pages(q, items, size="page_size")
        return Reply(200, {"data": [shown(x) for x in part], "page": number, "pages": n, "results": len(items)})

    def domain(self, z):
        return {"id": z.id, "type": "master", "domain": z.name, "group": "", "status": "active", "description": "", "axfr_ips": [],
                "master_ips": [], "soa_email": "a@b.test", "retry_sec": 0, "expire_sec": 0, "refresh_sec": 0, "ttl_sec": 0, "tags": [],
                "created": "2018-01-01T00:01:01", "updated": "2018-01-01T00:01:01"}

    def shown(self, zone, r):
        parts = cut(r.type, r.value) or {}
        service, protocol = zone.rel(r.name).split(".", 1) if r.type == "SRV" else (None, None)
        return {"id": r.id, "type": r.type, "name": zone.rel(r.name), "target": parts.get("target", parts.get("ca", r.value)),
                "priority": parts.get("priority", 0), "weight": parts.get("weight", 0), "port": parts.get("port", 0),
                "service": service and service[1:], "protocol": protocol and protocol[1:], "ttl_sec": r.ttl,
                "tag": parts.get("tag"), "created": "2018-01-01T00:01:01", "updated": "2018-01-01T00:01:01"}

    def read(self, zone, body):
        type_, target = body.get("type"), str(body.get("target") or "")
        if type_ not in self.types:
            self.no(400, "type is not valid", "type")
        if not target:
            self.no(400, "target is required", "target")
        ttl = next((t for t in TTLS if t >= int(body.get("ttl_sec") or 86400)), TTLS[-1])  # they round
        name = str(body.get("name") or "").lower()
        if type_ == "SRV":
            name = self.srv_name(body)
        try:
            parts = {"priority": 10, "flags": 0, **body, "ca": target}
            value = join(type_, parts) if type_ in ("CNAME", "MX", "NS", "CAA", "SRV") else target
        except (ValueError, KeyError):
            self.no(400, "Invalid target", "target")
        return zone.full(name[:-len(zone.name)].rstrip(".") if name.endswith(zone.name) else name), type_, ttl, value

    def srv_name(self, body):
        for field in ("priority", "weight", "port"):
            if not isinstance(body.get(field), int) or not 0 <= body[field] <= 65535:
                self.no(400, f"{field} must be between 0 and 65535", field)
        service, protocol = str(body.get("service") or "").lower(), str(body.get("protocol") or "").lower()
        if not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", service):
            self.no(400, "service is not valid", "service")
        if protocol.split(".")[0] not in PROTOCOLS:
            self.no(400, f"Please select a valid protocol {PROTOCOLS}", "protocol")
        return f"_{service}._{protocol}"

    @route("GET", "/v4/domains")
    def domains(self, q):
        want = (q.header("X-Filter") or "").replace(" ", "")
        zones = [z for z in self.zones if '"domain":' not in want or f'"domain":"{z.name}"' in want]
        return self.listed(q, zones, self.domain)

    @route("GET", "/v4/domains/(?P<id_>[^/]+)")
    def show(self, q, id_):
        del q
        return Reply(200, self.domain(self.the_zone(id_)))

    @route("GET", "/v4/domains/(?P<id_>[^/]+)/records")
    def records(self, q, id_):
        zone = self.the_zone(id_)
        return self.listed(q, zone.records, lambda r: self.shown(zone, r))

    @route("POST", "/v4/domains/(?P<id_>[^/]+)/records")
    def create(self, q, id_):
        zone = self.the_zone(id_)
        return Reply(200, self.shown(zone, self.add(zone, *self.read(zone, q.json()))))

    @route("PUT", "/v4/domains/(?P<id_>[^/]+)/records/(?P<record>[^/]+)")
    def update(self, q, id_, record):
        zone = self.the_zone(id_)
        r = zone.by_id(record) or self.no(404, "Not found")
        r.name, r.type, r.ttl, r.value = self.read(zone, {**self.shown(zone, r), **q.json(), "type": r.type})
        return Reply(200, self.shown(zone, r))

    @route("DELETE", "/v4/domains/(?P<id_>[^/]+)/records/(?P<record>[^/]+)")
    def delete(self, q, id_, record):
        del q
        zone = self.the_zone(id_)
        self.remove(zone, zone.by_id(record) or self.no(404, "Not found"))
        return Reply(200, {})
