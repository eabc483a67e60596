/* Where clouds keep credentials: the environment, files in a folder of ours,
 * and a metadata service that is a script. */
#include "dns/cred.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "tests/unit/dnsapi.h"
#include "tests/unit/sign.h"

enum { NOW = 1700000000 };

#define STS(name)                                                           \
	"<" name "Response xmlns=\"https://sts.amazonaws.com/doc/\"><" name \
	"Result><Credentials><AccessKeyId>ASIA1</AccessKeyId>"              \
	"<SecretAccessKey>secret1</SecretAccessKey><SessionToken>session1"  \
	"</SessionToken><Expiration>2023-11-14T23:13:20Z</Expiration>"      \
	"</Credentials></" name "Result></" name "Response>"

static const char *const *variables; /* NAME, VALUE ..., NULL */
static char folder[64];

static const char *env(const char *name)
{
	if (!strcmp(name, "HOME"))
		return folder;
	for (size_t i = 0; variables[i]; i += 2)
		if (!strcmp(variables[i], name))
			return variables[i + 1];
	return NULL;
}

struct look {
	struct api api;
	struct cred cred;
	struct err e;
};

/* Looks once and is played to the end. */
static int look(struct look *l, const char *source, const char *const *with,
		const struct api_line *script)
{
	const struct cred_world w = {
		.http = &l->api.http, .env = env, .now = NOW, .m = &l->api.mem
	};

	variables = with;
	l->api.http.send = api_send;
	l->api.script = script;
	const int status = cred_get(source, &w, &l->cred, &l->e);
	if (script[l->api.at].expect)
		fail_msg("\"%s\" was not asked: %s", script[l->api.at].expect,
			 l->e.msg);
	return status;
}

static void done(struct look *l)
{
	mem_free(&l->api.mem);
	*l = (struct look){ 0 };
}

static void found(struct look *l, const char *source, const char *const *with,
		  const struct api_line *script)
{
	if (look(l, source, with, script))
		fail_msg("%s", l->e.msg);
}

static void put(const char *name, const char *text)
{
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };

	if (fs_write(mem_fmt(&m, "%s/%s", folder, name), str_of(text), 0600,
		     &e))
		fail_msg("%s", e.msg);
}

static const struct api_line silence[] = { { 0 } };

static void aws_environment(void **state)
{
	static const char *const with[] = {
		"AWS_ACCESS_KEY_ID",
		"AKIA",
		"AWS_SECRET_ACCESS_KEY",
		"abcd",
		"AWS_REGION",
		"eu-1",
		NULL,
	};
	struct look l = { 0 };

	(void)state;
	found(&l, "aws", with, silence);
	assert_string_equal(l.cred.id, "AKIA");
	assert_string_equal(l.cred.key, "abcd");
	assert_string_equal(l.cred.region, "eu-1");
	assert_null(l.cred.token);
	done(&l);
}

static void aws_profiles_and_roles(void **state)
{
	static const char *const with[] = { "AWS_PROFILE", "work", NULL };
	static const struct api_line script[] = {
		{ "POST https://sts.eu-2.amazonaws.com/",
		  "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"
		  "&RoleSessionName=opsmail&ExternalId=x%201&Version=2011-06-"
		  "15",
		  200, STS("AssumeRole"), NULL },
		{ 0 },
	};
	struct look l = { 0 };

	(void)state;
	put(".aws/credentials", "# mine\n[base]\naws_access_key_id = AKIB\n"
				"aws_secret_access_key=efgh\n");
	put(".aws/config", "[profile work]\nrole_arn = arn:aws:iam::1:role/r\n"
			   "source_profile = base\nexternal_id = x 1\n"
			   "[profile base]\nregion = eu-2\n");
	found(&l, "aws", with, script);
	assert_non_null(strstr(l.api.seen,
			       "Credential=AKIB/20231114/eu-2/sts/aws4_req"));
	assert_string_equal(l.cred.id, "ASIA1");
	assert_string_equal(l.cred.key, "secret1");
	assert_string_equal(l.cred.token, "session1");
	assert_string_equal(l.cred.region, "eu-2");
	assert_int_equal(l.cred.until, NOW + 3600);
	done(&l);
}

/* A role that stands on itself, and one that stands on nothing. */
static void aws_roles_end(void **state)
{
	static const char *const with[] = { "AWS_PROFILE", "a", NULL };
	struct look l = { 0 };

	(void)state;
	put(".aws/credentials", "");
	put(".aws/config", "[profile a]\nrole_arn = r\nsource_profile = b\n"
			   "[profile b]\nrole_arn = s\nsource_profile = a\n");
	assert_int_equal(look(&l, "aws", with, silence), -1);
	assert_int_equal(l.e.kind, ERR_AUTH);
	assert_non_null(strstr(l.e.msg, "AWS_PROFILE"));
	done(&l);
	fs_remove(mem_fmt(&l.api.mem, "%s/.aws/config", folder), &l.e);
	done(&l);
}

static void aws_web_identity(void **state)
{
	const char *with[] = { "AWS_ROLE_ARN", "r",
			       "AWS_WEB_IDENTITY_TOKEN_FILE", "~/token", NULL };
	static const struct api_line script[] = {
		{ "POST https://sts.us-east-1.amazonaws.com/",
		  "Action=AssumeRoleWithWebIdentity&RoleArn=r&RoleSessionName="
		  "opsmail&WebIdentityToken=ey.web",
		  200, STS("AssumeRoleWithWebIdentity"), NULL },
		{ 0 },
	};
	struct look l = { 0 };

	(void)state;
	put("token", "ey.web\n");
	found(&l, "aws", with, script);
	assert_null(strstr(l.api.seen, "Authorization"));
	assert_string_equal(l.cred.token, "session1");
	done(&l);
}

#define IMDS "http://127.0.0.1:1338/latest/"
#define ROLES IMDS "meta-data/iam/security-credentials/"

static void aws_instance(void **state)
{
	static const char *const with[] = { "AWS_EC2_METADATA_SERVICE_ENDPOINT",
					    "http://127.0.0.1:1338/", NULL };
	static const char *const off[] = { "AWS_EC2_METADATA_DISABLED", "true",
					   NULL };
	static const struct api_line script[] = {
		{ "PUT " IMDS "api/token", NULL, 200, "tok12", NULL },
		{ "GET " ROLES, NULL, 200, "role\n", NULL },
		{ "GET " ROLES "role", NULL, 200,
		  "{\"AccessKeyId\":\"ASIA2\",\"SecretAccessKey\":\"sec2\","
		  "\"Token\":\"tok2\",\"Expiration\":\"2023-11-14T22:23:20Z\"}",
		  NULL },
		{ 0 },
	};
	static const struct api_line outside[] = {
		{ "PUT " IMDS "api/token", NULL, API_LOST, NULL, NULL },
		{ 0 },
	};
	struct look l = { 0 };

	(void)state;
	found(&l, "aws", with, script);
	assert_non_null(strstr(l.api.seen, "X-aws-ec2-metadata-token: tok12"));
	assert_string_equal(l.cred.id, "ASIA2");
	assert_int_equal(l.cred.until, NOW + 600);
	done(&l);
	assert_int_equal(look(&l, "aws", with, outside), -1);
	assert_int_equal(l.e.kind, ERR_AUTH);
	assert_non_null(strstr(l.e.msg, "set AWS_ACCESS_KEY_ID"));
	done(&l);
	assert_int_equal(look(&l, "aws", off, silence), -1);
	done(&l);
}

static const char *key_json(struct mem *m, const char *owner, const char *id)
{
	AUTO(buf) struct buf pem = { 0 };
	json_t *j = json_pack("{s:s, s:s, s:s, s:s}", "private_key",
			      sign_test_pem(&pem), owner, "me@x", id, "k1",
			      "project_id", "proj");
	char *text = json_dumps(j, 0);
	const char *kept = mem_str(m, text);

	free(text);
	json_decref(j);
	return kept;
}

static void google(void **state)
{
	static const char *const with[] = { "GOOGLE_APPLICATION_CREDENTIALS",
					    "~/key.json", NULL };
	static const char *const machine[] = { "GCE_METADATA_HOST", "h:1",
					       NULL };
	static const struct api_line script[] = {
		{ "POST https://oauth2.googleapis.com/token",
		  "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-"
		  "bearer&assertion=ey",
		  200, "{\"access_token\":\"ya29\",\"expires_in\":3599}",
		  NULL },
		{ 0 },
	};
	static const struct api_line metadata[] = {
		{ "GET http://h:1/computeMetadata/v1/instance/"
		  "service-accounts/default/token",
		  NULL, 200, "{\"access_token\":\"ya30\",\"expires_in\":60}",
		  NULL },
		{ "GET http://h:1/computeMetadata/v1/project/project-id", NULL,
		  200, "p2", NULL },
		{ 0 },
	};
	AUTO(mem) struct mem m = { 0 };
	struct look l = { 0 };

	(void)state;
	put("key.json", key_json(&m, "client_email", "private_key_id"));
	found(&l, "gcloud", with, script);
	assert_string_equal(l.cred.token, "ya29");
	assert_string_equal(l.cred.project, "proj");
	assert_int_equal(l.cred.until, NOW + 3599);
	done(&l);
	found(&l, "gcloud", machine, metadata);
	assert_non_null(strstr(l.api.seen, "Metadata-Flavor: Google"));
	assert_string_equal(l.cred.project, "p2");
	done(&l);
}

static void azure(void **state)
{
	static const char *const with[] = { "AZURE_TENANT_ID",
					    "t/1",
					    "AZURE_CLIENT_ID",
					    "c",
					    "AZURE_CLIENT_SECRET",
					    "s3cr&",
					    "AZURE_SUBSCRIPTION_ID",
					    "sub",
					    NULL };
	static const char *const machine[] = { NULL };
	static const struct api_line script[] = {
		{ "POST https://login.microsoftonline.com/t%2F1/oauth2/v2.0/"
		  "token",
		  "client_id=c&client_secret=s3cr%26&scope=https%3A%2F%2F"
		  "management.azure.com%2F.default",
		  200, "{\"access_token\":\"az\",\"expires_in\":\"3599\"}",
		  NULL },
		{ 0 },
	};
	static const struct api_line metadata[] = {
		{ "GET http://169.254.169.254/metadata/identity/oauth2/token?"
		  "api-version=2018-02-01&resource=https%3A%2F%2Fmanagement."
		  "azure.com%2F",
		  NULL, 200,
		  "{\"access_token\":\"mi\",\"expires_on\":\"1700000100\"}",
		  NULL },
		{ 0 },
	};
	static const struct api_line refused[] = {
		{ "POST https://login.microsoftonline.com/t%2F1/oauth2/v2.0/"
		  "token",
		  NULL, 401, "{\"error\":\"invalid_client\"}", NULL },
		{ 0 },
	};
	struct look l = { 0 };

	(void)state;
	found(&l, "azure", with, script);
	assert_string_equal(l.cred.token, "az");
	assert_string_equal(l.cred.project, "sub");
	assert_int_equal(l.cred.until, NOW + 3599);
	done(&l);
	found(&l, "azure", machine, metadata);
	assert_non_null(strstr(l.api.seen, "Metadata: true"));
	assert_int_equal(l.cred.until, NOW + 100);
	done(&l);
	assert_int_equal(look(&l, "azure", with, refused), -1);
	assert_int_equal(l.e.kind, ERR_AUTH);
	assert_non_null(strstr(l.e.msg, "invalid_client"));
	assert_null(strstr(l.e.msg, "s3cr"));
	done(&l);
}

static void oracle(void **state)
{
	static const char *const with[] = { "OCI_CLI_PROFILE", "OPS", NULL };
	AUTO(buf) struct buf pem = { 0 };
	struct look l = { 0 };

	(void)state;
	put("oci.pem", sign_test_pem(&pem));
	put(".oci/config", "[DEFAULT]\nuser=no\n[OPS]\nuser=u1\nfingerprint="
			   "aa:bb\ntenancy=t1\nregion=eu-f\nkey_file=~/oci.pem"
			   "\n");
	found(&l, "oci", with, silence);
	assert_string_equal(l.cred.id, "t1/u1/aa:bb");
	assert_string_equal(l.cred.region, "eu-f");
	assert_string_equal(l.cred.key, buf_c(&pem));
	done(&l);
	put("oci.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
	assert_int_equal(look(&l, "oci", with, silence), -1);
	assert_non_null(strstr(l.e.msg, "without a pass phrase"));
	done(&l);
}

static void yandex(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf text = { 0 };
	static const struct api_line script[] = {
		{ "POST https://iam.api.cloud.yandex.net/iam/v1/tokens",
		  "{\"jwt\":\"ey", 200,
		  "{\"iamToken\":\"t1.x\",\"expiresAt\":"
		  "\"2023-11-15T10:13:20.123456789Z\"}",
		  NULL },
		{ 0 },
	};
	struct look l = { 0 };

	(void)state;
	b64_add(&text, str_of(key_json(&m, "service_account_id", "id")));
	const char *const with[] = { "YANDEX_CLOUD_IAM_TOKEN", buf_c(&text),
				     "YANDEX_CLOUD_FOLDER_ID", "f1", NULL };
	found(&l, "yandex", with, script);
	assert_string_equal(l.cred.token, "t1.x");
	assert_string_equal(l.cred.project, "f1");
	assert_int_equal(l.cred.until, NOW + 12 * 3600);
	done(&l);
}

static void wrong_words(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	struct cred c = { 0 };
	struct cred_key k;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(cred_read_imds(str_of("[]"), &m, &c, &e), -1);
	assert_int_equal(cred_read_sts(str_of("<a><b/></a>"), &m, &c, &e), -1);
	assert_int_equal(cred_read_token(str_of("{\"access_token\":\"a\","
						"\"expires_in\":\"x\"}"),
					 NOW, &m, &c, &e),
			 -1);
	assert_int_equal(cred_read_key(str_of("{}"), &m, &k, &e), -1);
	assert_int_equal(
		cred_read_key(str_of("{\"private_key\":\"a\",\"client_email"
				     "\":\"b\",\"token_uri\":\"http://c\"}"),
			      &m, &k, &e),
		-1);
	assert_non_null(strstr(e.msg, "no https://"));
	assert_null(cred_ini(str_of("[a]\nb\n=c\nd=\n[e]\nf=1"), "a", "f", &m));
	assert_string_equal(
		cred_ini(str_of("[ e ]\n;f=2\nF = 1 "), "e", "f", &m), "1");
	assert_false(cred_is_source("azur"));
}

/* Nothing that was found may be read in a log. */
static void hides_secrets(void **state)
{
	AUTO(buf) struct buf shown = { 0 };

	(void)state;
	log_mask(&shown, str_of("secret1 session1 tok2 t1.x s3cr& ASIA1"));
	assert_string_equal(buf_c(&shown), "*** *** *** *** *** ASIA1");
}

static int make_folder(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	struct err e = { 0 };

	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/opsmail-cred-XXXXXX");
	return !mkdtemp(folder) ||
	       fs_mkdir(mem_fmt(&m, "%s/.aws", folder), 0700, &e) ||
	       fs_mkdir(mem_fmt(&m, "%s/.oci", folder), 0700, &e);
}

static int drop_folder(void **state)
{
	struct err e = { 0 };

	(void)state;
	return fs_remove_tree(folder, &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aws_environment),
		cmocka_unit_test(aws_profiles_and_roles),
		cmocka_unit_test(aws_roles_end),
		cmocka_unit_test(aws_web_identity),
		cmocka_unit_test(aws_instance),
		cmocka_unit_test(google),
		cmocka_unit_test(azure),
		cmocka_unit_test(oracle),
		cmocka_unit_test(yandex),
		cmocka_unit_test(wrong_words),
		cmocka_unit_test(hides_secrets),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
