"""Values of whole sets as in a zone file, for APIs that take them so."""
from .core import quoted, unquoted

WORDS = {"CNAME": 1, "NS": 1, "PTR": 1, "MX": 2, "SRV": 4}  # the last one is a name


def shown(r):
    return quoted(r.value, 255) if r.type == "TXT" else r.value


def read(zone, type_, text, bare=True, relative=True):
    """The neutral form; ValueError where it is no value. bare: a TXT may lack its quotes; relative: a name without a
    final dot is one in the zone, else it is refused."""
    if type_ == "TXT":
        if not text.startswith('"'):
            if not bare or not text:
                raise ValueError("TXT values must be in quotes")
            return text
        plain = unquoted(text)
        if plain is None or any(len(unquoted(f'"{x}"') or "") > 255 for x in text[1:-1].split('" "')):
            raise ValueError("a character string is left open, or longer than 255 bytes")
        return plain
    words = text.split()
    if type_ in WORDS:
        if len(words) != WORDS[type_]:
            raise ValueError(f"a {type_} has {WORDS[type_]} fields")
        if not words[-1].endswith("."):
            if not relative:
                raise ValueError("names must end in a dot")
            words[-1] += f".{zone.name}."
    return " ".join(words) if type_ != "CAA" else text
