"""Loopia: https://www.loopia.com/api. XML-RPC with the user and password before all else, a zone as a list of subdomains and the
records of each. Calls say a word, "OK" alone is success, and what is malformed or not there is fault 404 (dnscontrol,
certbot-dns-loopia#40). A subdomain comes with its first record, and stays when that goes, until removeSubdomain."""
import xml.parsers.expat
import xmlrpc.client

from .core import Provider, Refuse, Reply, provider, route

COUNT = {"getDomains": 0, "getDomain": 1, "getSubdomains": 1, "addSubdomain": 2, "removeSubdomain": 2, "getZoneRecords": 2,
         "addZoneRecord": 3, "updateZoneRecord": 3, "removeZoneRecord": 3}
RECORD = {"type": str, "ttl": int, "priority": int, "rdata": str, "record_id": int}
WORDS = {"CNAME": 1, "NS": 1, "SRV": 4, "CAA": 3, "TLSA": 4}
DOTS = ("CNAME", "MX", "NS", "SRV")


@provider
class Loopia(Provider):
    name = "loopia"
    hosts = ("api.loopia.se", "api.loopia.no", "api.loopia.rs")
    env = {"LOOPIA_API_USER": "loop@loopiaapi", "LOOPIA_API_PASSWORD": "loop-password"}
    ttl_min = 300
    txt_max = 450

    def setup(self):
        self.subs = {z.name: {z.rel(r.name, "@") for r in z.records} | {"@"} for z in self.zones}

    def writes(self, q):
        return any(x in q.body for x in (b"addZone", b"updateZone", b"removeZone", b"addSub", b"removeSub"))

    def said(self, value="OK"):
        return Reply(200, xmlrpc.client.dumps((value,), methodresponse=True), {"Content-Type": "text/xml; charset=utf-8"})

    def refuse(self, value=None):
        out = Refuse(200)
        out.reply = self.said(xmlrpc.client.Fault(404, "Unknown error") if value is None else value)
        return out

    def denied(self, fault):
        return self.said("AUTH_ERROR")

    def rate(self, fault):
        out = self.said("RATE_LIMITED")
        out.headers.update(super().rate(fault).headers)
        return out

    def missing(self, fault):
        return self.refuse().reply

    def read(self, zone, x):
        if set(x) - set(RECORD) or any(not isinstance(v, RECORD[k]) for k, v in x.items()) or not {"type", "ttl", "rdata"} <= set(x):
            raise self.refuse("BAD_INDATA")
        type_, value = x["type"], x["rdata"]
        words = value.split(" ")
        if type_ not in (*self.types, "NS", "SSHFP", "NAPTR", "LOC") or not value or len(value) > 450 or words[-1] == ".":
            raise self.refuse()
        if type_ in WORDS and len(words) != WORDS[type_] or type_ == "MX" and len(words) != 1:
            raise self.refuse()
        if type_ in DOTS and not value.endswith("."):
            value = f"{value}.{zone.name}."
        return type_, min(max(x["ttl"], 300), 2**31 - 1), f"{x.get('priority', 0)} {value}" if type_ == "MX" else value

    def shown(self, r):
        priority, value = r.value.split(" ", 1) if r.type in ("MX", "SRV") else (0, r.value)
        return {"type": r.type, "ttl": r.ttl, "priority": int(priority), "rdata": r.value if r.type == "SRV" else value, "record_id": r.id}

    def on(self, method, zone, sub, x):
        """The calls about what is at one subdomain."""
        name, subs = zone.full(sub, ("@",)), self.subs[zone.name]
        if not sub or sub.endswith("."):
            raise self.refuse("BAD_INDATA")
        if method == "addSubdomain":
            if sub in subs:
                raise self.refuse("DOMAIN_OCCUPIED")
            subs.add(sub)
        elif method == "addZoneRecord":
            self.add(zone, name, *self.read(zone, x))
            subs.add(sub)
        elif sub not in subs:
            raise self.refuse()
        elif method == "removeSubdomain":
            for r in zone.find(name):
                self.remove(zone, r)
            subs.discard(sub)
        elif method == "getZoneRecords":
            return self.said([self.shown(r) for r in zone.find(name)])
        else:
            r = zone.by_id(x if method == "removeZoneRecord" else x.get("record_id"))
            if not r or r.name != name:
                raise self.refuse()
            if method == "removeZoneRecord":
                self.remove(zone, r)
            else:
                r.type, r.ttl, r.value = self.read(zone, x)
        return self.said()

    @route("POST", "/RPCSERV")
    def call(self, q):
        try:
            params, method = xmlrpc.client.loads(q.body)
        except (ValueError, TypeError, xml.parsers.expat.ExpatError):
            raise Refuse(400, "no XML-RPC") from None
        if method not in COUNT or len(params) != 2 + COUNT[method]:
            raise self.refuse(xmlrpc.client.Fault(201, f"Method signature error: {len(params)}"))
        if params[:2] != ("loop@loopiaapi", "loop-password"):
            raise self.refuse("AUTH_ERROR")
        domain, sub, x = (*params[2:], None, None, None)[:3]
        if method == "getDomains":
            return self.said([{"domain": z.name, "paid": 1, "registered": 1, "renewal_status": "NORMAL", "expiration_date": "2030-01-01",
                               "reference_no": "1"} for z in self.zones])
        zone = self.zone(str(domain))
        if not zone:
            raise self.refuse()
        if method == "getDomain":
            return self.said({"domain": zone.name, "paid": 1, "registered": 1, "renewal_status": "NORMAL",
                              "expiration_date": "2030-01-01", "reference_no": "1"})
        return self.said(sorted(self.subs[zone.name])) if method == "getSubdomains" else self.on(method, zone, sub, x)
