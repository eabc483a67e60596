"""Alibaba Cloud DNS: https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-overview. Records with ids, pages by
number. Signed as ACS3-HMAC-SHA256 (headers) or as RPC with HMAC-SHA1 (query), both documented."""
import base64

from . import _sign
from .core import Provider, Refuse, Reply, provider


@provider
class Alidns(Provider):
    name = "alidns"
    hosts = ("alidns.aliyuncs.com",)
    env = {"ALICLOUD_ACCESS_KEY": "LTAI-alidns-id", "ALICLOUD_SECRET_KEY": "alidns-secret-key"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS")
    page, page_max = 20, 500
    txt_max, txt_no, txt_trim = 511, '"\\', True
    ttl_min, ttl_max = 600, 86400
    signed = 900

    def setup(self):
        self.nonces = set()

    def no(self, code, message, status=400):
        return Reply(status, {"RequestId": "536E9CAD-DB30-4647-AC87-AA5CC38C5382", "HostId": "alidns.aliyuncs.com", "Code": code,
                              "Message": message, "Recommend": "https://api.aliyun.com/troubleshoot"})

    def refuse(self, *args):
        reply = self.no(*args)
        refusal = Refuse(reply.status)
        refusal.reply = reply
        raise refusal

    def rate(self, fault):
        return self.no("Throttling.User", "Request was denied due to user flow control.")

    def denied(self, fault):
        return self.no("InvalidAccessKeyId.NotFound", "Specified access key is not found.", fault.get("status", 404))

    def broken(self, fault):
        return self.no("InternalError", "The request processing has failed due to some unknown error.", fault.get("status", 500))

    def auth(self, q):
        header = q.header("Authorization")
        if header.startswith("ACS3-HMAC-SHA256 "):
            given, when, nonce = _sign.words(header), q.header("x-acs-date"), q.header("x-acs-signature-nonce")
            key, signature = given.get("Credential"), given.get("Signature", "")
            names = given.get("SignedHeaders", "").split(";")
            if not {"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"} <= set(names):
                self.refuse("IncompleteSignature", "The request signature lacks headers.")
            if q.header("x-acs-content-sha256") != _sign.sha(q.body):
                self.refuse("InvalidContentHash", "The hash of the content is not valid.")
            text = "\n".join([q.method, q.path, _sign.query(q), _sign.headers(q, names), ";".join(names), _sign.sha(q.body)])
            want = _sign.mac("alidns-secret-key", "ACS3-HMAC-SHA256\n" + _sign.sha(text)).hex()
        else:
            key, when, nonce, signature = (q.all.get(x, "") for x in ("AccessKeyId", "Timestamp", "SignatureNonce", "Signature"))
            canonical = "&".join(sorted(f"{_sign.enc(k)}={_sign.enc(v)}" for k, v in q.all.items() if k != "Signature"))
            text = f"{q.method}&%2F&{_sign.enc(canonical)}"
            want = base64.b64encode(_sign.mac("alidns-secret-key&", text, "sha1")).decode()
        if key != "LTAI-alidns-id":
            self.refuse("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
        if not _sign.same(want, signature):
            self.refuse("SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")
        if _sign.off(when, "%Y-%m-%dT%H:%M:%SZ") > self.signed:
            self.refuse("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
        if not nonce or nonce in self.nonces:
            self.refuse("SignatureNonceUsed", "Specified signature nonce was used already.")
        self.nonces.add(nonce)
        if q.all.get("Version") != "2015-01-09":
            self.refuse("InvalidVersion", "Specified parameter Version is not valid.")

    def writes(self, q):
        action = q.header("x-acs-action") or q.args.get("Action") or q.form().get("Action", "")
        return not action.startswith("Describe")

    def need(self, q, *names):
        for name in names:
            if not q.all.get(name):
                self.refuse(f"Missing{name}", f"The input parameter {name} that is mandatory for processing this request is not supplied.")
        return [q.all[name] for name in names]

    def handle(self, q):
        q.all = {**q.args, **(q.form() if q.body else {})}
        if q.header("x-acs-action"):
            q.all.update(Action=q.header("x-acs-action"), Version=q.header("x-acs-version"))
        self.auth(q)
        f = getattr(self, "do_" + q.all.get("Action", ""), None)
        if q.path != "/" or not f:
            self.refuse("InvalidAction.NotFound", "Specified api is not found, please check your url and method.", 404)
        return Reply(200, {"RequestId": "60D5E6D7-B7C9-4846-B96B-DEB5D74A5BD5", **f(q)})

    def sliced(self, q, items, top):
        by, number = int(q.all.get("PageSize") or self.page), int(q.all.get("PageNumber") or 1)
        if not 1 <= by <= top:
            self.refuse("InvalidPageSize", "The page size is not valid.")
        return {"TotalCount": len(items), "PageNumber": number, "PageSize": by}, items[(number - 1) * by:number * by]

    def about(self, zone):
        return {"DomainId": str(zone.id), "DomainName": zone.name.encode().decode("idna"), "PunyCode": zone.name, "AliDomain": True,
                "VersionCode": "mianfei", "VersionName": "Alibaba Cloud DNS", "DnsServers": {"DnsServer": ["dns9.hichina.com"]}}

    def do_DescribeDomains(self, q):
        head, zones = self.sliced(q, self.zones, 100)
        return {**head, "Domains": {"Domain": [self.about(z) for z in zones]}}

    def the_zone(self, q):
        name, = self.need(q, "DomainName")
        zone = self.zone(name.encode("idna").decode())
        if not zone:
            self.refuse("InvalidDomainName.NoExist", "The specified domain name does not exist. Refresh the page and try again.")
        return zone

    def do_DescribeDomainInfo(self, q):
        return {**self.about(self.the_zone(q)), "RecordLines": {"RecordLine": []}, "AvailableTtls": {"AvailableTtl": []}}

    def shown(self, zone, r):
        out = {"RR": zone.rel(r.name, "@"), "Status": "ENABLE", "Value": r.value, "Weight": 1, "RecordId": str(r.id), "Type": r.type,
               "DomainName": zone.name, "Locked": False, "Line": "default", "TTL": r.ttl}
        if r.type == "MX":
            priority, out["Value"] = r.value.split(" ")
            out["Priority"] = int(priority)
        if r.type in ("MX", "CNAME", "NS", "SRV"):
            out["Value"] = out["Value"].rstrip(".")
        return out

    def do_DescribeDomainRecords(self, q):
        zone = self.the_zone(q)
        found = [x for x in (self.shown(zone, r) for r in zone.records)
                 if q.all.get("RRKeyWord", "").lower() in x["RR"] and q.all.get("ValueKeyWord", "") in x["Value"] and
                 q.all.get("TypeKeyWord", x["Type"]) == x["Type"] and q.all.get("Type", x["Type"]) == x["Type"]]
        head, found = self.sliced(q, found, 500)
        return {**head, "DomainRecords": {"Record": found}}

    def asked(self, zone, q, but=None):
        rr, type_, value = self.need(q, "RR", "Type", "Value")
        if type_ not in self.types:
            self.refuse("InvalidType", "The record type is not supported.")
        ttl = int(q.all.get("TTL") or 600)
        if not self.ttl_min <= ttl <= self.ttl_max:
            self.refuse("QuotaExceeded.TTL", "The TTL is not one of this edition's.")
        if type_ == "TXT":
            value = value.strip('"').rstrip(" ")
            if len(value.encode()) > 511:
                self.refuse("InvalidRR.TXT", "The value of the TXT record is too long.")
        if type_ in ("MX", "CNAME", "NS", "SRV"):
            value = value.rstrip(".") + "."
        if type_ == "MX":
            value = f"{int(self.need(q, 'Priority')[0])} {value}"
        name = zone.full(rr)
        if any(r.value == value for r in zone.find(name, type_)):
            self.refuse("DomainRecordDuplicate", "The DNS record already exists.")
        if any((r.type == "CNAME") != (type_ == "CNAME") and r is not but for r in zone.find(name)):
            self.refuse("DomainRecordConflict", "The DNS record conflicts with another.")
        return name, type_, ttl, value

    def do_AddDomainRecord(self, q):
        zone = self.the_zone(q)
        return {"RecordId": str(self.add(zone, *self.asked(zone, q)).id)}

    def by_number(self, q):
        id_, = self.need(q, "RecordId")
        for zone in self.zones:
            if zone.by_id(id_):
                return zone, zone.by_id(id_)
        return self.refuse("DomainRecordNotBelongToUser", "The DNS record does not belong to this user.")

    def do_UpdateDomainRecord(self, q):
        zone, r = self.by_number(q)
        r.name, r.type, r.ttl, r.value = self.asked(zone, q, r)
        return {"RecordId": str(r.id)}

    def do_DeleteDomainRecord(self, q):
        zone, r = self.by_number(q)
        self.remove(zone, r)
        return {"RecordId": str(r.id)}
