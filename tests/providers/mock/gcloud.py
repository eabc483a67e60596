"""Google Cloud DNS: https://cloud.google.com/dns/docs/reference/rest/v1. Whole sets, changed by a list of deletions, which name
what is there exactly, and additions. A JSON Web Token signed by a service account's key (RFC 7523) gives the access token."""
import base64
import json
import time

from . import _rsa, _sets
from .core import Provider, Refuse, Reply, provider, route

OWNER = "opsmail@project-4711.iam.gserviceaccount.com"
TOKENS = ("https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token")
SCOPES = {"https://www.googleapis.com/auth/ndev.clouddns.readwrite", "https://www.googleapis.com/auth/cloud-platform"}
ZONES = r"/dns/v1/projects/(?P<project>[^/]+)/managedZones"


@provider
class Gcloud(Provider):
    name = "gcloud"
    hosts = ("dns.googleapis.com", "content.googleapis.com", "oauth2.googleapis.com", "www.googleapis.com")
    env = {"GCLOUD_PROJECT": "project-4711", "GCLOUD_CLIENT_EMAIL": OWNER, "GCLOUD_PRIVATE_KEY": _rsa.KEY}
    files = {"key.json": json.dumps({"type": "service_account", "project_id": "project-4711", "private_key_id": "20f1", "private_key": _rsa.KEY + "\n",
                                     "client_email": OWNER, "client_id": "1", "auth_uri": "https://accounts.google.com/o/oauth2/auth",
                                     "token_uri": TOKENS[0]})}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS", "PTR")
    unit, cas = "set", True
    page, page_max = 100, 1000
    ttl_min = 0
    private = True

    def setup(self):
        self.tokens, self.changes = set(), {}

    def expire(self):
        self.tokens.clear()
        return True

    def no(self, status, reason, message):
        return Reply(status, {"error": {"code": status, "message": message, "errors": [
            {"message": message, "domain": "global", "reason": reason}]}})

    def refuse(self, *args):
        refusal = Refuse(args[0])
        refusal.reply = self.no(*args)
        raise refusal

    def rate(self, fault):
        reply = self.no(fault.get("status", 429), "rateLimitExceeded", "Rate Limit Exceeded")
        reply.headers.update(super().rate(fault).headers if fault.get("retry_after") is not None else {})
        return reply

    def denied(self, fault):
        return self.no(fault.get("status", 401), "authError", "Request had invalid authentication credentials.")

    def broken(self, fault):
        return self.no(fault.get("status", 500), "backendError", "Backend Error")

    def missing(self, fault):
        return self.no(404, "notFound", "The 'parameters.managedZone' resource named 'x' does not exist.")

    def writes(self, q):
        return q.method != "GET" and q.path.startswith("/dns/")

    def auth(self, q):
        if q.path.startswith("/dns/"):
            if q.header("Authorization").removeprefix("Bearer ") not in self.tokens:
                self.refuse(401, "authError", "Request had invalid authentication credentials.")
            return
        text = q.form().get("assertion", "")
        try:
            head, claims, signature = text.split(".")
            head, said = (json.loads(base64.urlsafe_b64decode(x.rstrip("=") + "=" * (-len(x.rstrip("=")) % 4))) for x in (head, claims))
        except ValueError:
            raise Refuse(400, {"error": "invalid_grant", "error_description": "Bad Request"}) from None
        signature = signature.rstrip("=").replace("-", "+").replace("_", "/")
        signature += "=" * (-len(signature) % 4)
        if head.get("alg") != "RS256" or not _rsa.good(signature, text.rpartition(".")[0]) or said.get("iss") != OWNER:
            raise Refuse(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        if said.get("aud") not in TOKENS or not set(said.get("scope", "").split()) & SCOPES:
            raise Refuse(400, {"error": "invalid_scope", "error_description": "Invalid OAuth scope or ID token audience provided."})
        if not said["iat"] - 300 <= time.time() < said["exp"] <= said["iat"] + 3600:
            raise Refuse(400, {"error": "invalid_grant", "error_description": "Invalid JWT: Token must be a short-lived token (60 minutes)"
                               " and in a reasonable timeframe. Check your iat and exp values in the JWT claim."})

    @route("POST", "/token|/oauth2/v4/token")
    def token(self, q):
        if set(q.form()) != {"grant_type", "assertion"} or q.form()["grant_type"] != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            raise Refuse(400, {"error": "unsupported_grant_type", "error_description": "Invalid grant_type"})
        token = f"ya29.c.{self.new_id()}"
        self.tokens.add(token)
        return Reply(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def paged(self, q, kind, key, items):
        by, at = min(q.number("maxResults", self.page), self.page_max), 0
        if q.args.get("pageToken"):
            if not q.args["pageToken"].startswith("at-"):
                self.refuse(400, "invalid", "Invalid value for 'parameters.pageToken'")
            at = int(q.args["pageToken"][3:])
        return Reply(200, {"kind": kind, key: items[at:at + by], **({"nextPageToken": f"at-{at + by}"} if at + by < len(items) else {})})

    def shown_zone(self, z):
        specs = [{"kind": "dns#dnsKeySpec", "keyType": t, "algorithm": "rsasha256", "keyLength": n} for t, n in (
            ("keySigning", 2048), ("zoneSigning", 1024))]
        return {"kind": "dns#managedZone", "name": self.short(z), "dnsName": z.name + ".", "description": "", "id": str(z.id),
                "nameServers": [f"ns-cloud-c{i}.googledomains.com." for i in range(1, 5)], "creationTime": "2018-07-06T18:42:27.476Z",
                "dnssecConfig": {"kind": "dns#managedZoneDnsSecConfig", "state": "off", "defaultKeySpecs": specs, "nonExistence": "nsec3"},
                "visibility": "private" if z.private else "public"}

    def short(self, z):
        return z.name.replace(".", "-") + ("-private" if z.private else "")

    @route("GET", ZONES)
    def zone_list(self, q, project):
        del project
        name = q.args.get("dnsName")
        if name and not name.endswith("."):
            self.refuse(400, "invalid", f"Invalid value for 'parameters.dnsName': '{name}'")
        return self.paged(q, "dns#managedZonesListResponse", "managedZones", [self.shown_zone(z) for z in self.zones if name in (
            None, z.name + ".")])

    def the_zone(self, text):
        zone = next((z for z in self.zones if text in (str(z.id), self.short(z))), None)
        if not zone:
            self.refuse(404, "notFound", f"The 'parameters.managedZone' resource named '{text}' does not exist.")
        return zone

    @route("GET", ZONES + "/(?P<zone>[^/]+)")
    def one_zone(self, q, project, zone):
        del q, project
        return Reply(200, self.shown_zone(self.the_zone(zone)))

    def shown(self, name, type_, ttl, values):
        return {"kind": "dns#resourceRecordSet", "name": name, "type": type_, "ttl": ttl, "rrdatas": values}

    @route("GET", ZONES + "/(?P<zone>[^/]+)/rrsets")
    def rrsets(self, q, project, zone):
        z, name, type_ = self.the_zone(zone), q.args.get("name"), q.args.get("type")
        if type_ and not name:
            self.refuse(400, "required", "The 'parameters.type' needs 'parameters.name'")
        if name and not name.endswith("."):
            self.refuse(400, "invalid", f"Invalid value for 'parameters.name': '{name}'")
        out = [self.shown(n + ".", t, rs[0].ttl, [_sets.shown(r) for r in rs]) for (n, t), rs in z.sets().items()]
        out.append(self.shown(z.name + ".", "SOA", 21600, ["ns-cloud-c1.googledomains.com. cloud-dns-hostmaster.google.com. 1 21600 3600 259200 300"]))
        return self.paged(q, "dns#resourceRecordSetsListResponse", "rrsets", [s for s in sorted(out, key=lambda s: (s["name"], s["type"])) if (
            name in (None, s["name"]) and type_ in (None, "", s["type"]))])

    def read(self, z, one, what):
        if not isinstance(one, dict) or set(one) - {"kind", "name", "type", "ttl", "rrdatas", "signatureRrdatas", "routingPolicy"}:
            self.refuse(400, "invalid", f"Invalid value for '{what}'")
        name, type_, ttl, data = one.get("name", ""), one.get("type"), one.get("ttl", 0), one.get("rrdatas")
        full = name.lower().rstrip(".")
        if not name.endswith(".") or not (full == z.name or full.endswith("." + z.name)):
            self.refuse(400, "invalid", f"Invalid value for '{what}.name': '{name}'")
        if type_ not in self.types or type(ttl) is not int or not 0 <= ttl < 2**31 or not isinstance(data, list) or not data:
            self.refuse(400, "invalid", f"Invalid value for '{what}'")
        try:
            values = [_sets.read(z, type_, v, relative=False) for v in data]
        except (ValueError, AttributeError):
            self.refuse(400, "invalid", f"Invalid value for '{what}.rrdata[0]': '{data[0]}'")
        if len(set(values)) != len(values):
            self.refuse(400, "invalid", f"Invalid value for '{what}': a value is there twice")
        return full, type_, ttl, values

    def make(self, z, body):
        for i, one in enumerate(body.get("deletions") or []):
            what = f"entity.change.deletions[{i}]"
            name, type_, ttl, values = self.read(z, one, what)
            there = z.find(name, type_)
            if not there:
                self.refuse(404, "notFound", f"The '{what}' resource named '{name}. ({type_})' does not exist.")
            if sorted(r.value for r in there) != sorted(values) or there[0].ttl != ttl:
                self.refuse(412, "conditionNotMet", f"Precondition not met for '{what}'")
            for r in there:
                self.remove(z, r)
        for i, one in enumerate(body.get("additions") or []):
            what = f"entity.change.additions[{i}]"
            name, type_, ttl, values = self.read(z, one, what)
            if z.find(name, type_):
                self.refuse(409, "alreadyExists", f"The resource '{what}' named '{name}. ({type_})' already exists")
            if any("CNAME" in (r.type, type_) for r in z.find(name)):
                self.refuse(400, "cnameResourceRecordSetConflict", f"The resource record set '{what}' is invalid because the DNS name "
                            f"'{name}.' may have either one CNAME resource record set or resource record sets of other types, but not both.")
            for v in values:
                self.add(z, name, type_, ttl, v)

    @route("POST", ZONES + "/(?P<zone>[^/]+)/changes")
    def change(self, q, project, zone):
        del project
        z, body = self.the_zone(zone), q.json()
        if not isinstance(body, dict) or set(body) - {"additions", "deletions", "kind"} or not (body.get("additions") or body.get("deletions")):
            self.refuse(400, "required", "The 'entity.change' parameter is required but was missing.")
        before = list(z.records)
        try:
            self.make(z, body)
        except Refuse:
            z.records[:] = before
            raise
        id_ = str(self.new_id())
        rows = {k: [self.shown(s["name"], s["type"], s.get("ttl", 0), [x if s["type"] != "TXT" or x.startswith('"') else f'"{x}"' for x in s["rrdatas"]])
                    for s in body[k]] for k in ("additions", "deletions") if body.get(k)}
        self.changes[id_] = {"kind": "dns#change", **rows, "startTime": "2018-07-09T13:19:46.705Z", "id": id_, "status": "pending"}
        return Reply(200, self.changes[id_])

    @route("GET", ZONES + "/(?P<zone>[^/]+)/changes/(?P<id_>[^/]+)")
    def get_change(self, q, project, zone, id_):
        del q, project, zone
        if id_ not in self.changes:
            self.refuse(404, "notFound", f"The 'parameters.changeId' resource named '{id_}' does not exist.")
        return Reply(200, {**self.changes[id_], "status": "done"})
