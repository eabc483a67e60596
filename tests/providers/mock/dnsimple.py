"""DNSimple: https://developer.dnsimple.com/v2, and recordings. Records with ids below an account, 30 a page."""
from ._parts import flat, normal
from .core import Provider, Refuse, Reply, provider, route


@provider
class Dnsimple(Provider):
    name = "dnsimple"
    hosts = ("api.dnsimple.com", "api.sandbox.dnsimple.com")
    env = {"DNSIMPLE_OAUTH_TOKEN": "simple-token"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA")
    page, page_max = 30, 100
    ttl_min, txt_max = 60, 1000

    def no(self, status, message):
        raise Refuse(status, {"message": message})

    def auth(self, q):
        if q.header("Authorization") != "Bearer simple-token":
            self.no(401, "Authentication failed")

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"message": "Authentication failed"})

    def the_zone(self, account, name):
        zone = self.zone(name) or self.zone(id_=name)
        if account != "731" or not zone:
            self.no(404, f"Zone `{name}` not found")
        return zone

    def listed(self, q, items, shown):
        part, (number, by, n) = self.pages(q, items)
        return Reply(200, {"data": [shown(x) for x in part], "pagination": {
            "current_page": number, "per_page": by, "total_entries": len(items), "total_pages": n}})

    def zone_shown(self, z):
        return {"id": z.id, "account_id": 731, "name": z.name, "reverse": False, "created_at": "2015-04-23T07:40:03Z",
                "updated_at": "2015-04-23T07:40:03Z"}

    def shown(self, zone, r):
        prio = int(r.value.split(" ")[0]) if r.type in ("MX", "SRV") else None
        content = '"%s"' % r.value.replace("\\", "\\\\").replace('"', '\\"') if r.type == "TXT" else flat(r.type, r.value, but=("priority",))
        return {"id": r.id, "zone_id": zone.name, "parent_id": None, "name": zone.rel(r.name), "content": content, "ttl": r.ttl,
                "priority": prio, "type": r.type, "regions": ["global"], "system_record": False,
                "created_at": "2016-03-22T10:20:53Z", "updated_at": "2016-10-05T09:26:38Z"}

    def read(self, zone, body):
        type_, text = body.get("type"), str(body.get("content") or "")
        if type_ not in (*self.types, "NS"):
            raise Refuse(400, {"message": "Validation failed", "errors": {"record_type": ["unsupported"]}})
        if not text or len(text) > 1002:
            raise Refuse(400, {"message": "Validation failed", "errors": {"content": ["can't be blank or too long"]}})
        if type_ == "TXT" and len(text) > 1 and text[0] == '"' == text[-1]:
            text = text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        if type_ in ("MX", "SRV"):
            text = f"{int(body.get('priority') or 0)} {text}"
        try:
            return zone.full(str(body.get("name") or ""), apex=("",)), type_, max(60, int(body.get("ttl") or 3600)), normal(type_, text)
        except ValueError:
            raise Refuse(400, {"message": "Validation failed", "errors": {"content": ["is invalid"]}}) from None

    @route("GET", "/v2/whoami")
    def whoami(self, q):
        del q
        return Reply(200, {"data": {"user": None, "account": {"id": 731, "email": "a@b.test", "plan_identifier": "x"}}})

    @route("GET", "/v2/accounts")
    def accounts(self, q):
        del q
        return Reply(200, {"data": [{"id": 731, "email": "a@b.test", "plan_identifier": "x", "created_at": "2015-04-23T07:40:03Z",
                                     "updated_at": "2015-04-23T07:40:03Z"}]})

    @route("GET", "/v2/(?P<account>[0-9]+)/(zones|domains)")
    def zones_(self, q, account):
        if account != "731":
            self.no(404, "Account not found")
        return self.listed(q, [z for z in self.zones if q.args.get("name_like", "") in z.name], self.zone_shown)

    @route("GET", "/v2/(?P<account>[0-9]+)/(zones|domains)/(?P<zone>[^/]+)")
    def zone_(self, q, account, zone):
        del q
        return Reply(200, {"data": self.zone_shown(self.the_zone(account, zone))})

    @route("GET", "/v2/(?P<account>[0-9]+)/zones/(?P<zone>[^/]+)/records")
    def records(self, q, account, zone):
        zone = self.the_zone(account, zone)
        found = [r for r in zone.records if q.args.get("type", r.type) == r.type and
                 ("name" not in q.args or zone.rel(r.name) == q.args["name"])]
        return self.listed(q, found, lambda r: self.shown(zone, r))

    @route("POST", "/v2/(?P<account>[0-9]+)/zones/(?P<zone>[^/]+)/records")
    def create(self, q, account, zone):
        zone = self.the_zone(account, zone)
        name, type_, ttl, value = self.read(zone, q.json())
        if any(r.value == value for r in zone.find(name, type_)):
            raise Refuse(400, {"message": "Zone record already exists"})
        return Reply(201, {"data": self.shown(zone, self.add(zone, name, type_, ttl, value))})

    @route("PATCH", "/v2/(?P<account>[0-9]+)/zones/(?P<zone>[^/]+)/records/(?P<id_>[^/]+)")
    def update(self, q, account, zone, id_):
        zone = self.the_zone(account, zone)
        r = zone.by_id(id_) or self.no(404, f"Record `{id_}` not found")
        r.name, r.type, r.ttl, r.value = self.read(zone, {**self.shown(zone, r), **q.json(), "type": r.type})
        return Reply(200, {"data": self.shown(zone, r)})

    @route("DELETE", "/v2/(?P<account>[0-9]+)/zones/(?P<zone>[^/]+)/records/(?P<id_>[^/]+)")
    def delete(self, q, account, zone, id_):
        del q
        zone = self.the_zone(account, zone)
        self.remove(zone, zone.by_id(id_) or self.no(404, f"Record `{id_}` not found"))
        return Reply(204)
