"""Amazon Route 53: https://docs.aws.amazon.com/Route53/latest/APIReference/. XML, whole sets, a batch of changes that is made
as a whole or not at all; DELETE names the set exactly as it is. Signed by Signature Version 4. Each zone also has an alias and
two weighted sets, which nobody here may touch and which are not part of the dump."""
import re
import xml.etree.ElementTree as xml

from . import _aws, _sets
from ._aws import element
from .core import Provider, Refuse, Reply, provider, route, unquoted

NS = "https://route53.amazonaws.com/doc/2013-04-01/"


def tree(node):
    """An element as {child: [trees]} or text."""
    if not len(node):
        return node.text or ""
    out = {}
    for child in node:
        out.setdefault(child.tag.split("}")[-1], []).append(tree(child))
    return out


def said(name):
    """As Route 53 writes names: what is no letter, digit, - _ . is in octal."""
    return "".join(c if re.match(r"[a-z0-9._-]", c) else f"\\{ord(c):03o}" for c in name) + "."


def heard(name):
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), name).lower().rstrip(".")


def octal(text):
    return "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03o}" if not chr(b) in '"\\' else "\\" + chr(b) for b in text)


@provider
class Route53(_aws.Cloud, Provider):
    name = "route53"
    hosts = ("route53.amazonaws.com", *_aws.Cloud.hosts)
    env = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": _aws.KEYS["AKIDEXAMPLE"][0]}
    chains = _aws.CHAINS
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "TLSA", "NS", "PTR")
    unit, cas = "set", True
    page, page_max = 300, 300
    ttl_min, ttl_max = 0, 2147483647
    signed = 300
    private = True
    odd = (("odd", "SSHFP", 3600, "4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789"),)

    def new_zone_id(self, name):
        del name
        return "Z0401209%08dHPQQ" % self.new_id()

    def reply(self, name, *inner, status=200):
        return Reply(status, f'<?xml version="1.0"?>\n<{name} xmlns="{NS}">{"".join(inner)}</{name}>', {"Content-Type": "text/xml"})

    def error(self, status, code, message):
        return self.reply("ErrorResponse", element("Error", "<Type>Sender</Type>", element("Code", code), element("Message", message)),
                          "<RequestId>b25f48e8-84fd-11e6-80d9-574e0c4664cb</RequestId>", status=status)

    def refuse(self, *args):
        refusal = Refuse(args[0])
        refusal.reply = self.error(*args)
        raise refusal

    def rate(self, fault):
        return self.error(400, "Throttling", "Rate exceeded")

    def denied(self, fault):
        return self.error(fault.get("status", 403), "InvalidClientTokenId", "The security token included in the request is invalid.")

    def broken(self, fault):
        return self.error(fault.get("status", 500), "InternalFailure", "An internal error has occurred.")

    def missing(self, fault):
        return self.error(404, "NoSuchHostedZone", "No hosted zone found with that ID")

    def auth(self, q):
        if not q.host.startswith(self.hosts[0]):
            return  # STS and the machine look for themselves
        wrong = self.unsigned(q, "route53", self.signed)
        if wrong:
            self.refuse(403, *wrong)

    def zone_xml(self, z):
        return element("HostedZone", element("Id", "/hostedzone/" + z.id), element("Name", said(z.name)), element("CallerReference", z.id),
                       element("Config", element("Comment", "Test"), element("PrivateZone", str(z.private).lower())),
                       element("ResourceRecordSetCount", len(z.sets()) + 3))

    def number_of(self, q):
        by = min(int(q.args.get("maxitems") or self.page), self.page_max)
        if by < 1:
            self.refuse(400, "InvalidInput", "maxitems is out of range")
        return by

    @route("GET", "/2013-04-01/hostedzone/?")
    def list_zones(self, q):
        by, ids = min(self.number_of(q), 100), [z.id for z in self.zones]
        if q.args.get("marker", ids[0] if ids else "") not in ids and ids:
            self.refuse(400, "InvalidInput", "The marker is none.")
        at = ids.index(q.args["marker"]) if q.args.get("marker") else 0
        more = at + by < len(ids)
        return self.reply("ListHostedZonesResponse", element("HostedZones", *map(self.zone_xml, self.zones[at:at + by])) if ids else "<HostedZones/>",
                          *([element("Marker", q.args["marker"])] if at else []), element("IsTruncated", str(more).lower()),
                          *([element("NextMarker", ids[at + by])] if more else []), element("MaxItems", by))

    @route("GET", "/2013-04-01/hostedzonesbyname")
    def by_name(self, q):
        def key(name):
            return heard(name).split(".")[::-1]
        zones = sorted(self.zones, key=lambda z: (key(z.name), z.id))
        first = q.args.get("dnsname")
        found = [z for z in zones if not first or (key(z.name), z.id) >= (key(first), q.args.get("hostedzoneid", ""))]
        by = self.number_of(q)
        more = found[by:by + 1]
        return self.reply("ListHostedZonesByNameResponse", element("HostedZones", *map(self.zone_xml, found[:by])) if found else "<HostedZones/>",
                          *([element("DNSName", first)] if first else []), element("IsTruncated", str(bool(more)).lower()),
                          *[element("NextDNSName", said(z.name)) + element("NextHostedZoneId", z.id) for z in more], element("MaxItems", by))

    def the_zone(self, id_):
        zone = self.zone(id_=id_)
        if not zone:
            self.refuse(404, "NoSuchHostedZone", f"No hosted zone found with ID: {id_}")
        return zone

    def special(self, zone):
        """(name, type, identifier, XML): what is no simple set."""
        def weighted(n):
            return ("weighted." + zone.name, "A", f"w{n}", element("SetIdentifier", f"w{n}") + element("Weight", n) + element("TTL", 60) +
                    element("ResourceRecords", element("ResourceRecord", element("Value", f"198.51.100.{n}"))))
        return [("alias." + zone.name, "A", "", element("AliasTarget", element("HostedZoneId", "Z2FDTNDATAQYW2"), element(
            "DNSName", "d111111abcdef8.cloudfront.net."), element("EvaluateTargetHealth", "false"))), weighted(1), weighted(2)]

    def sets_of(self, zone):
        out = []
        for (name, type_), records in zone.sets().items():
            values = ["".join(octal(p) if i % 2 else p for i, p in enumerate(self.strings(r))) if r.type == "TXT" else r.value for r in records]
            out.append((name, type_, "", element("TTL", records[0].ttl) + element(
                "ResourceRecords", *[element("ResourceRecord", element("Value", v)) for v in values])))
        return sorted(out + self.special(zone), key=lambda s: (s[0].split(".")[::-1], s[1], s[2]))

    def strings(self, r):
        """Pieces of a TXT: even ones as they are, odd ones bytes."""
        raw, out = r.value.encode(), []
        for i in range(0, max(1, len(raw)), 255):
            out += ['" "' if i else '"', raw[i:i + 255]]
        return out + ['"']

    @route("GET", "/2013-04-01/hostedzone/(?P<zone>[^/]+)/rrset/?")
    def list_sets(self, q, zone):
        zone = self.the_zone(zone)
        all_, by = self.sets_of(zone), self.number_of(q)
        if q.args.get("type") and not q.args.get("name"):
            self.refuse(400, "InvalidInput", "A type needs a name.")
        start = (heard(q.args.get("name", "")).split(".")[::-1] if q.args.get("name") else [], q.args.get("type", ""), q.args.get("identifier", ""))
        found = [s for s in all_ if (s[0].split(".")[::-1], s[1], s[2]) >= start]
        rows = [element("ResourceRecordSet", element("Name", said(n)), element("Type", t), x) for n, t, _, x in found[:by]]
        tail = [element("IsTruncated", str(len(found) > by).lower())]
        for n, t, i, _ in found[by:by + 1]:
            tail += [element("NextRecordName", said(n)), element("NextRecordType", t)] + ([element("NextRecordIdentifier", i)] if i else [])
        return self.reply("ListResourceRecordSetsResponse", element("ResourceRecordSets", *rows) if rows else "<ResourceRecordSets/>",
                          *tail, element("MaxItems", by))

    def value(self, zone, type_, text):
        if type_ != "TXT":
            return _sets.read(zone, type_, text)
        if not re.fullmatch(r'"(?:[^"\\]|\\.)*"(?: +"(?:[^"\\]|\\.)*")*', text, re.S):
            raise ValueError(f"Value should be enclosed in quotation marks, value: {text}")
        if not text.isascii():
            raise ValueError("characters that ASCII has not must be written as octal")
        for one in re.findall(r'"((?:[^"\\]|\\.)*)"', text, re.S):
            if len(re.sub(r"\\([0-7]{3}|.)", "x", one)) > 255:
                raise ValueError("CharacterStringTooLong")
        return unquoted(re.sub(r"\\([0-7]{3})", lambda m: f"\\{int(m[1], 8):03}", text))

    def change(self, zone, one):
        """Makes one change on `zone`; a text says why not."""
        action, (s,) = one["Action"][0], one["ResourceRecordSet"]
        name, type_ = heard(s["Name"][0]), s["Type"][0]
        shown = f"name='{name}.', type='{type_}'"
        if any((name, type_) == x[:2] for x in self.special(zone)):
            return f"Tried to change an alias or weighted resource record set [{shown}] as a simple one"
        if type_ not in self.types or not (name == zone.name or name.endswith("." + zone.name)):
            return f"RRSet with DNS name {name}. is not permitted in zone {zone.name}."
        if "ResourceRecords" not in s or "TTL" not in s or not s["ResourceRecords"][0]:
            return "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]"
        try:
            values = [self.value(zone, type_, r["Value"][0]) for r in s["ResourceRecords"][0]["ResourceRecord"]]
        except ValueError as why:
            return f"Invalid Resource Record: {why} [{shown}]"
        old, ttl = zone.find(name, type_), int(s["TTL"][0])
        if len(set(values)) != len(values):
            return f"Duplicate Resource Record: [{shown}]"
        if action == "CREATE" and old:
            return f"Tried to create resource record set [{shown}] but it already exists"
        if action == "DELETE" and not old:
            return f"Tried to delete resource record set [{shown}] but it was not found"
        if action == "DELETE" and (sorted(r.value for r in old), old[0].ttl) != (sorted(values), ttl):
            return f"Tried to delete resource record set [{shown}] but the values provided do not match the current values"
        if action != "DELETE" and any((r.type == "CNAME") != (type_ == "CNAME") for r in zone.find(name) if r not in old):
            return f"RRSet of type {type_} with DNS name {name}. is not permitted as it conflicts with other records"
        for r in old:
            self.remove(zone, r)
        for v in values if action != "DELETE" else ():
            self.add(zone, name, type_, ttl, v)
        return ""

    @route("POST", "/2013-04-01/hostedzone/(?P<zone>[^/]+)/rrset/?")
    def change_sets(self, q, zone):
        zone = self.the_zone(zone)
        try:
            root = xml.fromstring(q.body)
            batch = tree(root)["ChangeBatch"][0]
            changes = batch["Changes"][0]["Change"]
        except (xml.ParseError, KeyError, TypeError):
            self.refuse(400, "InvalidInput", "The XML you provided is not well formed")
        if not root.tag.startswith("{" + NS + "}ChangeResourceRecordSetsRequest"):
            self.refuse(400, "MalformedInput", "Unexpected list element termination")
        before = list(zone.records)
        wrong = [x for x in (self.change(zone, one) for one in changes) if x]
        if wrong:
            zone.records[:] = before
            self.refuse(400, "InvalidChangeBatch", f"[{', '.join(wrong)}]")
        return self.reply("ChangeResourceRecordSetsResponse", element("ChangeInfo", element("Id", "/change/C053657828FPVV65O0PY1"), element(
            "Status", "PENDING"), element("SubmittedAt", "2022-04-19T20:57:05.010Z"), *[element("Comment", x) for x in batch.get("Comment", [])]))

    @route("GET", "/2013-04-01/change/(?P<id_>[^/]+)")
    def get_change(self, q, id_):
        del q
        return self.reply("GetChangeResponse", element("ChangeInfo", element("Id", "/change/" + id_), element("Status", "INSYNC"), element(
            "SubmittedAt", "2022-04-19T20:57:05.010Z")))
