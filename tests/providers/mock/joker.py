"""Joker.com's SVC: https://joker.com/faq/content/6/496/en/let_s-encrypt-support.html. One POST that replaces the TXT of a label,
none when the value is empty; "OK: ..." alone is success, other words are not documented (the ones here are made up). An empty
value for a label without any is how clients find the zone."""
from .core import Provider, Reply, provider, route

ONE = "it replaces the one value of a name"
FIELDS = {"username", "password", "zone", "label", "type", "value"}


@provider
class Joker(Provider):
    name = "joker"
    hosts = ("svc.joker.com",)
    env = {"JOKER_USERNAME": "joker-user", "JOKER_PASSWORD": "joker-password"}
    types = ("TXT",)
    unit, lists = "slot", False
    ttls = (60,)
    skip = {**{s: ONE for s in ("S01", "S02", "S05", "S11", "S13", "S14", "S15", "S19", "S20", "S21")},
            "S10": "what became of a lost change cannot be read"}

    def denied(self, fault):
        return Reply(fault.get("status", 401), "badauth")

    def missing(self, fault):
        return Reply(200, "ERROR: zone not found")

    def writes(self, q):
        return b"label=_acme-challenge" in q.body

    @route("POST", "/nic/replace")
    def replace(self, q):
        x = q.form()
        if (x.get("username"), x.get("password")) != ("joker-user", "joker-password"):
            return Reply(401, "badauth")
        if set(x) != FIELDS or x["type"] != "TXT" or not x["label"] or x["label"].endswith("."):
            return Reply(200, "ERROR: bad request")
        zone = self.zone(x["zone"])
        if not zone:
            return self.missing({})
        name = zone.full(x["label"], ("@",))
        old = zone.find(name, "TXT")
        for r in old:
            self.remove(zone, r)
        if x["value"]:
            self.add(zone, name, "TXT", 60, x["value"])
        return Reply(200, f"OK: {1 if x['value'] else 0} inserted, {len(old)} deleted")
