#!/usr/bin/env python3
"""Python's smtplib, and bare sockets, against tests/smtp/serve.

strangers.py WHAT PORT DIR: a line "ok NAME" or "not ok NAME: why" for each.
"""
import glob
import os
import re
import smtplib
import socket
import ssl
import sys
import time

what, port, kept = sys.argv[1], int(sys.argv[2]), sys.argv[3]
CONTEXT = ssl._create_unverified_context()
bad = 0


def say(name, good, why=""):
    global bad
    bad += not good
    print(f"{'ok' if good else 'not ok'} {name}" + ("" if good else f": {why}"))


def newest():
    return max(glob.glob(f"{kept}/*.msg"), key=lambda p: int(os.path.basename(p)[:-4]))


def message():
    """The last one without our trace field, and its envelope."""
    path = newest()
    data = open(path, "rb").read()
    return re.sub(rb"\AReceived:.*?\r\n(?![ \t])", b"", data, flags=re.S), open(path[:-3] + "env").read()


BODIES = {
    "dots": b"Subject: dots\r\n\r\n.\r\n..\r\n...x\r\n.y\r\n",
    "empty": b"\r\n",
    "no last line end": b"Subject: x\r\n\r\nend",
    "eight bits": b"Subject: x\r\n\r\ngr\xc3\xbc\xc3\x9fe \xff\xfe\r\n",
    "long lines": b"Subject: x\r\n\r\n" + b"a" * 5000 + b"\r\n." + b"b" * 3000 + b"\r\n",
    "a megabyte": b"Subject: x\r\n\r\n" + (b"." + b"z" * 70 + b"\r\n") * 15000,
}


def smtplib_tests():
    for name, body in BODIES.items():
        with smtplib.SMTP("127.0.0.1", port, "c.test") as s:
            s.ehlo()
            s.sendmail("a@b.test", ["joe@local.test", "jil@local.test"], body, ["BODY=8BITMIME"])
        got, env = message()
        want = body if body.endswith(b"\r\n") else body + b"\r\n"
        say(f"smtplib: {name}", got == want, f"{len(got)} bytes, not {len(want)}: {got[:80]!r}")
        say(f"smtplib: {name}, the envelope", "from a@b.test\nto joe@local.test notify=0" in env and "8bit" in env, env)
    with smtplib.SMTP("127.0.0.1", port, "c.test") as s:
        s.starttls(context=CONTEXT)
        s.login("joe", "secret")
        s.ehlo()
        s.sendmail("j\u00f6e@local.test", ["x@b\u00fccher.test"], b"Subject: x\r\n\r\nx\r\n",
                   ["SMTPUTF8", "RET=HDRS", "ENVID=e+2B1", "REQUIRETLS"],
                   ["NOTIFY=SUCCESS,DELAY", "ORCPT=utf-8;x"])
    got, env = message()
    say("smtplib: everything that can be said", "to x@xn--bcher-kva.test notify=10 orcpt=utf-8;x" in env and
        " utf8 requiretls ret=2 envid=e+2B1" in env and "user joe" in env, env)
    trace = open(newest(), "rb").read()
    say("smtplib: the trace field says how", b"with UTF8SMTPSA id" in trace and b"tls TLS_" in trace, trace[:300])
    with smtplib.SMTP("127.0.0.1", port, "c.test") as s:
        try:
            s.sendmail("a@b.test", ["unknown@local.test", "x@far.test", "joe@local.test"], b"x\r\n")
            say("smtplib: one of three is taken", True)
        except smtplib.SMTPException as e:
            say("smtplib: one of three is taken", False, e)
        refused = s.sendmail("a@b.test", ["unknown@local.test", "x@far.test", "joe@local.test"], b"x\r\n")
        say("smtplib: the others are told why", refused["unknown@local.test"][0] == 550 and
            refused["x@far.test"][0] == 550, refused)
        try:
            s.sendmail("a@b.test", ["joe@local.test"], b"x" * 3000000)
            say("smtplib: too big", False, "was taken")
        except smtplib.SMTPSenderRefused as e:
            say("smtplib: too big is told at MAIL", e.smtp_code == 552, e)
        s.sendmail("a@b.test", ["joe@local.test"], b"after\r\n")
    say("smtplib: and the next is taken", message()[0] == b"after\r\n", message())
    with smtplib.SMTP("127.0.0.1", port, "c.test") as s:
        s.starttls(context=CONTEXT)
        try:
            s.login("joe", "wrong")
            say("smtplib: a wrong password", False, "was taken")
        except smtplib.SMTPAuthenticationError as e:
            say("smtplib: a wrong password", e.smtp_code == 535, e)
    try:
        with smtplib.SMTP("127.0.0.1", port, "c.test") as s:
            s.login("joe", "secret")
        say("smtplib: no login in clear", False, "was offered")
    except smtplib.SMTPNotSupportedError:
        say("smtplib: no login in clear", True)


class Raw:
    def __init__(self):
        self.s = socket.create_connection(("127.0.0.1", port))
        self.s.settimeout(3)
        self.f = self.s.makefile("rb")
        self.line()

    def line(self):
        while True:
            one = self.f.readline()
            if len(one) < 4 or one[3:4] != b"-":
                return one

    def say(self, text):
        self.s.sendall(text)
        return self.line()

    def rest(self):
        try:
            return self.f.read()
        except (socket.timeout, ConnectionResetError):
            return b"(open)"


ENDS = [b"\n.\n", b"\n.\r", b"\r.\n", b"\r.\r", b"\n.\r\n", b"\r.\r\n", b"\r\n\0.\r\n", b"\r\n.\n", b"\r\n.\r",
        b"\r\n.\r\r\n", b"\r\r\n.\r\r\n"]


def smuggling():
    for end in ENDS:
        for cut in (False, True):
            before = len(glob.glob(f"{kept}/*.msg"))
            r = Raw()
            for c in (b"EHLO c\r\n", b"MAIL FROM:<a@b.test>\r\n", b"RCPT TO:<joe@local.test>\r\n", b"DATA\r\n"):
                r.say(c)
            evil = b"MAIL FROM:<evil@x.test>\r\nRCPT TO:<joe@local.test>\r\nDATA\r\nevil\r\n.\r\n"
            pieces = [b"Subject: x\r\n\r\nx", end, evil]
            try:
                for piece in pieces if cut else [b"".join(pieces)]:
                    r.s.sendall(piece)
                    time.sleep(0.02 if cut else 0)
                got = r.line()
            except (ConnectionResetError, BrokenPipeError):
                got = b"(reset)"
            n = len(glob.glob(f"{kept}/*.msg"))
            say(f"smuggling: {end!r}{' in pieces' if cut else ''}", n == before and got[:3] in (b"521", b"554"),
                f"{n - before} messages, {got!r}")
    r = Raw()
    r.say(b"EHLO c\r\n")
    got = r.say(b"STARTTLS\r\nRSET\r\n") + r.rest()
    say("nothing may follow STARTTLS", got.startswith(b"503") and got.count(b"\r\n") == 1, got)
    r = Raw()
    r.say(b"EHLO c\r\n")
    r.s.sendall(b"STARTTLS\r\n" + b"\x16\x03\x01\x00\x05hello")
    got = r.line() + r.rest()
    say("a TLS hello behind STARTTLS", got.startswith(b"503"), got)


def crowd():
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(2000)]
    for s in idle:
        s.recv(100)
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(50)]
    for s in slow:
        s.sendall(b"EHL")
    start = time.time()
    with smtplib.SMTP("127.0.0.1", port, "c.test") as s:
        s.sendmail("a@b.test", ["joe@local.test"], b"crowd\r\n")
    say("a message beside 2000 idle and 50 dripping connections", message()[0] == b"crowd\r\n" and
        time.time() - start < 2, f"{time.time() - start} s")
    for s in idle + slow:
        s.close()


{"smtplib": smtplib_tests, "smuggling": smuggling, "crowd": crowd}[what]()
sys.exit(bad > 0)
