"""JD Cloud DNS, version 2: https://docs.jdcloud.com/cn/jd-cloud-dns/api/overview. Records with ids, in lines of which -1 is the
default; pages by number, of 99 at most. Signed as JDCLOUD2-HMAC-SHA256, much like Amazon's, with a nonce:
https://docs.jdcloud.com/cn/common-declaration/api/signature. The form of a CAA is shown nowhere: it has none here."""
from . import _parts, _sign
from .core import Provider, Refuse, Reply, provider, route

DOMAIN = "/v2/regions/cn-north-1/domain"
RECORDS = DOMAIN + r"/(?P<zone>\d+)/ResourceRecord"
WANTED, MORE = {"hostRecord", "hostValue", "ttl", "type", "viewValue"}, {"jcloudRes", "mxPriority", "port", "weight"}


@provider
class JdCloud(Provider):
    name = "jdcloud"
    hosts = ("domainservice.jdcloud-api.com",)
    env = {"JDCLOUD_ACCESS_KEY_ID": "JDC0ACCESS0KEY", "JDCLOUD_ACCESS_KEY_SECRET": "jdc-secret-key-1"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "NS")
    page, page_max = 10, 99
    ttl_min, ttl_max = 300, 86400
    txt_no, txt_ascii = '"', True
    signed, odd = 900, ()

    def setup(self):
        self.nonces = set()

    def no(self, status, name, message):
        return Reply(status, {"requestId": "bvc9u4k1", "error": {"code": status, "status": name, "message": message}})

    def refuse(self, *args):
        refusal = Refuse(0)
        refusal.reply = self.no(*args)
        raise refusal

    def rate(self, fault):
        reply = super().rate(fault)
        return Reply(reply.status, self.no(429, "QUOTA_EXCEEDED", "too many requests").body, {**reply.headers, "Content-Type": "application/json"})

    def denied(self, fault):
        return self.no(fault.get("status", 401), "UNAUTHENTICATED", "Request authentication failed")

    def broken(self, fault):
        return self.no(fault.get("status", 500), "INTERNAL", "internal server error")

    def missing(self, fault):
        return self.no(404, "NOT_FOUND", "the domain is not found")

    def auth(self, q):
        given, when, nonce = _sign.words(q.header("Authorization")), q.header("x-jdcloud-date"), q.header("x-jdcloud-nonce")
        key, *scope = (given.get("Credential", "") + "////").split("/")[:5]
        names = given.get("SignedHeaders", "").split(";")
        if not q.header("Authorization").startswith("JDCLOUD2-HMAC-SHA256 ") or not {"host", "x-jdcloud-date", "x-jdcloud-nonce"} <= set(names):
            self.refuse(401, "UNAUTHENTICATED", "the request is not signed as JDCLOUD2-HMAC-SHA256")
        if key != self.env["JDCLOUD_ACCESS_KEY_ID"]:
            self.refuse(401, "UNAUTHENTICATED", "the access key is not found")
        if scope[1:] != ["cn-north-1", "domainservice", "jdcloud2_request"] or not when.startswith(scope[0] or "-"):
            self.refuse(401, "UNAUTHENTICATED", "the credential's scope is wrong")
        text = "\n".join([q.method, _sign.enc(q.path, "/"), _sign.query(q), _sign.headers(q, names), ";".join(names), _sign.sha(q.body)])
        secret = _sign.chain("JDCLOUD2" + self.env["JDCLOUD_ACCESS_KEY_SECRET"], *scope)
        want = _sign.mac(secret, f"JDCLOUD2-HMAC-SHA256\n{when}\n{'/'.join(scope)}\n{_sign.sha(text)}").hex()
        if not _sign.same(want, given.get("Signature", "")):
            self.refuse(401, "UNAUTHENTICATED", "the signature does not match")
        if _sign.off(when) > self.signed:
            self.refuse(401, "UNAUTHENTICATED", "the time of the signature is expired or in the future")
        if not nonce or nonce in self.nonces:
            self.refuse(401, "UNAUTHENTICATED", "the nonce was used before")
        self.nonces.add(nonce)

    def fine(self, result=None):
        return Reply(200, {"requestId": "bvc9u4k1", "error": {"code": 0, "status": "", "message": ""}, "result": result or {}})

    def listed(self, q, items):
        by, at = q.number("pageSize", self.page), q.number("pageNumber", 1) - 1
        if not 0 < by <= self.page_max or at < 0:
            self.refuse(400, "INVALID_ARGUMENT", "pageNumber or pageSize is out of range")
        shown = items[at * by:(at + 1) * by]
        return self.fine({"dataList": shown, "currentCount": len(shown), "totalCount": len(items), "totalPage": -(-len(items) // by)})

    @route("GET", DOMAIN)
    def domains(self, q):
        if not {"pageNumber", "pageSize"} <= set(q.args):
            self.refuse(400, "INVALID_ARGUMENT", "pageNumber and pageSize are required")
        return self.listed(q, [{"id": z.id, "domainName": z.name, "createTime": 1546272000000, "packId": 0, "packName": "free", "resolvingStatus": "2",
                                "creator": "me", "jcloudNs": True, "lockStatus": 0} for z in self.zones if q.args.get("domainName", "") in z.name])

    def the_zone(self, id_):
        return self.zone(id_=id_) or self.refuse(404, "NOT_FOUND", f"the domain {id_} is not found")

    def shown(self, z, r):
        parts = _parts.cut(r.type, r.value) or {"target": r.value}
        return {"id": r.id, "hostRecord": z.rel(r.name, "@"), "hostValue": parts["target"], "jcloudRes": False, "mxPriority": parts.get("priority", 0),
                "port": parts.get("port", 0), "ttl": r.ttl, "type": r.type, "weight": parts.get("weight", 0), "viewValue": [-1]}

    @route("GET", RECORDS)
    def records(self, q, zone):
        z = self.the_zone(zone)
        all_ = [{**self.shown(z, r), "creator": "me", "viewName": "default", "resolvingStatus": "2", "updateTime": 1546272000000} for r in z.records]
        return self.listed(q, [x for x in all_ if q.args.get("search", "").lower() in x["hostRecord"]])

    def asked(self, q, z, wanted, but=None):
        body = q.json()
        req = body.get("req") if isinstance(body, dict) else None
        if not isinstance(req, dict) or set(body) - {"req", "regionId", "domainId", "resourceRecordId"} or not wanted <= set(req) <= wanted | MORE:
            self.refuse(400, "INVALID_ARGUMENT", "the request lacks a parameter, or has one too many")
        type_, ttl, value = req["type"], req["ttl"], req["hostValue"]
        numbers = {k: req.get(k) or 0 for k in ("mxPriority", "weight", "port")}
        if type_ not in self.types or req["viewValue"] != -1 or any(type(x) is not int for x in (ttl, req["viewValue"], *numbers.values())):
            self.refuse(400, "INVALID_ARGUMENT", "the type or the line is not known, or a number is none")
        if not self.ttl_min <= ttl <= self.ttl_max or not isinstance(value, str) or not value or req.get("domainName", z.name) != z.name:
            self.refuse(400, "INVALID_ARGUMENT", "ttl, hostValue or domainName is not valid")
        if type_ == "TXT" and ('"' in value or not value.isascii()):
            self.refuse(400, "INVALID_ARGUMENT", "the text is not valid")
        if type_ in _parts.PARTS:
            try:
                value = _parts.join(type_, {"target": value, "priority": numbers["mxPriority"], "weight": numbers["weight"], "port": numbers["port"]})
            except ValueError:
                value = ". ."
            if value.endswith(" .") or value == ".":
                self.refuse(400, "INVALID_ARGUMENT", "hostValue is no domain name")
        name = z.full(str(req["hostRecord"]), ("@",))
        if any(r.value == value and r is not but for r in z.find(name, type_)):
            self.refuse(400, "ALREADY_EXISTS", "the record is there already")
        if any((r.type == "CNAME") != (type_ == "CNAME") and r is not but for r in z.find(name)):
            self.refuse(400, "FAILED_PRECONDITION", "the record conflicts with another")
        return name, type_, ttl, value

    @route("POST", RECORDS)
    def create(self, q, zone):
        z = self.the_zone(zone)
        return self.fine({"dataList": self.shown(z, self.add(z, *self.asked(q, z, WANTED)))})

    def the_record(self, z, id_):
        return z.by_id(id_) or self.refuse(404, "NOT_FOUND", f"the record {id_} is not found")

    @route("PUT", RECORDS + r"/(?P<id_>\d+)")
    def modify(self, q, zone, id_):
        z = self.the_zone(zone)
        r = self.the_record(z, id_)
        r.name, r.type, r.ttl, r.value = self.asked(q, z, WANTED | {"domainName"}, r)
        return self.fine()

    @route("DELETE", RECORDS + r"/(?P<id_>\d+)")
    def delete(self, q, zone, id_):
        del q
        z = self.the_zone(zone)
        self.remove(z, self.the_record(z, id_))
        return self.fine()
