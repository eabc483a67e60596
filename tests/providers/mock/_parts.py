"""Values in presentation form, as the parts that vendors give names of their own."""

PARTS = {"CNAME": ["target"], "NS": ["target"], "PTR": ["target"], "MX": ["priority", "target"],
         "SRV": ["priority", "weight", "port", "target"], "CAA": ["flags", "tag", "ca"],
         "TLSA": ["usage", "selector", "matching", "data"]}
NUMBERS = {"priority", "weight", "port", "flags", "usage", "selector", "matching"}


def cut(type_, value, dot=""):
    """{part: text or number}; names end in `dot`. None for types without parts."""
    if type_ not in PARTS:
        return None
    out = dict(zip(PARTS[type_], value.split(" ", len(PARTS[type_]) - 1)))
    for key, text in out.items():
        if key in NUMBERS:
            out[key] = int(text)
        elif key == "target" and text != ".":
            out[key] = text.rstrip(".") + dot
        elif key == "ca":
            out[key] = text.strip('"')
    return out


def join(type_, parts):
    """The reverse; raises ValueError or KeyError for what is no value of the type."""
    out = []
    for key in PARTS[type_]:
        text = str(parts[key])
        if key in NUMBERS:
            text = str(int(text))
        elif key == "target":
            text = text if text.endswith(".") else text + "."
            if " " in text or not text:
                raise ValueError(text)
        elif key == "ca":
            text = '"%s"' % text.strip('"')
        out.append(text)
    return " ".join(out)


def normal(type_, text):
    """A value that a client sent whole, names in it with or without their dot."""
    if type_ not in PARTS:
        return text
    words = text.split(" ", len(PARTS[type_]) - 1)
    if len(words) != len(PARTS[type_]):
        raise ValueError(text)
    return join(type_, dict(zip(PARTS[type_], words)))


def flat(type_, value, dot="", but=()):
    """The value as one text, names ending in `dot`; parts in `but` are left out."""
    parts = cut(type_, value, dot)
    if parts is None:
        return value
    return " ".join('"%s"' % v if k == "ca" else str(v) for k, v in parts.items() if k not in but)
