"""Scaleway: https://www.scaleway.com/en/developers/api/domains-and-dns/. Changes by PATCH, records with ids."""
from . import _sets
from .core import Provider, Refuse, Reply, provider, route

ROOT = "/domain/v2beta1/dns-zones"


@provider
class Scaleway(Provider):
    name = "scaleway"
    hosts = ("api.scaleway.com",)
    env = {"SCW_SECRET_KEY": "11111111-2222-3333-4444-555555555555"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS", "PTR", "SSHFP")
    ttl_min = 60
    page, page_max = 20, 1000

    def new_id(self):
        return "f5836d62-5e3a-40fb-a618-%012d" % super().new_id()

    def auth(self, q):
        if q.header("X-Auth-Token") != "11111111-2222-3333-4444-555555555555":
            raise Refuse(401, {"method": "api_key", "message": "authentication is denied", "reason": "invalid_argument", "type": "denied_authentication"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"message": "authentication is denied", "type": "denied_authentication"})

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise Refuse(403, {"message": "domain not found"})
        return zone

    def listed(self, q, key, items):
        part, _ = self.pages(q, items, size="page_size")
        return Reply(200, {"total_count": len(items), key: part})

    def shown(self, zone, r):
        words = r.value.split(" ", 1)
        priority, data = (int(words[0]), words[1]) if r.type in ("MX", "SRV") else (0, _sets.shown(r))
        return {"id": r.id, "data": data, "name": zone.rel(r.name), "priority": priority, "ttl": r.ttl, "type": r.type, "comment": None}

    def invalid(self, field, help_):
        raise Refuse(400, {"type": "invalid_arguments", "message": f"invalid argument(s): {field} does not respect constraint, {help_}",
                           "details": [{"argument_name": field, "reason": "constraint", "help_message": help_}]})

    def made(self, zone, body):
        """(name, type, ttl, value) of a record that was sent."""
        type_, data, name = body.get("type"), body.get("data"), body.get("name", "")
        if type_ not in self.types or not isinstance(data, str) or not data:
            self.invalid("record.type" if data else "record.data", "it is not valid")
        if set(body) - {"name", "type", "data", "ttl", "priority", "comment", "id"}:
            self.invalid("record", "unknown field")
        ttl = body.get("ttl", 300)
        if ttl < self.ttl_min:
            self.invalid("record.ttl", "it must be at least 60")
        if type_ in ("MX", "SRV"):
            data = f"{int(body.get('priority') or 0)} {data}"
        try:
            value = _sets.read(zone, type_, data)
        except ValueError as error:
            self.invalid("record.data", str(error))
        if name.endswith("."):
            at = name.rstrip(".").lower()
            if at != zone.name and not at.endswith("." + zone.name):
                self.invalid("record.name", "it is out of the zone")
        else:
            at = zone.full(name)
        if [r for r in zone.find(at) if r.type != type_ and "CNAME" in (r.type, type_)]:
            self.invalid("record", "a CNAME cannot stand beside other records")
        if [r for r in zone.find(at, type_) if r.value == value]:
            raise Refuse(409, {"message": "record already exists", "type": "already_exists", "resource": "record"})
        return at, type_, ttl, value

    def meant(self, zone, id_fields):
        fields = id_fields or {}
        return [r for r in zone.find(zone.full(fields.get("name", "")), fields.get("type"))
                if not fields.get("data") or self.shown(zone, r)["data"] == fields["data"]]

    @route("GET", ROOT)
    def zone_list(self, q):
        return self.listed(q, "dns_zones", [{
            "domain": z.name, "subdomain": "", "ns": ["ns0.dom.scw.cloud", "ns1.dom.scw.cloud"], "ns_default": [], "ns_master": [],
            "status": "active", "message": None, "updated_at": "2021-05-01T00:00:00Z", "project_id": "p", "linked_products": []} for z in self.zones])

    @route("GET", ROOT + "/(?P<name>[^/]+)/records")
    def records(self, q, name):
        zone = self.the_zone(name)
        return self.listed(q, "records", [self.shown(zone, r) for r in zone.records
                                          if q.args.get("type") in (None, "unknown", r.type) and q.args.get("name") in (None, zone.rel(r.name))])

    @route("PATCH", ROOT + "/(?P<name>[^/]+)/records")
    def patch(self, q, name):
        zone, body = self.the_zone(name), q.json() or {}
        changed, before = [], list(zone.records)
        try:
            for change in body.get("changes", []):
                (kind, x), = change.items()
                there = [zone.by_id(x["id"])] if x.get("id") else self.meant(zone, x.get("id_fields"))
                if kind in ("delete", "set") and (None in there or (kind == "delete" and not there)):
                    raise Refuse(404, {"message": "resource is not found", "type": "not_found", "resource": "record"})
                for r in there if kind in ("delete", "set") else []:
                    self.remove(zone, r)
                for r in x.get("records", []) if kind in ("add", "set") else []:
                    changed.append(self.add(zone, *self.made(zone, r)))
                if kind == "clear":
                    zone.records = []
        except Refuse:
            zone.records = before
            raise
        return Reply(200, {"records": [self.shown(zone, r) for r in (zone.records if body.get("return_all_records") else changed)]})
