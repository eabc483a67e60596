"""acme-dns (https://github.com/joohoi/acme-dns#api): POST /register and /update. A subdomain keeps the two newest values;
nothing can be taken away.

python3 -m mock.acmedns ADDRESS:PORT NAMESERVER KEYFILE NAME: alone; the first account's name is NAME, and what it shows is
written by nsupdate."""
import ipaddress
import re
import sys
import uuid

from . import core
from .core import Provider, Refuse, Reply, provider, route
from .httpreq import NO_LIST, nsupdate


@provider
class AcmeDns(Provider):
    name = "acmedns"
    env = {"ACME_DNS_API_BASE": "https://acmedns.mock"}
    types = ("TXT",)
    skip = {f"S{n:02}": NO_LIST for n in range(1, 26)}
    behind = None  # (name server, key file)
    domain, first = "auth.mock", None

    def setup(self):
        self.accounts, self.shown = {}, {}

    @route("POST", "/register")
    def register(self, q):
        body = q.json() or {}
        allow = body.get("allowfrom", [])
        try:
            for network in allow:
                ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise Refuse(400, {"error": "invalid_allowfrom_cidr"}) from None
        full, self.first = self.first or f"{uuid.uuid4()}.{self.domain}", None
        a = {"username": str(uuid.uuid4()), "password": uuid.uuid4().hex + "01234567", "fulldomain": full,
             "subdomain": full.split(".", 1)[0], "allowfrom": allow}
        self.accounts[a["username"]] = a
        return Reply(201, a)

    @route("POST", "/update")
    def update(self, q):
        a, body = self.accounts.get(q.header("X-Api-User")), q.json()
        if not a or a["password"] != q.header("X-Api-Key"):
            raise Refuse(401, {"error": "forbidden"})
        if not isinstance(body, dict) or body.get("subdomain") != a["subdomain"]:
            raise Refuse(401, {"error": "forbidden"})
        if not re.fullmatch(r"[A-Za-z0-9_-]{43}", body.get("txt", "")):
            raise Refuse(400, {"error": "bad_txt"})
        kept = self.shown.setdefault(a["fulldomain"], [])
        kept.append(body["txt"])
        out = kept.pop(0) if len(kept) > 2 else None
        if self.behind:
            if out and out not in kept:
                nsupdate(self.behind, a["fulldomain"], False, out)
            nsupdate(self.behind, a["fulldomain"], True, body["txt"])
        return Reply(200, {"txt": body["txt"]})


if __name__ == "__main__":
    address, _, port = sys.argv[1].rpartition(":")
    one = AcmeDns()
    one.hosts, one.behind, one.first = (address,), (sys.argv[2], sys.argv[3]), sys.argv[4]
    core.running["acmedns"] = one
    core.Server((address, int(port)), core.Handler).serve_forever()
