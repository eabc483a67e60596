"""Baidu Cloud DNS: https://cloud.baidu.com/doc/DNS/s/El4s7lssr. Records with ids, pages by marker. Signed as bce-auth-v1."""
from . import _parts, _sign
from .core import Provider, Refuse, Reply, provider, route


@provider
class BaiduCloud(Provider):
    name = "baiducloud"
    hosts = ("dns.baidubce.com",)
    env = {"BAIDUCLOUD_ACCESS_KEY_ID": "baidu-ak-1", "BAIDUCLOUD_SECRET_ACCESS_KEY": "baidu-sk-secret"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS")
    page, page_max = 1000, 1000
    ttl_min, ttl_max = 60, 86400
    signed = 1800

    def no(self, status, code, message):
        return Refuse(status, {"code": code, "message": message, "requestId": "946002ee-cb4f-4aad-b686-5be55df27f09"})

    def denied(self, fault):
        return self.no(fault.get("status", 403), "InvalidAccessKeyId", "The Access Key ID you provided does not exist in our records.").reply

    def auth(self, q):
        version, key, when, expire, names, signature = (q.header("Authorization") + "/////").split("/")[:6]
        prefix = f"{version}/{key}/{when}/{expire}"
        lines = sorted(f"{_sign.enc(n)}:{_sign.enc(q.header(n).strip())}" for n in names.split(";"))
        text = "\n".join([q.method, q.path, _sign.query(q, ("authorization",)), "\n".join(lines)])
        if key != self.env["BAIDUCLOUD_ACCESS_KEY_ID"] or version != "bce-auth-v1" or "host" not in names.split(";"):
            raise self.no(403, "InvalidAccessKeyId", "The Access Key ID you provided does not exist in our records.")
        secret = _sign.mac(self.env["BAIDUCLOUD_SECRET_ACCESS_KEY"], prefix).hex()
        if not _sign.same(_sign.mac(secret, text).hex(), signature):
            raise self.no(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")
        if not expire.isdigit() or _sign.off(when, "%Y-%m-%dT%H:%M:%SZ") > int(expire):
            raise self.no(403, "RequestExpired", "Request has expired: the time of the signature is too far off.")

    def listed(self, q, key, items):
        by = q.number("maxKeys", self.page)
        if not 0 < by <= self.page_max:
            raise self.no(400, "InvalidParameter", "maxKeys is out of range.")
        ids = [str(x["id"]) for x in items]
        marker = q.args.get("marker", "")
        at = ids.index(marker) if marker in ids else 0
        more = at + by < len(ids)
        return Reply(200, {"marker": marker, "isTruncated": more, "maxKeys": by, key: items[at:at + by], **({"nextMarker": ids[at + by]} if more else {})})

    @route("GET", "/v1/dns/zone")
    def list_zones(self, q):
        return self.listed(q, "zones", [{"id": str(z.id), "name": z.name, "status": "running", "productVersion": "free"} for z in self.zones
                                        if q.args.get("name") in (None, "", z.name)])

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise self.no(404, "NoSuchZone", "The zone does not exist.")
        return zone

    @route("GET", "/v1/dns/zone/(?P<zone>[^/]+)/record")
    def records(self, q, zone):
        zone, out = self.the_zone(zone), []
        for r in zone.records:
            priority, value = r.value.split(" ") if r.type == "MX" else (0, r.value)
            out.append({"id": str(r.id), "rr": zone.rel(r.name, "@"), "type": r.type, "value": value if r.type == "MX" else _parts.flat(r.type, value),
                        "ttl": r.ttl, "line": "default", "status": "running", "description": "", "priority": int(priority)})
            if r.type == "MX":
                out[-1]["value"] = value.rstrip(".")
        return self.listed(q, "records", [x for x in out if q.args.get("rr") in (None, "", x["rr"])])

    def asked(self, zone, body, but=None):
        if not body.get("rr") or body.get("type") not in self.types or not body.get("value"):
            raise self.no(400, "InvalidParameter", "rr, type or value are missing or invalid.")
        ttl = body.get("ttl", 300)
        if not isinstance(ttl, int) or not self.ttl_min <= ttl <= self.ttl_max:
            raise self.no(400, "InvalidParameter", "The ttl is out of range.")
        value = f"{body.get('priority') or 0} {body['value']}" if body["type"] == "MX" else body["value"]
        try:
            value = _parts.normal(body["type"], value)
        except ValueError:
            raise self.no(400, "InvalidParameter", "The value does not fit the type.") from None
        name = zone.full(body["rr"])
        if any(r.value == value and r is not but for r in zone.find(name, body["type"])):
            raise self.no(409, "RecordAlreadyExists", "The record is there already.")
        if any((r.type == "CNAME") != (body["type"] == "CNAME") and r is not but for r in zone.find(name)):
            raise self.no(409, "RecordConflict", "The record conflicts with another.")
        return name, body["type"], ttl, value

    @route("POST", "/v1/dns/zone/(?P<zone>[^/]+)/record")
    def create(self, q, zone):
        zone = self.the_zone(zone)
        self.add(zone, *self.asked(zone, q.json() or {}))
        return Reply(200)

    def the_record(self, zone, id_):
        if not zone.by_id(id_):
            raise self.no(404, "NoSuchRecord", "The record does not exist.")
        return zone.by_id(id_)

    @route("PUT", "/v1/dns/zone/(?P<zone>[^/]+)/record/(?P<id_>[^/]+)")
    def update(self, q, zone, id_):
        zone = self.the_zone(zone)
        r = self.the_record(zone, id_)
        r.name, r.type, r.ttl, r.value = self.asked(zone, q.json() or {}, r)
        return Reply(200)

    @route("DELETE", "/v1/dns/zone/(?P<zone>[^/]+)/record/(?P<id_>[^/]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        self.remove(zone, self.the_record(zone, id_))
        return Reply(200)
