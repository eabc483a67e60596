"""DuckDNS: https://www.duckdns.org/spec.jsp. One TXT value for a domain and all below it, set and cleared by GET; "OK" or
"KO", more lines when asked to be verbose. Here it lies where ACME looks."""
from .core import Provider, Reply, provider, route

ONE = "it holds one value, for all names of the domain"


@provider
class DuckDns(Provider):
    name = "duckdns"
    hosts = ("www.duckdns.org",)
    env = {"DUCKDNS_TOKEN": "a7c4d0ad-114e-40ef-ba1d-d217904a50f2"}
    types = ("TXT",)
    home, unit, lists = "example.duckdns.org", "slot", False
    ttls = (60,)
    skip = {**{s: ONE for s in ("S01", "S02", "S05", "S11", "S13", "S14", "S15", "S19", "S20", "S21")},
            "S10": "what became of a lost change cannot be read", "S12": "every zone is a label below duckdns.org"}

    def denied(self, fault):
        del fault
        return Reply(200, "KO")

    def writes(self, q):
        return True

    @route("GET", "/update")
    def update(self, q):
        wanted = [d for d in q.args.get("domains", "").lower().split(",") if d]
        zones = [self.zone(d if d.endswith(".duckdns.org") else d + ".duckdns.org") for d in wanted]
        if q.args.get("token") != self.env["DUCKDNS_TOKEN"] or not zones or not all(zones):
            return Reply(200, "KO")
        if "txt" not in q.args:  # its addresses, which are no part of the dump
            return Reply(200, f"OK\n{q.args.get('ip', '')}\n{q.args.get('ipv6', '')}\nUPDATED" if q.args.get("verbose") == "true" else "OK")
        changed, value = False, q.args["txt"]
        for zone in zones:
            name = "_acme-challenge." + zone.name
            old = zone.find(name, "TXT")
            new = [] if q.args.get("clear") == "true" else [value]
            if [r.value for r in old] == new:
                continue
            changed = True
            for r in old:
                self.remove(zone, r)
            for v in new:
                self.add(zone, name, "TXT", 60, v)
        return Reply(200, f"OK\n{value}\n{'UPDATED' if changed else 'NOCHANGE'}" if q.args.get("verbose") == "true" else "OK")
