"""Oracle Cloud Infrastructure DNS: https://docs.oracle.com/en-us/iaas/api/#/en/dns/20180115/. Operations on the records of a zone, a
name or a set, named by their hashes; requests signed by RSA (draft-cavage-http-signatures-08). What OCI made is protected."""
import base64
import hashlib
import re

from . import _rsa, _sets, _sign
from .core import Provider, Refuse, Reply, provider, route

IDS = {"OCI_TENANCY_OCID": "ocid1.tenancy.oc1..aaaatenant", "OCI_USER_OCID": "ocid1.user.oc1..aaaauser",
       "OCI_PUBKEY_FINGERPRINT": "20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34"}
SELF = "https://dns.us-ashburn-1.oraclecloud.com/20180115/zones/"
PATHS = r"/20180115/zones/(?P<zone>[^/]+)/records(?:/(?P<name>[^/]+)(?:/(?P<type_>[A-Z]+))?)?"


@provider
class Oraclecloud(Provider):
    name = "oraclecloud"
    hosts = ("dns.us-ashburn-1.oraclecloud.com", "dns.us-ashburn-1.oci.oraclecloud.com")
    files = {"key.pem": _rsa.KEY + "\n"}
    env = {**IDS, "OCI_REGION": "us-ashburn-1", "OCI_PRIVKEY": _rsa.KEY}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS", "PTR")
    unit, page, page_max = "value", 50, 100
    txt_no, txt_ascii = '"\\', True
    ttl_min, ttl_max = 1, 604800
    signed = 300

    def new_zone_id(self, name):
        return "ocid1.dns-zone.oc1..%032x" % self.new_id()

    def no(self, status, code, message):
        return Reply(status, {"code": code, "message": message})

    def refuse(self, status, code, message):
        raise Refuse(status, {"code": code, "message": message})

    def rate(self, fault):
        reply = super().rate(fault)
        return Reply(reply.status, {"code": "TooManyRequests", "message": "Too many requests for the user"}, reply.headers)

    def denied(self, fault):
        return self.no(fault.get("status", 401), "NotAuthenticated", "The required information to complete authentication was not provided.")

    def broken(self, fault):
        return self.no(fault.get("status", 500), "InternalServerError", "Internal server error")

    def missing(self, fault):
        return self.no(404, "NotAuthorizedOrNotFound", "Authorization failed or requested resource not found.")

    def auth(self, q):
        header = q.header("Authorization")
        given = dict(re.findall(r'(\w+)="([^"]*)"', header))
        names = given.get("headers", "").split(" ")
        body = q.method in ("POST", "PUT", "PATCH")
        want = {"(request-target)", "host"} | ({"content-type", "content-length", "x-content-sha256"} if body else set())
        if not header.startswith("Signature ") or not want <= set(names) or not {"date", "x-date"} & set(names):
            self.refuse(401, "NotAuthenticated", "The required information to complete authentication was not provided.")
        text = "\n".join(f"{n}: {q.method.lower() + ' ' + q.target if n == '(request-target)' else q.header(n)}" for n in names)
        if (given.get("version"), given.get("algorithm"), given.get("keyId")) != ("1", "rsa-sha256", "/".join(IDS.values())) or \
                not _rsa.good(given.get("signature", ""), text):
            self.refuse(401, "NotAuthenticated", "Failed to verify the HTTP(S) Signature")
        if body and (q.header("x-content-sha256") != base64.b64encode(hashlib.sha256(q.body).digest()).decode() or
                     q.header("content-length") != str(len(q.body))):
            self.refuse(401, "NotAuthenticated", "The x-content-sha256 header does not fit the body")
        if _sign.off(q.header("x-date" if "x-date" in names else "date"), "%a, %d %b %Y %H:%M:%S GMT") > self.signed:
            self.refuse(401, "NotAuthenticated", "Date is not within allowed clock skew.")

    def the_zone(self, text):
        zone = self.zone(text) or self.zone(id_=text)
        if not zone:
            self.refuse(404, "NotAuthorizedOrNotFound", "Authorization failed or requested resource not found.")
        return zone

    def shown_zone(self, z):
        return {"zoneType": "PRIMARY", "name": z.name, "externalMasters": [], "self": SELF + z.name, "timeCreated": "2022-05-13T19:21:39Z",
                "version": str(z.serial), "serial": z.serial, "nameservers": [{"hostname": f"ns{i}.p68.dns.oraclecloud.net"} for i in range(1, 5)],
                "compartmentId": IDS["OCI_TENANCY_OCID"], "id": z.id, "lifecycleState": "ACTIVE", "scope": "GLOBAL", "viewId": None,
                "definedTags": {"Oracle-Tags": {"CreatedBy": "x", "CreatedOn": "2022-05-13T19:21:38.526Z"}}, "isProtected": False,
                "dnssecState": "Disabled", "dnssecConfig": None}

    @route("GET", "/20180115/zones")
    def zone_list(self, q):
        if not q.args.get("compartmentId"):
            self.refuse(400, "InvalidParameter", "compartmentId is wanted")
        return self.paged(q, [self.shown_zone(z) for z in self.zones], whole=True)

    @route("GET", "/20180115/zones/(?P<zone>[^/]+)")
    def one_zone(self, q, zone):
        del q
        return Reply(200, self.shown_zone(self.the_zone(zone)))

    def paged(self, q, items, whole=False):
        by, token = q.number("limit", self.page), q.args.get("page", "")
        at = 0
        if token:
            try:
                at = int(base64.b64decode(token, validate=True).decode().removeprefix("at:"))
            except ValueError:
                self.refuse(400, "InvalidParameter", "page is none")
        if not 1 <= by <= self.page_max:
            self.refuse(400, "InvalidParameter", "limit must be between 1 and 100")
        headers = {"opc-total-items": str(len(items))}
        if at + by < len(items):
            headers["opc-next-page"] = base64.b64encode(f"at:{at + by}".encode()).decode()
        return Reply(200, items[at:at + by] if whole else {"items": items[at:at + by]}, headers)

    def rows(self, z, name="", type_=""):
        """(record or None, what is shown of it), those that OCI made too."""
        out = [(r, r.name, r.type, r.ttl, _sets.shown(r)) for r in z.records]
        out += [(None, z.name, "SOA", 300, f"ns1.p68.dns.oraclecloud.net. hostmaster.{z.name}. {z.serial} 3600 600 604800 1800")]
        out += [(None, z.name, "NS", 86400, f"ns{i}.p68.dns.oraclecloud.net.") for i in range(1, 5)]
        return [(r, {"domain": n, "recordHash": hashlib.md5(f"{n} {t} {v}".encode()).hexdigest(), "isProtected": r is None, "rdata": v,
                     "rrsetVersion": "1", "rtype": t, "ttl": ttl})
                for r, n, t, ttl, v in sorted(out, key=lambda x: x[1:3]) if name in ("", n) and type_ in ("", t)]

    def domain(self, z, text):
        name = text.lower().rstrip(".")
        if name and name != z.name and not name.endswith("." + z.name):
            self.refuse(400, "InvalidParameter", f"The domain {name} is not in the zone {z.name}")
        return name

    @route("GET", PATHS)
    def records(self, q, zone, name, type_):
        z = self.the_zone(zone)
        return self.paged(q, [x for _, x in self.rows(z, self.domain(z, name), type_ or q.args.get("rtype", ""))])

    @route("DELETE", PATHS)
    def delete(self, q, zone, name, type_):
        z = self.the_zone(zone)
        for r, _ in self.rows(z, self.domain(z, name), type_):
            if r:
                self.remove(z, r)
        return Reply(204, None, {"Content-Type": "text/plain"} if q else None)

    def operate(self, z, one, name, type_):
        if not isinstance(one, dict) or set(one) - {"domain", "recordHash", "isProtected", "rdata", "rrsetVersion", "rtype", "ttl", "operation"}:
            self.refuse(400, "InvalidParameter", "an item is none")
        what, hash_ = one.get("operation", "ADD"), one.get("recordHash")
        at, kind, rdata = self.domain(z, one.get("domain") or name), one.get("rtype") or type_, one.get("rdata")
        if what == "REMOVE":
            if not hash_ and not at:
                self.refuse(400, "InvalidParameter", "what is to be removed is not said")
            for r, x in self.rows(z):
                if (hash_ and x["recordHash"] == hash_) or (not hash_ and x["domain"] == at and kind in ("", x["rtype"]) and rdata in (
                        None, x["rdata"])):
                    if r is None:
                        self.refuse(400, "InvalidParameter", "The record is protected")
                    self.remove(z, r)
            return
        if what != "ADD" or kind not in self.types or not at or not rdata or (name and at != name) or (type_ and kind != type_):
            self.refuse(400, "InvalidParameter", f"the item {one} is not valid")
        ttl = one.get("ttl")
        if type(ttl) is not int or not 1 <= ttl <= 604800:
            self.refuse(400, "InvalidParameter", "ttl must be between 1 and 604800")
        try:  # names are absolute, with or without a dot
            last = rdata.split()[-1]
            dotted = rdata + "." if kind in _sets.WORDS and not last.endswith(".") else rdata
            value = _sets.read(z, kind, dotted)
        except (ValueError, AttributeError, IndexError) as why:
            self.refuse(400, "InvalidParameter", f"rdata: {why}")
        if kind == "TXT" and (re.search(r'["\\]', value) or not value.isascii()):
            self.refuse(400, "InvalidParameter", "rdata: characters of this TXT")
        if any(r.type != kind and "CNAME" in (r.type, kind) for r in z.find(at)):
            self.refuse(400, "InvalidParameter", "a CNAME stands alone")
        for r in z.find(at, kind):
            r.ttl = ttl
        if not any(r.value == value for r in z.find(at, kind)):
            self.add(z, at, kind, ttl, value)

    @route("PATCH", PATHS)
    def patch(self, q, zone, name, type_):
        z, body = self.the_zone(zone), q.json()
        name = self.domain(z, name)
        if not isinstance(body, dict) or set(body) != {"items"} or not isinstance(body["items"], list) or not 0 < len(body["items"]) <= 500:
            self.refuse(400, "InvalidParameter", "items are wanted")
        before, ttls = list(z.records), [r.ttl for r in z.records]
        try:
            for one in body["items"]:
                self.operate(z, one, name, type_)
        except Refuse:
            z.records[:] = before
            for r, ttl in zip(before, ttls):
                r.ttl = ttl
            raise
        return Reply(200, {"items": [x for _, x in self.rows(z, name, type_)]}, {"opc-total-items": "1"})
