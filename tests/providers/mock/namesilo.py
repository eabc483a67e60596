"""NameSilo: https://www.namesilo.com/api-reference. GETs with all in the query, XML answers of a code and a detail in a good
status; 300 alone is success. Lists name whole hosts, writes name them without the domain, and a change gives a new id."""
import hashlib
import xml.sax.saxutils

from .core import Provider, Refuse, Reply, provider, route

ENVELOPE = ('<?xml version="1.0"?>\n<namesilo><request><operation>%s</operation><ip>192.0.2.1</ip></request><reply><code>%d</code>'
            "<detail>%s</detail>%s</reply></namesilo>\n")
HINTS = {"dnsAddRecord": {"domain", "rrtype", "rrhost", "rrvalue", "rrdistance", "rrttl"},
         "dnsUpdateRecord": {"domain", "rrid", "rrtype", "rrhost", "rrvalue", "rrdistance", "rrttl"},
         "dnsDeleteRecord": {"domain", "rrid"}, "dnsListRecords": {"domain"}, "getDomainInfo": {"domain"},
         "listDomains": set()}


def tag(name, text):
    return f"<{name}>{xml.sax.saxutils.escape(str(text))}</{name}>"


@provider
class NameSilo(Provider):
    name = "namesilo"
    hosts = ("www.namesilo.com", "sandbox.namesilo.com")
    env = {"NAMESILO_API_KEY": "silo-key"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT")
    ttl_min, ttl_max = 3600, 2592000
    odd = ()

    def new_id(self):
        return hashlib.md5(b"%d" % super().new_id()).hexdigest()

    def writes(self, q):
        return q.path[5:] in ("dnsAddRecord", "dnsUpdateRecord", "dnsDeleteRecord")

    def said(self, q, code=300, detail="success", more=""):
        return Reply(200, ENVELOPE % (q.path[5:] if q else "dnsListRecords", code, detail, more), {"Content-Type": "text/xml"})

    def refuse(self, q, code, detail):
        out = Refuse(200)
        out.reply = self.said(q, code, detail)
        return out

    def auth(self, q):
        if q.args.get("version") != "1":
            raise self.refuse(q, 102, "No version")
        if q.args.get("type") != "xml":
            raise self.refuse(q, 104, "No API type")
        if q.args.get("key") != "silo-key":
            raise self.refuse(q, 110, "Invalid API key")

    def denied(self, fault):
        return self.said(None, 110, "Invalid API key")

    def broken(self, fault):
        return super().broken(fault) if "status" in fault else self.said(None, 210, "General error")

    def missing(self, fault):
        return self.said(None, 200, "Domain is not active, or does not belong to this user")

    def the_zone(self, q):
        zone = self.zone(q.args.get("domain", "?"))
        if not zone:
            raise self.refuse(q, 200, "Domain is not active, or does not belong to this user")
        return zone

    def the_record(self, q, zone):
        r = zone.by_id(q.args.get("rrid"))
        if not r:
            raise self.refuse(q, 280, "resource record does not exist")
        return r

    def read(self, q, zone, type_):
        """(name, TTL, value) of a write."""
        value, ttl = q.args.get("rrvalue", ""), q.number("rrttl", 7207)
        if type_ not in self.types:
            raise self.refuse(q, 280, "invalid rrtype")
        if not value or not 3600 <= ttl <= 2592000:
            raise self.refuse(q, 280, "invalid rrvalue" if not value else "invalid rrttl")
        if type_ in ("MX", "CNAME"):
            if " " in value or value.endswith("."):
                raise self.refuse(q, 280, "invalid rrvalue, must be a valid hostname")
            value += "."
        if type_ == "MX":
            value = f"{q.number('rrdistance', 10)} {value}"
        name = zone.full(q.args.get("rrhost", ""), ("",))
        if any(r.value == value and str(r.id) != q.args.get("rrid") for r in zone.find(name, type_)):
            raise self.refuse(q, 280, "could not add resource record to domain since it already exists (duplicate)")
        return name, ttl, value

    @route("GET", "/api/(?P<op>[A-Za-z]+)")
    def call(self, q, op):
        if op not in HINTS:
            raise self.refuse(q, 108, "Invalid API operation")
        unknown = set(q.args) - HINTS[op] - {"version", "type", "key"}
        if unknown:
            raise self.refuse(q, 109, f"unknown parameter {min(unknown)}")
        if op == "listDomains":
            return self.said(q, more="<domains>%s</domains>" % "".join(tag("domain", z.name) for z in self.zones))
        zone = self.the_zone(q)
        if op == "getDomainInfo":
            return self.said(q, more="<created>2016-04-02</created><expires>2038-04-02</expires><status>Active</status>"
                             "<locked>Yes</locked><private>Yes</private><auto_renew>Yes</auto_renew><traffic_type>Parked</traffic_type>"
                             "<forward_url>N/A</forward_url><forward_type>N/A</forward_type><nameservers><nameserver position=\"1\">"
                             "NS1.NAMESILO.COM</nameserver><nameserver position=\"2\">NS2.NAMESILO.COM</nameserver></nameservers>"
                             "<contact_ids><registrant>1</registrant><administrative>1</administrative><technical>1</technical>"
                             "<billing>1</billing></contact_ids>")
        if op == "dnsListRecords":
            return self.said(q, more="".join("<resource_record>%s</resource_record>" % self.shown(r) for r in zone.records))
        if op == "dnsDeleteRecord":
            self.remove(zone, self.the_record(q, zone))
            return self.said(q)
        if op == "dnsAddRecord":
            type_ = q.args.get("rrtype")
            name, ttl, value = self.read(q, zone, type_)
            r = self.add(zone, name, type_, ttl, value)
        else:
            r = self.the_record(q, zone)
            r.name, r.ttl, r.value = self.read(q, zone, r.type)
            r.id = self.new_id()
        return self.said(q, more=tag("record_id", r.id))

    def shown(self, r):
        distance, value = r.value.split(" ") if r.type == "MX" else (0, r.value)
        value = value.rstrip(".") if r.type in ("MX", "CNAME") else value
        return "".join(tag(k, v) for k, v in (("record_id", r.id), ("type", r.type), ("host", r.name), ("value", value),
                                               ("ttl", r.ttl), ("distance", distance)))
