#!/usr/bin/env python3
"""A name server with one fault, in front of a good one (UDP and TCP).

  dnsfault.py --listen 127.0.0.9:53 [--upstream 127.0.0.2:53] FAULT

FAULT: none drop refused servfail lame truncate wrongid wrongcase slow=SECONDS tcpreset lostreply=N (the first N
UPDATEs are carried out but their answers are lost) resetupdate=N (TCP reset after the UPDATE was sent on)
notify=SECONDS (takes a NOTIFY and sends it on that much later: a secondary that lags)
"""
import argparse, asyncio, socket, struct, sys


def addr(s):
    host, _, port = s.rpartition(":")
    return host.strip("[]"), int(port)


class Fault:
    def __init__(self, a):
        self.up, (self.kind, _, v) = a.upstream, a.fault.partition("=")
        self.v, self.hits = float(v or 0), 0

    async def ask(self, q):
        rd, wr = await asyncio.open_connection(*self.up)
        wr.write(struct.pack("!H", len(q)) + q)
        n = struct.unpack("!H", await rd.readexactly(2))[0]
        a = await rd.readexactly(n)
        wr.close()
        return a

    async def answer(self, q, tcp):
        """bytes, None (say nothing) or False (reset)"""
        k, update = self.kind, (q[2] >> 3) & 15 == 5
        end = 12
        while end < len(q) and q[end]:
            end += q[end] + 1
        end += 5
        empty = lambda rcode, bits=0: q[:2] + struct.pack("!HHHHH", 0x8000 | (q[2] & 0x79) << 8 | bits | rcode, 1, 0, 0, 0) + q[12:end]
        if k == "drop":
            return None
        if k in ("refused", "servfail"):
            return empty(5 if k == "refused" else 2)
        if k == "lame" and not update:  # an upward referral, not authoritative
            return q[:2] + struct.pack("!HHHHH", 0x8000, 1, 0, 1, 0) + q[12:end] + b"\0\0\2\0\1\0\0\0\x3c\0\x03\1a\0"
        if k == "tcpreset" and tcp:
            return False
        if k == "truncate" and not tcp and not update:
            return empty(0, 0x0600)
        a = await self.ask(q)
        if k == "slow":
            await asyncio.sleep(self.v)
        if k == "wrongid":
            a = bytes([a[0] ^ 0xff]) + a[1:]
        if k == "wrongcase":
            a = a[:12] + bytes(c ^ 32 if 65 <= c & 0xdf <= 90 else c for c in a[12:end - 4]) + a[end - 4:]
        if k in ("lostreply", "resetupdate") and update and self.hits < self.v:
            self.hits += 1
            return False if k == "resetupdate" else None
        return a

    async def tcp(self, rd, wr):
        try:
            while True:
                q = await rd.readexactly(struct.unpack("!H", await rd.readexactly(2))[0])
                a = await self.answer(q, True)
                if a is False:
                    wr.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    wr.transport.abort()
                    return
                if a:
                    wr.write(struct.pack("!H", len(a)) + a)
        except (OSError, asyncio.IncompleteReadError):
            wr.close()


class Udp(asyncio.DatagramProtocol):
    def __init__(self, fault):
        self.f = fault

    def connection_made(self, t):
        self.t = t

    def datagram_received(self, q, who):
        async def go():
            try:
                if self.f.kind == "notify":
                    self.t.sendto(q[:2] + bytes([q[2] | 0x84]) + q[3:], who)
                    await asyncio.sleep(self.f.v)
                    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    out.sendto(q, self.f.up)
                    return
                a = await self.f.answer(q, False)
                if a:
                    self.t.sendto(a, who)
            except OSError:
                pass
        asyncio.get_running_loop().create_task(go())


async def main():
    p = argparse.ArgumentParser()
    p.add_argument("--listen", type=addr, required=True)
    p.add_argument("--upstream", type=addr, default=("127.0.0.2", 53))
    p.add_argument("fault")
    a = p.parse_args()
    f = Fault(a)
    await asyncio.start_server(f.tcp, *a.listen)
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: Udp(f), local_addr=a.listen)
    print("ready", flush=True)
    await asyncio.Event().wait()

try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(0)
