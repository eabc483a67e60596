"""An RSA key made for these tests alone, and what was signed with it: checked by RFC 8017 8.2.2 with Python's own numbers."""
import base64
import hashlib

KEY = """-----BEGIN PRIVATE KEY-----
MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQDdM7Z0XeF/Z+VO
hAqEFWN7/Jt86aFqXwZNxgDRJV2FTtsTrXAUi77vB6ZFucXBtx/GMVkz2C2rj9zD
D7Zj6fqEVmtUouN1FkS6CZSM+43zhpgG3sAboVFzanRAdiXCSj0FyyWbe2HyEh2H
wgewJyPVx2dknvRXygSL8sIxKAycaIJiOKz2g3Eu9BOo1ZNvXgwJBcD7g5zGTeJN
T2RJ1A/IOJ1RJSgtxg9v1cPR8gqWvAZ93Y2iRoMIu7uz9tBsDwU4q0FZDL0qjNv2
a+3+6HTMI80DZZaOPWb7SvXS5yTWs2taNHWoE6wn7zODH1WAsePxjMo9kC4KEFC0
Yw3p4u+TAgMBAAECggEAE9kWh4V+/NgdNrjZWrWymgb2CrTJ84n4PlVEcH/KTvJe
7PqUgntxk/AbRslfCb09QCLgbqr4mhrMA8KuqnNts58vfUYqY7CuVQUUC7xspcvP
a1pkYXZNoS4NpVUUmUThCdqLEtL03GwssyhBWViBuiZszBYJNbFeTBJpw1BlJUl+
ot0uJKg0xNtroig1xI9DjgoX0/jk7DoW6kVl9GC5RzzEqyHNdmVhMpHixXNPtEu1
ILFtw84nN7RM3tuE/1bzkDd7i2mW+PexHj8R94Ultf6VGnUs8FSTXViZj5IZPDD5
sBNCBuqgdHQJ+k9PLoGRn091oHQmr5FarLm9Eqi1XQKBgQD2F3xD6cdHZr3/BSy0
xmeJ0W6WXmM/DbFrn+QqTjQUnCbd+OnKjy9CcnjFVM1/t3dGj4fwmtkxPSz1MhAL
E4B8TLZVPf6dxzPvTSWPgkY1E6eL/hW9tG8SnEILNAZRjnOGyWoXTa53eA8HKkf1
9k5YMBnx5BUlstKXE61FQ0xN5wKBgQDmG68cSP4C3DTtaXvQzfcXZNvvCPi2IgF6
Na//++ZvBF1TePLgwZNFO2Up4JeHsIRmO+5Jt5FocFqTQum3ObGP26a/AmMxRybx
q5iCBzfoYsbHicXZhntYiDgiAoUbta8mBC3RH0UVYf5/WcPIjUtxxXM9Wf2r0nYn
8FC1EKVjdQKBgHzgXgZ4Us9Aq5kFHzJ8m32r8NoM+3+7ixR6BmYRWQw8UNzCuqA3
GFw3imFYLw9oIfaETw8hBKWfzXh+9vUn6EMrCjsnQlT+CLSeCTlReh7k4lh/jri9
Hr/q2vikZbBtAOKcwmEg4i9tlPKl2e5OFmNZxVCh1LlUjNhs+7fx9n5xAoGAZPge
1WV9+BlSLB7OEqhd1OkPzIp+P8UaKtrl+Ig669nZbagzwsWN7qIKWN7Q/txIrGd9
vuEKr+4lAFsrHJf3Pu2d9FCC3/udrguipuOt941oNeRRaYqmEwnqv5mleKw3R5Ir
3IhBEwnl11G3JAhD449FatVTBxMZf5rmfxznxYUCgYBZ8DDNM9YnSSIE7k8cHUip
i9Wu5P7yID2iAdwQ+g0MQN4V/356r5+o/MYo8YfEx2mr5rEYxf4fqdldCL4Bgnuh
7yWqTgIK4T2l1R4smHOj0ndGYeBh56B2MVgw83HKMYBIms/NuaKPYkB0/vCcL4ot
3qXQqfzN0xmDCMdSwbsBYQ==
-----END PRIVATE KEY-----"""
N = int(
    "dd33b6745de17f67e54e840a8415637bfc9b7ce9a16a5f064dc600d1255d854edb13ad70148bbeef07a645b9c5c1b71fc6315933d82dab8fdcc30fb663e9fa84"
    "566b54a2e3751644ba09948cfb8df3869806dec01ba151736a74407625c24a3d05cb259b7b61f2121d87c207b02723d5c767649ef457ca048bf2c231280c9c68"
    "826238acf683712ef413a8d5936f5e0c0905c0fb839cc64de24d4f6449d40fc8389d5125282dc60f6fd5c3d1f20a96bc067ddd8da2468308bbbbb3f6d06c0f05"
    "38ab41590cbd2a8cdbf66bedfee874cc23cd0365968e3d66fb4af5d2e724d6b36b5a3475a813ac27ef33831f5580b1e3f18cca3d902e0a1050b4630de9e2ef93", 16)
DIGESTS = {"sha256": "3031300d060960864801650304020105000420", "sha512": "3051300d060960864801650304020305000440"}


def good(signature, data, how="sha256"):
    """Whether the base64 `signature` is KEY's PKCS #1 v1.5 one of `data`."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except ValueError:
        return False
    tail = bytes.fromhex(DIGESTS[how]) + hashlib.new(how, data.encode() if isinstance(data, str) else data).digest()
    want = b"\0\1" + b"\xff" * (253 - len(tail)) + b"\0" + tail
    return len(raw) == 256 and int.from_bytes(raw, "big") < N and pow(int.from_bytes(raw, "big"), 65537, N).to_bytes(256, "big") == want


def good_pss(signature, data, size=32):
    """Whether the base64url `signature` is KEY's PSS one of `data`, with SHA-256 and a salt of `size` bytes (RFC 8017 8.1.2, 9.1.2)."""
    def sha(x):
        return hashlib.sha256(x).digest()
    try:
        raw = base64.urlsafe_b64decode(signature.rstrip("=") + "=" * (-len(signature.rstrip("=")) % 4))
    except ValueError:
        return False
    if len(raw) != 256 or int.from_bytes(raw, "big") >= N:
        return False
    em = pow(int.from_bytes(raw, "big"), 65537, N).to_bytes(256, "big")
    masked, digest, last = em[:223], em[223:255], em[255]
    mask = b"".join(sha(digest + i.to_bytes(4, "big")) for i in range(7))[:223]
    block = bytes(a ^ b for a, b in zip(masked, mask))
    block = bytes([block[0] & 127]) + block[1:]
    salt = block[223 - size:]
    return last == 0xbc and masked[0] < 128 and block[:223 - size] == b"\0" * (222 - size) + b"\1" and \
        sha(bytes(8) + sha(data.encode()) + salt) == digest
