"""Yandex Cloud DNS: https://yandex.cloud/en/docs/dns/api-ref/DnsZone/. Whole sets, as in a zone file; a strict call names what it
takes away exactly and adds only what is not there, a lax one merges. Refusals are gRPC's. An IAM token is given for a JSON Web Token
signed by a service account's key as PS256: https://yandex.cloud/en/docs/iam/operations/iam-token/create-for-sa"""
import base64
import json
import re
import time

from . import _rsa, _sets
from .core import Provider, Refuse, Reply, provider, quoted, route

FOLDER, OWNER, KEY_ID = "b1gfolder00000000001", "ajeaccount0000000001", "ajekey00000000000001"
TOKENS = "https://iam.api.cloud.yandex.net/iam/v1/tokens"
STATUS = {3: 400, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 13: 500, 14: 503, 16: 401}  # gRPC's codes
KEY_FILE = json.dumps({"id": KEY_ID, "service_account_id": OWNER, "created_at": "2024-01-01T00:00:00Z", "key_algorithm": "RSA_2048",
                       "public_key": "-", "private_key": "PLEASE DO NOT REMOVE THIS LINE! Yandex.Cloud SA Key ID <x>\n" + _rsa.KEY + "\n"})
AT = r"/dns/v1/zones/(?P<zone>[^/:]+)"


@provider
class Yandexcloud(Provider):
    name = "yandexcloud"
    hosts = ("dns.api.cloud.yandex.net", "iam.api.cloud.yandex.net", "operation.api.cloud.yandex.net", "169.254.169.254")
    env = {"YC_Folder_ID": FOLDER, "YC_SA_ID": OWNER, "YC_SA_Key_ID": KEY_ID, "YC_SA_Key_File_PEM_b64": _rsa.KEY}
    alt = ({**env, "YC_SA_Key_File_PEM_b64": base64.encodebytes(_rsa.KEY.encode()).decode()}, {"YC_Folder_ID": FOLDER, "YC_IAM_TOKEN": "t1.given"},)
    files = {"key.pem": _rsa.KEY + "\n"}
    chains = (({"YANDEX_CLOUD_FOLDER_ID": FOLDER, "YANDEX_CLOUD_IAM_TOKEN": base64.b64encode(KEY_FILE.encode()).decode()}, {}),
              ({"YANDEX_CLOUD_FOLDER_ID": FOLDER, "YC_SERVICE_ACCOUNT_KEY_FILE": "{home}/key.json"}, {"key.json": KEY_FILE}),
              ({"YANDEX_CLOUD_FOLDER_ID": FOLDER}, {}))
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS", "PTR")
    odd = (("odd", "PTR", 600, "host.example.net."),)
    unit, cas, private, pending = "set", True, True, True
    page, page_max = 100, 1000
    txt_max, txt_ascii = 1024, True
    ttl_min = 0

    def new_zone_id(self, name):
        return "dns%017d" % self.new_id()

    def setup(self):
        self.tokens, self.late, self.raw = {"t1.given"}, {}, {}

    def expire(self):
        self.tokens.clear()
        return True

    def no(self, code, message, status=None):
        return Reply(status or STATUS[code], {"code": code, "message": message, "details": [{
            "@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": "3f0b6c1e-0000-4000-8000-000000000000"}]})

    def refuse(self, *args):
        refusal = Refuse(0)
        refusal.reply = self.no(*args)
        raise refusal

    def rate(self, fault):
        reply = self.no(8, "Too many requests", fault.get("status"))
        reply.headers.update({k: v for k, v in super().rate(fault).headers.items() if k == "Retry-After"})
        return reply

    def denied(self, fault):
        return self.no(16 if fault.get("status") != 403 else 7, "The token is invalid", fault.get("status"))

    def broken(self, fault):
        return self.no(13, "Internal error", fault.get("status"))

    def missing(self, fault):
        return self.no(5, "DnsZone not found")

    def writes(self, q):
        return q.method != "GET" and q.host.startswith("dns.")

    def auth(self, q):
        if not q.host.startswith(("dns.", "operation.")):
            return
        if q.header("Authorization").removeprefix("Bearer ") not in self.tokens:
            self.refuse(16, "The token is invalid")

    # ---- tokens ----
    def given(self):
        token = f"t1.{self.new_id()}"
        self.tokens.add(token)
        return token

    @route("POST", "/iam/v1/tokens")
    def token(self, q):
        text = (q.json() or {}).get("jwt", "")
        try:
            head, said = (json.loads(base64.urlsafe_b64decode(x.rstrip("=") + "=" * (-len(x.rstrip("=")) % 4))) for x in text.split(".")[:2])
            late, until = int(said["iat"]), int(said["exp"])
        except (ValueError, KeyError, TypeError):
            self.refuse(3, "JWT is malformed")
        if head.get("alg") != "PS256" or head.get("kid") != KEY_ID or said.get("iss") != OWNER or said.get("aud") != TOKENS:
            self.refuse(16, "JWT has a wrong header or claim")
        if not _rsa.good_pss(text.rpartition(".")[2], text.rpartition(".")[0]):
            self.refuse(16, "JWT signature is invalid")
        if not late - 300 <= time.time() < until <= late + 3600:
            self.refuse(16, "JWT is expired, or valid for more than an hour")
        return Reply(200, {"iamToken": self.given(), "expiresAt": time.strftime("%Y-%m-%dT%H:%M:%S.000000000Z", time.gmtime(time.time() + 12 * 3600))})

    @route("GET", "/computeMetadata/v1/instance/service-accounts/default/token")
    def machine(self, q):
        if q.header("Metadata-Flavor") != "Google":
            return Reply(403, "Missing Metadata-Flavor:Google header.")
        return Reply(200, {"access_token": self.given(), "expires_in": 43199, "token_type": "Bearer"})

    # ---- lists ----
    def listed(self, q, key, items):
        by, at = q.number("pageSize", self.page), q.args.get("pageToken", "")
        if not 0 < by <= self.page_max or not re.fullmatch(r"(at-\d+)?", at):
            self.refuse(3, "Illegal argument page_size or page_token")
        at = int(at[3:] or 0)
        more = {"nextPageToken": f"at-{at + by}"} if at + by < len(items) else {}
        return Reply(200, {**({key: items[at:at + by]} if items[at:at + by] else {}), **more})

    def shown_zone(self, z):
        seen = {"privateVisibility": {"networkIds": ["enpnetwork0000000001"]}} if z.private else {"publicVisibility": {}}
        return {"id": z.id, "folderId": FOLDER, "createdAt": "2024-01-01T00:00:00.000Z", "name": z.name.replace(".", "-"), "zone": z.name + ".", **seen}

    @route("GET", "/dns/v1/zones")
    def zone_list(self, q):
        if q.args.get("folderId") != FOLDER:
            self.refuse(7, "Permission denied")
        want = re.fullmatch(r"""zone ?= ?("|')([^"'\\]*)\1|()""", q.args.get("filter", "")) or self.refuse(3, "Illegal argument filter")
        return self.listed(q, "dnsZones", [self.shown_zone(z) for z in self.zones if want[2] in (None, z.name + ".")])

    def the_zone(self, id_):
        return self.zone(id_=id_) or self.refuse(5, "DnsZone not found")

    @route("GET", AT)
    def one_zone(self, q, zone):
        del q
        return Reply(200, self.shown_zone(self.the_zone(zone)))

    def written(self, z, r):
        """As it was written: neither quotes nor their absence are mended."""
        return self.raw.get((z.id, r.id)) or (quoted(r.value, 255) if r.type == "TXT" else r.value)

    def shown(self, z, name, type_, rs):
        return {"data": [self.written(z, r) for r in rs], "name": name + ".", "type": type_, "ttl": str(rs[0].ttl)}

    @route("GET", AT + ":listRecordSets")
    def record_sets(self, q, zone):
        z, name, type_ = self.the_zone(zone), None, None
        for part in filter(None, re.split(r" AND ", q.args.get("filter", ""))):
            field = re.fullmatch(r"""(name|type) ?= ?("|')([^"'\\]*)\2""", part)
            if not field:
                self.refuse(3, "Illegal argument filter")
            name, type_ = (field[3], type_) if field[1] == "name" else (name, field[3])
        soa = {"name": z.name + ".", "type": "SOA", "ttl": "3600", "data": ["ns1.yandexcloud.net. mx.cloud.yandex.net. 1 10800 900 604800 86400"]}
        return self.listed(q, "recordSets", [x for x in [soa, *(self.shown(z, n, t, rs) for (n, t), rs in z.sets().items())] if (
            name in (None, x["name"]) and type_ in (None, x["type"]))])

    @route("GET", AT + ":getRecordSet")
    def record_set(self, q, zone):
        z = self.the_zone(zone)
        name, type_ = z.named(q.args.get("name", "")), q.args.get("type")
        there = z.find(name, type_)
        if not there:
            self.refuse(5, "RecordSet not found")
        return Reply(200, self.shown(z, name, type_, there))

    # ---- changes ----
    def read(self, z, one):
        """(name, type, TTL, {value: as it was written}) of a set that a client sent."""
        if not isinstance(one, dict) or set(one) != {"name", "type", "ttl", "data"} or one["type"] not in (*self.types, "SOA"):
            self.refuse(3, "Illegal argument record_set")
        name, ttl, data = z.named(str(one["name"])), one["ttl"], one["data"]
        if not re.fullmatch(r"\d+", str(ttl)) or not 0 <= int(ttl) < 2**31 or not isinstance(data, list) or not 0 < len(data) <= 100:
            self.refuse(3, "Illegal argument ttl or data")
        values = {}
        for text in data:
            if not isinstance(text, str) or not 0 < len(text) <= 2048 or not text.isascii():
                self.refuse(3, "Illegal argument data")
            try:
                value = self.txt(text) if one["type"] == "TXT" else _sets.read(z, one["type"], text)
            except ValueError as why:
                self.refuse(3, f"Illegal argument data: {why}")
            if len(value) > 1024 or value in values:
                self.refuse(3, "Illegal argument data: it is too long, or there twice")
            values[value] = text
        if one["type"] == "CNAME" and len(values) > 1:
            self.refuse(3, "A CNAME has one value")
        return name, one["type"], int(ttl), values

    def txt(self, text):
        """Blanks divide strings, and what follows a ; is a comment, but within quotes."""
        words = re.findall(r'"(?:[^"\\]|\\.)*"|;.*|[^\s";]+', text)
        words = [w for w in words if not w.startswith(";")]
        return _sets.read(None, "TXT", " ".join(w if w.startswith('"') else quoted(w) for w in words), bare=False)

    def put(self, z, name, type_, ttl, values):
        if any("CNAME" in (r.type, type_) and r.type != type_ for r in z.find(name)) or (type_ == "CNAME" and name == z.name):
            self.refuse(9, "CNAME record set cannot exist with other record sets")
        for r in z.find(name, type_):
            r.ttl = ttl
        for value, text in values.items():
            r = next((r for r in z.find(name, type_) if r.value == value), None) or self.add(z, name, type_, ttl, value)
            self.raw[z.id, r.id] = text

    def strict(self, z, body):
        for name, type_, ttl, values in [self.read(z, x) for x in body.get("deletions", [])]:
            there = z.find(name, type_)
            if not there:
                self.refuse(5, "RecordSet not found")
            if there[0].ttl != ttl or sorted(self.written(z, r) for r in there) != sorted(values.values()):
                self.refuse(9, f"RecordSet {name}. {type_} does not match")
            for r in there:
                self.remove(z, r)
        for name, type_, ttl, values in [self.read(z, x) for x in body.get("additions", [])]:
            if z.find(name, type_):
                self.refuse(6, f"RecordSet {name}. {type_} already exists")
            self.put(z, name, type_, ttl, values)

    def lax(self, z, body):
        for name, type_, ttl, values in [self.read(z, x) for x in body.get("deletions", [])]:
            for r in z.find(name, type_):
                if r.ttl == ttl and r.value in values:
                    self.remove(z, r)
        for name, type_, ttl, values in [self.read(z, x) for x in body.get("replacements", [])]:
            for r in z.find(name, type_):
                self.remove(z, r)
            self.put(z, name, type_, ttl, values)
        for x in body.get("merges", []):
            self.put(z, *self.read(z, x))

    @route("POST", AT + ":(?P<how>updateRecordSets|upsertRecordSets)")
    def change(self, q, zone, how):
        z, body = self.the_zone(zone), q.json()
        known = {"updateRecordSets": {"deletions", "additions"}, "upsertRecordSets": {"deletions", "replacements", "merges"}}[how]
        if not isinstance(body, dict) or set(body) - known or any(not isinstance(x, list) or len(x) > 1000 for x in body.values()):
            self.refuse(3, "Request contains unknown fields")
        id_ = "dns%017d" % self.new_id()
        said = {"id": id_, "description": how, "createdAt": "2024-01-01T00:00:00.000Z", "createdBy": OWNER, "modifiedAt": "2024-01-01T00:00:00.000Z",
                "metadata": {"@type": "type.googleapis.com/yandex.cloud.dns.v1.UpdateRecordSetsMetadata"}}
        if self.options.get("action") == "error":
            self.late[id_] = {**said, "done": True, "error": {"code": 13, "message": "Internal error", "details": []}}
            return Reply(200, {**said, "done": False})
        before, ttls = list(z.records), [r.ttl for r in z.records]
        try:
            (self.strict if how == "updateRecordSets" else self.lax)(z, body)
        except Refuse:
            z.records[:] = before
            for r, ttl in zip(before, ttls):
                r.ttl = ttl
            raise
        return Reply(200, {**said, "done": True, "response": {"@type": "type.googleapis.com/yandex.cloud.dns.v1.RecordSetDiff"}})

    @route("GET", "/operations/(?P<id_>[^/]+)")
    def operation(self, q, id_):
        del q
        return Reply(200, self.late[id_]) if id_ in self.late else self.no(5, "Operation not found")
