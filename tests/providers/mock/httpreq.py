"""The far end of lego's httpreq (https://go-acme.github.io/lego/dns/httpreq/) and of acmeproxy, which is the same: POST
/present and /cleanup with {fqdn, value}, or in RAW mode {domain, token, keyAuth} (RFC 8555 8.4 makes the value of it).
acmeproxy shows the value in its answer, which its client looks for.

python3 -m mock.httpreq ADDRESS:PORT NAMESERVER KEYFILE: alone, and what it is told is written by nsupdate."""
import base64
import hashlib
import subprocess
import sys

from . import core
from .core import Provider, Refuse, Reply, provider, route

NO_LIST = "the protocol cannot read: values go in and out one by one, TXT alone"


def nsupdate(at, name, add, value):
    server, key = at
    text = f"server {server}\nupdate {'add' if add else 'delete'} {name}. {'60 ' if add else ''}TXT \"{value}\"\nsend\n"
    subprocess.run(["nsupdate", "-k", key, "-v"], input=text.encode(), check=True)


@provider
class Httpreq(Provider):
    name = "httpreq"
    env = {"HTTPREQ_ENDPOINT": "https://httpreq.mock/api", "HTTPREQ_USERNAME": "lab", "HTTPREQ_PASSWORD": "httpreq-password"}
    types = ("TXT",)
    lists, settings = False, {"zone": "example.com"}
    skip = {"S10": "what became of a lost change cannot be read", "S19": "the protocol carries no TTL"}
    behind = None  # (name server, key file)

    def auth(self, q):
        if q.header("Authorization") != "Basic " + base64.b64encode(b"lab:httpreq-password").decode():
            raise Refuse(401, "unauthorized\n", {"WWW-Authenticate": "Basic"})
        if not q.header("Content-Type").startswith("application/json"):
            raise Refuse(415, "not JSON\n")

    def told(self, q):
        body = q.json()
        if not isinstance(body, dict) or not all(isinstance(v, str) and v for v in body.values()):
            raise Refuse(400, "no map of texts\n")
        if set(body) == {"domain", "token", "keyAuth"}:
            if not body["keyAuth"].startswith(body["token"] + "."):
                raise Refuse(400, "the key authorization is another token's\n")
            sum_ = hashlib.sha256(body["keyAuth"].encode()).digest()
            return "_acme-challenge." + body["domain"], base64.urlsafe_b64encode(sum_).decode().rstrip("=")
        if set(body) != {"fqdn", "value"} or not body["fqdn"].endswith("."):
            raise Refuse(400, "fqdn, with its dot, and value\n")
        return body["fqdn"].rstrip("."), body["value"]

    def change(self, q, add):
        name, value = self.told(q)
        zone = next((z for z in self.zones if name == z.name or name.endswith("." + z.name)), None)
        if self.behind:
            nsupdate(self.behind, name, add, value)
        elif not zone:
            raise Refuse(404, f"no zone holds {name}\n")
        elif add and value not in [r.value for r in zone.find(name, "TXT")]:
            self.add(zone, name, "TXT", 60, value)
        elif not add:
            for r in [r for r in zone.find(name, "TXT") if r.value == value]:
                self.remove(zone, r)
        return Reply(200, {"fqdn": name + ".", "value": value})

    @route("POST", "(/api)?/present")
    def present(self, q):
        return self.change(q, True)

    @route("POST", "(/api)?/cleanup")
    def cleanup(self, q):
        return self.change(q, False)


if __name__ == "__main__":
    address, _, port = sys.argv[1].rpartition(":")
    one = Httpreq()
    one.hosts, one.behind = (address,), (sys.argv[2], sys.argv[3])
    core.running["httpreq"] = one
    core.Server((address, int(port)), core.Handler).serve_forever()
