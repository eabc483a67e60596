"""Azure DNS, public zones: https://learn.microsoft.com/en-us/rest/api/dns/. Whole sets below a zone's resource path, each with
an ETag (If-Match, If-None-Match), values in a member by type. TLSA is in the preview version of 2023 alone. Tokens of Entra ID
by a client's secret, or of the machine: https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow"""
import hashlib
import time

from . import _parts
from .core import Provider, Refuse, Reply, provider, route

VERSIONS = ("2016-04-01", "2017-09-01", "2017-10-01", "2018-03-01-preview", "2018-05-01")
PREVIEW = "2023-07-01-preview"
SUB, TENANT = "4f0e3c4e-5f5b-4f3e-9b0f-0c6b7f1c0e11", "72f988bf-86f1-41af-91ab-2d7cd011db47"
CLIENT, SECRET = "c0ffee00-1111-2222-3333-444455556666", "9aF8Q~azure.secret_1"
GROUPS = f"(?i:/subscriptions/{SUB})(?i:/resourceGroups)/(?P<group>[^/]+)(?i:/providers/Microsoft.Network)"
ZONE = GROUPS + "(?i:/dnszones)/(?P<zone>[^/]+)"
MEMBERS = {"A": ("ARecords", ["ipv4Address"]), "AAAA": ("AAAARecords", ["ipv6Address"]), "CNAME": ("CNAMERecord", ["cname"]),
           "MX": ("MXRecords", ["preference", "exchange"]), "NS": ("NSRecords", ["nsdname"]), "PTR": ("PTRRecords", ["ptrdname"]),
           "SRV": ("SRVRecords", ["priority", "weight", "port", "target"]), "CAA": ("caaRecords", ["flags", "tag", "value"]),
           "TXT": ("TXTRecords", ["value"]), "TLSA": ("TLSARecords", ["usage", "selector", "matchingType", "certAssociationData"])}
NUMBERS = {"preference", "priority", "weight", "port", "flags", "usage", "selector", "matchingType"}
NAMES = {"cname", "exchange", "nsdname", "ptrdname", "target"}


@provider
class Azuredns(Provider):
    name = "azuredns"
    hosts = ("management.azure.com", "login.microsoftonline.com", "169.254.169.254")
    env = {"AZURE_SUBSCRIPTION_ID": SUB, "AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": SECRET}
    alt = ({"AZURE_SUBSCRIPTION_ID": SUB, "AZUREDNS_BEARERTOKEN": "eyJ0eXAi.given"},)
    chains = (({"AZURE_SUBSCRIPTION_ID": SUB}, {}), (env, {}))
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS", "PTR")
    odd = (("odd", "PTR", 3600, "host.example.net."),)
    unit, cas, private, txt_ascii = "set", True, True, True

    def new_zone_id(self, name):
        return f"/subscriptions/{SUB}/resourceGroups/mail-rg/providers/Microsoft.Network/dnszones/{name}"

    def setup(self):
        self.tokens = {"eyJ0eXAi.given"}

    def expire(self):
        self.tokens.clear()
        return True

    def no(self, status, code, message, headers=None):
        return Reply(status, {"error": {"code": code, "message": message}}, headers)

    def refuse(self, *args):
        refusal = Refuse(args[0])
        refusal.reply = self.no(*args)
        raise refusal

    def rate(self, fault):
        reply = super().rate(fault)
        return self.no(reply.status, "TooManyRequests", "The request was throttled.", {k: v for k, v in reply.headers.items() if k == "Retry-After"})

    def denied(self, fault):
        return self.no(fault.get("status", 401), "InvalidAuthenticationToken", "The access token is invalid.")

    def broken(self, fault):
        return self.no(fault.get("status", 500), "InternalServerError", "The server encountered an internal error. Please retry the request.")

    def missing(self, fault):
        return self.no(404, "ResourceNotFound", "The Resource 'Microsoft.Network/dnszones/x' under resource group 'mail-rg' was not found.")

    def writes(self, q):
        return q.method != "GET" and q.host.startswith("management.")

    def auth(self, q):
        if not q.host.startswith("management."):
            return
        if q.header("Authorization").removeprefix("Bearer ") not in self.tokens:
            self.refuse(401, "InvalidAuthenticationToken", "The access token is invalid.")
        if "api-version" not in q.args:
            self.refuse(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.")
        if q.args["api-version"] not in (*VERSIONS, PREVIEW):
            self.refuse(400, "InvalidResourceType", f"No registered resource provider found for API version '{q.args['api-version']}'.")

    # ---- tokens ----
    def given(self):
        token = f"eyJ0eXAi.{self.new_id()}"
        self.tokens.add(token)
        return {"token_type": "Bearer", "access_token": token}

    def invalid(self, status, error, code, text):
        return Reply(status, {"error": error, "error_description": f"AADSTS{code}: {text}", "error_codes": [code], "trace_id": "0"})

    @route("POST", "/(?P<tenant>[^/]+)/oauth2/(?P<version>v2.0/)?token")
    def token(self, q, tenant, version):
        form = q.form()
        if tenant != TENANT:
            return self.invalid(400, "invalid_request", 90002, f"Tenant '{tenant}' not found.")
        want = {"scope": ("https://management.azure.com/.default",)} if version else {
            "resource": ("https://management.azure.com", "https://management.azure.com/", "https://management.core.windows.net/")}
        for key, good in want.items():
            if form.get(key, "").split(" ")[0] not in good:
                return self.invalid(400, "invalid_" + key, 500011, f"The {key} was not found.")
        if form.get("grant_type") != "client_credentials" or form.get("client_id") != CLIENT:
            return self.invalid(400, "unauthorized_client", 700016, "Application was not found in the directory.")
        if form.get("client_secret") != SECRET:
            return self.invalid(401, "invalid_client", 7000215, "Invalid client secret provided.")
        late = 3599 if version else "3599"
        return Reply(200, {**self.given(), "expires_in": late, "ext_expires_in": late})

    @route("GET", "/metadata/identity/oauth2/token")
    def identity(self, q):
        if q.header("Metadata").lower() != "true" or q.args.get("api-version") != "2018-02-01" or \
                q.args.get("resource", "").rstrip("/") != "https://management.azure.com":
            return Reply(400, {"error": "invalid_request", "error_description": "Required metadata header not specified"})
        return Reply(200, {**self.given(), "client_id": CLIENT, "expires_in": "86399", "resource": q.args["resource"],
                           "expires_on": str(int(time.time()) + 86399)})

    # ---- lists ----
    def listed(self, q, items):
        by, at = int(q.args.get("$top") or self.page), int(q.args.get("$skiptoken") or 0)
        more = f"https://{self.hosts[0]}:443{q.path}?api-version={q.args['api-version']}&$top={by}&$skiptoken={at + by}"
        return Reply(200, {"value": items[at:at + by], **({"nextLink": more} if at + by < len(items) else {})})

    def shown_zone(self, z):
        return {"id": z.id, "name": z.name, "type": "Microsoft.Network/dnszones", "etag": f"00000002-0000-0000-{z.serial:04x}", "location":
                "global", "tags": {}, "properties": {"maxNumberOfRecordSets": 10000, "numberOfRecordSets": len(z.sets()) + 1, "zoneType": "Public",
                                                     "nameServers": [f"ns1-01.azure-dns.{x}." for x in ("com", "net", "org", "info")]}}

    @route("GET", f"(?i:/subscriptions/{SUB}/providers/Microsoft.Network/dnszones)")
    def zone_list(self, q):
        return self.listed(q, [self.shown_zone(z) for z in self.zones if not z.private])

    @route("GET", GROUPS + "(?i:/dnszones)")
    def group_list(self, q, group):
        return self.listed(q, [self.shown_zone(z) for z in self.zones if not z.private and f"/{group}/" in z.id])

    def the_zone(self, group, name):
        z = next((z for z in self.zones if z.name == name.lower() and not z.private), None)
        if not z or f"/{group.lower()}/" not in z.id.lower():
            self.refuse(404, "ResourceNotFound", f"The Resource 'Microsoft.Network/dnszones/{name}' under resource group '{group}' was not found.")
        return z

    @route("GET", ZONE)
    def one_zone(self, q, group, zone):
        del q
        return Reply(200, self.shown_zone(self.the_zone(group, zone)))

    def value(self, r):
        key, parts = MEMBERS[r.type]
        if r.type == "TXT":
            return {"value": [r.value[i:i + 255] for i in range(0, len(r.value), 255)]}
        words = r.value.split(" ", len(parts) - 1)
        return {k: int(w) if k in NUMBERS else w.strip('"') if r.type == "CAA" else w.rstrip(".") if k in NAMES else w for k, w in zip(parts, words)}

    def tag(self, rs):
        said = hashlib.sha256(repr([(r.name, r.type, r.ttl, r.value) for r in rs]).encode()).hexdigest()
        return f"{said[:8]}-{said[8:12]}-4c3c-9a4e-{said[12:24]}"

    def shown(self, z, name, type_, rs):
        rel = z.rel(name, "@")
        values = [self.value(r) for r in rs]
        return {"id": f"{z.id}/{type_}/{rel}", "name": rel, "type": f"Microsoft.Network/dnszones/{type_}", "etag": self.tag(rs),
                "properties": {"metadata": None, "fqdn": name + ".", "TTL": rs[0].ttl, "targetResource": {},
                               "provisioningState": "Succeeded", MEMBERS[type_][0]: values[0] if type_ == "CNAME" else values}}

    def soa(self, z):
        return {"id": f"{z.id}/SOA/@", "name": "@", "type": "Microsoft.Network/dnszones/SOA", "etag": "0", "properties": {
            "fqdn": z.name + ".", "TTL": 3600, "targetResource": {}, "provisioningState": "Succeeded", "SOARecord": {
                "email": "azuredns-hostmaster.microsoft.com", "expireTime": 2419200, "host": "ns1-01.azure-dns.com.", "minimumTTL": 300,
                "refreshTime": 3600, "retryTime": 300, "serialNumber": 1}}}

    def fits(self, q, type_):
        if type_ not in MEMBERS or (type_ == "TLSA" and q.args["api-version"] != PREVIEW):
            self.refuse(400, "InvalidRecordType", f"The record type '{type_}' is not valid.")

    @route("GET", ZONE + "(?i:/(?P<what>recordsets|all))")
    def sets_of(self, q, group, zone, what):
        del what
        z = self.the_zone(group, zone)
        return self.listed(q, [self.soa(z)] + [self.shown(z, n, t, rs) for (n, t), rs in z.sets().items() if (
            t != "TLSA" or q.args["api-version"] == PREVIEW)])

    @route("GET", ZONE + "/(?P<type_>[A-Z]+)")
    def sets_of_type(self, q, group, zone, type_):
        self.fits(q, type_)
        z = self.the_zone(group, zone)
        return self.listed(q, [self.shown(z, n, t, rs) for (n, t), rs in z.sets().items() if t == type_])

    # ---- one set ----
    def the_set(self, q, group, zone, type_, name):
        self.fits(q, type_)
        z = self.the_zone(group, zone)
        full = z.full(name, ("@",))
        there, tag = z.find(full, type_), q.header("If-Match")
        if (tag and tag != "*" and (not there or tag != self.tag(there))) or (tag == "*" and not there):
            self.refuse(412, "PreconditionFailed", f"The condition '{tag}' in the If-Match header was not satisfied.")
        if q.header("If-None-Match") == "*" and there:
            self.refuse(412, "PreconditionFailed", "The condition '*' in the If-None-Match header was not satisfied.")
        return z, full, there

    def absent(self, name, group):
        self.refuse(404, "NotFound", f"The resource record '{name}' does not exist in resource group '{group}' of subscription '{SUB}'.")

    def read_one(self, type_, one):
        parts = MEMBERS[type_][1]
        if not isinstance(one, dict) or set(one) != set(parts) or any(type(one[k]) is not (int if k in NUMBERS else list if type_ == "TXT" else str)
                                                                     for k in parts):
            raise ValueError(one)
        if type_ == "TXT":
            if not one["value"] or any(not isinstance(x, str) or not 0 < len(x) <= 255 or not x.isascii() for x in one["value"]):
                raise ValueError("strings have 1 to 255 characters")
            return "".join(one["value"])
        words = [str(one[k]).rstrip(".") + "." if k in NAMES else f'"{one[k]}"' if type_ == "CAA" and k == "value" else str(one[k]) for k in parts]
        if "." in words:
            raise ValueError("a name is empty")
        return _parts.normal(type_, " ".join(words))

    def write(self, z, full, type_, body, there, old):
        """The set becomes what a client sent over `old`."""
        p = body.get("properties") if isinstance(body, dict) else None
        key = MEMBERS[type_][0]
        if not isinstance(p, dict) or set(body) - {"id", "name", "type", "etag", "properties"} or set(p) - {
                "metadata", "fqdn", "TTL", "provisioningState", "targetResource", "trafficManagementProfile", key} or (p.get("targetResource") or {}).get("id"):
            self.refuse(400, "BadRequest", "The request body does not fit the record type.")
        p = {**old, **p}
        ttl, values = p.get("TTL"), p.get(key)
        try:
            values = [self.read_one(type_, x) for x in ([values] if type_ == "CNAME" else values)]
        except (ValueError, TypeError, KeyError) as why:
            self.refuse(400, "BadRequest", f"The property '{key}' is not valid: {why}")
        if type(ttl) is not int or not 1 <= ttl < 2**31:
            self.refuse(400, "BadRequest", "The value for the TTL must be between 1 and 2147483647.")
        if not values or len({v.lower() if type_ != "TXT" else v for v in values}) != len(values) or (
                type_ == "TXT" and sum(map(len, values)) > 4096):
            self.refuse(400, "BadRequest", "The record set is empty, or holds a record twice, or is too long.")
        if any(r.type != type_ and "CNAME" in (r.type, type_) for r in z.find(full)) or (type_ == "CNAME" and full == z.name):
            self.refuse(400, "BadRequest", "A CNAME record set cannot stand beside another one of its name.")
        for r in list(there):
            self.remove(z, r)
        for v in values:
            self.add(z, full, type_, ttl, v)
        return Reply(200 if there else 201, self.shown(z, full, type_, z.find(full, type_)))

    @route("GET", ZONE + "/(?P<type_>[A-Z]+)/(?P<name>[^/]+)")
    def get(self, q, group, zone, type_, name):
        z, full, there = self.the_set(q, group, zone, type_, name)
        return Reply(200, self.shown(z, full, type_, there)) if there else self.absent(name, group)

    @route("PUT", ZONE + "/(?P<type_>[A-Z]+)/(?P<name>[^/]+)")
    def put(self, q, group, zone, type_, name):
        z, full, there = self.the_set(q, group, zone, type_, name)
        return self.write(z, full, type_, q.json(), there, {})

    @route("PATCH", ZONE + "/(?P<type_>[A-Z]+)/(?P<name>[^/]+)")
    def patch(self, q, group, zone, type_, name):
        z, full, there = self.the_set(q, group, zone, type_, name)
        if not there:
            self.absent(name, group)
        return self.write(z, full, type_, q.json(), there, self.shown(z, full, type_, there)["properties"])

    @route("DELETE", ZONE + "/(?P<type_>[A-Z]+)/(?P<name>[^/]+)")
    def delete(self, q, group, zone, type_, name):
        z, full, there = self.the_set(q, group, zone, type_, name)
        for r in there:
            self.remove(z, r)
        return Reply(200 if there else 204)
