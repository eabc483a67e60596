"""GleSYS: https://github.com/GleSYS/API/wiki, and recordings. Calls by POST, records with ids that name their zone too, whole values as in
a zone file."""
from ._parts import normal
from .core import Provider, Refuse, Reply, provider, route

MEMBERS = {"listrecords": ("domainname",), "addrecord": ("domainname", "host", "type", "data"), "updaterecord": ("recordid",),
           "deleterecord": ("recordid",)}


@provider
class Glesys(Provider):
    name = "glesys"
    hosts = ("api.glesys.com",)
    env = {"GLESYS_API_USER": "cl12345", "GLESYS_API_KEY": "glesys-key"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS")
    ttl_min = 60
    odd = ()

    def said(self, code, text, **more):
        return Reply(code, {"response": {"status": {"code": code, "timestamp": "2026-01-01T00:00:00+01:00", "text": text, "transactionid": None},
                                         **more, "debug": {"input": {}}}})

    def no(self, code, text):
        reply = self.said(code, text)
        return Refuse(reply.status, reply.body, reply.headers)

    def writes(self, q):
        return "/list" not in q.path

    def auth(self, q):
        if q.basic() != ("cl12345", "glesys-key"):
            raise self.no(401, "Invalid username or password.")

    def denied(self, fault):
        return self.said(fault.get("status", 401), "Invalid username or password.")

    def shown(self, zone, r):
        return {"recordid": r.id, "domainname": zone.name, "host": zone.rel(r.name, "@"), "type": r.type, "data": r.value, "ttl": r.ttl}

    def read(self, type_, body):
        ttl, text = body.get("ttl", 3600), body.get("data")
        if type_ not in self.types or not isinstance(text, str) or not text or isinstance(ttl, bool) or int(ttl) < 60:
            raise self.no(400, "Invalid type, data or TTL.")
        try:
            return int(ttl), normal(type_, text)
        except ValueError:
            raise self.no(400, "Invalid data.") from None

    @route("GET", "/domain/list")
    @route("POST", "/domain/list")
    def list_zones(self, q):
        del q
        return self.said(200, "OK", domains=[{"domainname": z.name, "createtime": "2016-07-27T14:57:07+02:00", "recordcount": len(z.records),
                                              "registrarinfo": None} for z in self.zones])

    @route("POST", "/domain/(?P<call>listrecords|addrecord|updaterecord|deleterecord)")
    def call(self, q, call):
        body = q.json() or {}
        lacks = [k for k in MEMBERS[call] if not body.get(k)]
        if lacks:
            raise self.no(400, f"Missing parameter: {lacks[0]}.")
        if "recordid" in body:
            zone, r = next(((z, r) for z in self.zones for r in z.records if str(r.id) == str(body["recordid"])), (None, None))
        else:
            zone, r = self.zone(body["domainname"]), None
        if not zone:
            raise self.no(404, "Record not found." if "recordid" in body else "Domain not found.")
        if call == "listrecords":
            return self.said(200, "OK", records=[self.shown(zone, r) for r in zone.records])
        if call == "deleterecord":
            self.remove(zone, r)
            return self.said(200, "Record removed.")
        if call == "updaterecord":
            body = {**self.shown(zone, r), **body}
            r.ttl, r.value = self.read(body["type"], body)
            r.name, r.type = zone.full(body["host"]), body["type"]
            return self.said(200, "Record updated.", record=self.shown(zone, r))
        name, type_ = zone.full(body["host"]), body["type"]
        return self.said(200, "Record added.", record=self.shown(zone, self.add(zone, name, type_, *self.read(type_, body))))
