"""OVH: https://api.ovh.com/console/#/domain/zone. A list is of ids, each record is asked for; nothing is published before a
refresh, and the dump is of what is published. Signed as $1$, SHA-1 over secret, consumer key, method, URL, body and time. An
application asks for a consumer key, which is good once its user has opened a page, and for the calls that were asked for alone."""
import fnmatch
import hashlib
import re
import time

from . import _sets, _sign
from .core import Provider, Refuse, Reply, provider, route


@provider
class OVH(Provider):
    name = "ovh"
    hosts = ("eu.api.ovh.com",)
    env = {"OVH_ENDPOINT": "ovh-eu", "OVH_APPLICATION_KEY": "7kbG7Bk7S9Nt7ZSV", "OVH_APPLICATION_SECRET": "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF",
           "OVH_CONSUMER_KEY": "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS")
    ttl_min, ttl_max = 60, 2147483647
    signed = 60 * 60
    granted = "OVH_CONSUMER_KEY"
    commit = "POST .*/refresh"
    sizes = (101, 120, 101)

    def setup(self):
        self.public = {z.id: list(z.records) for z in self.zones}
        every = [(m, "/*") for m in ("GET", "POST", "PUT", "DELETE")]
        self.keys = {self.env["OVH_CONSUMER_KEY"]: {"rules": every, "good": True}}

    def dump(self):
        return sorted([z.name, r.name, r.type, r.ttl, r.value] for z in self.zones for r in self.public.get(z.id, ()))

    def new_zone_id(self, name):
        return name

    def no(self, status, code, message):
        return Refuse(status, {"class": "Client::" + code, "errorCode": code, "httpCode": str(status), "message": message})

    def denied(self, fault):
        return self.no(fault.get("status", 403), "INVALID_CREDENTIAL", "This credential is not valid").reply

    def auth(self, q):
        if q.path in ("/1.0/auth/time", "/1.0/auth/credential"):
            return
        stamp = q.header("X-Ovh-Timestamp")
        consumer = q.header("X-Ovh-Consumer")
        key = self.keys.get(consumer, {"good": False})
        text = "+".join([self.env["OVH_APPLICATION_SECRET"], consumer, q.method, f"https://{q.host}{q.target}",
                         q.body.decode(), stamp])
        if q.header("X-Ovh-Application") != self.env["OVH_APPLICATION_KEY"]:
            raise self.no(403, "INVALID_KEY", "This application key is invalid")
        if not key["good"]:
            raise self.no(403, "INVALID_CREDENTIAL", "This credential is not valid")
        if not _sign.same("$1$" + hashlib.sha1(text.encode()).hexdigest(), q.header("X-Ovh-Signature")):
            raise self.no(400, "INVALID_SIGNATURE", "Invalid signature")
        if not stamp.isdigit() or abs(int(stamp) - time.time()) > self.signed:
            raise self.no(400, "QUERY_TIME_OUT", "Query out of time")
        path = q.path.removeprefix("/1.0")
        if not any(q.method == m and fnmatch.fnmatchcase(path, rule) for m, rule in key["rules"]):
            raise self.no(403, "NOT_GRANTED_CALL", "This call has not been granted")

    @route("POST", "/1.0/auth/credential")
    def ask(self, q):
        body = q.json() or {}
        if q.header("X-Ovh-Application") != self.env["OVH_APPLICATION_KEY"]:
            raise self.no(403, "INVALID_KEY", "This application key is invalid")
        rules = [(r.get("method"), r.get("path")) for r in body.get("accessRules") or []]
        if not rules or any(m not in ("GET", "POST", "PUT", "DELETE") or not str(p).startswith("/") for m, p in rules):
            raise self.no(400, "BAD_REQUEST", "Missing or invalid accessRules")
        key = hashlib.md5(b"consumer %d" % self.new_id()).hexdigest()
        self.keys[key] = {"rules": rules, "good": False}
        return Reply(200, {"validationUrl": f"https://eu.api.ovh.com/auth/?credentialToken={key[::-1]}", "consumerKey": key,
                           "state": "pendingValidation"})

    def grant(self, text):
        token = re.search(r"https://eu\.api\.ovh\.com/auth/\?credentialToken=([0-9a-f]+)", text)[1]
        self.keys[token[::-1]]["good"] = True
        return {self.granted: re.search(r"OVH_CONSUMER_KEY: ([0-9a-f]+)", text)[1]}

    @route("GET", "/1.0/auth/time")
    def clock(self, q):
        del q
        return Reply(200, str(int(time.time())), {"Content-Type": "application/json"})

    @route("GET", "/1.0/domain/zone/?")
    def list_zones(self, q):
        del q
        return Reply(200, [z.name for z in self.zones])

    def the_zone(self, name):
        zone = self.zone(name)
        if not zone:
            raise self.no(404, "NOT_FOUND", f"This service does not exist: {name}")
        return zone

    @route("GET", "/1.0/domain/zone/(?P<zone>[^/]+)")
    def one_zone(self, q, zone):
        del q
        return Reply(200, {"name": self.the_zone(zone).name, "hasDnsAnycast": False, "dnssecSupported": True, "lastUpdate": "2023-01-01T00:00:00Z",
                           "nameServers": ["dns100.ovh.net", "ns100.ovh.net"]})

    @route("GET", "/1.0/domain/zone/(?P<zone>[^/]+)/status")
    def status(self, q, zone):
        del q
        return Reply(200, {"errors": [], "isDeployed": self.the_zone(zone) is not None, "warnings": []})

    def shown(self, zone, r):
        return {"id": r.id, "zone": zone.name, "subDomain": zone.rel(r.name), "fieldType": r.type, "target": getattr(r, "raw", None) or _sets.shown(r), "ttl": r.ttl}

    @route("GET", "/1.0/domain/zone/(?P<zone>[^/]+)/record")
    def ids(self, q, zone):
        zone = self.the_zone(zone)
        return Reply(200, [r.id for r in zone.records if q.args.get("fieldType") in (None, "", r.type) and
                           q.args.get("subDomain", zone.rel(r.name)) == zone.rel(r.name)])

    def the_record(self, zone, id_):
        r = self.the_zone(zone).by_id(id_)
        if not r:
            raise self.no(404, "NOT_FOUND", "The requested object (id = %s) does not exist" % id_)
        return self.the_zone(zone), r

    @route("GET", "/1.0/domain/zone/(?P<zone>[^/]+)/record/(?P<id_>[^/]+)")
    def one(self, q, zone, id_):
        del q
        return Reply(200, self.shown(*self.the_record(zone, id_)))

    def read(self, zone, type_, body):
        if type_ not in self.types or not body.get("target"):
            raise self.no(400, "BAD_REQUEST", "Missing or invalid fieldType or target")
        if body.get("ttl") not in (0, None) and body["ttl"] < self.ttl_min:
            raise self.no(400, "BAD_REQUEST", "Invalid ttl, it must be at least 60")
        try:
            return _sets.read(zone, type_, body["target"])
        except ValueError as why:
            raise self.no(400, "BAD_REQUEST", f"Invalid target: {why}") from None

    @route("POST", "/1.0/domain/zone/(?P<zone>[^/]+)/record")
    def create(self, q, zone):
        zone, body = self.the_zone(zone), q.json() or {}
        name, type_ = zone.full(body.get("subDomain") or ""), body.get("fieldType")
        value = self.read(zone, type_, body)
        if any((r.type == "CNAME") != (type_ == "CNAME") for r in zone.find(name)):
            raise self.no(400, "BAD_REQUEST", "A CNAME stands alone")
        return Reply(200, self.shown(zone, self.add(
            zone, name, type_, body.get("ttl") or 3600, value, raw=body["target"])))

    @route("PUT", "/1.0/domain/zone/(?P<zone>[^/]+)/record/(?P<id_>[^/]+)")
    def update(self, q, zone, id_):
        zone, r = self.the_record(zone, id_)
        body = {**self.shown(zone, r), **(q.json() or {})}
        value, i = self.read(zone, r.type, body), zone.records.index(r)
        self.remove(zone, r)
        new = self.add(zone, zone.full(body["subDomain"] or ""), r.type, body["ttl"] or 3600, value, raw=body["target"])
        new.id = r.id
        zone.records.insert(i, zone.records.pop())
        return Reply(200, "null", {"Content-Type": "application/json"})

    @route("DELETE", "/1.0/domain/zone/(?P<zone>[^/]+)/record/(?P<id_>[^/]+)")
    def delete(self, q, zone, id_):
        del q
        self.remove(*self.the_record(zone, id_))
        return Reply(200, "null", {"Content-Type": "application/json"})

    @route("POST", "/1.0/domain/zone/(?P<zone>[^/]+)/refresh")
    def refresh(self, q, zone):
        del q
        zone = self.the_zone(zone)
        self.public[zone.id] = list(zone.records)
        return Reply(200, "null", {"Content-Type": "application/json"})
