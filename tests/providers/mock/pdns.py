"""PowerDNS: https://doc.powerdns.com/authoritative/http-api/. Whole sets by PATCH; names and values as in a zone file."""
from .core import Provider, Refuse, Reply, provider, quoted, route, unquoted

NAMED = {"CNAME": 1, "NS": 1, "PTR": 1, "MX": 2, "SRV": 4}  # how many words; the last is a name


@provider
class Pdns(Provider):
    name = "pdns"
    hosts = ("pdns.mock",)
    env = {"PDNS_API_URL": "https://pdns.mock", "PDNS_API_KEY": "pdns-secret-key"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS", "PTR", "SSHFP")
    unit = "set"

    def new_zone_id(self, name):
        return name + "."

    def auth(self, q):
        if q.header("X-API-Key") != "pdns-secret-key":
            raise Refuse(401, "Unauthorized", {"Content-Type": "text/plain; charset=utf-8"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), "Unauthorized", {"Content-Type": "text/plain; charset=utf-8"})

    def broken(self, fault):
        return Reply(fault.get("status", 500), {"error": "Internal Server Error"})

    def the_zone(self, id_):
        zone = self.zone(id_)
        if not zone:
            raise Refuse(404, {"error": "Not Found"})
        return zone

    def summary(self, z):
        at = f"/api/v1/servers/localhost/zones/{z.id}"
        return {"account": "", "catalog": "", "dnssec": False, "edited_serial": z.serial, "id": z.id, "kind": "Master",
                "last_check": 0, "masters": [], "name": z.name + ".", "notified_serial": 0, "serial": z.serial, "url": at}

    @route("GET", "/api")
    def versions(self, q):
        return Reply(200, [{"url": "/api/v1", "version": 1}])

    @route("GET", "/api/v1/servers/localhost/zones")
    def zone_list(self, q):
        wanted = q.args.get("zone")
        return Reply(200, [self.summary(z) for z in self.zones if wanted in (None, z.name + ".")])

    @route("GET", "/api/v1/servers/localhost/zones/(?P<id_>[^/]+)")
    def whole(self, q, id_):
        z = self.the_zone(id_)
        sets = [{"comments": [], "name": name + ".", "type": type_, "ttl": rs[0].ttl,
                 "records": [{"content": quoted(r.value, 255) if type_ == "TXT" else r.value, "disabled": False} for r in rs]}
                for (name, type_), rs in z.sets().items()]
        return Reply(200, {**self.summary(z), "api_rectify": False, "master_tsig_key_ids": [], "nsec3narrow": False, "nsec3param": "",
                           "rrsets": sets, "slave_tsig_key_ids": [], "soa_edit": "", "soa_edit_api": "DEFAULT"})

    def content(self, set_, text):
        type_ = set_["type"]
        if type_ == "TXT":
            plain = unquoted(text)
            if not text.startswith('"') or plain is None or any(len(x) > 1020 for x in text.split('" "')):
                raise Refuse(422, {"error": f"Record {set_['name']}/TXT '{text}': Parsing record content (try 'pdnsutil check-zone'): "
                                            "Data field in DNS should start with quote (\") at position 0"})
            return plain
        if type_ in NAMED and (len(text.split()) != NAMED[type_] or not text.endswith(".")):
            raise Refuse(422, {"error": f"Record {set_['name']}/{type_} '{text}': Not in expected format (parsed as '{text}.')"})
        return text

    def check(self, zone, set_):
        name = set_["name"]
        if not name.endswith("."):
            raise Refuse(422, {"error": f"DNS Name '{name}' is not canonical"})
        if name != zone.name + "." and not name.endswith("." + zone.name + "."):
            raise Refuse(422, {"error": f"RRset {name} IN {set_['type']}: Name is out of zone"})
        if set_["type"] not in self.types:
            raise Refuse(422, {"error": f"Unknown type '{set_['type']}'"})
        if set_["changetype"] not in ("REPLACE", "DELETE"):
            raise Refuse(422, {"error": f"Changetype '{set_['changetype']}' is not a valid value"})

    @route("PATCH", "/api/v1/servers/localhost/zones/(?P<id_>[^/]+)")
    def patch(self, q, id_):
        zone, sets = self.the_zone(id_), (q.json() or {}).get("rrsets")
        if not isinstance(sets, list):
            raise Refuse(422, {"error": "No rrsets given in update request"})
        new = []
        for s in sets:
            self.check(zone, s)
            values = [self.content(s, r["content"]) for r in s.get("records", [])] if s["changetype"] == "REPLACE" else []
            if len(values) != len(set(values)):
                raise Refuse(422, {"error": f"Duplicate record in RRset {s['name']} IN {s['type']}"})
            if s["type"] == "CNAME" and len(values) > 1:
                raise Refuse(422, {"error": f"RRset {s['name']} IN CNAME has more than one record"})
            if values and "ttl" not in s:
                raise Refuse(422, {"error": "Key 'ttl' not present or not an Integer"})
            new.append((s, values))
        for s, values in new:
            name = s["name"].lower().rstrip(".")
            others = {r.type for r in zone.find(name)} - {s["type"]}
            if values and ((s["type"] == "CNAME" and others) or "CNAME" in others):
                raise Refuse(422, {"error": f"RRset {s['name']} IN {s['type']}: Conflicts with pre-existing RRset"})
            for r in zone.find(name, s["type"]):
                self.remove(zone, r)
            for value in values:
                self.add(zone, name, s["type"], s["ttl"], value)
        return Reply(204)

    @route("PUT", "/api/v1/servers/localhost/zones/(?P<id_>[^/]+)/notify")
    def notify(self, q, id_):
        self.the_zone(id_)
        return Reply(200, {"result": "Notification queued"})

    def writes(self, q):
        return q.method == "PATCH"
