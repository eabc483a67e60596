"""cPanel's UAPI: https://api.docs.cpanel.net/openapi/cpanel/operation/dns-parse_zone and dns-mass_edit_zone. A zone is the lines
of its file, in base64; a change names lines by their number and the serial that it was made on, and is made whole or not at
all. Always HTTP 200: `status` tells. A name without a dot at its end is below the zone, and "@" is no name."""
import base64
import json
import re
import urllib.parse

from . import _parts
from .core import Provider, Refuse, Reply, provider, route

TYPES = ("A", "AAAA", "CAA", "CNAME", "MX", "SRV", "TXT")  # and ALIAS, HTTPS, SVCB; neither NS nor TLSA
FIRST = 11  # line of the first record: comment, $TTL, SOA on six lines, NS, NS, nothing


def b64(x):
    return base64.b64encode(x if isinstance(x, bytes) else x.encode()).decode()


@provider
class Cpanel(Provider):
    name = "cpanel"
    hosts = ("cpanel.mock",)
    env = {"CPANEL_BASE_URL": "https://cpanel.mock", "CPANEL_USERNAME": "panel", "CPANEL_TOKEN": "PANELTOKEN123"}
    types, cas = TYPES, True
    odd = (("odd", "SSHFP", 3600, "4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789"),)

    def auth(self, q):
        if q.header("Authorization") != "cpanel panel:PANELTOKEN123":
            raise Refuse(401, "<html>Access denied</html>", {"Content-Type": "text/html"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), "<html>Access denied</html>", {"Content-Type": "text/html"})

    def missing(self, fault):
        return self.no("You do not control a DNS zone named example.com.").reply

    def writes(self, q):
        return q.path.endswith("/mass_edit_zone")

    def said(self, data, errors=None):
        return Reply(200, {"data": data, "errors": errors, "messages": None, "warnings": None, "status": int(not errors),
                           "metadata": {} if errors else {"transformed": 1}})

    def no(self, text):
        out = Refuse(200)
        out.reply = self.said(None, [text])
        return out

    def pairs(self, q):
        """[(name, value)...]: names may come several times, or with a number."""
        return urllib.parse.parse_qsl(q.raw_query, keep_blank_values=True) + \
            (urllib.parse.parse_qsl(q.body.decode(), keep_blank_values=True) if q.method == "POST" else [])

    def the_zone(self, pairs):
        name = dict(pairs).get("zone", "")
        zone = self.zone(name)
        if not zone or name != zone.name:
            raise self.no(f"You do not control a DNS zone named {name}.")
        return zone

    def serial(self, zone):
        return 2026010100 + zone.serial

    def data(self, r):
        """Its value as the strings that the file has."""
        if hasattr(r, "data"):
            return r.data
        if r.type == "TXT":
            raw = r.value.encode()
            return [raw[i:i + 255] for i in range(0, max(1, len(raw)), 255)]
        parts = _parts.cut(r.type, r.value, ".")
        return [str(x) for x in parts.values()] if parts else r.value.split(" ") if r.type not in TYPES else [r.value]

    @route("GET", "/execute/DomainInfo/list_domains")
    def domains(self, q):
        names = [z.name for z in self.zones]
        return self.said({"main_domain": names[0] if names else None, "addon_domains": names[1:2], "parked_domains": names[2:],
                          "sub_domains": [f"blog.{n}" for n in names[:1]]})

    @route("GET", "/execute/DNS/parse_zone")
    def parse(self, q):
        zone = self.the_zone(self.pairs(q))

        def line(index, name, type_, ttl, data):
            return {"line_index": index, "type": "record", "dname_b64": b64(name), "record_type": type_, "ttl": ttl, "data_b64": [b64(x) for x in data]}
        home = zone.name + "."
        out = [{"line_index": 0, "type": "comment", "text_b64": b64("; cPanel first:11.134.0.5")},
               {"line_index": 1, "type": "control", "text_b64": b64("$TTL 14400")},
               line(2, home, "SOA", 86400, ["ns1.host.example.net.", "root.host.example.net.", str(self.serial(zone)), "3600", "1800", "1209600", "86400"])]
        out += [line(8 + i, home, "NS", 86400, [f"ns{i + 1}.host.example.net."]) for i in range(2)]
        out += [line(FIRST + i, getattr(r, "sent", "") or zone.rel(r.name, home), r.type, r.ttl, self.data(r)) for i, r in enumerate(zone.records)]
        return self.said(out)

    def record(self, zone, text, more=()):
        try:
            x = json.loads(text)
            dname, ttl, type_, data = (x[k] for k in ("dname", "ttl", "record_type", "data"))
            assert set(x) == {"dname", "ttl", "record_type", "data", *more} and isinstance(data, list) and data
            assert all(isinstance(s, str) for s in data) and int(ttl) > 0 and dname and dname != "@"
            assert all(len(s.encode()) <= 255 for s in data)
            name = zone.named(dname)
            assert name == zone.name or name.endswith("." + zone.name)
            if type_ not in TYPES:
                raise self.no(f"“{type_}” is not a valid record type.")
            if type_ == "TXT":
                return name, type_, int(ttl), "".join(data), dname, data
            assert len(data) == len(_parts.PARTS.get(type_, " "))
            if type_ in ("CNAME", "MX", "SRV") and not data[-1].endswith("."):
                data = data[:-1] + [f"{data[-1]}.{zone.name}."]
            value = _parts.join(type_, dict(zip(_parts.PARTS[type_], data))) if type_ in _parts.PARTS else data[0]
            return name, type_, int(ttl), value, dname, data
        except (ValueError, KeyError, AssertionError, TypeError) as why:
            raise self.no(f"“{text}” is not a valid record: {why!r}") from None

    def line(self, zone, text):
        at = int(text) - FIRST if text.isdigit() else -1
        if not 0 <= at < len(zone.records):
            raise self.no(f"Line {text} is not one that can be changed.")
        return zone.records[at]

    @route("GET", "/execute/DNS/mass_edit_zone")
    @route("POST", "/execute/DNS/mass_edit_zone")
    def edit(self, q):
        pairs = self.pairs(q)
        zone, x = self.the_zone(pairs), dict(pairs)
        kinds = {k: [v for n, v in pairs if re.fullmatch(k + r"(-\d+)?", n)] for k in ("add", "edit", "remove")}
        if sum(map(len, kinds.values())) != len(pairs) - 2 or len(pairs) < 3:
            raise self.no("Provide add, edit or remove, and nothing else.")
        if x.get("serial") != str(self.serial(zone)):
            raise self.no(f"The given serial number ({x.get('serial')}) does not match the DNS zone’s serial number ({self.serial(zone)}). "
                          "Refresh your view of the DNS zone, then resubmit.")
        edits = [(self.line(zone, str(json.loads(t)["line_index"])), self.record(zone, t, ("line_index",))) for t in kinds["edit"]]
        gone, new = [self.line(zone, t) for t in kinds["remove"]], [self.record(zone, t) for t in kinds["add"]]
        left = [r for r in zone.records if r not in gone and r not in [e[0] for e in edits]]
        after = [(r.name, r.type, r.value) for r in left] + [(n[0], n[1], n[3]) for n in [e[1] for e in edits] + new]
        alone = {name for name, type_, _ in after if type_ == "CNAME"}
        if len(set(after)) != len(after) or any(sum(a[0] == name for a in after) > 1 for name in alone):
            raise self.no("A record is there already, or a CNAME is beside others.")
        for r in gone:
            self.remove(zone, r)
        for r, (name, type_, ttl, value, dname, data) in edits:
            r.name, r.type, r.ttl, r.value, r.sent, r.data = name, type_, ttl, value, dname, data
            zone.serial += 1
        for name, type_, ttl, value, dname, data in new:
            self.add(zone, name, type_, ttl, value, sent=dname, data=data)
        return self.said({"new_serial": str(self.serial(zone))})
