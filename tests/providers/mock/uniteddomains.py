"""united-domains: the API of IONOS at another host, https://dnsapi.united-domains.de/dns/."""
from .core import provider
from .ionos import Ionos


@provider
class Uniteddomains(Ionos):
    name = "uniteddomains"
    hosts = ("dnsapi.united-domains.de",)
    env = {"UNITEDDOMAINS_API_KEY": "prefix.secret"}
    alt = ()
