"""The other hosters; see hosters.py."""
import re
import uuid
from xml.sax.saxutils import escape

from hosters import Address, Hoster, hoster
from mock import _aws
from mock.core import Refuse, Reply, route


# ---- Scaleway ----
@hoster
class Scaleway(Hoster):
    name = "scaleway"
    hosts = ("api.scaleway.com",)
    env = {"SCW_SECRET_KEY": "scw-secret", "SCW_DEFAULT_ZONE": "fr-par-1"}
    preset4 = "10-2-0-192.instances.scw.cloud"
    forward = True
    flexible = "203.0.113.20"
    place = "(?P<place>[a-z]{2}-[a-z]{3}-[0-9])"

    def setup(self):
        super().setup()
        self.at[self.flexible] = Address(self.flexible, "20-113-0-203.flexible-ip.scw.cloud")
        self.ids = {self.v4: "11111111-1111-4111-8111-111111111111", self.v6: "22222222-2222-4222-8222-222222222222",
                    self.flexible: "33333333-3333-4333-8333-333333333333"}

    def no(self, status, type_, message, **more):
        return Refuse(status, {"type": type_, "message": message, **more})

    def denied(self, fault):
        return self.no(fault.get("status", 401), "denied_authentication", "authentication is denied", method="api_key", reason="not_found").reply

    def auth(self, q):
        if q.header("X-Auth-Token") != "scw-secret":
            raise self.no(401, "denied_authentication", "authentication is denied", method="api_key", reason="not_found")

    def shown(self, a):
        v4 = a.ip.version == 4
        return {"id": self.ids[a.text], "address": a.text if v4 else None, "prefix": None if v4 else "2001:db8:1:2::/64", "reverse": a.ptr,
                "server": {"id": "s", "name": "mail"}, "organization": "o", "tags": [], "project": "p", "zone": "fr-par-1",
                "type": f"routed_ipv{a.ip.version}", "state": "attached", "ipam_id": "i"}

    @route("GET", f"/instance/v1/zones/{place}/ips")
    def listed(self, q, place):
        all_ = [self.shown(self.at[x]) for x in (self.v4, self.v6)] if place == "fr-par-1" else []
        part, _ = self.pages(q, all_)
        return Reply(200, {"ips": part}, {"X-Total-Count": str(len(all_))})

    def by_id(self, id_, places, place):
        text = next((k for k, v in self.ids.items() if v == id_), None)
        if not text or text not in places or place != "fr-par-1":
            raise self.no(404, "not_found", "resource is not found", resource="ip", resource_id=id_)
        return self.at[text]

    def rename(self, a, name):
        if name and not self.is_name(name):
            raise self.no(400, "invalid_arguments", "invalid argument(s)", details=[{"argument_name": "reverse", "reason": "format"}])
        if name and not self.leads(name, a):
            raise self.no(400, "invalid_arguments", "invalid argument(s)", details=[{"argument_name": "reverse", "reason": "constraint",
                          "help_message": f"your domain {name} must resolve to {a.text}"}])
        a.ptr = name or a.preset

    @route("GET", f"/instance/v1/zones/{place}/ips/(?P<id_>[^/]+)")
    def one(self, q, place, id_):
        del q
        return Reply(200, {"ip": self.shown(self.by_id(id_, (self.v4, self.v6), place))})

    @route("PATCH", f"/instance/v1/zones/{place}/ips/(?P<id_>[^/]+)")
    def change(self, q, place, id_):
        a, b = self.by_id(id_, (self.v4, self.v6), place), q.json() or {}
        if set(b) - {"reverse", "type", "tags", "server"}:
            raise self.no(400, "invalid_arguments", "invalid argument(s)")
        if "reverse" in b:
            self.rename(a, b["reverse"])
        return Reply(200, {"ip": self.shown(a)})

    def fip(self, a):
        return {"id": self.ids[a.text], "organization_id": "o", "project_id": "p", "description": "", "tags": [], "status": "ready",
                "ip_address": f"{a.text}/32", "mac_address": None, "server_id": "s", "reverse": a.ptr, "zone": "fr-par-1"}

    @route("GET", f"/flexible-ip/v1alpha1/zones/{place}/fips")
    def fips(self, q, place):
        all_ = [self.fip(self.at[self.flexible])] if place == "fr-par-1" else []
        part, _ = self.pages(q, all_, size="page_size")
        return Reply(200, {"total_count": len(all_), "flexible_ips": part})

    @route("PATCH", f"/flexible-ip/v1alpha1/zones/{place}/fips/(?P<id_>[^/]+)")
    def change_fip(self, q, place, id_):
        a, b = self.by_id(id_, (self.flexible,), place), q.json() or {}
        if "reverse" in b:
            self.rename(a, b["reverse"])
        return Reply(200, self.fip(a))


# ---- UpCloud ----
@hoster
class UpCloud(Hoster):
    name = "upcloud"
    hosts = ("api.upcloud.com",)
    env = {"UPCLOUD_USERNAME": "sub", "UPCLOUD_PASSWORD": "up-password"}
    preset4, preset6 = "192-0-2-10.de-fra1.upcloud.host", "2001-db8-1-2-0-0-0-25.v6.de-fra1.upcloud.host"
    can_reset = False

    def no(self, status, code, message):
        return Refuse(status, {"error": {"error_code": code, "error_message": message}})

    def denied(self, fault):
        return self.no(fault.get("status", 401), "AUTHENTICATION_FAILED", "Authentication failed using the given username and password.").reply

    def auth(self, q):
        if q.basic() != tuple(self.env.values()):
            raise self.no(401, "AUTHENTICATION_FAILED", "Authentication failed using the given username and password.")

    def the(self, ip):
        a = self.find(ip)
        if not a:
            raise self.no(404, "IP_ADDRESS_NOT_FOUND", f"The IP address {ip} does not exist.")
        return a

    def shown(self, a):
        return {"ip_address": {"access": "public", "address": a.text, "family": f"IPv{a.ip.version}", "part_of_plan": "yes", "ptr_record": a.ptr,
                               "server": "009d64ef-31d1-4684-a26b-c86c955cbf46", "mac": "aa:bb:cc:dd:ee:ff", "floating": "no", "zone": "de-fra1"}}

    @route("GET", "/1.3/ip_address")
    def listed(self, q):
        del q
        return Reply(200, {"ip_addresses": {"ip_address": [self.shown(a)["ip_address"] for a in self.at.values()]}})

    @route("GET", "/1.3/ip_address/(?P<ip>[^/]+)")
    def one(self, q, ip):
        del q
        return Reply(200, self.shown(self.the(ip)))

    @route("PUT", "/1.3/ip_address/(?P<ip>[^/]+)")
    @route("PATCH", "/1.3/ip_address/(?P<ip>[^/]+)")
    def change(self, q, ip):
        a, b = self.the(ip), (q.json() or {}).get("ip_address")
        if not isinstance(b, dict) or not b:
            raise self.no(400, "IP_ADDRESS_INVALID", "an empty body un-assigns the address")
        if not self.is_name(b.get("ptr_record")):
            raise self.no(400, "PTR_RECORD_INVALID", "The attribute ptr_record has an invalid value.")
        a.ptr = b["ptr_record"]
        return Reply(202, self.shown(a))


# ---- DigitalOcean ----
@hoster
class DigitalOcean(Hoster):
    name = "digitalocean"
    hosts = ("api.digitalocean.com",)
    env = {"DO_AUTH_TOKEN": "do-token"}
    can_reset = False
    one_name = True  # a droplet has one, for all its addresses

    def setup(self):
        super().setup()
        self.droplet = "ubuntu-s-1vcpu-1gb-fra1-01"

    def no(self, status, id_, message):
        return Refuse(status, {"id": id_, "message": message})

    def denied(self, fault):
        return self.no(fault.get("status", 401), "Unauthorized", "Unable to authenticate you").reply

    def auth(self, q):
        if q.header("Authorization") != "Bearer do-token":
            raise self.no(401, "Unauthorized", "Unable to authenticate you")

    def droplets(self):
        def one(id_, name, v4, v6):
            return {"id": id_, "name": name, "memory": 1024, "vcpus": 1, "disk": 25, "locked": False, "status": "active", "created_at": "2020-07-21T18:37:44Z",
                    "networks": {"v4": [{"ip_address": f"10.128.0.{id_ % 250}", "netmask": "255.255.0.0", "gateway": "10.128.0.1", "type": "private"},
                                        {"ip_address": v4, "netmask": "255.255.240.0", "gateway": "192.0.2.1", "type": "public"}],
                                 "v6": [{"ip_address": v6, "netmask": 64, "gateway": "2001:db8:1:2::1", "type": "public"}] if v6 else []}}
        return [one(3164400, "another.example.com", "198.51.100.3", None), one(3164444, self.droplet, self.v4, self.v6)]

    @route("GET", "/v2/droplets")
    def listed(self, q):
        all_ = self.droplets()
        part, (at, by, pages) = self.pages(q, all_)
        links = {"pages": {"next": f"https://{q.host}/v2/droplets?page={at + 1}&per_page={by}"}} if at < pages else {}
        return Reply(200, {"droplets": part, "links": links, "meta": {"total": len(all_)}})

    @route("GET", "/v2/droplets/(?P<id_>[0-9]+)")
    def one(self, q, id_):
        del q
        d = next((d for d in self.droplets() if str(d["id"]) == id_), None)
        if not d:
            raise self.no(404, "not_found", "The resource you were accessing could not be found.")
        return Reply(200, {"droplet": d})

    @route("POST", "/v2/droplets/(?P<id_>[0-9]+)/actions")
    def act(self, q, id_):
        b = q.json() or {}
        if id_ != "3164444":
            raise self.no(404, "not_found", "The resource you were accessing could not be found.")
        if b.get("type") != "rename" or not re.fullmatch(r"[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?", b.get("name", "")):
            raise self.no(422, "unprocessable_entity", "Name Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)")
        self.droplet = b["name"]
        for a in self.at.values():
            a.ptr = b["name"] if "." in b["name"] else None
        action = {"id": self.new_id(), "status": "in-progress", "type": "rename", "started_at": "2020-11-14T16:29:21Z", "completed_at": None,
                  "resource_id": 3164444, "resource_type": "droplet", "region_slug": "fra1"}
        self.actions[str(action["id"])] = [action, 0]
        return Reply(201, {"action": action})

    @route("GET", "/v2/actions/(?P<id_>[0-9]+)")
    @route("GET", "/v2/droplets/3164444/actions/(?P<id_>[0-9]+)")
    def action(self, q, id_):
        del q
        if id_ not in self.actions:
            raise self.no(404, "not_found", "The resource you were accessing could not be found.")
        self.actions[id_][1] += 1
        action, polls = self.actions[id_]
        return Reply(200, {"action": {**action, "status": "completed" if polls > 1 else "in-progress"}})


# ---- IONOS Cloud ----
@hoster
class Ionos(Hoster):
    name = "ionoscloud"
    hosts = ("dns.de-fra.ionos.com",)
    env = {"IONOS_TOKEN": "ionos-token"}
    forward = True

    def no(self, status, message):
        return Refuse(status, {"httpStatus": status, "messages": [{"errorCode": f"paas-{status}", "message": message}]})

    def denied(self, fault):
        return self.no(fault.get("status", 401), "Unauthorized, wrong or no api key provided to process this request").reply

    def auth(self, q):
        if q.header("Authorization") != "Bearer ionos-token":
            raise self.no(401, "Unauthorized, wrong or no api key provided to process this request")

    def setup(self):
        super().setup()
        self.ids = {self.v4: "af11c2c9-9b3c-5f0f-9a3f-2c1e0d6a0001", self.v6: "af11c2c9-9b3c-5f0f-9a3f-2c1e0d6a0002"}

    def shown(self, a):
        return {"id": self.ids[a.text], "type": "reverserecord", "href": f"/reverserecords/{self.ids[a.text]}", "metadata": {"createdDate": "2022-08-21T15:52:53Z"},
                "properties": {"name": a.ptr, "description": "", "ip": a.text}}

    @route("GET", "/reverserecords")
    def listed(self, q):
        all_ = [self.shown(a) for a in self.at.values() if a.ptr]
        offset, limit = q.number("offset", 0), min(q.number("limit", 100), 1000)
        return Reply(200, {"id": "x", "type": "collection", "href": "/reverserecords", "items": all_[offset:offset + limit], "offset": offset, "limit": limit})

    def body(self, q, a=None):
        p = (q.json() or {}).get("properties")
        if not isinstance(p, dict) or set(p) - {"name", "description", "ip"} or not self.is_name(p.get("name")):
            raise self.no(400, "the request body is invalid")
        a = a or self.find(p.get("ip", ""))
        if not a or self.find(p.get("ip", "")) is not a:
            raise self.no(422, "the IP is not reserved by this contract")
        if not self.leads(p["name"], a):
            raise self.no(422, f"{p['name']} has no record with {a.text}")
        return a, p["name"]

    @route("POST", "/reverserecords")
    def create(self, q):
        a, name = self.body(q)
        if a.ptr:
            raise self.no(409, "a reverse record for this IP exists")
        a.ptr = name
        return Reply(202, self.shown(a))

    @route("PUT", "/reverserecords/(?P<id_>[^/]+)")
    def change(self, q, id_):
        a = next((self.at[k] for k, v in self.ids.items() if v == id_), None)
        if not a or not a.ptr:
            raise self.no(404, "not found")
        a, a.ptr = self.body(q, a)
        return Reply(202, self.shown(a))

    @route("DELETE", "/reverserecords/(?P<id_>[^/]+)")
    def delete(self, q, id_):
        del q
        a = next((self.at[k] for k, v in self.ids.items() if v == id_), None)
        if not a or not a.ptr:
            raise self.no(404, "not found")
        a.ptr = None
        return Reply(202)


# ---- netcup's Server Control Panel ----
@hoster
class Netcup(Hoster):
    name = "netcupscp"
    hosts = ("www.servercontrolpanel.de",)
    env = {"NETCUP_SCP_REFRESH_TOKEN": "offline-refresh"}
    preset4 = "v2202011131234567.goodsrv.de"
    token_path = "/realms/scp/protocol/openid-connect/token"

    def no(self, status, message):
        return Refuse(status, {"code": f"error.{status}", "message": message})

    def expire(self):
        self.tokens.clear()
        return True

    def writes(self, q):
        return q.method != "GET" and q.path != self.token_path

    def fault_for(self, q):
        return {} if q.path == self.token_path else super().fault_for(q)

    def auth(self, q):
        if q.path != self.token_path and q.header("Authorization").removeprefix("Bearer ") not in self.tokens:
            raise self.no(401, "Unauthorized")

    @route("POST", token_path)
    def token(self, q):
        if q.form() != {"grant_type": "refresh_token", "client_id": "scp", "refresh_token": "offline-refresh"}:
            return Reply(400, {"error": "invalid_grant", "error_description": "Invalid refresh token"})
        token = uuid.uuid4().hex
        self.tokens.add(token)
        return Reply(200, {"access_token": token, "expires_in": 300, "refresh_expires_in": 0, "token_type": "Bearer", "scope": "openid offline_access"})

    def the(self, ip, v):
        a = self.find(ip)
        if not a or a.ip.version != int(v):
            raise self.no(404, "IP address not found")
        return a

    @route("GET", "/scp-core/api/v1/rdns/ipv(?P<v>[46])/(?P<ip>[^/]+)")
    def one(self, q, v, ip):
        del q
        a = self.the(ip, v)
        return Reply(200, {"ip": a.text, "rdns": a.ptr})

    @route("POST", "/scp-core/api/v1/rdns/ipv(?P<v>[46])")
    def change(self, q, v):
        b = q.json() or {}
        a = self.the(b.get("ip", ""), v)
        if not self.is_name(b.get("rdns")):
            raise Refuse(422, {"code": "validation.error", "message": "Validation failed", "errors": [{"field": "rdns", "message": "invalid"}]})
        a.ptr = b["rdns"]
        return Reply(204)

    @route("DELETE", "/scp-core/api/v1/rdns/ipv(?P<v>[46])/(?P<ip>[^/]+)")
    def delete(self, q, v, ip):
        del q
        a = self.the(ip, v)
        a.ptr = a.preset
        return Reply(204)


# ---- Amazon EC2 ----
@hoster
class EC2(Hoster):
    name = "ec2"
    hosts = ("ec2.eu-central-1.amazonaws.com",)
    env = {"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": _aws.KEYS["AKIDEXAMPLE"][0]}
    v6 = None
    forward = True
    unsigned = _aws.Cloud.unsigned
    alloc = "eipalloc-0123456789abcdef0"

    def writes(self, q):
        return q.method != "GET" and q.form().get("Action", "").startswith(("Modify", "Reset"))

    def no(self, status, code, message):
        return Refuse(status, f'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>{code}</Code><Message>{escape(message)}</Message>'
                      f"</Error></Errors><RequestID>{uuid.uuid4()}</RequestID></Response>", {"Content-Type": "text/xml;charset=UTF-8"})

    def denied(self, fault):
        return self.no(fault.get("status", 401), "AuthFailure", "AWS was not able to validate the provided access credentials").reply

    def rate(self, fault):
        return self.no(503, "RequestLimitExceeded", "Request limit exceeded.").reply

    def auth(self, q):
        wrong = self.unsigned(q, "ec2", 300, "eu-central-1")
        if wrong:
            raise self.no(401, "AuthFailure", "AWS was not able to validate the provided access credentials")

    def answer_with(self, action, inner):
        return Reply(200, f'<?xml version="1.0" encoding="UTF-8"?>\n<{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>'
                     f"{uuid.uuid4()}</requestId>{inner}</{action}Response>", {"Content-Type": "text/xml;charset=UTF-8"})

    def attribute(self, a, update=None):
        more = f"<ptrRecordUpdate><value>{update}.</value><status>PENDING</status></ptrRecordUpdate>" if update else ""
        return f"<publicIp>{a.text}</publicIp><allocationId>{self.alloc}</allocationId>" + (f"<ptrRecord>{a.ptr}.</ptrRecord>" if a.ptr else "") + more

    @route("POST", "/")
    def call(self, q):
        f, a = q.form(), self.at[self.v4]
        action = f.pop("Action", "")
        if f.pop("Version", "") != "2016-11-15":
            raise self.no(400, "InvalidAction", f"The action {action} is not valid for this web service.")
        if action == "DescribeAddresses":
            want = {f[k] for k in f if k.startswith("PublicIp.")} | ({f[k] for k in f if k.startswith("Filter.1.Value.")} if f.get("Filter.1.Name") == "public-ip" else set())
            items = f"<item><publicIp>{a.text}</publicIp><allocationId>{self.alloc}</allocationId><domain>vpc</domain><instanceId>i-1</instanceId></item>"
            return self.answer_with(action, f"<addressesSet>{items if not want or a.text in want else ''}</addressesSet>")
        ids = {f[k] for k in f if k.startswith("AllocationId")}
        if ids != {self.alloc}:
            raise self.no(400, "InvalidAllocationID.NotFound", f"The allocation ID '{' '.join(ids)}' does not exist")
        if action == "DescribeAddressesAttribute":
            if f.get("Attribute") != "domain-name":
                raise self.no(400, "InvalidParameterValue", "attribute")
            pending, self.pending_name = getattr(self, "pending_name", None), None
            return self.answer_with(action, f"<addressSet><item>{self.attribute(a, pending)}</item></addressSet>")
        if action == "ModifyAddressAttribute":
            name = f.get("DomainName", "")
            if not self.is_name(name):
                raise self.no(400, "InvalidParameterValue", "Value for parameter DomainName is invalid.")
            if not self.leads(name, a):
                raise self.no(400, "InvalidParameterValue", f"The A record of {name} does not resolve to {a.text}.")
            a.ptr, self.pending_name = name.rstrip("."), name.rstrip(".")
            return self.answer_with(action, f"<address>{self.attribute(a, name.rstrip('.'))}</address>")
        if action == "ResetAddressAttribute":
            a.ptr = None
            return self.answer_with(action, f"<address>{self.attribute(a)}</address>")
        raise self.no(400, "InvalidAction", f"The action {action} is not valid for this web service.")
