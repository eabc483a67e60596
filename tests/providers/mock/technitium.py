"""Technitium DNS Server: https://github.com/TechnitiumSoftware/DnsServer/blob/master/APIDOCS.md. Self-hosted; all by GET or
POST with the token among the parameters, the outcome in "status"; TLSA in words."""
from .core import Provider, Refuse, Reply, provider, route

TLSA = (("PKIX-TA", "PKIX-EE", "DANE-TA", "DANE-EE"), ("Cert", "SPKI"), ("Full", "SHA2-256", "SHA2-512"))
FIELDS = {"A": ("ipAddress",), "AAAA": ("ipAddress",), "CNAME": ("cname",), "MX": ("preference", "exchange"), "TXT": ("text",),
          "SRV": ("priority", "weight", "port", "target"), "CAA": ("flags", "tag", "value"), "PTR": ("ptrName",), "NS": ("nameServer",),
          "TLSA": ("tlsaCertificateUsage", "tlsaSelector", "tlsaMatchingType", "tlsaCertificateAssociationData")}


def refuse(text, status="error"):
    return Refuse(200, {"status": status, "errorMessage": text})


@provider
class Technitium(Provider):
    name = "technitium"
    env = {"TECHNITIUM_SERVER_BASE_URL": "https://technitium.mock", "TECHNITIUM_API_TOKEN": "technitium-token"}
    odd, unit = (), "value"

    def words(self, q):
        out = {**q.args, **(q.form() if q.method == "POST" else {})}
        return {**out, "domain": out["domain"].lower().rstrip(".")} if "domain" in out else out

    def auth(self, q):
        if self.words(q).get("token") != "technitium-token":
            raise refuse("Invalid token or session expired.", "invalid-token")

    def denied(self, fault):
        del fault
        return refuse("Invalid token or session expired.", "invalid-token").reply

    def writes(self, q):
        return q.path.rsplit("/", 1)[-1] in ("add", "delete", "update")

    def the_zone(self, w):
        name = (w.get("zone") or w.get("domain", "")).lower()
        fit = [z for z in self.zones if name == z.name or (not w.get("zone") and name.endswith("." + z.name))]
        if not fit:
            raise refuse(f"No such zone was found: {name}")
        return max(fit, key=lambda z: len(z.name))

    def rdata(self, r):
        fields = FIELDS[r.type]
        words = r.value.split(" ", len(fields) - 1)
        if r.type in ("CNAME", "MX", "SRV", "PTR", "NS"):
            words[-1] = words[-1].rstrip(".")
        if r.type == "CAA":
            words[-1] = words[-1].strip('"')
        if r.type == "TLSA":
            fields = ("certificateUsage", "selector", "matchingType", "certificateAssociationData")
            words = [t[int(w)] for t, w in zip(TLSA, words)] + [words[3].upper()]
        return {k: int(w) if k in ("preference", "priority", "weight", "port", "flags") else w for k, w in zip(fields, words)}

    def shown(self, r):
        return {"disabled": False, "name": r.name, "type": r.type, "ttl": r.ttl, "rData": self.rdata(r), "dnssecStatus": "Unknown"}

    def read(self, w):
        fields = FIELDS.get(w.get("type"))
        if not fields:
            raise refuse("Type not supported.")
        lacks = [f for f in fields if f not in w]
        if lacks:
            raise refuse(f"Parameter '{lacks[0]}' missing.")
        words = [w[f] for f in fields]
        if w["type"] in ("CNAME", "MX", "SRV", "PTR", "NS"):
            words[-1] = words[-1].rstrip(".") + "."
        if w["type"] == "CAA":
            words[-1] = f'"{words[-1]}"'
        if w["type"] == "TLSA":
            try:
                words = [str(t.index(x)) for t, x in zip(TLSA, words)] + [words[3].lower()]
            except ValueError:
                raise refuse("Requested value was not found.") from None
        return " ".join(words)

    def answer_to(self, q, f):
        return Reply(200, {"response": f(self.words(q)), "status": "ok"})

    @route("GET", "/api/zones/list")
    @route("POST", "/api/zones/list")
    def listed(self, q):
        return self.answer_to(q, lambda w: {"pageNumber": 1, "totalPages": 1, "totalZones": len(self.zones) + 1, "zones": [
            {"name": "localhost", "type": "Primary", "internal": True, "dnssecStatus": "Unsigned", "disabled": False}] + [
            {"name": z.name, "type": "Primary", "internal": False, "dnssecStatus": "Unsigned", "disabled": False} for z in self.zones]})

    @route("GET", "/api/zones/records/get")
    @route("POST", "/api/zones/records/get")
    def get(self, q):
        def get(w):
            zone = self.the_zone(w)
            name = None if w.get("listZone") == "true" else w["domain"].lower()
            return {"zone": {"name": zone.name, "type": "Primary", "disabled": False}, "records": [self.shown(r) for r in zone.find(name)]}
        return self.answer_to(q, get)

    @route("GET", "/api/zones/records/add")
    @route("POST", "/api/zones/records/add")
    def add_record(self, q):
        def add(w):
            zone, value, name = self.the_zone(w), self.read(w), w["domain"].lower()
            if any(r.value == value for r in zone.find(name, w["type"])):
                raise refuse("Cannot add record: record already exists.")
            if (w["type"] == "CNAME" and zone.find(name)) or zone.find(name, "CNAME"):
                raise refuse("Cannot add record: a CNAME record already exists for the domain name.")
            r = self.add(zone, name, w["type"], w.get("ttl") or 3600, value)
            return {"zone": {"name": zone.name, "type": "Primary"}, "addedRecord": self.shown(r)}
        return self.answer_to(q, add)

    @route("GET", "/api/zones/records/delete")
    @route("POST", "/api/zones/records/delete")
    def delete_record(self, q):
        def delete(w):
            zone, value = self.the_zone(w), self.read(w)
            for r in [r for r in zone.find(w["domain"].lower(), w["type"]) if r.value == value]:
                self.remove(zone, r)
            return {}
        return self.answer_to(q, delete)
