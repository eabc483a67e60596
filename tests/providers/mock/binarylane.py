"""BinaryLane: the API of DigitalOcean's shape, https://api.binarylane.com.au/reference/#tag/Domains."""
from .core import provider
from .digitalocean import Digitalocean


@provider
class Binarylane(Digitalocean):
    name = "binarylane"
    hosts = ("api.binarylane.com.au",)
    env = {"BINARYLANE_API_TOKEN": "bl-token"}
