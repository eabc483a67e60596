"""DreamHost: https://help.dreamhost.com/hc/en-us/articles/217555707. All by GET and a cmd, one list of all zones' records,
result "error" in a good status, no TTLs, and of the types for mail only some."""
from .core import Provider, Refuse, Reply, provider, route


def refuse(data):
    return Refuse(200, {"result": "error", "data": data})


@provider
class DreamHost(Provider):
    name = "dreamhost"
    hosts = ("api.dreamhost.com",)
    env = {"DREAMHOST_API_KEY": "DREAMHOST0APIKEY"}
    types = ("A", "AAAA", "CNAME", "TXT", "SRV")
    ttls, unit = (14400,), "value"
    odd = ()

    def auth(self, q):
        if q.args.get("key") != "DREAMHOST0APIKEY":
            raise refuse("invalid_api_key")
        if q.args.get("format") != "json":
            raise Refuse(200, "error\nonly JSON is imitated\n")

    def denied(self, fault):
        del fault
        return refuse("invalid_api_key").reply

    def rate(self, fault):
        del fault
        return refuse("slow_down_bucko").reply

    def writes(self, q):
        return q.args.get("cmd") in ("dns-add_record", "dns-remove_record")

    def value(self, type_, value):
        return value.rstrip(".") + "." if type_ in ("CNAME", "SRV", "NS") else value

    @route("GET", "/")
    def command(self, q):
        cmd = q.args.get("cmd")
        if cmd == "dns-list_records":
            out = []
            for z in self.zones:
                out.append({"account_id": "1", "zone": z.name, "record": z.name, "type": "NS", "value": "ns1.dreamhost.com.",
                            "comment": "", "editable": "0"})
                out += [{"account_id": "1", "zone": z.name, "record": r.name, "type": r.type,
                         "value": r.value, "comment": "", "editable": "1"} for r in z.records]
            return Reply(200, {"result": "success", "data": out})
        if cmd not in ("dns-add_record", "dns-remove_record"):
            raise refuse("no_such_cmd")
        name, type_, value = q.args.get("record", "").lower(), q.args.get("type"), q.args.get("value")
        if not name or not value:
            raise refuse("no_record" if not name else "no_value")
        if type_ not in (*self.types, "NS", "PTR", "NAPTR"):
            raise refuse("no_such_type")
        fit = [z for z in self.zones if name == z.name or name.endswith("." + z.name)]
        if not fit:
            raise refuse("no_such_zone")
        zone, value = max(fit, key=lambda z: len(z.name)), self.value(type_, value)
        there = [r for r in zone.find(name, type_) if r.value == value]
        if cmd == "dns-add_record":
            if there:
                raise refuse("record_already_exists_remove_first")
            self.add(zone, name, type_, 14400, value)
            return Reply(200, {"result": "success", "data": "record_added"})
        if not there:
            raise refuse("no_such_record")
        self.remove(zone, there[0])
        return Reply(200, {"result": "success", "data": "record_removed"})
