"""Plesk's XML API: https://docs.plesk.com/en-US/obsidian/api-rpc/. Packets by POST to one address, each operation answered by
results of its own, refusals in good statuses; a zone has one TTL, which the API does not show. What stands before the name in an
SRV, and before the text in a CAA, is in <opt>, blanks between: https://github.com/plesk/ext-domain-connect (DomainDns.php) sends
and reads SRV so, https://github.com/plesk/ext-route53 (route53.php) takes CAA so, without quotes."""
import re
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

from .core import Provider, Refuse, Reply, provider, route

OPT = {"MX": r"\d+", "SRV": r"\d+ \d+ \d+", "CAA": r"\d+ (issue|issuewild|iodef)"}


def result(status="ok", **more):
    names = {k: k.replace("filter_", "filter-") for k in more}
    return f"<result><status>{status}</status>" + "".join(f"<{names[k]}>{v}</{names[k]}>" for k, v in more.items()) + "</result>"


def error(code, text, **more):
    return result("error", errcode=code, errtext=text, **more)


def packet(inside, status=200):
    return Reply(status, f'<?xml version="1.0" encoding="UTF-8"?>\n<packet version="1.6.9.1">{inside}</packet>\n',
                 {"Content-Type": "text/xml"})


def system(code, text, status=200):
    return packet(f"<system><status>error</status><errcode>{code}</errcode><errtext>{text}</errtext></system>", status)


@provider
class Plesk(Provider):
    name = "plesk"
    hosts = ("plesk.mock",)
    env = {"PLESK_SERVER_BASE_URL": "https://plesk.mock", "PLESK_USERNAME": "admin", "PLESK_PASSWORD": "plesk-secret"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS")
    ttls, odd = (86400,), ()
    id_start = 4535

    def auth(self, q):
        if (q.header("HTTP_AUTH_LOGIN"), q.header("HTTP_AUTH_PASSWD")) != ("admin", "plesk-secret"):
            r = Refuse(200)
            r.reply = self.denied({})
            raise r

    def denied(self, fault):
        return system(1001, "You have entered incorrect username or password.", fault.get("status") or 200)

    def writes(self, q):
        return b"<add_rec>" in q.body or b"<del_rec>" in q.body

    @route("POST", "/enterprise/control/agent.php")
    def agent(self, q):
        try:
            root = ET.fromstring(q.body)
        except ET.ParseError:
            return system(1014, "Parser error: Cannot parse the XML from the source specified")
        if "xml" not in q.header("Content-Type") or root.tag != "packet" or not len(root):
            return system(1014, "Parser error: Request is invalid.")
        out = ""
        for operator in root:
            inside = ""
            for op in operator:
                f = getattr(self, f"do_{operator.tag}_{op.tag}", None)
                if not f:
                    return system(1014, f"Parser error: Request is invalid. Error in line 1: Element '{op.tag}': This element is not expected.")
                inside += f"<{op.tag}>{f(op)}</{op.tag}>"
            out += f"<{operator.tag}>{inside}</{operator.tag}>"
        return packet(out)

    def do_site_get(self, op):
        order = [x.tag for x in op]
        if order != ["filter", "dataset"]:
            return error(1014, "Parser error: filter and dataset are needed")
        names = [x.text or "" for x in op.find("filter") if x.tag == "name"]
        out = ""
        for name in names or [z.name for z in self.zones]:
            z = self.zone(name or "-")
            if not z:
                out += error(1013, "Site does not exist", filter_id=escape(name))
                continue
            info = op.find("dataset/gen_info") is not None
            data = f"<gen_info><cr_date>2022-12-31</cr_date><name>{z.name}</name><ascii-name>{z.name}</ascii-name><status>0</status>" \
                   "<real_size>0</real_size><dns_ip_address>192.0.2.1</dns_ip_address><htype>vrt_hst</htype></gen_info>" if info else ""
            out += result(filter_id=z.name, id=z.id, data=data)
        return out

    def shown(self, zone, r):
        opt, _, value = r.value.rpartition(" ") if r.type in OPT else ("", "", r.value)
        value = value.strip('"') if r.type == "CAA" else value
        return result(id=r.id, data=f"<site-id>{zone.id}</site-id><type>{r.type}</type><host>{r.name}.</host>"
                                    f"<value>{escape(value)}</value><opt>{opt}</opt>")

    def where(self, op):
        """(zone, record or None) pairs that a filter names."""
        out = []
        for x in op.find("filter") if op.find("filter") is not None else ():
            if x.tag == "site-id":
                zone = self.zone(id_=x.text or "-")
                out += [(zone, r) for r in zone.records] if zone else [(None, x.text)]
            elif x.tag == "id":
                out += next(([(z, z.by_id(x.text))] for z in self.zones if z.by_id(x.text)), [(None, x.text)])
        return out

    def do_dns_get_rec(self, op):
        return "".join(self.shown(z, r) if z else error(1013, "Domain does not exist" if op.find("filter/site-id") is not None
                                                        else "Record does not exist", id=r) for z, r in self.where(op)) or result()

    def do_dns_del_rec(self, op):
        out = ""
        for z, r in self.where(op):
            if z:
                self.remove(z, r)
            out += result(id=r.id) if z else error(1013, "Record does not exist", id=r)
        return out or error(1014, "Parser error: the filter is empty")

    def do_dns_add_rec(self, op):
        order = [x.tag for x in op]
        if order not in (["site-id", "type", "host", "value"], ["site-id", "type", "host", "value", "opt"]):
            return error(1014, "Parser error: elements are missing or not in order")
        site, type_, host, value, *opt = [x.text or "" for x in op]
        zone = self.zone(id_=site or "-")
        if not zone:
            return error(1015, "Domain does not exist.")
        if type_ not in self.types or not value:
            return error(1019, "The DNS record is invalid: wrong type or value.")
        name = zone.named(host)
        if type_ in ("CNAME", "MX", "NS", "SRV"):
            value = value.rstrip(".") + "."
        if type_ == "CAA":
            if '"' in value:
                return error(1019, "The DNS record is invalid: quotes.")
            value = f'"{value}"'
        if type_ in OPT:
            if not opt or not re.fullmatch(OPT[type_], opt[0]):
                return error(1019, "The DNS record is invalid: what opt says.")
            value = f"{opt[0]} {value}"
        if any(r.value == value for r in zone.find(name, type_)):
            return error(1007, "This DNS record already exists.")
        if any((r.type == "CNAME") != (type_ == "CNAME") for r in zone.find(name)):
            return error(1007, "Incorrect DNS record: it conflicts with another.")
        return result(id=self.add(zone, name, type_, 86400, value).id)
