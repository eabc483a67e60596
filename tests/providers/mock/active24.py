"""Active24 and Websupport, one API: https://rest.active24.cz/v2/docs. The password is an HMAC-SHA1 over method, path and the
time, which the Date header tells; domains are services (v1), names come as FQDN and go out relative."""
import base64
import datetime
import hashlib
import hmac
import re
import time

from .core import Provider, Refuse, Reply, provider, route

MORE = {"MX": ("priority",), "SRV": ("priority", "weight", "port")}


def refuse(status, title, **more):
    return Refuse(status, {"type": "/errors/httpException", "status": status, "title": title, **more})


class Active24Like(Provider):
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV")
    page, page_max, signed = 20, 100, 300
    ttl_min, odd = 60, ()
    key, secret = "", ""

    def auth(self, q):
        sent = re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(Z|[+-]\d\d:?\d\d)", q.header("Date"))
        scheme, _, text = q.header("Authorization").partition(" ")
        if not sent or scheme != "Basic":
            raise Refuse(401, {"message": "No username or password.", "code": 401})
        zone = sent[7].replace(":", "")
        at = datetime.datetime(*(int(x) for x in sent.groups()[:6]), tzinfo=datetime.timezone.utc).timestamp()
        if zone != "Z":
            at -= (1 if zone[0] == "+" else -1) * (int(zone[1:3]) * 3600 + int(zone[3:]) * 60)
        if abs(time.time() - at) > self.signed:
            raise refuse(401, "The time of the request is out of range.")
        want = hmac.new(self.secret.encode(), f"{q.method} {q.path} {int(at)}".encode(), hashlib.sha1).hexdigest()
        if base64.b64decode(text).decode() != f"{self.key}:{want}":
            raise Refuse(401, {"message": "Incorrect username or password.", "code": 401})

    def denied(self, fault):
        status = fault.get("status", 401)
        return refuse(status, "This action is unauthorized.").reply

    def the_zone(self, id_):
        zone = self.zone(id_=id_)
        if not zone:
            raise refuse(404, "Service not found.")
        return zone

    def shown(self, r):
        more = MORE.get(r.type, ())
        *numbers, data = r.value.split(" ", len(more)) if more else [r.value]
        if r.type in ("CNAME", "MX", "SRV"):
            data = data.rstrip(".")
        return {"id": r.id, "type": r.type, "name": r.name, "content": data, "ttl": r.ttl, **{k: int(v) for k, v in zip(more, numbers)}}

    @route("GET", "/v1/user/self/service")
    def services(self, q):
        del q
        items = [{"id": 1, "serviceName": "The Hosting", "status": "active", "name": "myname_1"}]
        items += [{"id": z.id, "serviceName": "domain", "status": "active", "name": z.name} for z in self.zones]
        return Reply(200, {"items": items, "pager": {"page": 1, "pagesize": None, "items": len(items)}})

    @route("GET", "/v2/service/(?P<zone>[0-9]+)/dns/record")
    def records(self, q, zone):
        zone = self.the_zone(zone)
        part, (page, by, pages) = self.pages(q, zone.records, size="rowsPerPage")
        return Reply(200, {"currentPage": page, "rowsPerPage": by, "totalPages": pages, "totalRecords": len(zone.records),
                           "actions": {}, "data": [self.shown(r) for r in part]})

    @route("POST", "/v2/service/(?P<zone>[0-9]+)/dns/record")
    def create(self, q, zone):
        zone, body = self.the_zone(zone), q.json()
        more = MORE.get(body.get("type"), ()) if isinstance(body, dict) else ()
        wrong = [k for k in ("type", "name", "content", *more) if not isinstance(body, dict) or k not in body]
        if wrong or body["type"] not in self.types or set(body) - {"type", "name", "content", "ttl", *more} or not body["content"]:
            raise Refuse(422, {"type": "/errors/validation", "status": 422, "title": "The given data was invalid.",
                               "violations": [{"propertyPath": k, "errors": [{}]} for k in wrong]})
        content = body["content"]
        if body["type"] in ("CNAME", "MX", "SRV"):
            content = content.rstrip(".") + "."
        value, name = " ".join([str(int(body[m])) for m in more] + [content]), zone.full(body["name"])
        if any(r.value == value for r in zone.find(name, body["type"])):
            raise Refuse(422, {"type": "/errors/validation", "status": 422, "title": "The record already exists."})
        self.add(zone, name, body["type"], body.get("ttl", 600), value)
        return Reply(204)

    @route("DELETE", "/v2/service/(?P<zone>[0-9]+)/dns/record/(?P<id_>[0-9]+)")
    def delete(self, q, zone, id_):
        del q
        zone = self.the_zone(zone)
        r = zone.by_id(id_)
        if not r:
            raise refuse(404, "Record not found.")
        self.remove(zone, r)
        return Reply(204)


@provider
class Active24(Active24Like):
    name = "active24"
    hosts = ("rest.active24.cz",)
    key, secret = "a24-key", "active24-secret"
    env = {"ACTIVE24_API_KEY": key, "ACTIVE24_SECRET": secret}


@provider
class Websupport(Active24Like):
    name = "websupport"
    hosts = ("rest.websupport.sk",)
    key, secret = "ws-key", "websupport-secret"
    env = {"WEBSUPPORT_API_KEY": key, "WEBSUPPORT_SECRET": secret}
