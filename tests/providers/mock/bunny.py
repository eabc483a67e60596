"""bunny.net: https://docs.bunny.net/reference/dnszonepublic_index, and its own client. Records inside their zone, types as numbers,
members in any case, as its framework reads them."""
from ._parts import cut, flat, join, normal
from .core import Provider, Refuse, Reply, provider, route

NUMBERS = {"A": 0, "AAAA": 1, "CNAME": 2, "TXT": 3, "MX": 4, "Redirect": 5, "Flatten": 6, "PullZone": 7, "SRV": 8, "CAA": 9, "PTR": 10,
           "Script": 11, "NS": 12, "SVCB": 13, "HTTPS": 14, "TLSA": 15}
TYPES = {v: k for k, v in NUMBERS.items()}


def refuse(status, key, message, field=""):
    return Refuse(status, {"ErrorKey": key, "Field": field, "Message": message})


@provider
class Bunny(Provider):
    name = "bunny"
    hosts = ("api.bunny.net",)
    env = {"BUNNY_API_KEY": "bunny-key"}
    page, page_max = 1000, 1000
    ttl_min = 15
    odd = (("odd", "PTR", 3600, "host.example.net."),)

    def auth(self, q):
        if q.header("AccessKey") != "bunny-key":
            raise refuse(401, "unauthorized", "The request authorization header is not valid.")

    def denied(self, fault):
        return refuse(fault.get("status", 401), "unauthorized", "The request authorization header is not valid.").reply

    def the_zone(self, id_):
        zone = self.zone(id_=id_)
        if not zone:
            raise refuse(404, "dnszone.not_found", "The requested DNS zone was not found")
        return zone

    def shown(self, zone, r):
        out = {"Id": r.id, "Type": NUMBERS[r.type], "Ttl": r.ttl, "Value": r.value, "Name": zone.rel(r.name), "Weight": 0, "Priority": 0,
               "Port": 0, "Flags": 0, "Tag": "", "Accelerated": False, "AcceleratedPullZoneId": 0, "LinkName": "", "MonitorStatus": 0,
               "MonitorType": 0, "GeolocationLatitude": 0.0, "GeolocationLongitude": 0.0, "EnviromentalVariables": [], "LatencyZone": None,
               "SmartRoutingType": 0, "Disabled": False, "Comment": ""}
        parts = cut(r.type, r.value) or {}
        if r.type in ("MX", "SRV"):
            out.update({k.capitalize(): v for k, v in parts.items() if k != "target"}, Value=parts["target"])
        elif r.type == "CAA":
            out.update(Flags=parts["flags"], Tag=parts["tag"], Value=parts["ca"])
        else:
            out["Value"] = flat(r.type, r.value)
        return out

    def zone_shown(self, z):
        return {"Id": z.id, "Domain": z.name, "Records": [self.shown(z, r) for r in z.records], "DateModified": "2026-01-01T00:00:00",
                "NameserversDetected": True, "CustomNameserversEnabled": False, "Nameserver1": "kiki.bunny.net",
                "Nameserver2": "coco.bunny.net", "SoaEmail": "hostmaster@bunny.net", "LoggingEnabled": False, "DnsSecEnabled": False}

    def read(self, zone, body, old=None):
        body = {k.lower(): v for k, v in body.items() if v is not None} if isinstance(body, dict) else {}
        type_ = TYPES.get(body.get("type")) if not isinstance(body.get("type"), (bool, str)) else None
        type_ = old.type if old else type_
        if type_ is None:
            raise refuse(400, "validation_error", "The type is not valid.", "Type")
        text, ttl = body.get("value"), body.get("ttl", old.ttl if old else 300)
        if not isinstance(text, str) or not text:
            raise refuse(400, "dnszone.record.value_invalid", "The record value is not valid.", "Value")
        if isinstance(ttl, (bool, str)) or ttl < 15:
            raise refuse(400, "dnszone.record.ttl_invalid", "The TTL is not valid.", "Ttl")
        for k in ("priority", "weight", "port", "flags"):
            if isinstance(body.get(k, 0), (bool, str)):
                raise refuse(400, "validation_error", f"The JSON value could not be converted: {k}", k)
        try:
            if type_ in ("MX", "SRV", "CAA"):
                text = join(type_, {"priority": 0, "weight": 0, "port": 0, "flags": 0, **body, "target": text, "ca": text})
            text = normal(type_, text)
        except (ValueError, KeyError):
            raise refuse(400, "dnszone.record.value_invalid", "The record value is not valid.", "Value") from None
        return zone.full(str(body.get("name") or "")), type_, ttl, text

    @route("GET", "/dnszone")
    def list_zones(self, q):
        found = [z for z in self.zones if q.args.get("search", "") in z.name]
        by = q.number("perPage", self.page)
        if not 5 <= by <= 1000:
            raise refuse(400, "validation_error", "perPage is 5 to 1000", "perPage")
        at = q.number("page", 1)
        part = found[(at - 1) * by:at * by]
        return Reply(200, {"Items": [self.zone_shown(z) for z in part], "CurrentPage": at, "TotalItems": len(found),
                           "HasMoreItems": at * by < len(found)})

    @route("GET", "/dnszone/(?P<zone>[0-9]+)")
    def one(self, q, zone):
        del q
        return Reply(200, self.zone_shown(self.the_zone(zone)))

    @route("PUT", "/dnszone/(?P<zone>[0-9]+)/records")
    def create(self, q, zone):
        zone = self.the_zone(zone)
        name, type_, ttl, value = self.read(zone, q.json())
        if any(r.value == value for r in zone.find(name, type_)):
            raise refuse(400, "dnszone.record.already_exists", "A record with this name and value already exists")
        return Reply(201, self.shown(zone, self.add(zone, name, type_, ttl, value)))

    def the_record(self, zone, id_):
        r = zone.by_id(id_)
        if not r:
            raise refuse(404, "dnszone.record.not_found", "The requested record was not found")
        return r

    @route("POST", "/dnszone/(?P<zone>[0-9]+)/records/(?P<id_>[0-9]+)")
    def update(self, q, zone, id_):
        zone = self.the_zone(zone)
        r = self.the_record(zone, id_)
        r.name, r.type, r.ttl, r.value = self.read(zone, {**self.shown(zone, r), **(q.json() or {})}, r)
        return Reply(204)

    @route("DELETE", "/dnszone/(?P<zone>[0-9]+)/records/(?P<id_>[0-9]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        self.remove(zone, self.the_record(zone, id_))
        return Reply(204)
