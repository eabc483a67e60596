"""What surrounds a service of Amazon's: Signature Version 4, the instance's metadata in its second version (a token is asked
for by PUT and shown by every GET), and STS, which gives a role's keys to who proves who they are.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"""
import time
from xml.sax.saxutils import escape

from . import _sign
from .core import Reply, route

KEYS = {  # id: (secret, session token)
    "AKIDEXAMPLE": ("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""),
    "ASIAEXAMPLEROLE": ("zB4qROLExN0/HK7MDENG+bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzEROLE//////////wEaDExample+role=="),
    "ASIAEXAMPLEWEB": ("qL8cWEBsV1/MK7MDENG+bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzEWEB//////////wEaDExample+web=="),
    "ASIAEXAMPLEHOST": ("tP2vHOSTm7/NK7MDENG+bPxRfiCYEXAMPLEKEY", "IQoJb3JpZ2luX2VjEHOST//////////wEaDExample+host=="),
}
ROLE, WEB = "arn:aws:iam::123456789012:role/dns", "arn:aws:iam::123456789012:role/web"
SECRETS = f"[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {KEYS['AKIDEXAMPLE'][0]}\n"
ROLES = f"[default]\nregion = eu-central-1\n[profile dns]\nrole_arn = {ROLE}\nsource_profile = default\nexternal_id = 47 11\n"
CHAINS = (
    ({}, {".aws/credentials": SECRETS}),
    ({"AWS_PROFILE": "dns"}, {".aws/credentials": SECRETS, ".aws/config": ROLES}),
    ({"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token", "AWS_ROLE_ARN": WEB}, {"token": "eyJhbGciOiJSUzI1NiJ9.e30.c2ln\n"}),
    ({}, {}),
)
TOKEN = "AQAAANjUxgM5Q7zt9example=="


def element(name, *inner):
    return f"<{name}>{''.join(x if isinstance(x, str) and x.startswith('<') else escape(str(x)) for x in inner)}</{name}>"


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


class Cloud:
    """For mocks of its services, before Provider."""
    hosts = ("sts.us-east-1.amazonaws.com", "sts.eu-central-1.amazonaws.com", "169.254.169.254")

    def unsigned(self, q, service, late, region="us-east-1"):
        """What is wrong with the signature: (code, message), or None."""
        given, when = _sign.words(q.header("Authorization")), q.header("X-Amz-Date")
        key, *scope = (given.get("Credential", "") + "////").split("/")[:5]
        names = given.get("SignedHeaders", "").split(";")
        secret, token = KEYS.get(key, ("", None))
        if not q.header("Authorization").startswith("AWS4-HMAC-SHA256 ") or not {"host", "x-amz-date"} <= set(names):
            return "MissingAuthenticationToken", "Request is missing Authentication Token"
        if q.header("X-Amz-Security-Token") != token or (token and "x-amz-security-token" not in names):
            return "InvalidClientTokenId", "The security token included in the request is invalid."
        if scope[1:] != [region, service, "aws4_request"] or not when.startswith(scope[0]):
            return "SignatureDoesNotMatch", "Credential should be scoped to a valid region."
        text = "\n".join([q.method, _sign.enc(q.path, "/"), _sign.query(q), _sign.headers(q, names), ";".join(names), _sign.sha(q.body)])
        want = _sign.mac(_sign.chain("AWS4" + secret, *scope), f"AWS4-HMAC-SHA256\n{when}\n{'/'.join(scope)}\n{_sign.sha(text)}").hex()
        if not _sign.same(want, given.get("Signature", "")):
            return "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."
        if _sign.off(when) > late:
            return "SignatureDoesNotMatch", f"Signature expired: {when} is not within 5 minutes of the server's time"
        return None

    # ---- STS ----
    def sts(self, code, message):
        return Reply(403, element("ErrorResponse", element("Error", "<Type>Sender</Type>", element("Code", code), element("Message", message))),
                     {"Content-Type": "text/xml"})

    @route("POST", "/")
    def assume(self, q):
        form, action = q.form(), q.form().get("Action")
        if form.get("Version") != "2011-06-15" or not form.get("RoleSessionName"):
            return self.sts("ValidationError", "Version and RoleSessionName are required")
        if action == "AssumeRole":
            wrong = self.unsigned(q, "sts", 300, q.host.split(".")[1])
            if wrong:
                return self.sts(*wrong)
            good, key = (form.get("RoleArn"), form.get("ExternalId")) == (ROLE, "47 11"), "ASIAEXAMPLEROLE"
        else:
            good = (action, form.get("RoleArn"), form.get("WebIdentityToken"), q.header("Authorization")) == (
                "AssumeRoleWithWebIdentity", WEB, "eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "")
            key = "ASIAEXAMPLEWEB"
        if not good:
            return self.sts("AccessDenied", f"Not authorized to perform: sts:{action}")
        given = element("Credentials", element("AccessKeyId", key), element("SecretAccessKey", KEYS[key][0]),
                        element("SessionToken", KEYS[key][1]), element("Expiration", moment(3600)))
        return Reply(200, f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">{element(action + "Result", given)}</{action}Response>',
                     {"Content-Type": "text/xml"})

    # ---- the instance ----
    @route("PUT", "/latest/api/token")
    def token(self, q):
        return Reply(200, TOKEN) if q.header("X-aws-ec2-metadata-token-ttl-seconds").isdigit() else Reply(400)

    @route("GET", "/latest/meta-data/iam/security-credentials/(?P<role>[^/]*)")
    def role(self, q, role):
        if q.header("X-aws-ec2-metadata-token") != TOKEN:
            return Reply(401)
        if role not in ("", "dns-host"):
            return Reply(404)
        secret, token = KEYS["ASIAEXAMPLEHOST"]
        return Reply(200, {"Code": "Success", "LastUpdated": moment(0), "Type": "AWS-HMAC", "AccessKeyId": "ASIAEXAMPLEHOST", "SecretAccessKey": secret,
                           "Token": token, "Expiration": moment(6 * 3600)} if role else "dns-host")
