"""Hosters' calls for reverse DNS, as their own documentation and clients have them; never written from our descriptors. Each
holds addresses: what the PTR of each is, and what the hoster's own name for it would be. Where sources are silent, it refuses.

Sources: Hetzner Cloud: docs.hetzner.cloud and hcloud-python. Robot: robot.hetzner.com/doc/webservice and the Ansible collection
community.hrobot. Linode: techdocs.akamai.com/linode-api and linode_api4. Vultr: vultr.com/api and @vultr/vultr-node. OVH: the
schema at eu.api.ovh.com/1.0/ip.json. Scaleway: its developers' pages and SDK. UpCloud: developers.upcloud.com/1.3. DigitalOcean:
its OpenAPI file. EC2: its API reference and botocore's model. Contabo: models of its generated clients. netcup: notes of clients.
IONOS Cloud: api.ionos.com/docs/dns."""
import hashlib
import ipaddress
import re
import time
import uuid

from mock import _sign, core
from mock.core import Provider, Refuse, Reply, route

HOST = "smtp.example.org"
hosters = {}


def hoster(cls):
    hosters[cls.name] = cls
    return core.provider(cls)


class Address:
    def __init__(self, text, preset=None, **more):
        self.ip = ipaddress.ip_address(text)
        self.text, self.preset, self.ptr = text, preset, preset
        self.__dict__.update(more)


class Hoster(Provider):
    """What the runner (run.py) needs to know; a subclass says what is not so."""
    v4, v6 = "192.0.2.10", "2001:db8:1:2::25"
    preset4, preset6 = None, None  # the hoster's own names
    forward = False    # it wants the name to resolve first
    can_reset = True   # for v4 and v6: True, or "v6" for one
    shows = True       # it tells a name of its own
    slashes = True

    def setup(self):
        self.at = {ip: Address(ip, preset) for ip, preset in ((self.v4, self.preset4), (self.v6, self.preset6)) if ip}
        self.resolves = {HOST: {self.v4, self.v6}, "other.example.net": {self.v4, self.v6}}
        self.actions, self.tokens = {}, set()

    def find(self, text):
        try:
            ip = ipaddress.ip_address(text)
        except ValueError:
            return None
        return next((a for a in self.at.values() if a.ip == ip), None)

    def leads(self, name, address):
        return not self.forward or address.text in self.resolves.get(name.rstrip(".").lower(), ())

    def is_name(self, name):
        return isinstance(name, str) and re.fullmatch(r"(?=.{1,253}\Z)([a-zA-Z0-9_]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,}\.?", name)


# ---- Contabo ----
def contabo_no(status, message):
    return Refuse(status, {"statusCode": status, "message": message})


@hoster
class Contabo(Hoster):
    name = "contabo"
    hosts = ("api.contabo.com", "auth.contabo.com")
    env = {"CNTB_OAUTH2_CLIENT_ID": "INT-1", "CNTB_OAUTH2_CLIENT_SECRET": "client-secret", "CNTB_OAUTH2_USER": "me@example.org",
           "CNTB_OAUTH2_PASS": "api-pass&word"}
    preset4 = "vmi1234567.contaboserver.net"
    can_reset = "v6"
    token_path = "/auth/realms/contabo/protocol/openid-connect/token"

    def expire(self):
        self.tokens.clear()
        return True

    def writes(self, q):
        return q.method != "GET" and q.path != self.token_path

    def fault_for(self, q):
        return {} if q.path == self.token_path else super().fault_for(q)

    def auth(self, q):
        if q.path == self.token_path:
            return
        if q.header("Authorization").removeprefix("Bearer ") not in self.tokens:
            raise contabo_no(401, "Unauthorized")
        try:
            if uuid.UUID(q.header("x-request-id")).version != 4:
                raise ValueError
        except ValueError:
            raise contabo_no(400, "x-request-id must be a UUID") from None

    @route("POST", token_path)
    def token(self, q):
        want = dict(zip(("client_id", "client_secret", "username", "password"), self.env.values()))
        if q.form() != {**want, "grant_type": "password"} or "form-urlencoded" not in q.header("Content-Type"):
            return Reply(401, {"error": "invalid_grant", "error_description": "Invalid user credentials"})
        token = uuid.uuid4().hex
        self.tokens.add(token)
        return Reply(200, {"access_token": token, "expires_in": 300, "refresh_token": "r", "token_type": "Bearer"})

    def shown(self, a):
        return {"tenantId": "INT", "customerId": "54321", "ip": a.text, "ttl": 86400, "ptr": a.ptr}

    @route("GET", "/v1/dns/ptrs")
    def listed(self, q):
        if not q.args.get("ips") and not q.args.get("customerId"):
            raise contabo_no(400, "ips or customerId is required")
        some = [self.shown(a) for a in self.at.values() if a.ptr and a.text in q.args.get("ips", "").split(",")]
        return Reply(200, {"data": some, "_pagination": {"size": 10, "totalElements": len(some), "totalPages": 1, "page": 1}})

    @route("GET", "/v1/dns/ptrs/(?P<ip>[^/]+)")
    def one(self, q, ip):
        a = self.find(ip)
        if not a or not a.ptr:
            raise contabo_no(404, "PTR record not found")
        return Reply(200, {"data": [self.shown(a)], "_links": {"self": q.path}})

    def body(self, q, keys):
        b = q.json()
        if not isinstance(b, dict) or set(b) - keys or not self.is_name(b.get("ptr")) or b["ptr"].endswith("."):
            raise contabo_no(400, "the PTR record is invalid")
        return b

    @route("PUT", "/v1/dns/ptrs/(?P<ip>[^/]+)")
    def change(self, q, ip):
        a, b = self.find(ip), self.body(q, {"ptr"})
        if not a or not a.ptr:
            raise contabo_no(404, "PTR record not found")
        a.ptr = b["ptr"]
        return Reply(204)

    @route("POST", "/v1/dns/ptrs")
    def create(self, q):
        ttl = self.options.get("ttl", True)  # one generation of its clients must send it, another has it not
        b = self.body(q, {"ip", "ptr", "ttl"} if ttl else {"ip", "ptr"})
        if ttl and not isinstance(b.get("ttl"), int):
            raise contabo_no(400, "ttl must be a number")
        a = self.find(b.get("ip", ""))
        if not a:
            raise contabo_no(404, "IP address not found")
        if a.ip.version == 4:
            raise contabo_no(400, "Only IPv6 can be created")
        if a.ptr:
            raise contabo_no(409, "the PTR record exists")
        a.ptr = b["ptr"]
        return Reply(201, {"data": [self.shown(a)]})

    @route("DELETE", "/v1/dns/ptrs/(?P<ip>[^/]+)")
    def delete(self, q, ip):
        del q
        a = self.find(ip)
        if not a or not a.ptr:
            raise contabo_no(404, "PTR record not found")
        if a.ip.version == 4:
            raise contabo_no(400, "Only IPv6 can be deleted")
        a.ptr = None
        return Reply(204)


# ---- Hetzner Cloud ----
@hoster
class Hetzner(Hoster):
    name = "hetzner"
    hosts = ("api.hetzner.cloud",)
    env = {"HETZNER_API_TOKEN": "hetzner-cloud-token"}
    preset4 = "static.10.2.0.192.clients.your-server.de"
    page, page_max = 1, 50  # small pages: what is asked for lies behind the first
    floating = "203.0.113.7"
    actions_fail = False

    def setup(self):
        super().setup()
        self.at[self.floating] = Address(self.floating, "static.7.113.0.203.clients.your-server.de")
        self.page = self.options.get("page", 50)
        self.pointers = {}  # {v6 address: name} of the /64

    def no(self, status, code, message):
        return Refuse(status, {"error": {"code": code, "message": message, "details": None}})

    def denied(self, fault):
        return self.no(fault.get("status", 401), "unauthorized", "unable to authenticate").reply

    def auth(self, q):
        if q.header("Authorization") != "Bearer hetzner-cloud-token":
            raise self.no(401, "unauthorized", "unable to authenticate")

    def objects(self, kind):
        """(id, address as the API tells it, pointers)"""
        if kind == "floating_ips":
            a = self.at[self.floating]
            return [(77, a.text, [{"ip": a.text, "dns_ptr": a.ptr}], "ipv4")]
        v4, v6 = self.at[self.v4], self.at[self.v6]
        return [(1, "198.51.100.1", [{"ip": "198.51.100.1", "dns_ptr": "another.example.com"}], "ipv4"),
                (42, v4.text, [{"ip": v4.text, "dns_ptr": v4.ptr}], "ipv4"),
                (43, "2001:db8:1:2::/64", [{"ip": v6.text, "dns_ptr": v6.ptr}] if v6.ptr else [], "ipv6")]

    def shown(self, kind, o):
        base = {"id": o[0], "name": f"ip-{o[0]}", "ip": o[1], "type": o[3], "dns_ptr": o[2], "created": "2016-01-30T23:50:00+00:00",
                "blocked": False, "labels": {}, "protection": {"delete": False}}
        where = {"id": 1, "name": "fsn1", "description": "", "country": "DE", "city": "", "latitude": 1, "longitude": 1, "network_zone": "eu-central"}
        if kind == "floating_ips":
            return {**base, "description": None, "server": 4711, "home_location": where}
        return {**base, "assignee_id": 4711, "assignee_type": "server", "auto_delete": True,
                "datacenter": {"id": 1, "name": "fsn1-dc8", "description": "", "location": where,
                               "server_types": {"supported": [], "available": [], "available_for_migration": []}}}

    @route("GET", "/v1/(?P<kind>primary_ips|floating_ips)")
    def listed(self, q, kind):
        all_ = [self.shown(kind, o) for o in self.objects(kind) if q.args.get("ip") in (None, o[1]) and q.args.get("name") in (None, f"ip-{o[0]}")]
        part, (at, by, pages) = self.pages(q, all_)
        return Reply(200, {kind: part, "meta": {"pagination": {"page": at, "per_page": by, "previous_page": None, "last_page": pages,
                                                               "next_page": at + 1 if at < pages else None, "total_entries": len(all_)}}})

    @route("GET", "/v1/(?P<kind>primary_ips|floating_ips)/(?P<id_>[0-9]+)")
    def one(self, q, kind, id_):
        del q
        o = next((o for o in self.objects(kind) if str(o[0]) == id_), None)
        if not o:
            raise self.no(404, "not_found", f"{kind[:-1]} with ID '{id_}' not found")
        return Reply(200, {kind[:-1]: self.shown(kind, o)})

    @route("POST", "/v1/(?P<kind>primary_ips|floating_ips)/(?P<id_>[0-9]+)/actions/change_dns_ptr")
    def change(self, q, kind, id_):
        b = q.json() or {}
        o = next((o for o in self.objects(kind) if str(o[0]) == id_), None)
        if not o:
            raise self.no(404, "not_found", "not found")
        a = self.find(b.get("ip", ""))
        if not a or "dns_ptr" not in b or a.ip not in ipaddress.ip_network(o[1]):
            raise self.no(422, "invalid_input", "invalid input in field 'ip'")
        if b["dns_ptr"] is not None and not self.is_name(b["dns_ptr"]):
            raise self.no(422, "invalid_input", "invalid input in field 'dns_ptr'")
        fails = bool(self.options.get("fails"))
        if not fails:
            a.ptr = b["dns_ptr"] if b["dns_ptr"] is not None else a.preset
        action = {"id": self.new_id(), "command": "change_dns_ptr", "status": "running", "progress": 0, "started": "2016-01-30T23:50:00+00:00",
                  "finished": None, "resources": [{"id": o[0], "type": kind[:-1]}], "error": None}
        self.actions[str(action["id"])] = [action, fails, 0]
        return Reply(201, {"action": action})

    @route("GET", "/v1/(primary_ips/|floating_ips/)?actions/(?P<id_>[0-9]+)")
    def action(self, q, id_):
        del q
        if id_ not in self.actions:
            raise self.no(404, "not_found", "action not found")
        self.actions[id_][2] += 1
        action, fails, polls = self.actions[id_]
        if polls < 2:
            return Reply(200, {"action": action})
        done = {"status": "error" if fails else "success", "progress": 100, "finished": "2016-01-30T23:56:00+00:00",
                "error": {"code": "action_failed", "message": "Action failed"} if fails else None}
        return Reply(200, {"action": {**action, **done}})


# ---- Hetzner Robot ----
@hoster
class Robot(Hoster):
    name = "hetznerrobot"
    hosts = ("robot-ws.your-server.de",)
    env = {"HETZNER_ROBOT_USER": "#ws+abc", "HETZNER_ROBOT_PASSWORD": "robot-password"}
    preset4 = "static.10.2.0.192.clients.your-server.de"

    def no(self, status, code, message):
        return Refuse(status, {"error": {"status": status, "code": code, "message": message}})

    def denied(self, fault):
        return self.no(fault.get("status", 401), "UNAUTHORIZED", "Unauthorized").reply

    def rate(self, fault):
        reply = super().rate(fault)
        return Reply(403, {"error": {"status": 403, "code": "RATE_LIMIT_EXCEEDED", "message": "rate limit exceeded", "interval": 3600,
                                     "max_request": 500}}, reply.headers)

    def auth(self, q):
        if q.basic() != tuple(self.env.values()):
            raise self.no(401, "UNAUTHORIZED", "Unauthorized")

    def the(self, ip):
        a = self.find(ip)
        if not a:
            raise self.no(404, "IP_NOT_FOUND", f"No IP address found for {ip}")
        return a

    def shown(self, a):
        return {"rdns": {"ip": a.text, "ptr": a.ptr}}

    @route("GET", "/rdns/(?P<ip>[^/]+)")
    def one(self, q, ip):
        del q
        a = self.the(ip)
        if not a.ptr:
            raise self.no(404, "RDNS_NOT_FOUND", f"The IP address {ip} has no reverse DNS entry yet")
        return Reply(200, self.shown(a))

    def name_of(self, q):
        name = q.form().get("ptr")
        if "form-urlencoded" not in q.header("Content-Type") or not self.is_name(name):
            raise Refuse(400, {"error": {"status": 400, "code": "INVALID_INPUT", "message": "invalid input", "missing": None if name else ["ptr"],
                                         "invalid": {"ptr": ["invalid"]} if name else None}})
        return name

    @route("PUT", "/rdns/(?P<ip>[^/]+)")
    def create(self, q, ip):
        a, name = self.the(ip), self.name_of(q)
        if a.ptr:
            raise self.no(409, "RDNS_ALREADY_EXISTS", f"The IP address {ip} has a reverse DNS entry already")
        a.ptr = name
        return Reply(201, self.shown(a))

    @route("POST", "/rdns/(?P<ip>[^/]+)")
    def change(self, q, ip):
        a, name = self.the(ip), self.name_of(q)
        status = 200 if a.ptr else 201
        a.ptr = name
        return Reply(status, self.shown(a))

    @route("DELETE", "/rdns/(?P<ip>[^/]+)")
    def delete(self, q, ip):
        del q
        a = self.the(ip)
        if not a.ptr:
            raise self.no(404, "RDNS_NOT_FOUND", "not found")
        a.ptr = a.preset
        return Reply(200)


# ---- Linode ----
@hoster
class Linode(Hoster):
    name = "linode"
    hosts = ("api.linode.com",)
    env = {"LINODE_TOKEN": "linode-token"}
    preset4 = "192-0-2-10.ip.linodeusercontent.com"
    forward = True

    def no(self, status, reason, field=None):
        return Refuse(status, {"errors": [{**({"field": field} if field else {}), "reason": reason}]})

    def denied(self, fault):
        return self.no(fault.get("status", 401), "Invalid Token").reply

    def auth(self, q):
        if q.header("Authorization") != "Bearer linode-token":
            raise self.no(401, "Invalid Token")

    def shown(self, a):
        return {"address": a.text, "gateway": None, "subnet_mask": "255.255.255.0", "prefix": 24, "type": f"ipv{a.ip.version}", "public": True,
                "rdns": a.ptr, "linode_id": 123, "region": "us-east", "interface_id": None, "reserved": False, "vpc_nat_1_1": None}

    def the(self, ip):
        a = self.find(ip)
        if not a:
            raise self.no(404, "Not found")
        return a

    @route("GET", "/v4/networking/ips/(?P<ip>[^/]+)")
    def one(self, q, ip):
        del q
        return Reply(200, self.shown(self.the(ip)))

    @route("PUT", "/v4/networking/ips/(?P<ip>[^/]+)")
    def change(self, q, ip):
        a, b = self.the(ip), q.json()
        if not isinstance(b, dict) or "rdns" not in b:
            raise self.no(400, "rdns is required", "rdns")
        if b["rdns"] is not None and not self.is_name(b["rdns"]):
            raise self.no(400, "Invalid hostname", "rdns")
        if b["rdns"] and not self.leads(b["rdns"], a):
            raise self.no(400, "Unable to perform a lookup for this hostname: no match was found", "rdns")
        a.ptr = b["rdns"] or a.preset
        return Reply(200, self.shown(a))


# ---- Vultr ----
@hoster
class Vultr(Hoster):
    name = "vultr"
    hosts = ("api.vultr.com",)
    env = {"VULTR_API_KEY": "vultr-key"}
    preset4 = "192.0.2.10.vultrusercontent.com"
    reserved = "203.0.113.9"

    def setup(self):
        super().setup()
        self.at[self.reserved] = Address(self.reserved, "203.0.113.9.vultrusercontent.com")

    def no(self, status, message):
        return Refuse(status, {"error": message, "status": status})

    def denied(self, fault):
        return self.no(fault.get("status", 401), "Invalid API token.").reply

    def auth(self, q):
        if q.header("Authorization") != "Bearer vultr-key":
            raise self.no(401, "Invalid API token.")

    INSTANCES = ("cb676a46-66fd-4dfb-b839-443f2e6c0b60", "4f0f12e5-1f84-404f-aa84-85f431ea5ec2")

    def instances(self):
        other = {"id": self.INSTANCES[0], "main_ip": "198.51.100.2", "v6_main_ip": "", "v6_network": "", "v6_network_size": 0}
        ours = {"id": self.INSTANCES[1], "main_ip": self.v4, "v6_main_ip": "2001:db8:1:2:5400::1", "v6_network": "2001:db8:1:2::",
                "v6_network_size": 64}
        same = {"os": "Debian 12 x64 (bookworm)", "ram": 1024, "disk": 25, "vcpu_count": 1, "region": "ewr", "plan": "vc2-1c-1gb", "status": "active",
                "netmask_v4": "255.255.254.0", "gateway_v4": "192.0.2.1", "label": "", "internal_ip": "", "hostname": "x"}
        return [{**same, **i} for i in (other, ours)]

    def listed(self, q, key, items):
        by = min(q.number("per_page", 100), 500)
        at = int(q.args.get("cursor", "").removeprefix("bmV4dA") or 0)
        if self.options.get("page"):
            by = min(by, self.options["page"])
        more = at + by < len(items)
        return Reply(200, {key: items[at:at + by], "meta": {"total": len(items), "links": {"next": f"bmV4dA{at + by}" if more else "", "prev": ""}}})

    @route("GET", "/v2/instances")
    def all_instances(self, q):
        return self.listed(q, "instances", self.instances())

    @route("GET", "/v2/bare-metals")
    def bare(self, q):
        return self.listed(q, "bare_metals", [])

    @route("GET", "/v2/reserved-ips")
    def all_reserved(self, q):
        return self.listed(q, "reserved_ips", [{"id": "r1", "region": "ewr", "ip_type": "v4", "subnet": self.reserved, "subnet_size": 32,
                                                "label": "", "instance_id": self.INSTANCES[1]}])

    def mine(self, id_, ip=None, version=None):
        if id_ != self.INSTANCES[1]:
            raise self.no(404, "Invalid instance.")
        if ip is None:
            return None
        a = self.find(ip)
        if not a or a.ip.version != version:
            raise self.no(400, "Invalid IP address.")
        return a

    @route("GET", "/v2/instances/(?P<id_>[^/]+)/ipv4")
    def v4s(self, q, id_):
        self.mine(id_)
        return self.listed(q, "ipv4s", [{"ip": a.text, "netmask": "255.255.254.0", "gateway": "192.0.2.1", "type": "main_ip", "reverse": a.ptr,
                                         "mac_address": 1} for a in self.at.values() if a.ip.version == 4])

    @route("GET", "/v2/instances/(?P<id_>[^/]+)/ipv6/reverse")
    def v6s(self, q, id_):
        del q
        self.mine(id_)
        return Reply(200, {"reverse_ipv6s": [{"ip": a.ip.exploded, "reverse": a.ptr} for a in self.at.values() if a.ip.version == 6 and a.ptr]})

    @route("POST", "/v2/instances/(?P<id_>[^/]+)/ipv(?P<v>[46])/reverse")
    def change(self, q, id_, v):
        b = q.json() or {}
        a = self.mine(id_, b.get("ip", ""), int(v))
        if not self.is_name(b.get("reverse")):
            raise self.no(400, "Invalid reverse DNS entry.")
        a.ptr = b["reverse"]
        return Reply(204)

    @route("POST", "/v2/instances/(?P<id_>[^/]+)/ipv4/reverse/default")
    def reset4(self, q, id_):
        a = self.mine(id_, (q.json() or {}).get("ip", ""), 4)
        a.ptr = a.preset
        return Reply(204)

    @route("DELETE", "/v2/instances/(?P<id_>[^/]+)/ipv6/reverse/(?P<ip>[^/]+)")
    def reset6(self, q, id_, ip):
        del q
        self.mine(id_, ip, 6).ptr = None
        return Reply(204)


# ---- OVH ----
@hoster
class OVH(Hoster):
    name = "ovh"
    hosts = ("eu.api.ovh.com",)
    env = {"OVH_ENDPOINT": "ovh-eu", "OVH_APPLICATION_KEY": "7kbG7Bk7S9Nt7ZSV", "OVH_APPLICATION_SECRET": "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF",
           "OVH_CONSUMER_KEY": "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1"}
    forward = True
    blocks = ("192.0.2.10/32", "198.51.100.0/29", "2001:db8:1:2::/64")

    def no(self, status, code, message):
        return Refuse(status, {"class": f"Client::{code}", "httpCode": f"{status} {code}", "message": message})

    def denied(self, fault):
        return self.no(fault.get("status", 403), "Forbidden", "This credential is not valid").reply

    def auth(self, q):
        if q.path == "/1.0/auth/time":
            return
        e = list(self.env.values())
        text = "+".join([e[2], e[3], q.method, f"https://{q.host}{q.target}", q.body.decode(), q.header("X-Ovh-Timestamp")])
        if (q.header("X-Ovh-Application"), q.header("X-Ovh-Consumer")) != (e[1], e[3]):
            raise self.no(403, "Forbidden", "This credential is not valid")
        if not _sign.same("$1$" + hashlib.sha1(text.encode()).hexdigest(), q.header("X-Ovh-Signature")):
            raise self.no(400, "BadRequest", "Invalid signature")
        if abs(int(q.header("X-Ovh-Timestamp")) - time.time()) > 3600:
            raise self.no(400, "BadRequest", "Query out of time")

    def handle(self, q):  # a block has a slash in it, and travels encoded
        if q.path == "/1.0/auth/time":
            return Reply(200, str(int(time.time())), {"Content-Type": "application/json"})
        return super().handle(q)

    @route("GET", "/1.0/ip")
    def listed(self, q):
        ip = q.args.get("ip")
        try:
            want = ipaddress.ip_network(ip) if ip else None
        except ValueError:
            raise self.no(400, "BadRequest", "[ip] Given data is not valid for type ipBlock") from None
        return Reply(200, [b for b in self.blocks if not want or
                           (ipaddress.ip_network(b).version == want.version and want.subnet_of(ipaddress.ip_network(b)))])

    def the(self, block, ip):
        a = self.find(ip)
        if block not in self.blocks:
            raise self.no(404, "NotFound", "This service does not exist")
        if not a or a.ip not in ipaddress.ip_network(block):
            raise self.no(400, "BadRequest", f"{ip} is not part of {block}")
        return a

    @route("GET", "/1.0/ip/(?P<block>[^/]+)/reverse")
    def reverses(self, q, block):
        del q
        return Reply(200, [a.text for a in self.at.values() if a.ptr and block in self.blocks and a.ip in ipaddress.ip_network(block)])

    @route("GET", "/1.0/ip/(?P<block>[^/]+)/reverse/(?P<ip>[^/]+)")
    def one(self, q, block, ip):
        del q
        a = self.the(block, ip)
        if not a.ptr:
            raise self.no(404, "NotFound", f"The requested object (ipReverse = {ip}) does not exist")
        return Reply(200, {"ipReverse": a.text, "reverse": a.ptr})

    @route("POST", "/1.0/ip/(?P<block>[^/]+)/reverse")
    def change(self, q, block):
        b = q.json() or {}
        a = self.the(block, b.get("ipReverse", ""))
        if set(b) != {"ipReverse", "reverse"} or not self.is_name(b["reverse"]):
            raise self.no(400, "BadRequest", "[reverse] Given data is not valid")
        if not self.leads(b["reverse"], a):
            raise self.no(400, "BadRequest", f"Cannot check if {b['reverse']} resolves to {a.text}")
        a.ptr = b["reverse"].rstrip(".") + "."
        return Reply(200, {"ipReverse": a.text, "reverse": a.ptr})

    @route("DELETE", "/1.0/ip/(?P<block>[^/]+)/reverse/(?P<ip>[^/]+)")
    def delete(self, q, block, ip):
        del q
        a = self.the(block, ip)
        if not a.ptr:
            raise self.no(404, "NotFound", "The requested object does not exist")
        a.ptr = None
        return Reply(200, "null", {"Content-Type": "application/json"})
