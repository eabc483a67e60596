"""ClouDNS: https://www.cloudns.net/wiki/article/41/. Everything by GET or POST, all numbers as texts, refusals in good
statuses; the records come as an object by their ids, and as an empty list when there are none."""
from .core import Provider, Refuse, Reply, provider, route

MORE = {"MX": ("priority",), "SRV": ("priority", "weight", "port"), "CAA": ("caa_flag", "caa_type"),
        "TLSA": ("tlsa_usage", "tlsa_selector", "tlsa_matching_type")}
TTLS = (60, 300, 900, 1800, 3600, 21600, 43200, 86400, 172800, 259200, 604800, 1209600, 2592000)


def failed(text):
    return Reply(200, {"status": "Failed", "statusDescription": text})


def refuse(text):
    r = Refuse(200)
    r.reply = failed(text)
    return r


@provider
class ClouDns(Provider):
    name = "cloudns"
    hosts = ("api.cloudns.net",)
    env = {"CLOUDNS_AUTH_ID": "1234", "CLOUDNS_AUTH_PASSWORD": "cloudns-password"}
    alt = ({"CLOUDNS_SUB_AUTH_ID": "5678", "CLOUDNS_AUTH_PASSWORD": "cloudns-password"},)
    ttls, txt_no, txt_trim, odd = TTLS, '"`', True, ()
    id_start = 69469250

    def words(self, q):
        return {**q.args, **(q.form() if q.method == "POST" else {})}

    def auth(self, q):
        w = self.words(q)
        if (w.get("auth-id"), w.get("sub-auth-id")) not in (("1234", None), (None, "5678"), ("", "5678"), ("1234", "")) or \
                w.get("auth-password") != "cloudns-password":
            raise refuse("Invalid authentication, incorrect auth-id or auth-password.")

    def denied(self, fault):
        del fault
        return failed("Invalid authentication, incorrect auth-id or auth-password.")

    def rate(self, fault):
        del fault
        return failed("Request blocked. 192.0.2.1 is sending more than 20 requests per second.")

    def writes(self, q):
        return q.path.rsplit("/", 1)[-1] in ("add-record.json", "mod-record.json", "delete-record.json")

    def the_zone(self, w):
        zone = self.zone(w.get("domain-name", ""))
        if not zone:
            raise refuse("Missing domain-name")
        return zone

    def shown(self, zone, r):
        more = MORE.get(r.type, ())
        *numbers, data = r.value.split(" ", len(more)) if more else [r.value]
        out = {"id": str(r.id), "type": r.type, "host": zone.rel(r.name), "record": data, "ttl": str(r.ttl), "status": 1}
        if r.type in ("CNAME", "MX", "SRV", "NS", "PTR"):
            out["record"] = data.rstrip(".")
        if r.type == "CAA":
            out.update(record="", caa_value=data.strip('"'))
        return {**out, **dict(zip(more, numbers))}

    def read(self, zone, w):
        type_ = w.get("record-type")
        more = MORE.get(type_, ())
        if w.get("ttl") not in [str(t) for t in TTLS]:
            raise refuse("Invalid TTL. Choose from the list of the values we support.")
        if type_ not in self.types or not all(w.get(m) for m in more) or (type_ != "CAA" and not w.get("record")):
            raise refuse("Missing or invalid record.")
        data = w["caa_value"] if type_ == "CAA" else w["record"]
        if type_ == "TXT" and (set(data) & set(self.txt_no) or data != data.strip()):
            raise refuse("Invalid TXT record.")
        if type_ in ("CNAME", "MX", "SRV"):
            data = data.rstrip(".") + "."
            if data == ".":
                raise refuse("Invalid hostname.")
        if type_ == "CAA":
            data = f'"{data}"'
        return zone.full(w.get("host", ""), apex=("", "@")), int(w["ttl"]), " ".join([w[m] for m in more] + [data])

    @route("GET", "/dns/list-zones.json")
    def zones_list(self, q):
        if not q.args.get("page") or q.args.get("rows-per-page") not in ("10", "20", "30", "50", "100"):
            raise refuse("Missing or wrong parameter: page, rows-per-page")
        part, _ = self.pages(q, self.zones, size="rows-per-page")
        return Reply(200, [{"name": z.name, "type": "master", "zone": "domain", "status": "1"} for z in part])

    @route("GET", "/dns/get-zone-info.json")
    def info(self, q):
        return Reply(200, {"name": self.the_zone(q.args).name, "type": "master", "zone": "domain", "status": "1"})

    @route("GET", "/dns/update-status.json")
    def updated(self, q):
        self.the_zone(q.args)
        return Reply(200, [{"server": "ns1.cloudns.net", "ip4": "192.0.2.1", "updated": True}])

    @route("GET", "/dns/records.json")
    def records(self, q):
        zone = self.the_zone(q.args)
        host, type_ = q.args.get("host"), q.args.get("type")
        found = [r for r in zone.records if (host is None or zone.rel(r.name) == host) and (not type_ or r.type == type_)]
        return Reply(200, {str(r.id): self.shown(zone, r) for r in found} if found else [])

    def add_record(self, q):
        w = self.words(q)
        zone = self.the_zone(w)
        name, ttl, value = self.read(zone, w)
        if any(r.value == value for r in zone.find(name, w["record-type"])):
            raise refuse("The record already exists.")
        r = self.add(zone, name, w["record-type"], ttl, value)
        return Reply(200, {"status": "Success", "statusDescription": "The record was added successfully.", "data": {"id": r.id}})

    def mod_record(self, q):
        w = self.words(q)
        zone = self.the_zone(w)
        r = zone.by_id(w.get("record-id"))
        if not r:
            raise refuse("Invalid record-id param.")
        r.name, r.ttl, r.value = self.read(zone, {**w, "record-type": r.type})
        return Reply(200, {"status": "Success", "statusDescription": "The record was modified successfully."})

    def delete_record(self, q):
        w = self.words(q)
        zone = self.the_zone(w)
        r = zone.by_id(w.get("record-id"))
        if not r:
            raise refuse("Invalid record-id param.")
        self.remove(zone, r)
        return Reply(200, {"status": "Success", "statusDescription": "The record was deleted successfully."})

    @route("GET", "/dns/(?P<what>(add|mod|delete)-record).json")
    @route("POST", "/dns/(?P<what>(add|mod|delete)-record).json")
    def change(self, q, what):
        return getattr(self, what.replace("-", "_"))(q)
