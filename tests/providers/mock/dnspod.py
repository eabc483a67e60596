"""DNSPod's API of tokens: https://docs.dnspod.cn/api/ and, abroad, https://www.dnspod.com/docs/. All is POST and form, numbers
come as texts, refusals are codes in good statuses, and an empty list is a refusal unless error_on_empty=no."""
from .core import Provider, Refuse, Reply, provider, route

LINES = {"dnspod": "\u9ed8\u8ba4", "dpi": "default"}


@provider
class DnsPod(Provider):
    name = "dnspod"
    hosts = ("dnsapi.cn",)
    env = {"DP_Id": "13490", "DP_Key": "6b5976c68aba5b14a0558b77c17c3932"}
    alt = ({"DNSPOD_API_KEY": "13490,6b5976c68aba5b14a0558b77c17c3932"},)
    types = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS")
    page, page_max = 3000, 3000
    ttl_min, ttl_max = 600, 604800  # of the free grade
    txt_max = 500
    id_start = 189590584

    def say(self, code, message, **more):
        return Reply(200, {"status": {"code": str(code), "message": message, "created_at": "2016-05-11 02:55:53"}, **more})

    def no(self, code, message):
        refusal = Refuse(200)
        refusal.reply = self.say(code, message)
        raise refusal

    def done(self, **more):
        return self.say(1, "Action completed successful", **more)

    def rate(self, fault):
        del fault
        return self.say(-2, "API usage is limited")

    def denied(self, fault):
        return self.say(10002, "The login token ID is invalid") if not fault.get("status") else Reply(fault["status"], "")

    def writes(self, q):
        return q.path in ("/Record.Create", "/Record.Modify", "/Record.Remove")

    def auth(self, q):
        w = q.form()
        if q.method != "POST":
            self.no(2, "Only POST is allowed")
        if not q.header("User-Agent"):
            self.no(-8, "Your agent is not told")
        if w.get("format") != "json":
            raise Refuse(200, "<?xml version='1.0'?><dnspod><status><code>1</code></status></dnspod>")
        number, _, token = w.get("login_token", "").partition(",")
        if number != "13490":
            self.no(10002, "The login token ID is invalid")
        if token != "6b5976c68aba5b14a0558b77c17c3932":
            self.no(10003, "The login token is wrong")

    def the_zone(self, w):
        name = w.get("domain") or "-"  # lexicon gives an id here, and gets its answer
        zone = self.zone(id_=w["domain_id"]) if w.get("domain_id") else self.zone(name) or self.zone(id_=name)
        if not zone:
            self.no(6 if w.get("domain_id") else 13, "Domain id invalid" if w.get("domain_id") else "Domain is not exists")
        return zone

    def sliced(self, w, items):
        try:
            at, by = int(w.get("offset") or 0), int(w.get("length") or self.page)
        except ValueError:
            self.no(7, "Offset invalid")
        return items[at:at + min(by, self.page_max)]

    def domain(self, zone):
        return {"name": zone.name, "punycode": zone.name, "grade": "DP_Free", "owner": "me@example.org"}

    @route("POST", "/Domain.List")
    def domains(self, q):
        w = q.form()
        some = self.sliced(w, [z for z in self.zones if w.get("keyword", "") in z.name])
        if not some and w.get("error_on_empty") != "no":
            self.no(9, "No domains")
        n = len(self.zones)
        return self.done(info={"domain_total": n, "all_total": n, "mine_total": n, "share_total": 0, "vip_total": 0, "ismark_total": 0,
                               "pause_total": 0, "error_total": 0, "lock_total": 0, "spam_total": 0, "vip_expire": 0, "share_out_total": 0},
                         domains=[{"id": z.id, **self.domain(z), "status": "enable", "ttl": "600", "records": str(len(z.records))}
                                  for z in some])

    @route("POST", "/Domain.Info")
    def info(self, q):
        zone = self.the_zone(q.form())
        return self.done(domain={
            "id": str(zone.id), **self.domain(zone), "grade_title": "\u65b0\u514d\u8d39\u5957\u9910", "status": "enable",
            "ext_status": "dnserror", "records": str(len(zone.records)), "group_id": "1", "is_mark": "no", "remark": False, "is_vip": "no",
            "searchengine_push": "yes", "user_id": "1446297", "created_on": "2016-05-11 02:35:23", "updated_on": "2016-05-11 02:35:23",
            "ttl": "600", "cname_speedup": "disable"})

    def shown(self, zone, r):
        mx, value = r.value.split(" ") if r.type == "MX" else ("0", r.value)
        return {"id": str(r.id), "name": zone.rel(r.name, "@"), "line": LINES[self.name], "type": r.type, "ttl": str(r.ttl), "value": value,
                "weight": None, "mx": mx, "enabled": "1", "status": "enabled", "monitor_status": "", "remark": "",
                "updated_on": "2016-05-11 02:35:23", "use_aqb": "no"}

    @route("POST", "/Record.List")
    def records(self, q):
        w = q.form()
        zone = self.the_zone(w)
        all_ = [self.shown(zone, r) for r in zone.records]
        all_ = [x for x in all_ if w.get("sub_domain") in (None, "", x["name"]) and w.get("record_type") in (None, "", x["type"])]
        if not all_ and w.get("error_on_empty") != "no":
            self.no(10, "No records")
        return self.done(domain={"id": str(zone.id), **self.domain(zone)}, records=self.sliced(w, all_),
                         info={"sub_domains": str(len(zone.sets())), "record_total": str(len(all_))})

    def asked(self, zone, w, but=None):
        type_, value, ttl = w.get("record_type"), w.get("value", ""), w.get("ttl") or "600"
        if w.get("record_line") not in (LINES[self.name], "default"):
            self.no(26, "Record line is invalid")
        if type_ not in self.types:
            self.no(27, "Record type is invalid")
        if not ttl.isdigit() or not self.ttl_min <= int(ttl) <= self.ttl_max:
            self.no(32, "Record TTL is out of the limit")
        if not value or type_ == "TXT" and len(value.encode()) > self.txt_max:
            self.no(34, "Record value is invalid")
        if type_ in ("MX", "CNAME", "NS", "SRV"):
            value = value.rstrip(".") + "."
        if type_ == "MX":
            if not w.get("mx", "").isdigit() or not 1 <= int(w["mx"]) <= 20:
                self.no(30, "MX priority must be 1 to 20")
            value = f"{w['mx']} {value}"
        name = zone.full(w.get("sub_domain") or "@")
        if any(r.value == value and r is not but for r in zone.find(name, type_)):
            self.no(104, "The record already exists. You do not need to add it again")
        if any((r.type == "CNAME") != (type_ == "CNAME") for r in zone.find(name) if r is not but):
            self.no(31, "Conflicting record")
        return name, type_, int(ttl), value

    @route("POST", "/Record.Create")
    def create(self, q):
        zone = self.the_zone(q.form())
        r = self.add(zone, *self.asked(zone, q.form()))
        return self.done(record={"id": str(r.id), "name": zone.rel(r.name, "@"), "status": "enabled", "weight": None})

    def the_record(self, zone, w):
        r = zone.by_id(w.get("record_id") or "-")
        if not r:
            self.no(8, "Record id invalid")
        return r

    @route("POST", "/Record.Modify")
    def modify(self, q):
        zone = self.the_zone(q.form())
        r = self.the_record(zone, q.form())
        r.name, r.type, r.ttl, r.value = self.asked(zone, q.form(), r)
        return self.done(record={"id": r.id, "name": zone.rel(r.name, "@"), "value": r.value.split(" ")[-1] if r.type == "MX" else r.value,
                                 "status": "enable", "weight": None})

    @route("POST", "/Record.Remove")
    def delete(self, q):
        zone = self.the_zone(q.form())
        self.remove(zone, self.the_record(zone, q.form()))
        return self.done()


@provider
class DnsPodAbroad(DnsPod):
    name = "dpi"
    hosts = ("api.dnspod.com",)
    env = {"DPI_Id": "13490", "DPI_Key": "6b5976c68aba5b14a0558b77c17c3932"}
    alt = ()
