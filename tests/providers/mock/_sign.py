"""What vendors' signatures have in common; the mocks compute each by its vendor's documentation, with hashlib and hmac."""
import calendar
import hashlib
import hmac
import re
import time
import urllib.parse


def enc(text, safe=""):
    return urllib.parse.quote(text, safe="-._~" + safe)


def pairs(q):
    return urllib.parse.parse_qsl(q.raw_query, keep_blank_values=True)


def query(q, but=()):
    """The canonical query: names and values encoded, sorted."""
    return "&".join(sorted(f"{enc(k)}={enc(v)}" for k, v in pairs(q) if k not in but))


def headers(q, names):
    return "".join(f"{n}:{' '.join(q.header(n).split())}\n" for n in names)


def sha(data):
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def mac(key, text, how="sha256"):
    return hmac.new(key.encode() if isinstance(key, str) else key, text.encode(), how).digest()


def chain(key, *steps):
    for step in steps:
        key = mac(key, step)
    return key


def words(text):
    """The NAME=VALUE words of an Authorization header."""
    return dict(re.findall(r'([A-Za-z_-]+)="?([^",\s]*)"?', text))


def off(text, form="%Y%m%dT%H%M%SZ"):
    """How many seconds a moment is from now; many when it is none."""
    try:
        return abs(calendar.timegm(time.strptime(text, form)) - time.time())
    except ValueError:
        return 1e9


same = hmac.compare_digest
