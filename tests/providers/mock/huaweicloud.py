"""Huawei Cloud DNS: https://support.huaweicloud.com/intl/en-us/api-dns/dns_api_62003.html. Sets with ids, quoted TXT, pages by
offset; public and private zones in lists of their own. Signed as SDK-HMAC-SHA256."""
from . import _sets, _sign
from .core import Provider, Refuse, Reply, provider, route


@provider
class HuaweiCloud(Provider):
    name = "huaweicloud"
    hosts = ("dns.cn-south-1.myhuaweicloud.com",)
    env = {"HUAWEICLOUD_ACCESS_KEY_ID": "HUAWEI-AK-1", "HUAWEICLOUD_SECRET_ACCESS_KEY": "huawei-secret-1", "HUAWEICLOUD_REGION": "cn-south-1"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS")
    unit = "set"
    page, page_max = 500, 500
    txt_no = '"\\'
    signed = 900
    private = True
    odd = ()

    def no(self, code, message, status=400):
        return Refuse(status, {"code": code, "message": message})

    def rate(self, fault):
        return Reply(429, {"error_msg": "The throttling threshold has been reached", "error_code": "APIGW.0308", "request_id": "1"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), {"error_msg": "Incorrect IAM authentication information", "error_code": "APIGW.0301",
                                                "request_id": "1"})

    def auth(self, q):
        given = _sign.words(q.header("Authorization"))
        names, when = given.get("SignedHeaders", "").split(";"), q.header("X-Sdk-Date")
        path = q.path if q.path.endswith("/") else q.path + "/"
        text = "\n".join([q.method, path, _sign.query(q), _sign.headers(q, names), ";".join(names), _sign.sha(q.body)])
        want = _sign.mac("huawei-secret-1", f"SDK-HMAC-SHA256\n{when}\n{_sign.sha(text)}").hex()
        wrong = ""
        if not q.header("Authorization").startswith("SDK-HMAC-SHA256 ") or "x-sdk-date" not in names or "host" not in names:
            wrong = "the authorization or the headers that it must cover are missing"
        elif given.get("Access") != "HUAWEI-AK-1":
            wrong = "app does not exist"
        elif not _sign.same(want, given.get("Signature", "")):
            wrong = "verify aksk signature fail"
        elif _sign.off(when) > self.signed:
            wrong = "X-Sdk-Date is expired: the time of the request"
        if wrong:
            raise Refuse(401, {"error_msg": f"Incorrect IAM authentication information: {wrong}", "error_code": "APIGW.0301",
                               "request_id": "1"})

    def new_zone_id(self, name):
        del name
        return "2c9eb155587194ec01587224c9f9%04d" % self.new_id()

    def setup(self):
        self.ids = {}  # (zone, name, type): the id of a set

    def listed(self, q, key, items):
        by, at = q.number("limit", self.page), q.number("offset", 0)
        if not 0 < by <= 500:
            raise self.no("DNS.0304", "The limit is out of range.")
        links = {"self": f"https://{self.hosts[0]}{q.target}"}
        if at + by < len(items):
            links["next"] = f"https://{self.hosts[0]}{q.path}?limit={by}&offset={at + by}"
        return Reply(200, {key: items[at:at + by], "metadata": {"total_count": len(items)}, "links": links})

    @route("GET", "/v2/zones")
    def list_zones(self, q):
        private = q.args.get("type", "public") == "private"
        word, equal = q.args.get("name", "").rstrip("."), q.args.get("search_mode") == "equal"
        found = [z for z in self.zones if z.private == private and (z.name == word if equal else word in z.name)]
        return self.listed(q, "zones", [{"id": z.id, "name": z.name + ".", "zone_type": "private" if private else "public", "ttl": 300,
                                         "status": "ACTIVE", "record_num": len(z.sets()), "project_id": "e55c6f3dc4e34c9f86353b664ae0e70c"}
                                        for z in found])

    def the_zone(self, id_):
        zone = self.zone(id_=id_)
        if not zone:
            raise self.no("DNS.0302", "This zone does not exist.", 404)
        return zone

    def shown(self, zone, key, records):
        id_ = self.ids.setdefault((zone.id, *key), "2c9eb155587228570158722b%08d" % self.new_id())
        return {"id": id_, "name": key[0] + ".", "type": key[1], "ttl": records[0].ttl, "records": [_sets.shown(r) for r in records],
                "status": "ACTIVE", "zone_id": zone.id, "zone_name": zone.name + ".", "default": False, "description": None}

    @route("GET", "/v2/zones/(?P<zone>[^/]+)/recordsets")
    def list_sets(self, q, zone):
        zone = self.the_zone(zone)
        found = [self.shown(zone, k, v) for k, v in zone.sets().items()]
        return self.listed(q, "recordsets", [x for x in found if q.args.get("name", "") in x["name"] and q.args.get("type", x["type"]) == x["type"]])

    def write(self, zone, key, body, old=()):
        name, type_ = key
        if type_ not in self.types:
            raise self.no("DNS.0307", "The type of the record set is invalid.")
        if not (name == zone.name or name.endswith("." + zone.name)):
            raise self.no("DNS.0306", "The record set does not belong to the zone.")
        if any((r.type == "CNAME") != (type_ == "CNAME") for r in zone.find(name) if r not in old):
            raise self.no("DNS.0312", "The record set conflicts with another.")
        try:
            values = [_sets.read(zone, type_, x, bare=False) for x in body["records"]]
        except ValueError as why:
            raise self.no("DNS.0308", f"The value of the record set is invalid: {why}") from None
        if not values or len(set(values)) != len(values):
            raise self.no("DNS.0308", "The value of the record set is invalid: none, or one twice.")
        for r in old:
            self.remove(zone, r)
        for v in values:
            self.add(zone, name, type_, body.get("ttl") or 300, v)
        return Reply(202, self.shown(zone, key, zone.find(*key)))

    @route("POST", "/v2/zones/(?P<zone>[^/]+)/recordsets")
    def create(self, q, zone):
        zone, body = self.the_zone(zone), q.json()
        key = (str(body.get("name", "")).lower().rstrip("."), body.get("type"))
        if zone.find(*key):
            raise self.no("DNS.0312", "Attribute 'name' conflicts with Record Set: it already exists.")
        return self.write(zone, key, body)

    def the_set(self, zone, id_):
        for (of, *key), known in self.ids.items():
            if known == id_ and of == zone.id and zone.find(*key):
                return tuple(key)
        raise self.no("DNS.0313", "This record set does not exist.", 404)

    @route("PUT", "/v2/zones/(?P<zone>[^/]+)/recordsets/(?P<id_>[^/]+)")
    def update(self, q, zone, id_):
        zone, body = self.the_zone(zone), q.json()
        key = self.the_set(zone, id_)
        if (body.get("name", key[0]).rstrip("."), body.get("type", key[1])) != key:
            raise self.no("DNS.0307", "The name and the type of a record set stay as they are.")
        return self.write(zone, key, body, zone.find(*key))

    @route("DELETE", "/v2/zones/(?P<zone>[^/]+)/recordsets/(?P<id_>[^/]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        key = self.the_set(zone, id_)
        old = zone.find(*key)
        for r in old:
            self.remove(zone, r)
        return Reply(202, {"id": id_, "name": key[0] + ".", "type": key[1], "status": "PENDING_DELETE"})
