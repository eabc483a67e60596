"""netcup: https://ccp.netcup.net/run/webservice/servers/endpoint.php. JSON calls {action, param} to one address, sessions of
a quarter of an hour, refusals in a good status; one call carries what is added (no id) and what is deleted (with all that it
holds). Records have no TTL: the zone has. A zone without records is refused as an error."""
import secrets

from .core import Provider, Refuse, Reply, provider, route

MEMBERS = {"id", "hostname", "type", "priority", "destination", "deleterecord", "state", "ttl"}
TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS", "DS", "OPENPGPKEY", "SMIMEA", "SSHFP")


@provider
class Netcup(Provider):
    name = "netcup"
    hosts = ("ccp.netcup.net",)
    env = {"NETCUP_CUSTOMER_NUMBER": "12345", "NETCUP_API_KEY": "cup-key", "NETCUP_API_PASSWORD": "cup-password"}
    ttls = (86400,)
    odd = (("odd", "SSHFP", 86400, "4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789"),)

    def setup(self):
        self.sessions, self.action = set(), "infoDnsRecords"

    def expire(self):
        self.sessions.clear()
        return True

    def fault_for(self, q):  # sessions begin and end between a scenario's steps: they must not use up what it has in store
        return {} if b'"log' in q.body else super().fault_for(q)

    def writes(self, q):
        return b"updateDns" in q.body

    def said(self, action, code=2000, short="ok", long="ok", data=""):
        return Reply(200, {"serverrequestid": secrets.token_hex(14), "clientrequestid": "", "action": action,
                           "status": "success" if code == 2000 else "error", "statuscode": code, "shortmessage": short,
                           "longmessage": long, "responsedata": data})

    def refuse(self, code, short, long):
        out = Refuse(200)
        out.reply = self.said(self.action, code, short, long)
        return out

    def denied(self, fault):
        return self.said(self.action, 4001, "Api session id in invalid format", "The session id is not in a valid format.")

    def rate(self, fault):
        out = self.said(self.action, 4013, "Validation Error.", "Error Limit has been exceeded. More than 180 requests "
                        "per minute. Please wait and try again later.")
        out.headers.update(super().rate(fault).headers)
        return out

    def missing(self, fault):
        return self.said(self.action, 5031, "Getting DNS zone failed", "Can not get DNS records for zone. Domain not found.")

    def shown(self, zone, r):
        value, priority = r.value, "0"
        if r.type == "MX":
            priority, value = value.split(" ")
        if r.type in ("MX", "CNAME", "NS"):
            value = value.rstrip(".")
        return {"id": str(r.id), "hostname": zone.rel(r.name, "@"), "type": r.type, "priority": priority, "destination": value,
                "deleterecord": False, "state": "unknown"}

    def read(self, zone, x):
        name, type_, value = zone.full(str(x["hostname"]), ("@",)), x["type"], str(x["destination"])
        if type_ not in TYPES or not value or not x["hostname"]:
            raise self.refuse(4013, "Validation Error.", "DNS record is in a bad form: type, hostname and destination are needed.")
        if type_ in ("MX", "CNAME"):
            if " " in value or value in (".", ""):
                raise self.refuse(4013, "Validation Error.", f"{value} is no valid destination")
            value = zone.name + "." if value == "@" else value.rstrip(".") + "."
        if type_ == "MX":
            value = f"{int(x.get('priority') or 0)} {value}"
        if type_ == "SRV" and not value.endswith("."):
            value += f".{zone.name}."
        return name, type_, value

    def update(self, zone, param):
        records = param["dnsrecordset"]["dnsrecords"]
        for x in records:
            unknown = set(x) - MEMBERS
            if unknown:
                raise self.refuse(4013, "Validation Error.", f"unknown member {min(unknown)}")
        for x in records:
            name, type_, value = self.read(zone, x)
            r = zone.by_id(x["id"]) if x.get("id") else None
            if x.get("id") and not r:
                raise self.refuse(4013, "Validation Error.", f"The id {x['id']} is no record of this zone")
            if x.get("deleterecord") in (True, "true"):
                if not r:  # what goes with the id need not fit: recordings delete with whole names
                    raise self.refuse(4013, "Validation Error.", "The record to delete is not there as given")
                self.remove(zone, r)
            elif r:
                r.name, r.type, r.value = name, type_, value
            elif any(o.value == value for o in zone.find(name, type_)):
                raise self.refuse(4013, "Validation Error.", "The record already exists")
            else:
                self.add(zone, name, type_, 86400, value)

    @route("POST", "/run/webservice/servers/endpoint.php")
    def call(self, q):
        body = q.json()
        if "JSON" not in q.raw_query or set(body) - {"action", "param"}:
            raise Refuse(500, "no such format")
        self.action, param = body["action"], body.get("param") or {}
        if str(param.get("customernumber")) != "12345" or param.get("apikey") != "cup-key":
            raise self.refuse(4013, "Validation Error.", "The login to the API failed: customer number or API key is wrong")
        if self.action == "login":
            if param.get("apipassword") != "cup-password":
                raise self.refuse(4013, "Validation Error.", "The login to the API failed: the API password is wrong")
            session = secrets.token_urlsafe(37)
            self.sessions.add(session)
            return self.said("login", 2000, "Login successful", "Session has been created successful.", {"apisessionid": session})
        if param.get("apisessionid") not in self.sessions:
            raise self.refuse(4001, "Api session id in invalid format", "The session id is not in a valid format.")
        if self.action == "logout":
            self.sessions.discard(param["apisessionid"])
            return self.said("logout", 2000, "Logout successful", "Session has been terminated successful.")
        zone = self.zone(str(param.get("domainname") or "?"))
        if not zone:
            raise self.refuse(5031, "Getting DNS zone failed", "Can not get DNS records for zone. Domain not found.")
        if self.action == "infoDnsZone":
            return self.said(self.action, 2000, "DNS zone found", "DNS zone was found.",
                             {"name": zone.name, "ttl": "86400", "serial": "2019042071", "refresh": "28800", "retry": "7200",
                              "expire": "1209600", "dnssecstatus": False})
        if self.action == "updateDnsRecords":
            self.update(zone, param)
        elif self.action != "infoDnsRecords":
            raise self.refuse(4005, "Action not available", f"{self.action} is no action")
        elif not zone.records:
            raise self.refuse(5029, "Can not get DNS records for zone", "No DNS records found for this zone.")
        return self.said(self.action, 2000, "DNS records found", "DNS Records for this zone were found.",
                         {"dnsrecords": [self.shown(zone, r) for r in zone.records]})
