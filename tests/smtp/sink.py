#!/usr/bin/env python3
"""aiosmtpd as a far end of tests/smtp/send: what it took lies in DIR/N.

sink.py PORT DIR [smtp | lmtp | starttls | tls] [CERT KEY]
Logins are joe with "secret"; unknown@... is refused.
"""
import asyncio
import ssl
import sys

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult

port, kept, how = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = None
if how in ("starttls", "tls"):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[4], sys.argv[5])


class Handler:
    n = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("unknown@"):
            return "550 5.1.1 nobody"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        Handler.n += 1
        with open(f"{kept}/{Handler.n}", "wb") as f:
            f.write(envelope.original_content)
        with open(f"{kept}/{Handler.n}.env", "w") as f:
            print(envelope.mail_from, *envelope.rcpt_tos, *envelope.mail_options, session.auth_data, file=f)
        return "250 2.0.0 kept"


def login(server, session, envelope, mechanism, data):
    good = data.login == b"joe" and data.password == b"secret"
    return AuthResult(success=good, handled=False, auth_data=f"{mechanism}-joe" if good else None)


def make():
    kind = LMTP if how == "lmtp" else SMTP
    return kind(Handler(), hostname="far.test", enable_SMTPUTF8=True, authenticator=login,
                auth_require_tls=how != "tls", tls_context=context if how == "starttls" else None,
                require_starttls=how == "starttls")


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(make, "127.0.0.1", port, ssl=context if how == "tls" else None)
    await server.serve_forever()


asyncio.run(main())
