"""Vultr: https://www.vultr.com/api/#tag/dns. Records with ids, cursors in meta.links.next."""
from .core import Provider, Refuse, Reply, provider, quoted, route, unquoted


@provider
class Vultr(Provider):
    name = "vultr"
    hosts = ("api.vultr.com",)
    env = {"VULTR_API_KEY": "vultr-key"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS")
    txt_no = '"'
    page, page_max = 100, 500

    def new_id(self):
        return "cb676a46-66fd-4dfb-b839-%012d" % super().new_id()

    def new_zone_id(self, name):
        return name

    def auth(self, q):
        if q.header("Authorization") != "Bearer vultr-key":
            raise Refuse(401, {"error": "Invalid API token.", "status": 401})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"error": "Invalid API token.", "status": 401})

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise Refuse(404, {"error": "Invalid domain.", "status": 404})
        return zone

    def listed(self, q, key, items):
        by = min(q.number("per_page", self.page), self.page_max)
        at = int(q.args.get("cursor") or 0)
        after = str(at + by) if at + by < len(items) else ""
        before = str(at - by) if at else ""
        return Reply(200, {key: items[at:at + by], "meta": {"total": len(items), "links": {"next": after, "prev": before}}})

    def shown(self, zone, r):
        data, priority = r.value, -1
        if r.type in ("MX", "SRV"):
            priority, data = r.value.split(" ", 1)
        if r.type in ("MX", "SRV", "CNAME", "NS"):
            data = data.rstrip(".")
        if r.type == "TXT":
            data = quoted(r.value)
        return {"id": r.id, "type": r.type, "name": zone.rel(r.name), "data": data, "priority": int(priority), "ttl": r.ttl}

    def read(self, type_, body):
        data = str(body["data"])
        if type_ == "TXT":
            if len(data) < 2 or data[0] != '"' or data[-1] != '"':
                raise Refuse(400, {"error": "TXT records must be enclosed in quotes.", "status": 400})
            return unquoted(data)
        if type_ == "MX" and data in ("", "."):
            raise Refuse(400, {"error": "Invalid data.", "status": 400})
        if type_ in ("MX", "SRV", "CNAME", "NS") and not data.endswith("."):
            data += "."
        return f"{int(body.get('priority') or 0)} {data}" if type_ in ("MX", "SRV") else data

    @route("GET", "/v2/domains")
    def domains(self, q):
        return self.listed(q, "domains", [{"domain": z.name, "date_created": "2020-01-01T00:00:00+00:00", "dns_sec": "disabled"}
                                          for z in self.zones])

    @route("GET", "/v2/domains/(?P<zone>[^/]+)/records")
    def records(self, q, zone):
        zone = self.the_zone(zone)
        return self.listed(q, "records", [self.shown(zone, r) for r in zone.records])

    @route("POST", "/v2/domains/(?P<zone>[^/]+)/records")
    def create(self, q, zone):
        zone, body = self.the_zone(zone), q.json()
        if body.get("type") not in self.types:
            raise Refuse(400, {"error": "Invalid record type.", "status": 400})
        name, value = zone.full(body["name"]), self.read(body["type"], body)
        if any(r.value == value for r in zone.find(name, body["type"])):
            raise Refuse(400, {"error": "Duplicate record.", "status": 400})
        r = self.add(zone, name, body["type"], body.get("ttl") or 300, value)
        return Reply(201, {"record": self.shown(zone, r)})

    @route("GET", "/v2/domains/(?P<zone>[^/]+)/records/(?P<id_>[^/]+)")
    def record(self, q, zone, id_):
        zone = self.the_zone(zone)
        r = zone.by_id(id_)
        if not r:
            raise Refuse(404, {"error": "Invalid record.", "status": 404})
        return Reply(200, {"record": self.shown(zone, r)})

    @route("PATCH", "/v2/domains/(?P<zone>[^/]+)/records/(?P<id_>[^/]+)")
    def update(self, q, zone, id_):
        zone, body = self.the_zone(zone), q.json()
        r = zone.by_id(id_)
        if not r:
            raise Refuse(404, {"error": "Invalid record.", "status": 404})
        shown = {**self.shown(zone, r), **body}
        r.name, r.value, r.ttl = zone.full(shown["name"]), self.read(r.type, shown), int(shown["ttl"])
        return Reply(204)

    @route("DELETE", "/v2/domains/(?P<zone>[^/]+)/records/(?P<id_>[^/]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        r = zone.by_id(id_)
        if not r:
            raise Refuse(404, {"error": "Invalid record.", "status": 404})
        self.remove(zone, r)
        return Reply(204)
