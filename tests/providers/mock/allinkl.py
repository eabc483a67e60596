"""ALL-INKL's KAS: https://kasapi.kasserver.com/dokumentation/phpdoc/. SOAP whose one parameter is JSON in a text, sessions from
KasAuth, answers as PHP's maps, refusals as faults in a good status (those of flood, zones and records as lego and acme.sh know them,
the words of the others are made up). Records have no TTL; zones are named with a final dot or none."""
import json
import re
import secrets
import xml.etree.ElementTree
import xml.sax.saxutils

from .core import Provider, Refuse, Reply, provider, route

ENVELOPE = ('<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:ns1="https://kasapi.kasserver.com/soap/KasApi.php" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns2="http://xml.apache.org/xml-soap" '
            'xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/"><SOAP-ENV:Body>%s</SOAP-ENV:Body></SOAP-ENV:Envelope>\n')
PARAMS = {"get_dns_settings": ({"zone_host"}, {"record_id"}), "delete_dns_settings": ({"record_id"}, set()),
          "add_dns_settings": ({"zone_host", "record_type", "record_name", "record_data", "record_aux"}, set()),
          "update_dns_settings": ({"record_id"}, {"record_name", "record_data", "record_aux"})}
DOTS = ("CNAME", "MX", "NS", "SRV")


def encoded(x, tag="value"):
    if x is None:
        return f'<{tag} xsi:nil="true"/>'
    if isinstance(x, dict):
        return f'<{tag} xsi:type="ns2:Map">' + "".join(f"<item>{encoded(k, 'key')}{encoded(v)}</item>" for k, v in x.items()) + f"</{tag}>"
    if isinstance(x, list):
        return (f'<{tag} SOAP-ENC:arrayType="ns2:Map[{len(x)}]" xsi:type="SOAP-ENC:Array">' + "".join(encoded(v, "item") for v in x) +
                f"</{tag}>")
    kind = {int: "int", float: "float"}.get(type(x), "string")
    return f'<{tag} xsi:type="xsd:{kind}">{xml.sax.saxutils.escape(str(x))}</{tag}>'


@provider
class AllInkl(Provider):
    name = "allinkl"
    hosts = ("kasapi.kasserver.com",)
    env = {"ALL_INKL_LOGIN": "w0123456", "ALL_INKL_PASSWORD": "kas-password"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA")
    ttls = (86400,)
    odd = (("odd", "SSHFP", 86400, "4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789"),)

    def setup(self):
        self.sessions = set()

    def expire(self):
        self.sessions.clear()
        return True

    def fault_for(self, q):  # sessions begin between a scenario's steps: they must not use up what it has in store
        return {} if b"KasAuth" in q.body else super().fault_for(q)

    def writes(self, q):
        return re.search(rb"(add|update|delete)_dns_settings", q.body) is not None

    def fault(self, text, detail=""):
        more = f"<detail>{xml.sax.saxutils.escape(detail)}</detail>" if detail else ""
        return Reply(200, ENVELOPE % ("<SOAP-ENV:Fault><faultcode>SOAP-ENV:Server</faultcode><faultstring>%s</faultstring>"
                                      "<faultactor>KasApi</faultactor>%s</SOAP-ENV:Fault>" % (text, more)), {"Content-Type": "text/xml"})

    def refuse(self, text, detail=""):
        out = Refuse(200)
        out.reply = self.fault(text, detail)
        return out

    def denied(self, fault):
        return self.fault("kas_auth_data_incorrect")

    def rate(self, fault):
        out = self.fault("flood_protection", "0.0688529014587")
        out.headers.update(super().rate(fault).headers)
        return out

    def missing(self, fault):
        return self.fault("zone_not_found", "example.com")

    def params(self, q, method):
        try:
            body = xml.etree.ElementTree.fromstring(q.body)[-1]
            if body[0].tag.rpartition("}")[2] != method or body[0][0].tag.rpartition("}")[2] != "Params":
                raise ValueError
            return json.loads(body[0][0].text)
        except (xml.etree.ElementTree.ParseError, ValueError, IndexError, TypeError):
            raise self.refuse("request_syntax_incorrect") from None

    @route("POST", "/soap/KasAuth.php")
    def login(self, q):
        x = self.params(q, "KasAuth")
        if (x.get("kas_login"), x.get("kas_auth_type"), x.get("kas_auth_data")) != ("w0123456", "plain", "kas-password"):
            raise self.refuse("kas_password_incorrect")
        session = secrets.token_hex(16)
        self.sessions.add(session)
        return Reply(200, ENVELOPE % f"<ns1:KasAuthResponse>{encoded(session, 'return')}</ns1:KasAuthResponse>", {"Content-Type": "text/xml"})

    def read(self, zone, type_, x):
        value, aux = str(x["record_data"]), int(x.get("record_aux") or 0)
        if not value or type_ not in (*self.types, "NS"):
            raise self.refuse("record_data_syntax_incorrect" if not value else "record_type_syntax_incorrect", type_)
        words = len(value.split(" "))
        if type_ in DOTS and (value.split(" ")[-1] == "." or words != (3 if type_ == "SRV" else 1)):
            raise self.refuse("record_data_syntax_incorrect", value)
        if type_ in DOTS and not value.endswith("."):
            value = f"{value}.{zone.name}."
        return zone.full(str(x["record_name"]), ("",)), f"{aux} {value}" if type_ in ("MX", "SRV") else value

    def shown(self, zone, r):
        aux, value = r.value.split(" ", 1) if r.type in ("MX", "SRV") else (0, r.value)
        return {"record_zone": zone.name, "record_name": zone.rel(r.name), "record_type": r.type, "record_data": value,
                "record_aux": int(aux), "record_id": str(r.id), "record_changeable": "Y"}

    def do(self, action, x):
        if "zone_host" in x:
            name = x["zone_host"].rstrip(".")
            zone, r = self.zone(name), None
            if not zone:
                raise self.refuse("zone_syntax_incorrect" if name.startswith("_") else "zone_not_found", name)
            if action == "get_dns_settings":
                return [self.shown(zone, r) for r in zone.records if str(r.id) == x.get("record_id", str(r.id))]
        else:
            zone, r = next(((z, z.by_id(x["record_id"])) for z in self.zones if z.by_id(x["record_id"])), (None, None))
            if not r:
                raise self.refuse("record_id_not_found", str(x["record_id"]))
        if action == "delete_dns_settings":
            self.remove(zone, r)
            return None
        type_ = r.type if r else x["record_type"]
        name, value = self.read(zone, type_, {**(self.shown(zone, r) if r else {}), **x})
        if any(o.value == value and o is not r for o in zone.find(name, type_)):
            raise self.refuse("record_already_exists")
        if r:
            r.name, r.value = name, value
            return None
        return str(self.add(zone, name, type_, 86400, value).id)

    @route("POST", "/soap/KasApi.php")
    def call(self, q):
        body = self.params(q, "KasApi")
        if body.get("kas_login") != "w0123456" or body.get("kas_auth_type") != "session" or body.get("kas_auth_data") not in self.sessions:
            raise self.refuse("kas_auth_data_incorrect")
        action, x = body.get("kas_action"), body.get("KasRequestParams") or {}
        if action not in PARAMS:
            raise self.refuse("kas_action_unknown", str(action))
        must, may = PARAMS[action]
        if must - set(x) or set(x) - must - may:
            raise self.refuse("parameter_incorrect", str(sorted((must - set(x)) | (set(x) - must - may))[0]))
        answer = {"Request": {"KasRequestTime": 1625014992, "KasRequestType": None, "KasRequestParams": x},
                  "Response": {"KasFloodDelay": 0.01, "ReturnString": "TRUE", "ReturnInfo": self.do(action, x)}}
        return Reply(200, ENVELOPE % f"<ns1:KasApiResponse>{encoded(answer, 'return')}</ns1:KasApiResponse>", {"Content-Type": "text/xml"})
