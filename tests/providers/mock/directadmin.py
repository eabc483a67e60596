"""DirectAdmin: https://docs.directadmin.com/changelog/version-1.24.2.html and features.php?id=504. All by GET or POST with
everything in the query or a form; a record is what it says ("name=www&value=192.0.2.1"), names end in a dot or are relative,
and are shown as they were sent. An MX is added as a priority and a name, and shown as "10 mail" or "10 mail.example.com." where the
server has full_mx_records, as it does now (what older ones have instead nobody shows)."""
import json
import re

from . import _parts
from .core import Provider, Refuse, Reply, provider, quoted, route, unquoted


def refuse(result, status=500):
    return Refuse(status, {"error": "Cannot View Dns Record", "result": result})


@provider
class DirectAdmin(Provider):
    name = "directadmin"
    hosts = ("directadmin.mock",)
    env = {"DIRECTADMIN_API_URL": "https://directadmin.mock", "DIRECTADMIN_USERNAME": "admin", "DIRECTADMIN_PASSWORD": "da-secret"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA")
    txt_no = "&"
    odd = ()

    def auth(self, q):
        if q.basic() != ("admin", "da-secret"):
            raise Refuse(401, "<html>login</html>", {"WWW-Authenticate": "Basic"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), "<html>login</html>")

    def words(self, q):
        return {**q.args, **(q.form() if q.method == "POST" else {})}

    def writes(self, q):
        return "action" in self.words(q)

    @route("GET", "/CMD_API_SHOW_DOMAINS")
    @route("POST", "/CMD_API_SHOW_DOMAINS")
    def domains(self, q):
        if self.words(q).get("json") == "yes":
            return Reply(200, [z.name for z in self.zones])
        return Reply(200, "&".join("list[]=" + z.name for z in self.zones), {"Content-Type": "text/plain"})

    def shown(self, zone, r):
        name = getattr(r, "sent", None) or zone.rel(r.name, zone.name + ".")
        value = getattr(r, "raw", None) or (quoted(r.value) if r.type == "TXT" else r.value)
        return {"type": r.type, "name": name, "value": value, "combined": f"name={name}&value={value}", "ttl": str(r.ttl)}

    def asked(self, zone, w):
        type_, sent, value = w.get("type", "").upper(), w.get("name", ""), w.get("value", "")
        if type_ not in (*self.types, "NS", "PTR"):
            raise refuse("Invalid Record Type")
        if not sent or not value or not w.get("ttl", "14400").isdigit():
            raise refuse("Invalid Record")
        if type_ == "MX":
            if not value.isdigit() or int(value) > 65535 or not w.get("mx_value", "").strip("."):
                raise refuse("Invalid Record Value")
            value = f"{int(value)} {w['mx_value']}"
        name, raw = zone.named(sent), value
        if not name.endswith(zone.name):
            raise refuse("Invalid Record Name")
        if type_ == "TXT":
            value = unquoted(value) if value.startswith('"') else value
        elif type_ in ("CNAME", "MX", "SRV"):
            try:  # without a dot at its end it is below the zone
                value = _parts.normal(type_, value if value.endswith(".") else f"{value}.{zone.name}.")
            except ValueError:
                raise refuse("Invalid Record Value") from None
        return name, type_, int(w.get("ttl", 14400)), value, sent, raw

    def put(self, zone, w, but=None):
        name, type_, ttl, value, sent, raw = self.asked(zone, w)
        if any(r.value == value and r is not but for r in zone.find(name, type_)):
            raise refuse("That record already exists")
        if any((r.type == "CNAME") != (type_ == "CNAME") for r in zone.find(name) if r is not but):
            raise refuse("Conflicting record")
        if but:
            self.remove(zone, but)
        self.add(zone, name, type_, ttl, value, sent=sent, raw=raw)
        return Reply(200, '{\n\t"result": "",\n\t"success": "record added"\n}\n', {"Content-Type": "application/json"})

    def chosen(self, zone, w):
        picks = [(m[1].upper(), text) for k, text in w.items() if (m := re.fullmatch(r"([a-z]+)recs\d+", k))]
        out = [r for r in zone.records if (r.type, self.shown(zone, r)["combined"]) in picks]
        if not out or len(out) != len(picks):
            raise refuse("Unable to find the record")
        return out

    @route("GET", "/CMD_API_DNS_CONTROL")
    @route("POST", "/CMD_API_DNS_CONTROL")
    def control(self, q):
        w = self.words(q)
        zone = self.zone(w.get("domain") or "-")
        if not zone:
            raise refuse("You do not own that domain" if w.get("domain") else "No domain provided")
        if w.get("json") != "yes":
            raise refuse("only JSON is imitated")
        action = w.get("action")
        if not action:
            return Reply(200, json.dumps({"records": [self.shown(zone, r) for r in zone.records], "dnssec": "1", "user_dnssec_control": "1",
                                          "dns_spf": "0", "dns_ttl": "1", "dns_tlsa": "1", "dns_caa": "1", "allow_dns_underscore": "1",
                                          "full_mx_records": "1"}, indent="\t"), {"Content-Type": "application/json"})
        if action == "add":
            return self.put(zone, w)
        if action == "edit":
            return self.put(zone, w, self.chosen(zone, w)[0])
        if action == "select":
            gone = self.chosen(zone, w)
        elif action == "delete":  # by what it is, as lego does
            gone = [r for r in zone.find(zone.named(w.get("name", "")), w.get("type")) if r.value == w.get("value", "").strip('"')][:1]
        else:
            raise refuse("Unknown action")
        if not gone:
            raise refuse("Unable to find the record")
        for r in gone:
            self.remove(zone, r)
        return Reply(200, '{\n\t"result": "",\n\t"success": "Records Deleted"\n}\n', {"Content-Type": "application/json"})
