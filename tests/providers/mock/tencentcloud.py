"""Tencent Cloud DNSPod: https://www.tencentcloud.com/document/product/1157. Everything is a POST with the action in a header,
refusals come with status 200. Records with ids; an empty list is a refusal. Signed as TC3-HMAC-SHA256."""
import time

from . import _sign
from .core import Provider, Refuse, Reply, provider, route


@provider
class TencentCloud(Provider):
    name = "tencentcloud"
    hosts = ("dnspod.tencentcloudapi.com",)
    env = {"TENCENTCLOUD_SECRET_ID": "AKIDz8krbsJ5yKBZQpn74WFkmLPx3", "TENCENTCLOUD_SECRET_KEY": "Gu5t9xGARNpq86cd98joQYCN3"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS")
    page, page_max = 100, 3000
    ttl_min, ttl_max = 1, 604800
    txt_max = 500
    signed = 300
    reads = ("DescribeDomainList", "DescribeDomain", "DescribeRecordList")

    def no(self, code, message, status=200):
        return Reply(status, {"Response": {"Error": {"Code": code, "Message": message}, "RequestId": "ed93f3cb-f35e-473f-b9f3-0d451b8b79c6"}})

    def refuse(self, code, message):
        refusal = Refuse(200)
        refusal.reply = self.no(code, message)
        raise refusal

    def rate(self, fault):
        return self.no("RequestLimitExceeded", "You have exceeded the request limit: your request rate limit is 20 per second.")

    def denied(self, fault):
        return self.no("AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure that your SecretId is correct.",
                       200 if fault.get("status") is None else fault["status"])

    def broken(self, fault):
        return self.no("InternalError", "Internal error.", fault.get("status", 500))

    def writes(self, q):
        return q.header("X-TC-Action") not in self.reads

    def auth(self, q):
        given, stamp = _sign.words(q.header("Authorization")), q.header("X-TC-Timestamp")
        names = given.get("SignedHeaders", "").split(";")
        key, day, service, last = (given.get("Credential", "") + "///").split("/")[:4]
        if not q.header("Authorization").startswith("TC3-HMAC-SHA256 ") or not {"content-type", "host"} <= set(names) or not stamp.isdigit():
            self.refuse("AuthFailure.InvalidAuthorization", "The authorization header is not what it should be.")
        if key != self.env["TENCENTCLOUD_SECRET_ID"]:
            self.refuse("AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure that your SecretId is correct.")
        text = "\n".join([q.method, q.path, q.raw_query, _sign.headers(q, names).lower(), ";".join(names), _sign.sha(q.body)])
        secret = _sign.chain("TC3" + self.env["TENCENTCLOUD_SECRET_KEY"], day, service, "tc3_request")
        want = _sign.mac(secret, f"TC3-HMAC-SHA256\n{stamp}\n{day}/{service}/tc3_request\n{_sign.sha(text)}").hex()
        if (service, last) != ("dnspod", "tc3_request") or not _sign.same(want, given.get("Signature", "")):
            self.refuse("AuthFailure.SignatureFailure", "The provided credentials could not be validated. Please check your signature is correct.")
        if abs(int(stamp) - time.time()) > self.signed or time.strftime("%Y-%m-%d", time.gmtime(int(stamp))) != day:
            self.refuse("AuthFailure.SignatureExpire", "Signature expired: the timestamp is off by more than five minutes from the server time.")
        if q.header("X-TC-Version") != "2021-03-23":
            self.refuse("InvalidParameter", "The version is not valid.")

    @route("POST", "/")
    def act(self, q):
        f = getattr(self, "do_" + q.header("X-TC-Action"), None)
        if not f:
            self.refuse("InvalidAction", "The request action does not exist.")
        return Reply(200, {"Response": {**f(q.json() or {}), "RequestId": "ed93f3cb-f35e-473f-b9f3-0d451b8b79c6"}})

    def sliced(self, body, items):
        by, at = int(body.get("Limit") or self.page), int(body.get("Offset") or 0)
        if by > self.page_max:
            self.refuse("InvalidParameter.ResultLimit", "The limit is over 3000.")
        return items[at:at + by]

    def do_DescribeDomainList(self, body):
        if not self.zones:
            self.refuse("ResourceNotFound.NoDataOfDomain", "There is no domain yet.")
        return {"DomainCountInfo": {"AllTotal": len(self.zones), "DomainTotal": len(self.zones)}, "DomainList": [
            {"DomainId": z.id, "Name": z.name.encode().decode("idna"), "Punycode": z.name, "Status": "ENABLE", "DNSStatus": "", "Grade": "DP_FREE",
             "TTL": 600, "RecordCount": len(z.records)} for z in self.sliced(body, self.zones)]}

    def the_zone(self, body):
        zone = self.zone(str(body.get("Domain", "")).encode("idna").decode()) or self.zone(id_=body.get("DomainId") or "-")
        if not zone:
            self.refuse("InvalidParameterValue.DomainNotExists", "The domain does not exist, please check.")
        return zone

    def shown(self, zone, r):
        value, mx = r.value, 0
        if r.type == "MX":
            mx, value = r.value.split(" ")
        return {"RecordId": r.id, "Value": value, "Status": "ENABLE", "Name": zone.rel(r.name, "@"), "Line": "\u9ed8\u8ba4", "LineId": "0",
                "Type": r.type, "Weight": None, "MonitorStatus": "", "Remark": "", "TTL": r.ttl, "MX": int(mx), "UpdatedOn": "2021-03-28 11:27:09"}

    def do_DescribeRecordList(self, body):
        zone = self.the_zone(body)
        all_ = [self.shown(zone, r) for r in zone.records]
        all_ = [x for x in all_ if body.get("Subdomain") in (None, "", x["Name"]) and body.get("RecordType") in (None, "", x["Type"])]
        if not all_ and body.get("ErrorOnEmpty") != "no":
            self.refuse("ResourceNotFound.NoDataOfRecord", "The record list is empty.")
        some = self.sliced(body, all_)
        return {"RecordCountInfo": {"SubdomainCount": len(zone.sets()), "ListCount": len(some), "TotalCount": len(all_)}, "RecordList": some}

    def asked(self, zone, body, but=None):
        for key in ("RecordType", "RecordLine", "Value"):
            if not body.get(key):
                self.refuse("MissingParameter", f"The request is missing the parameter {key}.")
        type_, value, ttl = body["RecordType"], str(body["Value"]), body.get("TTL", 600)
        if type_ not in self.types or body["RecordLine"] not in ("\u9ed8\u8ba4", "default"):
            self.refuse("InvalidParameter.RecordTypeInvalid", "The record type or line is invalid.")
        if not isinstance(ttl, int) or not self.ttl_min <= ttl <= self.ttl_max:
            self.refuse("LimitExceeded.RecordTtlLimit", "The TTL is out of the limit.")
        if type_ in ("MX", "CNAME", "NS", "SRV") and not value.endswith("."):
            value += "."
        if type_ == "MX":
            if not isinstance(body.get("MX"), int) or not 0 < body["MX"] <= 65535:
                self.refuse("InvalidParameter.MxInvalid", "The MX priority is invalid.")
            value = f"{body['MX']} {value}"
        if type_ == "TXT" and len(value.encode()) > self.txt_max:
            self.refuse("InvalidParameter.RecordValueLengthInvalid", "The value is too long.")
        name = zone.full(body.get("SubDomain") or "@")
        if any(r.value == value and r is not but for r in zone.find(name, type_)):
            self.refuse("InvalidParameter.DomainRecordExist", "The record already exists. You do not need to add it again.")
        if any((r.type == "CNAME") != (type_ == "CNAME") for r in zone.find(name) if r is not but):
            self.refuse("InvalidParameter.DomainRecordExist", "The record conflicts with another.")
        return name, type_, ttl, value

    def do_CreateRecord(self, body):
        zone = self.the_zone(body)
        return {"RecordId": self.add(zone, *self.asked(zone, body)).id}

    def the_record(self, zone, body):
        r = zone.by_id(body.get("RecordId")) if isinstance(body.get("RecordId"), int) else None
        if not r:
            self.refuse("InvalidParameter.RecordIdInvalid", "The record ID is invalid.")
        return r

    def do_ModifyRecord(self, body):
        zone = self.the_zone(body)
        r = self.the_record(zone, body)
        r.name, r.type, r.ttl, r.value = self.asked(zone, body, r)
        return {"RecordId": r.id}

    def do_DeleteRecord(self, body):
        zone = self.the_zone(body)
        self.remove(zone, self.the_record(zone, body))
        return {}
