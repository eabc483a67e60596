/* Amazon's chain: the environment, a web identity, profiles with their roles,
 * the instance's role by IMDSv2. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "data/xml.h"
#include "dns/cred_kit.h"

enum { ROLES_MAX = 4 };

static const char imds[] = "http://169.254.169.254";

int cred_read_sts(struct str xml, struct mem *m, struct cred *c, struct err *e)
{
	AUTO(cred_json) json_t *root = NULL;
	if (xml_parse(xml, &root, e) < 0)
		return -1;
	/* {AssumeRoleResponse: {AssumeRoleResult: {Credentials: ...}}} */
	json_t *j = json_object_iter_value(json_object_iter(root));
	json_t *result = json_object_get(j, "AssumeRoleResult");
	if (!result)
		result = json_object_get(j, "AssumeRoleWithWebIdentityResult");
	j = json_object_get(result, "Credentials");
	c->id = cred_text(j, "AccessKeyId", m);
	c->key = cred_text(j, "SecretAccessKey", m);
	c->token = cred_text(j, "SessionToken", m);
	const char *until = cred_text(j, "Expiration", m);
	if (!c->id || !c->key || !c->token ||
	    (until && clock_parse(str_of(until), &c->until) < 0))
		return err_set(e, ERR_AUTH, "STS gave no credentials");
	return 0;
}

static const char *region_of(const struct cred_world *w, const char *profile)
{
	static const char *const names[] = { "AWS_REGION", "AWS_DEFAULT_REGION",
					     NULL };
	const char *region = cred_env_any(w, names);
	return region ? region : profile ? profile : "us-east-1";
}

static int sign_form(const struct cred_world *w, const struct cred *by,
		     const char *region, struct cred_ask *q,
		     struct sign_out *made, struct err *e)
{
	log_hide(str_of(by->key));
	log_hide(str_of(by->token));
	const struct sign_secret secret = { .id = by->id,
					    .key = by->key,
					    .token = by->token,
					    .region = region,
					    .service = "sts" };
	struct sign_pair pairs[4];
	struct sign_request r = { .method = q->method,
				  .body = q->body,
				  .headers = pairs,
				  .headers_n = q->headers_n };
	struct http_header *all;
	for (size_t i = 0; i < q->headers_n; i++)
		pairs[i] = (struct sign_pair){ q->headers[i].name,
					       q->headers[i].value };
	if (sign_url(str_of(q->url), w->m, &r, e) < 0 ||
	    sign_by_name("aws4", &r, &secret, w->now, NULL, made, e) < 0)
		return -1;
	all = mem_array(w->m, q->headers_n + made->headers_n, sizeof(*all));
	memcpy(all, q->headers, q->headers_n * sizeof(*all));
	for (size_t i = 0; i < made->headers_n; i++)
		all[q->headers_n++] =
			(struct http_header){ made->headers[i].name,
					      made->headers[i].value };
	q->headers = all;
	return 0;
}

/* `by` is NULL where the web identity is its own proof. */
static int assume(const struct cred_world *w, const struct cred *by,
		  const char *region, struct buf *form, struct cred *out,
		  struct err *e)
{
	const struct http_header type = { "Content-Type",
					  "application/x-www-form-urlencoded" };
	const char *own = cred_env(w, "AWS_ENDPOINT_URL_STS");
	AUTO(sign_out) struct sign_out made = { 0 };
	struct str reply;
	cred_form(form, "Version", "2011-06-15");
	struct cred_ask q = {
		.method = "POST",
		.url = own ? own :
			     mem_fmt(w->m, "https://sts.%s.amazonaws.com/",
				     region),
		.headers = &type,
		.headers_n = 1,
		.body = buf_get(form),
		.limit_ms = CRED_FAR_MS,
	};
	if ((by && sign_form(w, by, region, &q, &made, e) < 0) ||
	    cred_send(w, &q, &reply, e) < 0 ||
	    cred_read_sts(reply, w->m, out, e) < 0)
		return -1;
	out->region = region;
	return 0;
}

static void role_form(struct buf *form, const char *action, const char *role,
		      const char *session)
{
	cred_form(form, "Action", action);
	cred_form(form, "RoleArn", role);
	cred_form(form, "RoleSessionName", session ? session : "opsmail");
}

/* 1: found. 0: not this way. */
static int from_env(const struct cred_world *w, struct cred *out)
{
	out->id = cred_env(w, "AWS_ACCESS_KEY_ID");
	out->key = cred_env(w, "AWS_SECRET_ACCESS_KEY");
	out->token = cred_env(w, "AWS_SESSION_TOKEN");
	out->region = region_of(w, NULL);
	return out->id && out->key;
}

static int from_web(const struct cred_world *w, struct cred *out, struct err *e)
{
	const char *file = cred_env(w, "AWS_WEB_IDENTITY_TOKEN_FILE");
	const char *role = cred_env(w, "AWS_ROLE_ARN");
	AUTO(secret) struct buf form = { 0 };
	struct str token;
	if (!file || !role)
		return 0;
	if (cred_file(w, file, &token, e) < 0)
		return -1;
	token = str_trim(token);
	log_hide(token);
	role_form(&form, "AssumeRoleWithWebIdentity", role,
		  cred_env(w, "AWS_ROLE_SESSION_NAME"));
	cred_form(&form, "WebIdentityToken",
		  mem_dup(w->m, token.at ? token.at : "", token.n));
	return assume(w, NULL, region_of(w, NULL), &form, out, e) < 0 ? -1 : 1;
}

static int imds_get(const struct cred_world *w, const char *path,
		    const char *token, struct str *out, struct err *e)
{
	const char *own = cred_env(w, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
	const struct http_header h = {
		token ? "X-aws-ec2-metadata-token" :
			"X-aws-ec2-metadata-token-ttl-seconds",
		token ? token : "21600"
	};
	struct str base = str_of(own ? own : imds);
	if (str_ends(base, "/"))
		base.n--;
	const struct cred_ask q = {
		.method = token ? "GET" : "PUT",
		.url = mem_fmt(w->m, "%.*s%s", STR_FMT(base), path),
		.headers = &h,
		.headers_n = 1,
		.limit_ms = CRED_HERE_MS,
	};
	return cred_send(w, &q, out, e);
}

static int from_imds(const struct cred_world *w, struct cred *out,
		     struct err *e)
{
	static const char path[] =
		"/latest/meta-data/iam/security-credentials/";
	const char *off = cred_env(w, "AWS_EC2_METADATA_DISABLED");
	struct str token, role, first, reply;
	if (off && !strcmp(off, "true"))
		return 0;
	if (imds_get(w, "/latest/api/token", NULL, &token, e) < 0)
		return -1;
	const char *proof = mem_dup(w->m, token.at, token.n);
	log_hide(token);
	if (imds_get(w, path, proof, &role, e) < 0)
		return -1;
	str_line(&role, &first);
	if (imds_get(w, mem_fmt(w->m, "%s%.*s", path, STR_FMT(first)), proof,
		     &reply, e) < 0 ||
	    cred_read_imds(reply, w->m, out, e) < 0)
		return -1;
	out->region = region_of(w, NULL);
	return 1;
}

struct files {
	struct str secrets, config;
};

/* Of the credentials file, then of the config file, where a profile is called
 * so, save the default one. */
static const char *setting(const struct cred_world *w, const struct files *f,
			   const char *profile, const char *key)
{
	const char *value = cred_ini(f->secrets, profile, key, w->m);
	if (value)
		return value;
	return cred_ini(f->config,
			strcmp(profile, "default") ?
				mem_fmt(w->m, "profile %s", profile) :
				profile,
			key, w->m);
}

static int with_keys(const struct cred_world *w, const struct files *f,
		     const char *profile, struct cred *out)
{
	out->id = setting(w, f, profile, "aws_access_key_id");
	out->key = setting(w, f, profile, "aws_secret_access_key");
	out->token = setting(w, f, profile, "aws_session_token");
	out->region = region_of(w, setting(w, f, profile, "region"));
	return out->id && out->key;
}

static int base_of(const struct cred_world *w, const struct files *f,
		   const char *profile, struct cred *out, struct err *e)
{
	const char *from = setting(w, f, profile, "credential_source");
	if (!from)
		return with_keys(w, f, profile, out);
	if (!strcmp(from, "Environment"))
		return from_env(w, out);
	return strcmp(from, "Ec2InstanceMetadata") ? 0 : from_imds(w, out, e);
}

/* Roles stand on a source profile, which may stand on another: from the last
 * of the line back to the first. */
static int from_profile(const struct cred_world *w, const struct files *f,
			const char *profile, struct cred *out, struct err *e)
{
	const char *line[ROLES_MAX], *next = profile;
	int n = 0;
	while (n < ROLES_MAX && setting(w, f, next, "role_arn")) {
		line[n++] = next;
		const char *source = setting(w, f, next, "source_profile");
		if (!source || !strcmp(source, next))
			break;
		next = source;
	}
	int found = base_of(w, f, next, out, e);
	while (found > 0 && n-- > 0) {
		AUTO(secret) struct buf form = { 0 };
		const char *extern_id = setting(w, f, line[n], "external_id");
		const struct cred by = *out;
		*out = (struct cred){ 0 };
		role_form(&form, "AssumeRole",
			  setting(w, f, line[n], "role_arn"),
			  setting(w, f, line[n], "role_session_name"));
		if (extern_id)
			cred_form(&form, "ExternalId", extern_id);
		if (assume(w, &by, by.region, &form, out, e) < 0)
			return err_at(e, "profile %s", line[n]);
	}
	return found;
}

int cred_aws(const struct cred_world *w, struct cred *out, struct err *e)
{
	const char *profile = cred_env(w, "AWS_PROFILE");
	const char *secrets = cred_env(w, "AWS_SHARED_CREDENTIALS_FILE");
	const char *config = cred_env(w, "AWS_CONFIG_FILE");
	struct files f;
	int found;
	if (!profile && from_env(w, out))
		return 0;
	if (!profile && (found = from_web(w, out, e)) != 0)
		return found < 0 ? -1 : 0;
	if (cred_file(w, secrets ? secrets : "~/.aws/credentials", &f.secrets,
		      e) < 0 ||
	    cred_file(w, config ? config : "~/.aws/config", &f.config, e) < 0)
		return -1;
	found = from_profile(w, &f, profile ? profile : "default", out, e);
	if (found == 0 && !profile) {
		found = from_imds(w, out, e);
		if (found < 0)
			*e = (struct err){ 0 };
	}
	if (found > 0)
		return 0;
	return found < 0 && e->kind ?
		       -1 :
		       err_set(e, ERR_AUTH,
			       "set AWS_ACCESS_KEY_ID and "
			       "AWS_SECRET_ACCESS_KEY, or a profile "
			       "(AWS_PROFILE, now %s) in ~/.aws/credentials; "
			       "this machine has no role of its own either",
			       profile ? profile : "default");
}
