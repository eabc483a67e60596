"""DNS Made Easy: https://api-docs.dnsmadeeasy.com/. The date of each request is signed with HMAC-SHA1, names are relative,
names inside values too unless they end in a dot (the zone itself is ""), and TXT comes in quotes, in strings of 255 bytes at most.
Lists come whole, or in pages for who asks for rows."""
import email.utils
import hashlib
import hmac
import time

from .core import Provider, Refuse, Reply, provider, quoted, route, unquoted


def refuse(status, text):
    return Refuse(status, {"error": [text]})


@provider
class DnsMadeEasy(Provider):
    name = "dnsmadeeasy"
    hosts = ("api.dnsmadeeasy.com",)
    env = {"DNSMADEEASY_API_KEY": "me-key", "DNSMADEEASY_API_SECRET": "me-secret"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA")
    txt_no = '"'
    floods = ({"reply": {"status": 400, "body": {"error": ["Rate limit exceeded"]}}},)
    signed = 30
    odd = ()

    def auth(self, q):
        date = q.header("x-dnsme-requestDate")
        want = hmac.new(b"me-secret", date.encode(), hashlib.sha1).hexdigest()
        if q.header("x-dnsme-apiKey") != "me-key" or not hmac.compare_digest(want, q.header("x-dnsme-hmac")):
            raise refuse(403, "API key not found or HMAC does not fit")
        if abs(email.utils.parsedate_to_datetime(date).timestamp() - time.time()) > 30:
            raise Refuse(403, {"error": ["Request sent with date too far out of range"]},
                         {"Date": email.utils.formatdate(usegmt=True)})

    def the_zone(self, id_):
        zone = self.zone(id_=id_)
        if not zone:
            raise refuse(404, "Cannot find Domain, or permissions denied")
        return zone

    def shown(self, zone, r):
        out = {"id": r.id, "name": zone.rel(r.name), "type": r.type, "value": r.value, "ttl": r.ttl, "source": 1,
               "sourceId": zone.id, "failover": False, "monitor": False, "gtdLocation": "DEFAULT"}
        if r.type == "TXT":
            out["value"] = quoted(r.value, 255)
        if r.type == "MX":
            out["mxLevel"], out["value"] = int(r.value.split()[0]), r.value.split()[1]
        if r.type == "SRV":
            *numbers, out["value"] = r.value.split()
            out["priority"], out["weight"], out["port"] = map(int, numbers)
        if r.type == "CAA":
            flags, out["caaType"], out["value"] = r.value.split(" ", 2)
            out["issuerCritical"] = int(flags)
        if r.type in ("CNAME", "MX", "SRV") and out["value"] == zone.name + ".":
            out["value"] = ""
        return out

    def some(self, q, data):
        rows, page = q.number("rows", len(data) or 1), q.number("page", 0)
        return Reply(200, {"data": data[page * rows:(page + 1) * rows], "page": page, "totalPages": -(-len(data) // rows) or 1,
                           "totalRecords": len(data)})

    def read(self, zone, b, but=None):
        type_, value = b.get("type"), str(b.get("value") or "")
        if type_ not in self.types or not value or not isinstance(b.get("ttl"), int):
            raise refuse(400, "Record type, value and ttl are needed")
        if type_ == "TXT":
            if any(len(s.encode()) > 255 for s in value.split('"')) or value.count('"') % 2:
                raise refuse(400, "A string of a TXT record is too long, or its quotes are odd")
            value = unquoted(value) if value.startswith('"') else value
        elif type_ == "CAA":
            if b.get("caaType") not in ("issue", "issuewild", "iodef") or not isinstance(b.get("issuerCritical"), int) or '"' in value:
                raise refuse(400, "CAA needs caaType, issuerCritical and a value without quotes")
            value = f'{b["issuerCritical"]} {b["caaType"]} "{value}"'
        elif type_ in ("CNAME", "MX", "SRV") and not value.endswith("."):
            value += f".{zone.name}."
        if type_ == "MX":
            value = f"{int(b['mxLevel'])} {value}"
        if type_ == "SRV":
            value = f"{int(b['priority'])} {int(b['weight'])} {int(b['port'])} {value}"
        name = zone.full(b.get("name", ""), ("",))
        if any(r.value == value and r is not but for r in zone.find(name, type_)):
            raise refuse(400, "Record with this type (%s), name, and value already exists." % type_)
        return name, type_, b["ttl"], value

    @route("GET", "/V2.0/dns/managed/?")
    def domains(self, q):
        data = [{"id": z.id, "name": z.name, "delegateNameServers": [], "activeThirdParties": []} for z in self.zones]
        return self.some(q, data)

    @route("GET", "/V2.0/dns/managed/(name|id/(?P<name>.+))")
    def named(self, q, name):
        zone = self.zone(name or q.args.get("domainname", "?"))
        if not zone:
            raise refuse(404, "Cannot find Domain, or permissions denied")
        return Reply(200, {"id": zone.id, "name": zone.name})

    @route("GET", "/V2.0/dns/managed/(?P<id_>[0-9]+)/records")
    def records(self, q, id_):
        zone = self.the_zone(id_)
        data = [self.shown(zone, r) for r in zone.records if q.args.get("type", r.type) == r.type and
                q.args.get("recordName", zone.rel(r.name)) == zone.rel(r.name)]
        return self.some(q, data)

    @route("POST", "/V2.0/dns/managed/(?P<id_>[0-9]+)/records/?")
    def create(self, q, id_):
        zone = self.the_zone(id_)
        name, type_, ttl, value = self.read(zone, q.json())
        return Reply(201, self.shown(zone, self.add(zone, name, type_, ttl, value)))

    @route("PUT", "/V2.0/dns/managed/(?P<id_>[0-9]+)/records/(?P<rid>[0-9]+)/?")
    def update(self, q, id_, rid):
        zone, b = self.the_zone(id_), q.json()
        r = zone.by_id(rid)
        if not r or str(b.get("id")) != rid:
            raise refuse(404 if not r else 400, "Record not found")
        r.name, r.type, r.ttl, r.value = self.read(zone, b, r)
        return Reply(200)

    @route("DELETE", "/V2.0/dns/managed/(?P<id_>[0-9]+)/records/(?P<rid>[0-9]+)/?")
    def delete(self, q, id_, rid):
        zone = self.the_zone(id_)
        r = zone.by_id(rid)
        if not r:
            raise refuse(404, "Record not found")
        self.remove(zone, r)
        return Reply(200)
