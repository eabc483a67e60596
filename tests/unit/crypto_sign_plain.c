/* Signatures with the secret itself, as the vendors' own programs made them. */
#include "tests/unit/sign.h"

/* Alibaba's "RPC signature" and "V3 request structure and signature" have one
 * example each; the others are by npm @alicloud/openapi-util 0.3.3, which
 * agrees with that of V3. */
static const struct vector aliyun_made[] = {
	{
		.source = "Alibaba documentation, DescribeRegions",
		.name = "aliyun_rpc1",
		.method = "GET",
		.url = "https://ecs.aliyuncs.com/?Action=DescribeRegions&Format="
		       "XML&Version=2014-05-26",
		.secret = { .id = "testid", .key = "testsecret" },
		.now = 1456231584,
		.nonce = "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
		.covers = IN_KEY | IN_URL | IN_TIME | IN_NONCE | IN_METHOD,
		.where = "?Signature",
		.want = "OLeaidS1JvxuMvnyHOwuJ+uX5qY=",
	},
	{
		.source = "@alicloud/openapi-util, GET",
		.name = "aliyun_rpc1",
		.method = "GET",
		.url = "https://alidns.aliyuncs.com/?Action=AddDomainRecord&Vers"
		       "ion=2015-01-09&Format=JSON&DomainName=example.org&RR=_ac"
		       "me%2A~&Type=TXT&Value=a+b%2Bc%2Fd%3D%22x%22%26%C3%A9",
		.secret = { .id = "testid", .key = "testsecret" },
		.nonce = "nonce-1",
		.covers = IN_KEY | IN_URL | IN_TIME | IN_NONCE | IN_METHOD,
		.where = "?Signature",
		.want = "I5gUlaocWkGDW0lmU7s1KmLXD30=",
	},
	{
		.source = "@alicloud/openapi-util, POST with STS",
		.name = "aliyun_rpc1",
		.method = "POST",
		.url = "https://alidns.aliyuncs.com/?Action=AddDomainRecord&Vers"
		       "ion=2015-01-09&Format=JSON&DomainName=example.org&RR=_ac"
		       "me%2A~&Type=TXT&Value=a+b%2Bc%2Fd%3D%22x%22%26%C3%A9",
		.secret = { .id = "testid",
			    .key = "testsecret",
			    .token = "st==" },
		.nonce = "nonce-1",
		.covers = IN_KEY | IN_URL | IN_TIME | IN_NONCE | IN_METHOD,
		.where = "?Signature",
		.want = "1+M46uR5JZfG+AJEvQ1IYionKL8=",
	},
	{
		.source = "Alibaba documentation, RunInstances",
		.name = "acs3",
		.method = "POST",
		.url = "https://ecs.cn-shanghai.aliyuncs.com/?ImageId=win2019_18"
		       "09_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-sh"
		       "anghai",
		.headers = { { "x-acs-action", "RunInstances" },
			     { "x-acs-version", "2014-05-26" } },
		.secret = { .id = "YourAccessKeyId",
			    .key = "YourAccessKeySecret" },
		.now = 1698315752,
		.nonce = "3156853299f313e23d1673dc12e1703d",
		.covers = IN_MOST | IN_NONCE | IN_HEADER,
		.where = "Authorization",
		.want = "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeader"
			"s=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-ac"
			"s-signature-nonce;x-acs-version,Signature=06563a9e1b43f5"
			"dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
	},
	{
		.source = "@alicloud/openapi-util, body and STS",
		.name = "acs3",
		.method = "POST",
		.url = "https://alidns.aliyuncs.com/?RR=_acme%2A~&Value=a+b%2Bc%"
		       "2Fd%3D%22x%22%26%C3%A9&DomainName=example.org",
		.body = "{\"a\":1}",
		.headers = { { "x-acs-action", "AddDomainRecord" },
			     { "x-acs-version", "2015-01-09" },
			     { "Content-Type", "application/json" } },
		.secret = { .id = "testid",
			    .key = "testsecret",
			    .token = "st==" },
		.nonce = "nonce-1",
		.covers = IN_MOST | IN_NONCE | IN_HEADER,
		.where = "Authorization",
		.want = "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=content"
			"-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;"
			"x-acs-security-token;x-acs-signature-nonce;x-acs-version"
			",Signature=379711f5a4e9ac68bca69d218a1b7f0e3e8ec719d0872"
			"4c6fcad129c61c4635d",
	},
};

static void aliyun(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(aliyun_made); i++)
		assert_signs(&aliyun_made[i]);
}

/* Huawei's "Adding the signature to the request header"; then npm
 * @huaweicloud/huaweicloud-sdk-core 3.1.211. */
static const struct vector huawei_made[] = {
	{
		.source = "Huawei documentation, the list of VPCs",
		.name = "huawei_sdk",
		.method = "GET",
		.url = "https://service.region.example.com/v1/77b6a44cba5143ab91"
		       "d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b9"
		       "56-536f674975c0",
		.headers = { { "Content-Type", "application/json" } },
		.secret = { .id = "QTWAOYTTINDUT2QVKYUC",
			    .key = "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc" },
		.now = 1573789015,
		.covers = IN_MOST | IN_HEADER,
		.where = "Authorization",
		.want = "SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, SignedHead"
			"ers=content-type;host;x-sdk-date, Signature=7be6668032f7"
			"0418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe",
	},
	{
		.source = "huaweicloud-sdk-core, GET",
		.name = "huawei_sdk",
		.method = "GET",
		.url = "https://dns.myhuaweicloud.com/v2/zones?name=example.org."
		       "&limit=500&marker=&tag=a%20b%2A~",
		.headers = { { "Content-Type", "application/json" } },
		.secret = { .id = "testid", .key = "testsecret" },
		.covers = IN_MOST | IN_HEADER,
		.where = "Authorization",
		.want = "SDK-HMAC-SHA256 Access=testid, SignedHeaders=content-typ"
			"e;host;x-sdk-date, Signature=98cd0bbd9ab19f01d8578949118"
			"9345274cbbe604e19eddb859458daa8afb10d",
	},
	{
		.source = "huaweicloud-sdk-core, POST with a token",
		.name = "huawei_sdk",
		.method = "POST",
		.url = "https://dns.myhuaweicloud.com/v2/zones/ff80/recordsets",
		.body = "{\"name\":\"x.example.org.\",\"records\":[\"\\\"a\\\"\"]"
			"}",
		.headers = { { "Content-Type", "application/json" } },
		.secret = { .id = "testid",
			    .key = "testsecret",
			    .token = "st==" },
		.covers = IN_MOST | IN_HEADER,
		.where = "Authorization",
		.want = "SDK-HMAC-SHA256 Access=testid, SignedHeaders=content-typ"
			"e;host;x-sdk-date;x-security-token, Signature=69723e93e8"
			"02838d502cb451744b6dbf1b689d30ff390a0538fb0afa88579725",
	},
};

static void huawei(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(huawei_made); i++)
		assert_signs(&huawei_made[i]);
}

/* npm @baiducloud/sdk 1.0.7. */
static const struct vector baidu_made[] = {
	{
		.source = "@baiducloud/sdk, GET",
		.name = "bce1",
		.method = "GET",
		.url = "https://dns.baidubce.com/v1/dns/zone/example.org/record?"
		       "marker=a%20b&maxKeys=1000&a=2&a1=1",
		.secret = { .id = "testid", .key = "testsecret" },
		.covers = IN_KEY | IN_URL | IN_TIME | IN_METHOD,
		.where = "Authorization",
		.want = "bce-auth-v1/testid/2026-09-21T14:13:20Z/1800/host;x-bce-"
			"date/06598105543a8ccf4fdbb03a52bb8b65f5498b488370b36319e"
			"578286764fa77",
	},
	{
		.source = "@baiducloud/sdk, POST with a session",
		.name = "bce1",
		.method = "POST",
		.url = "https://dns.baidubce.com/v1/dns/zone/example.org/record?"
		       "clientToken=x",
		.body = "{}",
		.headers = { { "Content-Type",
			       "application/json; charset=utf-8" } },
		.secret = { .id = "testid",
			    .key = "testsecret",
			    .token = "st==",
			    .lifetime = 600 },
		.covers = IN_KEY | IN_URL | IN_TIME | IN_METHOD | IN_HEADER,
		.where = "Authorization",
		.want = "bce-auth-v1/testid/2026-09-21T14:13:20Z/600/content-type"
			";host;x-bce-date;x-bce-security-token/59fab97e6f453eba17"
			"6b63b92bcce101cdea2ef50fc78e5dbd328767d3a70898",
	},
};

static void baidu(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(baidu_made); i++)
		assert_signs(&baidu_made[i]);
}

/* npm ovh 2.0.3. */
static const struct vector ovh_made[] = {
	{
		.source = "ovh, GET and a clock ahead",
		.name = "ovh1",
		.method = "GET",
		.url = "https://eu.api.ovh.com/1.0/domain/zone/example.org/recor"
		       "d?fieldType=TXT&subDomain=a%20b",
		.secret = { .id = "appkey",
			    .key = "appsecret",
			    .token = "consumer",
			    .delta = -42 },
		.covers = IN_MOST,
		.where = "X-Ovh-Signature",
		.want = "$1$a38a52a5cdc163201dab619d8855302a3965fcca",
	},
	{
		.source = "ovh, POST and a clock behind",
		.name = "ovh1",
		.method = "POST",
		.url = "https://eu.api.ovh.com/1.0/domain/zone/example.org/recor"
		       "d",
		.body = "{\"fieldType\":\"TXT\",\"target\":\"\\\"a\\\"\"}",
		.secret = { .id = "appkey",
			    .key = "appsecret",
			    .token = "consumer",
			    .delta = 7 },
		.covers = IN_MOST,
		.where = "X-Ovh-Signature",
		.want = "$1$22904ca2a7700b37b6950fa217f8874d9f574507",
	},
};

/* Python's hmac; the query is not signed. */
static const struct vector active24_made[] = {
	{
		.source = "hmac, GET",
		.name = "active24",
		.method = "GET",
		.url = "https://rest.active24.cz/v2/service/1/dns/record",
		.secret = { .id = "a24-key", .key = "a24-secret" },
		.covers = IN_KEY | IN_URL | IN_TIME | IN_METHOD,
		.where = "Authorization",
		.want = "Basic YTI0LWtleToxZjgyYzFiZTVjMGFhNzZmY2ZlMzNhNGM4MzE0ODk4ZjYwYjk5Yjk3",
	},
};

static void active24(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(active24_made); i++)
		assert_signs(&active24_made[i]);
}

static void ovh(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ovh_made); i++)
		assert_signs(&ovh_made[i]);
}

/* npm akamai-edgegrid 4.0.4. */
static const struct vector akamai_made[] = {
	{
		.source = "akamai-edgegrid, GET",
		.name = "edgegrid",
		.method = "GET",
		.url = "https://akab-h.luna.akamaiapis.net/config-dns/v2/zones?p"
		       "age=1&search=a%20b",
		.secret = { .id = "akab-ct",
			    .key = "c2VjcmV0",
			    .token = "akab-at" },
		.nonce = "11111111-2222-3333-4444-555555555555",
		.covers = IN_KEY | IN_URL | IN_TIME | IN_METHOD | IN_NONCE,
		.where = "Authorization",
		.want = "EG1-HMAC-SHA256 client_token=akab-ct;access_token=akab-a"
			"t;timestamp=20260921T14:13:20+0000;nonce=11111111-2222-3"
			"333-4444-555555555555;signature=sEEgYL3bH3TaTjclF90smbne"
			"N501iVlorW1OR1POGWY=",
	},
	{
		.source = "akamai-edgegrid, POST",
		.name = "edgegrid",
		.method = "POST",
		.url = "https://akab-h.luna.akamaiapis.net/config-dns/v2/zones/e"
		       "xample.org/recordsets",
		.body = "{\"a\":\"\xc3"
			"\xa9"
			"\"}",
		.secret = { .id = "akab-ct",
			    .key = "c2VjcmV0",
			    .token = "akab-at" },
		.nonce = "11111111-2222-3333-4444-555555555555",
		.covers = IN_MOST | IN_NONCE,
		.where = "Authorization",
		.want = "EG1-HMAC-SHA256 client_token=akab-ct;access_token=akab-a"
			"t;timestamp=20260921T14:13:20+0000;nonce=11111111-2222-3"
			"333-4444-555555555555;signature=vZ6J0TpMCYXMSnOaoSzBogwN"
			"k0qnGyEouL0Sx3wUHv0=",
	},
	{
		.source = "akamai-edgegrid, PUT",
		.name = "edgegrid",
		.method = "PUT",
		.url = "https://akab-h.luna.akamaiapis.net/config-dns/v2/zones/e"
		       "xample.org/names/a/types/TXT",
		.body = "{\"a\":\"b\"}",
		.secret = { .id = "akab-ct",
			    .key = "c2VjcmV0",
			    .token = "akab-at" },
		.nonce = "11111111-2222-3333-4444-555555555555",
		.covers = IN_KEY | IN_URL | IN_TIME | IN_METHOD | IN_NONCE,
		.where = "Authorization",
		.want = "EG1-HMAC-SHA256 client_token=akab-ct;access_token=akab-a"
			"t;timestamp=20260921T14:13:20+0000;nonce=11111111-2222-3"
			"333-4444-555555555555;signature=wmv4uekfTRC0aH3N1rPpbD31"
			"A5p1aJ/RYe9XeWABbjg=",
	},
};

static void akamai(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(akamai_made); i++)
		assert_signs(&akamai_made[i]);
}

/* A body longer than what is hashed: its end does not count. */
static void akamai_cuts_bodies(void **state)
{
	AUTO(buf) struct buf body = { 0 };
	struct vector v = {
		.source = "akamai-edgegrid, 128 KiB and a byte",
		.name = "edgegrid",
		.method = "POST",
		.url = "https://akab-h.luna.akamaiapis.net/x",
		.secret = { .id = "akab-ct",
			    .key = "c2VjcmV0",
			    .token = "akab-at" },
		.nonce = "11111111-2222-3333-4444-555555555555",
		.covers = IN_KEY,
		.where = "Authorization",
		.want = "...;signature="
			"aSYrVVg1mrby2fpKflJy0266UyihW/YWmOIvXUSy2CE=",
	};

	(void)state;
	for (size_t i = 0; i < 131073; i++)
		buf_char(&body, 'd');
	v.body = buf_c(&body);
	assert_signs(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aliyun),
		cmocka_unit_test(huawei),
		cmocka_unit_test(baidu),
		cmocka_unit_test(ovh),
		cmocka_unit_test(active24),
		cmocka_unit_test(akamai),
		cmocka_unit_test(akamai_cuts_bodies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
