"""Volcano Engine DNS: https://www.volcengine.com/docs/6758/155086. An action in the query; lists by GET, changes by POST with JSON.
Records with ids. Signed as HMAC-SHA256, the vendor's own, much like Amazon's."""
from . import _parts, _sign
from .core import Provider, Refuse, Reply, provider, route


@provider
class Volcengine(Provider):
    name = "volcengine"
    hosts = ("open.volcengineapi.com",)
    env = {"VOLC_ACCESSKEY": "AKLT-volc-1", "VOLC_SECRETKEY": "volc-secret-1=="}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS")
    page, page_max = 20, 500
    ttl_min, ttl_max = 300, 86400
    signed = 900

    def no(self, code, message, status=400):
        return Reply(status, {"ResponseMetadata": {"RequestId": "20240101", "Action": "", "Version": "2018-08-01", "Service": "dns", "Region":
                                                   "cn-north-1", "Error": {"CodeN": 100009, "Code": code, "Message": message}}})

    def refuse(self, *args):
        refusal = Refuse(0)
        refusal.reply = self.no(*args)
        raise refusal

    def rate(self, fault):
        return self.no("AccountFlowLimitExceeded", "Request is flow limited.", 429)

    def denied(self, fault):
        return self.no("InvalidAccessKey", "The AccessKey is not found.", fault.get("status", 401))

    def broken(self, fault):
        return self.no("InternalServiceError", "The service is broken.", fault.get("status", 500))

    def auth(self, q):
        given, when = _sign.words(q.header("Authorization")), q.header("X-Date")
        names = given.get("SignedHeaders", "").split(";")
        key, day, region, service, last = (given.get("Credential", "") + "////").split("/")[:5]
        if not q.header("Authorization").startswith("HMAC-SHA256 ") or "x-date" not in names:
            self.refuse("MissingSignature", "The request lacks a signature.", 401)
        if key != self.env["VOLC_ACCESSKEY"]:
            self.refuse("InvalidAccessKey", "The AccessKey is not found.", 401)
        text = "\n".join([q.method, q.path, _sign.query(q), _sign.headers(q, names), ";".join(names), _sign.sha(q.body)])
        secret = _sign.chain(self.env["VOLC_SECRETKEY"], day, region, service, "request")
        want = _sign.mac(secret, f"HMAC-SHA256\n{when}\n{day}/{region}/{service}/request\n{_sign.sha(text)}").hex()
        if (region, service.lower(), last) != ("cn-north-1", "dns", "request") or not _sign.same(want, given.get("Signature", "")):
            self.refuse("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.", 401)
        if _sign.off(when) > self.signed or not when.startswith(day):
            self.refuse("InvalidTimestamp", "The time of the signature is expired or in the future.", 401)
        if q.args.get("Version") != "2018-08-01":
            self.refuse("InvalidActionOrVersion", "Could not find the action of this version.", 404)

    READS = ("ListZones", "ListRecords")

    @route("GET", "/")
    def look(self, q):
        return self.act(q, dict(q.args), q.args.get("Action") in self.READS)

    @route("POST", "/")
    def do(self, q):
        return self.act(q, q.json() or {}, True)

    def act(self, q, body, fits):
        f = getattr(self, "do_" + q.args.get("Action", ""), None)
        if not f or not fits:
            self.refuse("InvalidActionOrVersion", "Could not find the action.", 404)
        meta = {"RequestId": "20240101", "Action": q.args["Action"], "Version": "2018-08-01", "Service": "dns", "Region": "cn-north-1"}
        return Reply(200, {"ResponseMetadata": meta, "Result": f(body)})

    def sliced(self, body, items):
        by, at = int(body.get("PageSize") or self.page), int(body.get("PageNumber") or 1) - 1
        if not 0 < by <= self.page_max:
            self.refuse("InvalidParameter", "PageSize is out of range.")
        return items[at * by:(at + 1) * by]

    def do_ListZones(self, body):
        return {"Total": len(self.zones), "Zones": [{"ZID": z.id, "ZoneName": z.name, "RecordCount": len(z.records), "TradeCode": "free_inner"}
                                                    for z in self.sliced(body, self.zones)]}

    def the_zone(self, body):
        zone = self.zone(id_=body.get("ZID") or "-")
        if not zone:
            self.refuse("ErrZoneNotFound", "The zone is not found.", 404)
        return zone

    def do_ListRecords(self, body):
        zone = self.the_zone(body)
        all_ = [{"RecordID": str(r.id), "Host": zone.rel(r.name, "@"), "Type": r.type, "TTL": r.ttl, "Value": _parts.flat(r.type, r.value),
                 "Line": "default", "Weight": 1, "Enable": True, "Operators": [], "PQDN": r.name} for r in zone.records]
        return {"TotalCount": len(all_), "PageNumber": int(body.get("PageNumber") or 1), "PageSize": int(body.get("PageSize") or 20),
                "Records": self.sliced(body, all_)}

    def asked(self, zone, body, but=None):
        for key in ("Host", "Type", "Value", "Line"):
            if not body.get(key):
                self.refuse("MissingParameter", f"{key} is missing.")
        if body["Type"] not in self.types or body["Line"] != "default":
            self.refuse("InvalidParameter", "The type or the line is invalid.")
        ttl = body.get("TTL", 600)
        if not isinstance(ttl, int) or not self.ttl_min <= ttl <= self.ttl_max:
            self.refuse("InvalidParameter", "The TTL is out of range.")
        try:
            value = _parts.normal(body["Type"], body["Value"])
        except ValueError:
            self.refuse("InvalidParameter", "The value does not fit the type.")
        name = zone.full(body["Host"])
        if any(r.value == value and r is not but for r in zone.find(name, body["Type"])):
            self.refuse("ErrRecordExists", "The record is there already.", 409)
        if any((r.type == "CNAME") != (body["Type"] == "CNAME") and r is not but for r in zone.find(name)):
            self.refuse("ErrRecordConflict", "The record conflicts with another.")
        return name, body["Type"], ttl, value

    def do_CreateRecord(self, body):
        zone = self.the_zone(body)
        r = self.add(zone, *self.asked(zone, body))
        return {"RecordID": str(r.id), "Host": body["Host"], "Type": r.type, "TTL": r.ttl, "Value": body["Value"], "Line": "default"}

    def by_number(self, body):
        for zone in self.zones:
            if zone.by_id(body.get("RecordID") or "-"):
                return zone, zone.by_id(body["RecordID"])
        return self.refuse("ErrRecordNotFound", "The record is not found.", 404)

    def do_UpdateRecord(self, body):
        zone, r = self.by_number(body)
        r.name, r.type, r.ttl, r.value = self.asked(zone, body, r)
        return {"RecordID": str(r.id)}

    def do_DeleteRecord(self, body):
        zone, r = self.by_number(body)
        self.remove(zone, r)
        return {}
