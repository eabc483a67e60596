#!/usr/bin/env python3
"""The same CA, the same DNS, the same two names, one client after the other. Called by peers-table.sh inside the lab.

Prints a Markdown table; progress goes to standard error. Wall, CPU and memory are medians of runs straight to the CA;
requests and connections come from one run each through the counting proxy, children from one under strace, the last
two columns from runs through the proxy that is 50 ms late in each direction.
"""
import json, os, shutil, statistics, subprocess, sys, time, urllib.request

LAB, OPSMAIL, SECRET = os.environ["LAB"], os.environ["OPSMAIL"], open(os.environ["LAB"] + "/secret").read().strip()
RUNS, SLOW = int(os.environ.get("RUNS", 9)), int(os.environ.get("SLOW_RUNS", 3))
CA, DOMAIN = LAB + "/ca.pem", "wild.test"
PORT = {"direct": 14000, "count": 14001, "late": 14003}
CONTROL = {"count": 14002, "late": 14004}


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


HOOK_U = write(LAB + "/hook-uacme", f"""#!/bin/sh
[ "$2" = dns-01 ] || exit 1
case $1 in begin) a=add;; *) a=delete;; esac
printf 'server 127.0.0.2 53\\nupdate %s _acme-challenge.%s. 5 TXT "%s"\\nsend\\n' $a "$3" "$5" | nsupdate -k {LAB}/tsig.key -v
""", 0o755)
HOOK_D = write(LAB + "/hook-dehydrated", f"""#!/bin/sh
o=$1; shift
u() {{ printf 'server 127.0.0.2 53\\nupdate %s _acme-challenge.%s. 5 TXT "%s"\\nsend\\n' $1 "$2" "$3" | nsupdate -k {LAB}/tsig.key -v; }}
case $o in
deploy_challenge) while [ $# -ge 3 ]; do u add "$1" "$3"; shift 3; done;;
clean_challenge) while [ $# -ge 3 ]; do u delete "$1" "$3"; shift 3; done;;
esac
""", 0o755)


def lego(prog, flags=""):
    def make(d, url):
        env = {"RFC2136_NAMESERVER": "127.0.0.2:53", "RFC2136_TSIG_KEY": "acme-key", "RFC2136_TSIG_ALGORITHM": "hmac-sha256.",
               "RFC2136_TSIG_SECRET": SECRET, "RFC2136_TTL": "5", "RFC2136_SEQUENCE_INTERVAL": "1", "LEGO_CA_CERTIFICATES": CA}
        c = [prog, "--server", url, "-a", "-m", "a@wild.test", "--path", d, "--dns", "rfc2136", "-d", DOMAIN, "-d", "*." + DOMAIN]
        return env, [c + ["run"]], [c + ["renew", "--days", "9999", "--no-random-sleep"]], d + "/certificates/wild.test.crt"
    return make


def uacme(d, url):
    c = ["uacme", "-a", url, "-c", d, "-y", "-t", "EC"]
    i = c + ["-h", HOOK_U, "issue", DOMAIN, "*." + DOMAIN]
    return {}, [c + ["new", "a@wild.test"], i], [i[:1] + ["-f"] + i[1:]], d + "/wild.test/cert.pem"


def dehydrated(d, url):
    f = write(d + "/config", f'CA="{url}"\nBASEDIR="{d}"\nCURL_OPTS="--cacert {CA}"\nCHALLENGETYPE=dns-01\nHOOK={HOOK_D}\n'
              'HOOK_CHAIN=yes\nCONTACT_EMAIL=a@wild.test\nCONFIG_D=\nKEY_ALGO=prime256v1\n')
    c = ["dehydrated", "-f", f]
    i = c + ["-c", "-d", DOMAIN, "-d", "*." + DOMAIN]
    return {}, [c + ["--register", "--accept-terms"], i], [i + ["-x"]], d + "/certs/wild.test/cert.pem"


def certbot(d, url):
    ini = write(d + "/ini", f"dns_rfc2136_server = 127.0.0.2\ndns_rfc2136_port = 53\ndns_rfc2136_name = acme-key\n"
                f"dns_rfc2136_secret = {SECRET}\ndns_rfc2136_algorithm = HMAC-SHA256\n", 0o600)
    c = ["certbot", "certonly", "-n", "--agree-tos", "-m", "a@wild.test", "--no-eff-email", "--server", url, "--config-dir", d + "/c",
         "--work-dir", d + "/w", "--logs-dir", d + "/l", "--dns-rfc2136", "--dns-rfc2136-credentials", ini,
         "--dns-rfc2136-propagation-seconds", "1", "-d", DOMAIN, "-d", "*." + DOMAIN]
    return {"REQUESTS_CA_BUNDLE": CA}, [c], [c + ["--force-renewal"]], d + "/c/live/wild.test/cert.pem"


def opsmail(d, url):
    write(d + "/opsmail.yaml", f"""email: a@wild.test
acme: {{server: "{url}", ca_file: {CA}}}
dns:
  provider: rfc2136
  credentials: {{DNSUPDATE_NAMESERVER: "127.0.0.2:53", DNSUPDATE_TSIG_KEY: acme-key, DNSUPDATE_TSIG_ALGORITHM: hmac-sha256, DNSUPDATE_TSIG_SECRET: {{file: {LAB}/secret}}}}
domains: {{{DOMAIN}: {{}}}}
""")
    c = [OPSMAIL, "--conf", d, "ssl"]
    return {}, [c + [DOMAIN]], [c + ["renew", "--force", DOMAIN]], d + "/acme/live/wild.test/cert.pem"


CLIENTS = [("**opsmail**", OPSMAIL, opsmail, "asks all servers; its child is the reload script"), ("uacme 1.7.4", "uacme", uacme, "no look at DNS before the CA is told"),
           ("certbot 2.1.0", "certbot", certbot, "waits 1 s instead of its 60, never looks"),
           ("dehydrated 0.7.0", "dehydrated", dehydrated, "no look at DNS"),
           ("lego 4.35.2", "lego-new", lego("lego-new"), "asks all servers; 1 s between challenges instead of 60"),
           ("lego 4.9.1", "lego", lego("lego"), "the same")]


def call(env, cmds, under=()):
    """[wall, cpu, rss] summed (rss: the largest), or None when one failed"""
    tot = [0.0, 0.0, 0]
    for c in cmds:
        with open(LAB + "/peer.log", "a") as log:
            subprocess.run([LAB + "/timeit", LAB + "/t", *under, *c], env={**os.environ, **env}, stdin=subprocess.DEVNULL,
                           stdout=log, stderr=log)
        w, u, s, rss, rc = open(LAB + "/t").read().split()
        if rc != "0":
            subprocess.run(["tail", "-n", "15", LAB + "/peer.log"], stdout=sys.stderr)
            print(f"# {c[0]} ended with {rc}", file=sys.stderr)
            return None
        tot = [tot[0] + float(w), tot[1] + float(u) + float(s), max(tot[2], int(rss))]
    return tot


def control(kind, verb="GET"):
    r = urllib.request.Request(f"http://127.0.0.1:{CONTROL[kind]}/" + ("reset" if verb == "POST" else "counts"), method=verb)
    return json.load(urllib.request.urlopen(r))


n_dir = 0


def fresh_dir():
    global n_dir
    n_dir += 1
    d = f"{LAB}/peer/{n_dir}"
    os.makedirs(d, mode=0o755)
    return d


def both(make, kind, runs, counter=None):
    """runs times: a fresh certificate and a renewal -> ([per run], [per run])"""
    out = ([], [])
    for _ in range(runs):
        env, first, again, _ = make(fresh_dir(), f"https://127.0.0.1:{PORT[kind]}/dir")
        for i, cmds in enumerate((first, again)):
            time.sleep(2)  # BIND and knot hold back what follows a change too closely, which is not the client's time
            if counter:
                control(kind, "POST")
            m = call(env, cmds)
            if m is None:
                return None
            out[i].append((m, control(kind) if counter else None))
    return out


def children(make):
    out = []
    env, first, again, _ = make(fresh_dir(), f"https://127.0.0.1:{PORT['direct']}/dir")
    for cmds in (first, again):
        n = 0
        for c in cmds:
            f = LAB + "/forks"
            if call(env, [c], ("strace", "-f", "-qq", "-o", f, "-e", "trace=fork,vfork,clone,clone3")) is None:
                return ["?", "?"]
            # a call that is interrupted by its child's first stop is shown in two lines
            n += sum(1 for ln in open(f) if "CLONE_THREAD" not in ln and "resumed>" not in ln and " = -1" not in ln
                     and "---" not in ln and "+++" not in ln)
        out.append(n)
    return out


def med(xs):
    return statistics.median(xs)


def pair(a, b, fmt="{}"):
    return fmt.format(a) + " / " + fmt.format(b)


def main():
    only = sys.argv[1:]
    rows = []
    for name, prog, make, note in CLIENTS:
        if only and not any(o in name for o in only):
            continue
        if not shutil.which(prog):
            print(f"# skip {name}: {prog} is missing", file=sys.stderr)
            continue
        t = time.time()
        cnt = both(make, "count", 1, True)
        if cnt is None:
            rows.append(f"| {name} | failed |")
            continue
        # a first run tells whether nine can be afforded
        slow = cnt[0][0][0][0] > 2
        runs = SLOW if slow else RUNS
        d = both(make, "direct", runs)
        late = both(make, "late", 1 if slow else 3, True)
        kids = children(make)
        if d is None or late is None:
            rows.append(f"| {name} | failed |")
            continue
        m = [[med([x[0][i] for x in side]) for i in range(3)] for side in d]
        c = [side[0][1] for side in cnt]
        lw = [med([x[0][0] for x in side]) for side in late]
        lt = [int(med([x[1]["round_trips"] for x in side])) for side in late]
        rows.append("| " + " | ".join([
            name, str(runs), pair(m[0][0], m[1][0], "{:.2f}"), pair(m[0][1], m[1][1], "{:.3f}"),
            pair(m[0][2] / 1024, m[1][2] / 1024, "{:.1f}"), pair(c[0]["requests"], c[1]["requests"]),
            pair(c[0]["connections"], c[1]["connections"]), pair(*kids), pair(lw[0], lw[1], "{:.1f}"), pair(*lt), note]) + " |")
        print(rows[-1], f"# {time.time() - t:.0f} s", file=sys.stderr, flush=True)
    cpu = next((ln.split(":")[1].strip() for ln in open("/proc/cpuinfo") if ln.startswith("model name")), "unknown")
    print(f"One certificate for the apex and the wildcard, ECDSA P-256, fresh (with a new account) / renewed; medians.\n"
          f"pebble 2.4.0 without waits, BIND with a secondary, all on one machine: {cpu}, {os.cpu_count()} cores, "
          f"Linux {os.uname().release.split('-')[0]}, Debian {open('/etc/debian_version').read().strip()}.\n")
    print("| client | runs | wall, s | CPU, s | peak memory, MiB | HTTP requests | connections | child processes | "
          "wall at 100 ms a round trip, s | round trips | note |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    print("\n".join(rows))


main()
