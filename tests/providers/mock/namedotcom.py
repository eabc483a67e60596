"""name.com: https://www.name.com/api-docs (v4), and recordings. Records with ids; a member that is empty is left out."""
from ._parts import flat, normal
from .core import Provider, Refuse, Reply, provider, route


@provider
class Namedotcom(Provider):
    name = "namedotcom"
    hosts = ("api.name.com",)
    env = {"NAMECOM_USERNAME": "me", "NAMECOM_API_TOKEN": "name-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV")
    page, page_max = 1000, 1000
    ttl_min, txt_max, txt_no = 300, 507, '"'
    odd = ()

    def no(self, status, message, details=""):
        raise Refuse(status, {"message": message, **({"details": details} if details else {})})

    def auth(self, q):
        if q.basic() != ("me", "name-token"):
            self.no(401, "Unauthenticated")

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"message": "Unauthenticated"})

    def the_zone(self, name):
        return self.zone(name) or self.no(404, "Not Found", "Domain not found")

    def listed(self, q, key, items):
        part, (number, by, n) = self.pages(q, items, size="perPage")
        out = {key: part} if part else {}
        if number < n:
            out.update(nextPage=number + 1, lastPage=n)
        return Reply(200, out)

    def shown(self, zone, r):
        out = {"id": r.id, "domainName": zone.name, "host": zone.rel(r.name), "fqdn": r.name + ".", "type": r.type,
               "answer": flat(r.type, r.value, but=("priority",)), "ttl": r.ttl}
        if r.type in ("MX", "SRV") and int(r.value.split(" ")[0]):
            out["priority"] = int(r.value.split(" ")[0])
        return {k: v for k, v in out.items() if v != ""}

    def read(self, zone, body):
        type_, text = body.get("type"), str(body.get("answer") or "")
        if type_ not in (*self.types, "NS") or not text:
            self.no(400, "Invalid Argument", "Parameter Value Error - Invalid Type or Answer")
        n = len(text.encode())
        if type_ == "TXT" and ('"' in text or n + 2 + 3 * (max(0, n - 1) // 255) > 512):  # as it is encoded
            self.no(400, "Invalid Argument", "Parameter Value Error - Invalid TXT Answer")
        if text == ".":
            self.no(400, "Invalid Argument", "Parameter Value Error - Invalid Answer")
        try:
            value = normal(type_, f"{int(body.get('priority') or 0)} {text}" if type_ in ("MX", "SRV") else text)
        except ValueError:
            self.no(400, "Invalid Argument", "Parameter Value Error - Invalid Answer")
        if int(body.get("ttl") or 300) < 300:
            self.no(400, "Invalid Argument", "Parameter Value Error - TTL must be at least 300")
        return zone.full(str(body.get("host") or "")), type_, int(body.get("ttl") or 300), value

    @route("GET", "/v4/domains")
    def domains(self, q):
        return self.listed(q, "domains", [{"domainName": z.name, "locked": True, "autorenewEnabled": True,
                                           "expireDate": "2021-06-02T00:59:57Z", "createDate": "2014-05-30T18:20:13Z"} for z in self.zones])

    @route("GET", "/v4/domains/(?P<zone>[^/:]+)/records")
    def records(self, q, zone):
        zone = self.the_zone(zone)
        return self.listed(q, "records", [self.shown(zone, r) for r in zone.records])

    def the_record(self, zone, id_):
        return zone.by_id(id_) or self.no(404, "Not Found")

    @route("GET", "/v4/domains/(?P<zone>[^/:]+)/records/(?P<id_>[^/]+)")
    def record(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        return Reply(200, self.shown(zone, self.the_record(zone, id_)))

    @route("POST", "/v4/domains/(?P<zone>[^/:]+)/records")
    def create(self, q, zone):
        zone = self.the_zone(zone)
        name, type_, ttl, value = self.read(zone, q.json())
        if any(r.value == value for r in zone.find(name, type_)):
            self.no(400, "Invalid Argument", "Parameter Value Error - Duplicate Record")
        return Reply(200, self.shown(zone, self.add(zone, name, type_, ttl, value)))

    @route("PUT", "/v4/domains/(?P<zone>[^/:]+)/records/(?P<id_>[^/]+)")
    def update(self, q, zone, id_):
        zone = self.the_zone(zone)
        r = self.the_record(zone, id_)
        r.name, r.type, r.ttl, r.value = self.read(zone, {**self.shown(zone, r), **q.json()})
        return Reply(200, self.shown(zone, r))

    @route("DELETE", "/v4/domains/(?P<zone>[^/:]+)/records/(?P<id_>[^/]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        self.remove(zone, self.the_record(zone, id_))
        return Reply(200, {})
