"""A name server for tests, UDP and TCP on one port of the loopback: it answers from a function, which is given (name, type)
and returns (zone, [(owner, type, ttl, rdata bytes)...]) or None for a name that no zone holds."""
import socketserver
import struct
import threading

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "OPT": 41, "CAA": 257}
NAMES = {v: k for k, v in TYPES.items()}


def name_bytes(name):
    return b"".join(bytes([len(x)]) + x.encode() for x in name.rstrip(".").split(".") if x) + b"\0"


def txt(text):
    raw = text.encode()
    return b"".join(bytes([len(raw[i:i + 255])]) + raw[i:i + 255] for i in range(0, max(1, len(raw)), 255))


def soa(zone):
    return name_bytes("ns1." + zone) + name_bytes("host." + zone) + struct.pack("!5I", 1, 3600, 600, 86400, 5)


def record(owner, type_, ttl, rdata):
    return name_bytes(owner) + struct.pack("!HHIH", TYPES[type_], 1, ttl, len(rdata)) + rdata


def answer(message, look):
    number, flags = struct.unpack("!HH", message[:4])
    at, labels = 12, []
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode(errors="replace").lower())
        at += 1 + message[at]
    name, type_ = ".".join(labels), NAMES.get(struct.unpack("!H", message[at + 1:at + 3])[0], "?")
    question, found = message[12:at + 5], look(name, type_)
    if found is None:
        return struct.pack("!6H", number, 0x8580 | (flags & 0x100) | 3, 1, 0, 1, 0) + question + record("test", "SOA", 5, soa("test"))
    zone, records = found
    answers = [record(*x) for x in records]
    authority = [] if answers else [record(zone, "SOA", 5, soa(zone))]
    return (struct.pack("!6H", number, 0x8580 | (flags & 0x100), 1, len(answers), len(authority), 0) + question +
            b"".join(answers + authority))


def start(look):
    """Serves until the process ends; returns "127.0.0.1:PORT"."""
    class Udp(socketserver.BaseRequestHandler):
        def handle(self):
            self.request[1].sendto(answer(self.request[0], look), self.client_address)

    class Tcp(socketserver.StreamRequestHandler):
        def handle(self):
            while len(size := self.rfile.read(2)) == 2:
                reply = answer(self.rfile.read(struct.unpack("!H", size)[0]), look)
                self.wfile.write(struct.pack("!H", len(reply)) + reply)

    class TcpServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
        daemon_threads, allow_reuse_address = True, True

    while True:  # free for TCP need not be free for UDP
        tcp = TcpServer(("127.0.0.1", 0), Tcp)
        try:
            udp = socketserver.UDPServer(tcp.server_address, Udp)
            break
        except OSError:
            tcp.server_close()
    udp.max_packet_size = 65535
    for server in (tcp, udp):
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    return "127.0.0.1:%d" % tcp.server_address[1]


def zones_of(provider, aliases=None):
    """look() for a mock: what its zones hold now; aliases: {name: target}, "*.x" as a wildcard would make them."""
    aliases = aliases or {}

    def look(name, type_):
        zone = max((z.name for z in provider.zones if name == z.name or name.endswith("." + z.name)), key=len, default=None)
        wild = "*." + name.partition(".")[2]
        target = aliases.get(name) or (aliases.get(wild) if not provider_has(name) else None)
        if target:
            return zone or target, [(name, "CNAME", 5, name_bytes(target))]
        if zone is None:
            return None
        if type_ == "SOA" and name == zone:
            return zone, [(name, "SOA", 5, soa(zone))]
        if type_ == "NS" and name == zone:
            return zone, [(name, "NS", 5, name_bytes("ns1." + zone))]
        return zone, [(name, "TXT", 5, txt(r.value)) for z in provider.zones if z.name == zone and type_ == "TXT"
                      for r in z.records if r.name == name and r.type == "TXT"]

    def provider_has(name):
        return any(r.name == name for z in provider.zones for r in z.records)
    return look
