"""EdgeCenter: the API of Gcore at another host, https://apidocs.edgecenter.ru/dns."""
from .core import provider
from .gcore import Gcore


@provider
class Edgecenter(Gcore):
    name = "edgecenter"
    hosts = ("api.edgecenter.ru",)
    env = {"EDGECENTER_PERMANENT_API_TOKEN": "1234$edge-permanent-token"}
