"""A throw-away CA, and a CONNECT proxy that leads HTTPS clients to the mocks: it ends TLS for any host with a certificate
of that CA and passes what is said on. Clients find it by HTTPS_PROXY and trust it by the variables of environment()."""
import os
import pathlib
import socket
import ssl
import subprocess
import threading


def openssl(*args, **more):
    subprocess.run(["openssl", *map(str, args)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)


class Authority:
    """ca.pem and the certificates that it makes, in a folder of the caller's."""
    def __init__(self, folder):
        self.folder, self.ca, self.lock, self.made = pathlib.Path(folder), f"{folder}/ca.pem", threading.Lock(), {}
        self.key = f"{folder}/ca.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key,
                "-out", self.ca, "-days", 2, "-subj", "/CN=the mocks' own CA", "-addext", "basicConstraints=critical,CA:true",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def pair(self, host):
        """(certificate, key) for a host name or address."""
        with self.lock:
            if host not in self.made:
                at = self.folder / f"host{len(self.made)}"
                kind = "IP" if host.replace(".", "").isdigit() else "DNS"
                openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{at}.key",
                        "-out", f"{at}.csr", "-subj", "/CN=mock")
                pathlib.Path(f"{at}.ext").write_text(f"subjectAltName={kind}:{host}\nextendedKeyUsage=serverAuth\n", encoding="utf-8")
                openssl("x509", "-req", "-in", f"{at}.csr", "-CA", self.ca, "-CAkey", self.key, "-set_serial", 2 + len(self.made),
                        "-days", 2, "-extfile", f"{at}.ext", "-out", f"{at}.pem")
                self.made[host] = (f"{at}.pem", f"{at}.key")
            return self.made[host]


def copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Proxy:
    """port: the proxy; front: TLS at once, for clients that are led there by other means. as_host: present a certificate
    for this host, whatever was asked for."""
    def __init__(self, authority, mock_port, as_host=None):
        self.authority, self.mock_port, self.as_host = authority, mock_port, as_host
        self.contexts, self.refused, self.hosts = {}, [], set()
        self.port, self.front = self.listen(self.serve), self.listen(self.serve_front)

    def context(self, host):
        if host not in self.contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.authority.pair(host))
            self.contexts[host] = context
        return self.contexts[host]

    def listen(self, serve):
        server = socket.create_server(("127.0.0.1", 0), backlog=64)

        def accept():
            while True:
                client, _ = server.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=serve, args=(client,), daemon=True).start()
        threading.Thread(target=accept, daemon=True).start()
        return server.getsockname()[1]

    def serve_front(self, client):
        def choose(tls, name, context):
            del context
            tls.context = self.context(name or "localhost")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.authority.pair("localhost"))
        context.sni_callback = choose
        try:
            self.forward(context.wrap_socket(client, server_side=True))
        except OSError as error:
            self.refused.append(("front", str(error)))

    def serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            data = client.recv(4096)
            if not data or len(head) > 8192:
                client.close()
                return
            head += data
        if not head.startswith(b"CONNECT "):
            client.sendall(b"HTTP/1.1 405 only CONNECT\r\nContent-Length: 0\r\n\r\n")
            client.close()
            return
        host = head.split()[1].decode().rpartition(":")[0]
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            tls = self.context(self.as_host or host).wrap_socket(client, server_side=True)
        except OSError as error:
            self.refused.append((host, str(error)))
            return
        self.hosts.add(host)
        self.forward(tls)

    def forward(self, tls):
        mock = socket.create_connection(("127.0.0.1", self.mock_port))
        mock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=copy, args=(mock, tls), daemon=True).start()
        copy(tls, mock)

    def environment(self):
        """For any client: Go, Python, node, curl, AWS."""
        ca, at = self.authority.ca, f"http://127.0.0.1:{self.port}"
        return {"HTTPS_PROXY": at, "https_proxy": at, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost",
                "SSL_CERT_FILE": ca, "REQUESTS_CA_BUNDLE": ca, "CURL_CA_BUNDLE": ca, "AWS_CA_BUNDLE": ca,
                "NODE_EXTRA_CA_CERTS": ca, "LEGO_CA_CERTIFICATES": ca, "HTTPLIB2_CA_CERTS": ca,
                "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
