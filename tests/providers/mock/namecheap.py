"""Namecheap: https://www.namecheap.com/support/api/methods/. All host records of a domain are read and set at once, in numbered
fields; what setHosts does not name is gone. Its mail settings (EmailType) go with them, or stay when they are not said; an MX
that they do not allow is not saved, without a word. Fields come in any case, and those that getHosts shows are let through. A
name is shown as it was sent: lego looks for "_acme-challenge." with its dot again, where lego is used for years."""
import xml.sax.saxutils

from . import _parts
from .core import Provider, Refuse, Reply, provider, route

TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "CAA", "NS", "MXE", "URL", "URL301", "FRAME", "ALIAS")
MAIL = ("NONE", "MX", "MXE", "FWD", "OX", "GMAIL")
FIELDS = ("hostname", "recordtype", "address", "mxpref", "ttl")
SHOWN = ("hostid", "associatedapptitle", "friendlyname", "isactive", "isddnsenabled")
DENIED = (1011102, "API Key is invalid or API access has not been enabled")


def tags(name, **attributes):
    return f"<{name} %s />" % " ".join(f"{k}={xml.sax.saxutils.quoteattr(str(v))}" for k, v in attributes.items())


@provider
class Namecheap(Provider):
    name = "namecheap"
    hosts = ("api.namecheap.com", "dynamicdns.park-your-domain.com")
    env = {"NAMECHEAP_API_USER": "cheap-user", "NAMECHEAP_API_KEY": "cheap-key", "NAMECHEAP_SOURCEIP": "192.0.2.1"}
    alt = ({"NAMECHEAP_API_USER": "cheap-user", "NAMECHEAP_API_KEY": "cheap-key"},)
    types, unit = ("A", "AAAA", "CNAME", "MX", "TXT", "CAA"), "zone"
    ttl_min, ttl_max = 60, 60000
    txt_no = '"'
    page = 20
    odd = ()

    def setup(self):
        self.mail = {z.name: "MX" if z.find(type_="MX") else "NONE" for z in self.zones}

    def writes(self, q):
        return b"dns.setHosts" in q.body or "dns.setHosts" in q.raw_query

    def said(self, command, inner, errors="", status="OK"):
        inner = f'<CommandResponse Type="{command}">{inner}</CommandResponse>' if inner else ""
        return Reply(200, f'<?xml version="1.0" encoding="utf-8"?>\r\n<ApiResponse Status="{status}" xmlns="http://api.namecheap.com/xml.response">'
                     f"<Errors>{errors}</Errors><Warnings /><RequestedCommand>{command.lower()}</RequestedCommand>{inner}<Server>PHX01APIEXT01</Server>"
                     "<GMTTimeDifference>--4:00</GMTTimeDifference><ExecutionTime>0.1</ExecutionTime></ApiResponse>", {"Content-Type": "text/xml"})

    def no(self, number, text):
        out = Refuse(200)
        out.reply = self.said("", "", f'<Error Number="{number}">{text}</Error>', "ERROR")
        return out

    def denied(self, fault):
        return self.no(*DENIED).reply

    def missing(self, fault):
        return self.no(2019166, "Domain not found").reply

    def rate(self, fault):  # 405 is its word for too many requests
        return Reply(fault.get("status", 405), "<html>Too many requests</html>",
                     {} if fault.get("retry_after") is None else {"Retry-After": str(fault["retry_after"])})

    def fields(self, q):
        return {k.lower(): v for k, v in {**q.args, **q.form()}.items()}

    def auth(self, q):
        x = self.fields(q)
        if q.path == "/getip":
            return
        if [x.get(k) for k in ("apiuser", "username", "apikey")] != ["cheap-user", "cheap-user", "cheap-key"]:
            raise self.no(*DENIED)
        if x.get("clientip") != "192.0.2.1":
            raise self.no(1011150, "Invalid request IP: 192.0.2.7")

    @route("GET", "/getip")
    def getip(self, q):
        return Reply(200, "192.0.2.1")

    @route("GET", "/xml.response")
    @route("POST", "/xml.response")
    def call(self, q):
        x = {k: v for k, v in self.fields(q).items() if k not in ("apiuser", "username", "apikey", "clientip")}
        command = x.pop("command", "")
        if command == "namecheap.domains.getList":
            return self.list(command, x)
        name = x.pop("domainname", "") or f"{x.pop('sld', '')}.{x.pop('tld', '')}"
        zone = self.zone(name)
        if not zone:
            raise self.no(2019166, f"The domain ({name}) doesn't seem to be associated with your account.")
        if command == "namecheap.domains.getInfo":
            return self.said(command, f'<DomainGetInfoResult Status="Ok" ID="{zone.id}" DomainName="{zone.name}" IsOwner="true">'
                             '<Modificationrights All="true" /></DomainGetInfoResult>')
        if command == "namecheap.domains.dns.getHosts":
            return self.said(command, f'<DomainDNSGetHostsResult Domain="{zone.name}" EmailType="{self.mail[zone.name]}" IsUsingOurDNS="true">'
                             + "".join(self.shown(zone, r) for r in zone.records) + "</DomainDNSGetHostsResult>")
        if command != "namecheap.domains.dns.setHosts":
            raise self.no(1010105, "Command is invalid")
        mail, new = self.read(zone, x)
        self.mail[zone.name] = mail
        zone.records.clear()
        for one in new:
            self.add(zone, *one[:4], sent=one[4])
        return self.said(command, f'<DomainDNSSetHostsResult Domain="{zone.name}" IsSuccess="true"><Warnings /></DomainDNSSetHostsResult>')

    def list(self, command, x):
        page, size = int(x.get("page", 1)), int(x.get("pagesize", self.page))
        if not 10 <= size <= 100:
            raise self.no(2050166, "PageSize must be between 10 and 100")
        some = "".join(tags("Domain", ID=z.id, Name=z.name, User="cheap-user", IsExpired="false", IsOurDNS="true")
                       for z in self.zones[(page - 1) * size:page * size])
        return self.said(command, f"<DomainGetListResult>{some}</DomainGetListResult><Paging><TotalItems>{len(self.zones)}</TotalItems>"
                         f"<CurrentPage>{page}</CurrentPage><PageSize>{size}</PageSize></Paging>")

    def shown(self, zone, r):
        pref, value = r.value.split(" ") if r.type == "MX" else (10, r.value)
        return tags("host", HostId=r.id, Name=getattr(r, "sent", "") or zone.rel(r.name, "@"), Type=r.type, Address=value, MXPref=pref, TTL=r.ttl,
                    AssociatedAppTitle="", FriendlyName="", IsActive="true", IsDDNSEnabled="false")

    def read(self, zone, x):
        mail, new, n = x.pop("emailtype", ""), [], 1
        if mail not in ("", *MAIL):
            raise self.no(3050900, "EmailType is invalid")
        while f"hostname{n}" in x:
            name, type_, value, pref, ttl = (x.pop(f + str(n), "") for f in FIELDS)
            for f in SHOWN:
                x.pop(f + str(n), "")
            if not name or type_ not in TYPES or not value or not 60 <= int(ttl or 1800) <= 60000 or not 0 <= int(pref or 10) <= 255 or \
               (type_ == "TXT" and '"' in value) or (type_ in ("MX", "CNAME") and value == "."):
                raise self.no(3050900, f"host {n} is invalid")
            n += 1
            if type_ != "MX" or (mail or self.mail[zone.name]) in ("MX", "OX", "GMAIL"):
                value = _parts.normal(type_, f"{int(pref or 10)} {value}" if type_ == "MX" else value)
                new.append((zone.full(name), type_, int(ttl or 1800), value, name))
        if x or len({r[:4] for r in new}) != len(new):
            raise self.no(3050900, f"fields are unknown ({' '.join(x)}), or hosts are twice the same")
        if mail == "MX" and not any(r[1] == "MX" for r in new):
            raise self.no(3050900, "EmailType MX needs an MX")
        return mail or self.mail[zone.name], new
