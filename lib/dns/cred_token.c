/* Sources whose credentials are a token: Google, Azure, Yandex; and Oracle's
 * file of keys. */
#include <string.h>

#include "base/b64.h"
#include "base/log.h"
#include "dns/cred_kit.h"

static const char here[] = "169.254.169.254";

static int post_form(const struct cred_world *w, const char *url,
		     const struct buf *form, struct cred *out, struct err *e)
{
	const struct http_header type = { "Content-Type",
					  "application/x-www-form-urlencoded" };
	const struct cred_ask q = {
		.method = "POST",
		.url = url,
		.headers = &type,
		.headers_n = 1,
		.body = buf_get(form),
		.limit_ms = CRED_FAR_MS,
	};
	struct str reply;
	return cred_send(w, &q, &reply, e) < 0 ?
		       -1 :
		       cred_read_token(reply, w->now, w->m, out, e);
}

static int metadata(const struct cred_world *w, const char *url,
		    const char *name, const char *value, struct str *reply,
		    struct err *e)
{
	const struct http_header h = { name, value };
	const struct cred_ask q = {
		.method = "GET",
		.url = url,
		.headers = &h,
		.headers_n = 1,
		.limit_ms = CRED_HERE_MS,
	};
	return cred_send(w, &q, reply, e);
}

static int make_jwt(const struct cred_world *w, const char *kind,
		    const struct cred_key *k, const char *audience,
		    const char *scope, const char **out, struct err *e)
{
	const struct sign_request none = {
		.method = "POST", .scheme = "https", .host = "-", .path = "/"
	};
	const struct sign_secret secret = {
		.id = k->owner,
		.key = k->pem,
		.key_id = k->id,
		.audience = audience,
		.scope = scope,
	};
	AUTO(sign_out) struct sign_out made = { 0 };
	log_hide(str_of(k->pem));
	if (sign_by_name(kind, &none, &secret, w->now, NULL, &made, e) < 0)
		return -1;
	*out = mem_str(w->m, made.text);
	log_hide(str_of(*out));
	return 0;
}

/* What people keep in a variable is JSON, or that in Base64. */
static int inline_key(const struct cred_world *w, const char *value,
		      struct str *out)
{
	AUTO(secret) struct buf b = { 0 };
	*out = str_of(value);
	if (*value == '{')
		return 0;
	if (b64_read(str_of(value), &b) < 0)
		return -1;
	*out = (struct str){ mem_dup(w->m, buf_c(&b), b.n), b.n };
	return 0;
}

static int key_text(const struct cred_world *w, const char *inline_name,
		    const char *const *file_names, struct str *out,
		    struct err *e)
{
	const char *value = cred_env(w, inline_name);
	const char *file = cred_env_any(w, file_names);
	*out = (struct str){ 0 };
	if (value)
		log_hide(str_of(value));
	if (value && inline_key(w, value, out) < 0)
		return err_set(e, ERR_CONF, "%s is neither JSON nor Base64",
			       inline_name);
	if (value || !file)
		return 0;
	if (cred_file(w, file, out, e) < 0)
		return -1;
	return out->n ? 0 :
			err_set(e, ERR_CONF, "%s: there is no such key file",
				file);
}

/* The token of the machine's service account, as Google and Yandex have it. */
static int of_machine(const struct cred_world *w, const char *host,
		      struct cred *out, struct err *e)
{
	struct str reply;
	const char *url = mem_fmt(w->m,
				  "http://%s/computeMetadata/v1/instance/"
				  "service-accounts/default/token",
				  host);
	return metadata(w, url, "Metadata-Flavor", "Google", &reply, e) < 0 ?
		       -1 :
		       cred_read_token(reply, w->now, w->m, out, e);
}

static int google_key(const struct cred_world *w, struct str json,
		      struct cred *out, struct err *e)
{
	static const char scope[] =
		"https://www.googleapis.com/auth/ndev.clouddns.readwrite";
	AUTO(secret) struct buf form = { 0 };
	struct cred_key k;
	const char *jwt;
	if (cred_read_key(json, w->m, &k, e) < 0)
		return -1;
	const char *url = k.url ? k.url : "https://oauth2.googleapis.com/token";
	if (make_jwt(w, "jwt_rs256", &k, url, scope, &jwt, e) < 0)
		return -1;
	cred_form(&form, "grant_type",
		  "urn:ietf:params:oauth:grant-type:jwt-bearer");
	cred_form(&form, "assertion", jwt);
	out->project = k.project;
	return post_form(w, url, &form, out, e);
}

static int google_project(const struct cred_world *w, const char *host,
			  struct cred *out, struct err *e)
{
	const char *url = mem_fmt(
		w->m, "http://%s/computeMetadata/v1/project/project-id", host);
	struct str reply;
	if (metadata(w, url, "Metadata-Flavor", "Google", &reply, e) < 0)
		return -1;
	reply = str_trim(reply);
	out->project = mem_dup(w->m, reply.at, reply.n);
	return 0;
}

int cred_gcloud(const struct cred_world *w, struct cred *out, struct err *e)
{
	static const char *const files[] = { "GCE_SERVICE_ACCOUNT_FILE",
					     "GOOGLE_APPLICATION_CREDENTIALS",
					     NULL };
	static const char *const projects[] = { "GCE_PROJECT",
						"GOOGLE_CLOUD_PROJECT", NULL };
	const char *project = cred_env_any(w, projects);
	const char *host = cred_env(w, "GCE_METADATA_HOST");
	struct str json;
	if (key_text(w, "GCE_SERVICE_ACCOUNT", files, &json, e) < 0)
		return -1;
	host = host ? host : here;
	if (json.n) {
		if (google_key(w, json, out, e) < 0)
			return -1;
	} else if (of_machine(w, host, out, e) < 0 ||
		   (!project && google_project(w, host, out, e) < 0))
		return err_set(e, ERR_AUTH,
			       "set GCE_SERVICE_ACCOUNT_FILE to the key file "
			       "of a service account; this machine has none "
			       "of its own");
	out->project = project ? project : out->project;
	return 0;
}

static int azure_machine(const struct cred_world *w, const char *id,
			 struct cred *out, struct err *e)
{
	const char *own = cred_env(w, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
	AUTO(buf) struct buf url = { 0 };
	struct str reply;
	buf_fmt(&url,
		"%s/metadata/identity/oauth2/token?api-version=2018-02-01",
		own ? own : mem_fmt(w->m, "http://%s", here));
	cred_form(&url, "resource", "https://management.azure.com/");
	if (id)
		cred_form(&url, "client_id", id);
	if (metadata(w, buf_c(&url), "Metadata", "true", &reply, e) < 0 ||
	    cred_read_token(reply, w->now, w->m, out, e) < 0)
		return err_set(e, ERR_AUTH,
			       "set AZURE_TENANT_ID, AZURE_CLIENT_ID and "
			       "AZURE_CLIENT_SECRET; this machine has no "
			       "managed identity");
	return 0;
}

int cred_azure(const struct cred_world *w, struct cred *out, struct err *e)
{
	const char *tenant = cred_env(w, "AZURE_TENANT_ID");
	const char *id = cred_env(w, "AZURE_CLIENT_ID");
	const char *secret = cred_env(w, "AZURE_CLIENT_SECRET");
	const char *own = cred_env(w, "AZURE_AUTHORITY_HOST");
	AUTO(secret) struct buf form = { 0 };
	AUTO(buf) struct buf url = { 0 };
	out->project = cred_env(w, "AZURE_SUBSCRIPTION_ID");
	out->tenant = tenant;
	if (!tenant || !id || !secret)
		return azure_machine(w, id, out, e);
	struct str base =
		str_of(own ? own : "https://login.microsoftonline.com");
	if (str_ends(base, "/"))
		base.n--;
	log_hide(str_of(secret));
	buf_fmt(&url, "%.*s/", STR_FMT(base));
	sign_encode(&url, str_of(tenant));
	buf_str(&url, "/oauth2/v2.0/token");
	cred_form(&form, "grant_type", "client_credentials");
	cred_form(&form, "client_id", id);
	cred_form(&form, "client_secret", secret);
	cred_form(&form, "scope", "https://management.azure.com/.default");
	return post_form(w, buf_c(&url), &form, out, e);
}

static int yandex_key(const struct cred_world *w, struct str json,
		      struct cred *out, struct err *e)
{
	static const char url[] =
		"https://iam.api.cloud.yandex.net/iam/v1/tokens";
	const struct http_header type = { "Content-Type", "application/json" };
	struct cred_key k;
	const char *jwt;
	struct str reply;
	if (cred_read_key(json, w->m, &k, e) < 0 ||
	    make_jwt(w, "jwt_ps256", &k, url, NULL, &jwt, e) < 0)
		return -1;
	const struct cred_ask q = {
		.method = "POST",
		.url = url,
		.headers = &type,
		.headers_n = 1,
		.body = str_of(mem_fmt(w->m, "{\"jwt\":\"%s\"}", jwt)),
		.limit_ms = CRED_FAR_MS,
	};
	return cred_send(w, &q, &reply, e) < 0 ?
		       -1 :
		       cred_read_token(reply, w->now, w->m, out, e);
}

int cred_yandex(const struct cred_world *w, struct cred *out, struct err *e)
{
	static const char *const files[] = { "YANDEX_CLOUD_KEY_FILE",
					     "YC_SERVICE_ACCOUNT_KEY_FILE",
					     NULL };
	const char *host = cred_env(w, "YC_METADATA_ADDR");
	struct str json;
	out->project = cred_env(w, "YANDEX_CLOUD_FOLDER_ID");
	if (key_text(w, "YANDEX_CLOUD_IAM_TOKEN", files, &json, e) < 0)
		return -1;
	if (json.n)
		return yandex_key(w, json, out, e);
	if (of_machine(w, host ? host : here, out, e) < 0)
		return err_set(e, ERR_AUTH,
			       "set YANDEX_CLOUD_IAM_TOKEN to the key of a "
			       "service account in Base64; this machine has "
			       "none of its own");
	return 0;
}

/* A member from its variable, else from the file's profile. */
static const char *oci_word(const struct cred_world *w, struct str file,
			    const char *variable, const char *key)
{
	const char *profile = cred_env(w, "OCI_CLI_PROFILE");
	const char *value = cred_env(w, variable);
	return value ? value :
		       cred_ini(file, profile ? profile : "DEFAULT", key, w->m);
}

int cred_oci(const struct cred_world *w, struct cred *out, struct err *e)
{
	static const char *const paths[] = { "OCI_CLI_CONFIG_FILE",
					     "OCI_CONFIG_FILE", NULL };
	const char *path = cred_env_any(w, paths);
	struct str file, pem;
	path = path ? path : "~/.oci/config";
	if (cred_file(w, path, &file, e) < 0)
		return -1;
	const char *user = oci_word(w, file, "OCI_USER_OCID", "user");
	const char *print =
		oci_word(w, file, "OCI_PUBKEY_FINGERPRINT", "fingerprint");
	const char *key = oci_word(w, file, "OCI_PRIVKEY_FILE", "key_file");
	out->tenant = oci_word(w, file, "OCI_TENANCY_OCID", "tenancy");
	out->region = oci_word(w, file, "OCI_REGION", "region");
	if (!user || !print || !key || !out->tenant || !out->region)
		return err_set(e, ERR_AUTH,
			       "%s lacks user, fingerprint, tenancy, region or "
			       "key_file: `oci setup config` writes them",
			       path);
	if (cred_file(w, key, &pem, e) < 0)
		return -1;
	if (!pem.n || str_find(pem, "ENCRYPTED"))
		return err_set(e, ERR_CONF,
			       "%s: a private key without a pass phrase is "
			       "wanted",
			       key);
	out->id = mem_fmt(w->m, "%s/%s/%s", out->tenant, user, print);
	out->key = pem.at;
	log_hide(pem);
	return 0;
}
