"""Mail-in-a-Box: https://mailinabox.email/api-docs.html#tag/DNS. Self-hosted; values added and taken away by the body as
plain text, answers in plain text, no TTLs (a day for all), administrators by Basic login."""
import base64

from .core import Provider, Refuse, Reply, provider, route


@provider
class MailInABox(Provider):
    name = "mailinabox"
    env = {"MAILINABOX_BASE_URL": "https://mailinabox.mock", "MAILINABOX_EMAIL": "me@box.example.org",
           "MAILINABOX_PASSWORD": "miab-password"}
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA")
    ttls, unit, odd = (86400,), "value", ()
    txt_trim, txt_ascii = True, True

    def auth(self, q):
        login = base64.b64encode(b"me@box.example.org:miab-password").decode()
        if q.header("Authorization") != "Basic " + login:
            raise Refuse(401, "Incorrect email address or password.\n", {"WWW-Authenticate": "Basic"})

    def denied(self, fault):
        return Reply(fault.get("status", 401), "Incorrect email address or password.\n")

    @route("GET", "/admin/dns/zones")
    def listed(self, q):
        del q
        return Reply(200, [z.name for z in self.zones])

    def shown(self, zone, r, n):
        return {"qname": r.name, "rtype": r.type, "value": r.value, "zone": zone.name, "sort-order": {"created": n, "qname": n}}

    @route("GET", "/admin/dns/custom")
    def custom(self, q):
        del q
        return Reply(200, [self.shown(z, r, n) for z in self.zones for n, r in enumerate(z.records)])

    @route("GET", "/admin/dns/custom/(?P<name>[^/]+)/(?P<type_>[A-Za-z]+)")
    def some(self, q, name, type_):
        del q
        return Reply(200, [self.shown(z, r, n) for z in self.zones for n, r in enumerate(z.find(name.lower(), type_.upper()))])

    def change(self, q, name, type_, verb):
        name, type_, value = name.lower().rstrip("."), type_.upper(), q.body.decode("ascii", "ignore").strip()
        fit = [z for z in self.zones if name == z.name or name.endswith("." + z.name)]
        if not fit:
            raise Refuse(400, f"{name} is not a domain name or a subdomain of a domain name managed by this box.")
        if type_ not in (*self.types, "NS", "SSHFP"):
            raise Refuse(400, f"Unknown record type '{type_}'.")
        if not value and verb != "remove":
            raise Refuse(400, "No value for the record provided.")
        zone = max(fit, key=lambda z: len(z.name))
        if type_ in ("CNAME", "NS") and not value.endswith("."):
            value += "."
        there = zone.find(name, type_)
        old = [r for r in there if r.value == value or (verb == "remove" and not value)]
        if (verb == "add" and old) or (verb == "remove" and not old):
            return Reply(200, "OK", {"Content-Type": "text/plain"})
        for r in there if verb == "set" else old:
            self.remove(zone, r)
        if verb != "remove":
            self.add(zone, name, type_, 86400, value)
        return Reply(200, f"updated DNS: {zone.name}\n", {"Content-Type": "text/plain"})

    @route("POST", "/admin/dns/custom/(?P<name>[^/]+)/(?P<type_>[A-Za-z]+)")
    def post(self, q, name, type_):
        return self.change(q, name, type_, "add")

    @route("PUT", "/admin/dns/custom/(?P<name>[^/]+)/(?P<type_>[A-Za-z]+)")
    def put(self, q, name, type_):
        return self.change(q, name, type_, "set")

    @route("DELETE", "/admin/dns/custom/(?P<name>[^/]+)/(?P<type_>[A-Za-z]+)")
    def delete(self, q, name, type_):
        return self.change(q, name, type_, "remove")
