"""python3 -m mock [PORT]: says "port N" and serves until its standard input ends or it is killed."""
import sys
import threading

from . import core

server = core.start(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
print(f"port {server.server_port}", flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
try:
    sys.stdin.read()
except KeyboardInterrupt:
    pass
