"""INWX (DomRobot): https://www.inwx.de/en/help/apidoc. One address a language, JSON-RPC and XML-RPC, codes in a good status;
a session is a cookie that account.login sets, but XML-RPC clients may send user and pass in each call. Names are whole, no
final dot is taken in targets, and a priority stands in a member of its own. Ids are texts (recordings of 2018 have numbers)."""
import json
import secrets
import xml.parsers.expat
import xmlrpc.client

from .core import Provider, Refuse, Reply, provider, route

RECORD = {"domain", "roId", "type", "content", "name", "ttl", "prio"}
PARAMS = {"nameserver.info": {"domain", "roId", "recordId", "type", "name", "content", "ttl", "prio"},
          "nameserver.createRecord": RECORD, "nameserver.updateRecord": (RECORD | {"id"}) - {"domain", "roId"},
          "nameserver.deleteRecord": {"id", "testing"}, "nameserver.list": {"domain", "wide", "page", "pagelimit"},
          "domain.info": {"domain", "wide"}, "account.login": {"user", "pass", "lang", "case-insensitive"}, "account.logout": set()}
TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS", "PTR", "SSHFP", "NAPTR", "SVCB", "HTTPS", "ALIAS")
DOTS = ("CNAME", "MX", "NS", "PTR", "SRV")


@provider
class Inwx(Provider):
    name = "inwx"
    hosts = ("api.domrobot.com", "api.ote.domrobot.com")
    env = {"INWX_USERNAME": "inwx-user", "INWX_PASSWORD": "inwx-password"}
    ttl_min, ttl_max = 300, 864000
    txt_no, txt_trim = "`", True

    def setup(self):
        self.sessions, self.xml = set(), False

    def expire(self):
        self.sessions.clear()
        return True

    def fault_for(self, q):  # sessions begin and end between a scenario's steps: they must not use up what it has in store
        return {} if b"account.log" in q.body else super().fault_for(q)

    def writes(self, q):
        return any(x in q.body for x in (b"createRecord", b"updateRecord", b"deleteRecord"))

    def said(self, code=1000, msg="Command completed successfully", data=None):
        out = {"code": code, "msg": msg, **({} if data is None else {"resData": data}),
               "svTRID": "20180918-%d-ote" % secrets.randbelow(10**7), "runtime": 0.0717}
        if self.xml:
            return Reply(200, xmlrpc.client.dumps((out,), methodresponse=True), {"Content-Type": "text/xml"})
        return Reply(200, out)

    def refuse(self, code, msg, reason=""):
        out = Refuse(200)
        out.reply = self.said(code, f"{msg}: {reason}" if reason else msg)
        return out

    def denied(self, fault):
        return self.said(2200, "Authentication error")

    def missing(self, fault):
        return self.said(2303, "Object does not exist")

    def policy(self, reason):
        return self.refuse(2005, "Parameter value syntax error", reason)

    def read(self, zone, name, type_, x):
        """(name, TTL, value) of a write, what is not given as it was."""
        name, value, ttl = str(name).lower(), str(x["content"]), int(x.get("ttl", 3600))
        if type_ not in TYPES or not value or not 300 <= ttl <= 864000:
            raise self.policy(f"type, content or ttl: {type_} {value} {ttl}")
        if name.endswith("."):
            raise self.policy("name")
        if name != zone.name and not name.endswith("." + zone.name):
            name = zone.full(name, ("", "@"))
        if type_ == "TXT":
            if "`" in value:
                raise self.policy("content")
            value = value.rstrip(" ")
        if type_ in DOTS:
            last = value.split(" ")[-1]
            if last.endswith(".") and not (last == "." and type_ in ("MX", "SRV")) or len(value.split(" ")) != (3 if type_ == "SRV" else 1):
                raise self.policy("content")
            value = value if last == "." else value + "."
        if type_ in ("MX", "SRV"):
            value = f"{int(x.get('prio') or 0)} {value}"
        return name, ttl, value

    def shown(self, r):
        value, prio = r.value, 0
        if r.type in ("MX", "SRV"):
            prio, value = value.split(" ", 1)
        if r.type in DOTS and value.split(" ")[-1] != ".":
            value = value.rstrip(".")
        return {"id": str(r.id), "name": r.name, "type": r.type, "content": value, "ttl": r.ttl, "prio": int(prio)}

    def the_record(self, x):
        for zone in self.zones:
            if r := zone.by_id(x.get("id", "?")):
                return zone, r
        raise self.refuse(2303, "Object does not exist")

    def the_zone(self, x):
        zone = self.zone(str(x.get("domain") or "?"))
        if not zone:
            raise self.refuse(2303, "Object does not exist")
        return zone

    def do(self, method, x):
        if method == "nameserver.list":
            return self.said(data={"count": len(self.zones), "domains": [
                {"roId": 2238, "domain": z.name, "type": "MASTER"} for z in self.zones[:int(x.get("pagelimit", 20))]]})
        if method == "domain.info":
            return self.said(data={"roId": 30078, "domain": self.the_zone(x).name})
        if method == "nameserver.info":
            zone = self.the_zone(x)
            name = str(x["name"]).lower() if "name" in x else None
            found = [s for s in map(self.shown, zone.records)
                     if all(s[k] == x.get(k, s[k]) for k in ("type", "content")) and name in (None, s["name"], zone.rel(s["name"]))]
            return self.said(data={"roId": 2238, "domain": zone.name, "type": "MASTER", "cleanup": {"status": "OK", "tstamp": 0},
                                   **({"count": len(found), "record": found} if found else {})})
        zone, r = (self.the_zone(x), None) if method == "nameserver.createRecord" else self.the_record(x)
        if method == "nameserver.deleteRecord":
            self.remove(zone, r)
            return self.said()
        type_ = x.get("type", r.type if r else "?")
        if r:
            was = self.shown(r)
            x = {**{k: was[k] for k in ("name", "content", "ttl", "prio")}, **x}
        name, ttl, value = self.read(zone, x.get("name", ""), type_, x)
        if any(o.value == value and o is not r for o in zone.find(name, type_)):
            raise self.refuse(2302, "Object exists")
        if not r:
            return self.said(data={"id": str(self.add(zone, name, type_, ttl, value).id)})
        r.name, r.type, r.ttl, r.value = name, type_, ttl, value
        return self.said()

    @route("POST", "/(?P<language>jsonrpc|xmlrpc)/")
    def call(self, q, language):
        self.xml = language == "xmlrpc"
        try:
            if self.xml:
                params, method = xmlrpc.client.loads(q.body)
                x = dict(params[0]) if params else {}
            else:
                body = json.loads(q.body)
                method, x = body["method"], dict(body.get("params") or {})
                if set(body) - {"method", "params"}:
                    raise ValueError
        except (ValueError, KeyError, TypeError, xml.parsers.expat.ExpatError):
            raise self.refuse(2001, "Command syntax error") from None
        if method not in PARAMS:
            raise self.refuse(2000, "Unknown command")
        good = (x.get("user"), x.get("pass")) == ("inwx-user", "inwx-password")
        cookie = q.header("Cookie").partition("domrobot=")[2].partition(";")[0]
        if method == "account.login":
            if not good:
                raise self.refuse(2200, "Authentication error")
            cookie = secrets.token_hex(16)
            self.sessions.add(cookie)
            out = self.said(data={"customerId": 1, "accountId": 1, "tfa": "0", "builddate": "2018-09-18", "version": "3.2"})
            out.headers["Set-Cookie"] = f"domrobot={cookie}; path=/; secure; HttpOnly"
            return out
        if type(self).auth is Provider.auth and "auth" not in self.__dict__ and cookie not in self.sessions and not (self.xml and good):
            raise self.refuse(2200, "Authentication error")
        if method == "account.logout":
            self.sessions.discard(cookie)
            return self.said(1500, "Command completed successfully; ending session")
        x = {k: v for k, v in x.items() if k not in ("user", "pass", "lang")}
        if set(x) - PARAMS[method]:
            raise self.refuse(2003, "Required parameter missing", f"unknown parameter {min(set(x) - PARAMS[method])}")
        return self.do(method, x)
