/* Signatures with derived keys, as the vendors' own programs made them. */
#include "tests/unit/sign.h"

/* npm aws4 1.13.2; the first six are Amazon's own, and aws4 agrees. */
static const struct vector aws_made[] = {
	{
		.source = "AWS suite, get-vanilla",
		.name = "aws4",
		.method = "GET",
		.url = "https://example.amazonaws.com/",
		.secret = { .id = "AKIDEXAMPLE",
			    .key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
			    .region = "us-east-1",
			    .service = "service" },
		.now = 1440938160,
		.covers = IN_MOST,
		.where = "Authorization",
		.want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east"
			"-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
			"Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a226095"
			"6d9b8aae1d763fbf31",
	},
	{
		.source = "AWS suite, get-vanilla-query-order-key-case",
		.name = "aws4",
		.method = "GET",
		.url = "https://example.amazonaws.com/?Param2=value2&Param1=valu"
		       "e1",
		.secret = { .id = "AKIDEXAMPLE",
			    .key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
			    .region = "us-east-1",
			    .service = "service" },
		.now = 1440938160,
		.covers = IN_MOST,
		.where = "Authorization",
		.want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east"
			"-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
			"Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd"
			"99d3219ec94cdf2500",
	},
	{
		.source = "AWS suite, post-vanilla",
		.name = "aws4",
		.method = "POST",
		.url = "https://example.amazonaws.com/",
		.secret = { .id = "AKIDEXAMPLE",
			    .key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
			    .region = "us-east-1",
			    .service = "service" },
		.now = 1440938160,
		.covers = IN_MOST,
		.where = "Authorization",
		.want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east"
			"-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
			"Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e3"
			"7dddb68e92efbe5d6b",
	},
	{
		.source = "AWS suite, post-x-www-form-urlencoded",
		.name = "aws4",
		.method = "POST",
		.url = "https://example.amazonaws.com/",
		.body = "Param1=value1",
		.headers = { { "Content-Type",
			       "application/x-www-form-urlencoded" } },
		.secret = { .id = "AKIDEXAMPLE",
			    .key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
			    .region = "us-east-1",
			    .service = "service" },
		.now = 1440938160,
		.covers = IN_MOST | IN_HEADER,
		.where = "Authorization",
		.want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east"
			"-1/service/aws4_request, SignedHeaders=content-type;host"
			";x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5a"
			"c45fc38421b1da7b9d196a0fe09473a",
	},
	{
		.source = "AWS documentation, ListUsers",
		.name = "aws4",
		.method = "GET",
		.url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010"
		       "-05-08",
		.headers = { { "Content-Type",
			       "application/x-www-form-urlencoded; charset=utf-8" } },
		.secret = { .id = "AKIDEXAMPLE",
			    .key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
			    .region = "us-east-1",
			    .service = "iam" },
		.now = 1440938160,
		.covers = IN_MOST,
		.where = "Authorization",
		.want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east"
			"-1/iam/aws4_request, SignedHeaders=content-type;host;x-a"
			"mz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8"
			"edb4c82c400e06b5924a6f2b5d7",
	},
	{
		.source = "AWS suite, get-header-value-trim",
		.name = "aws4",
		.method = "GET",
		.url = "https://example.amazonaws.com/",
		.headers = { { "My-Header1", " value1" },
			     { "My-Header2", " \"a   b   c\"" } },
		.secret = { .id = "AKIDEXAMPLE",
			    .key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
			    .region = "us-east-1",
			    .service = "service" },
		.now = 1440938160,
		.covers = IN_MOST | IN_HEADER,
		.where = "Authorization",
		.want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east"
			"-1/service/aws4_request, SignedHeaders=host;my-header1;m"
			"y-header2;x-amz-date, Signature=acc3ed3afb60bb290fc8d2dd"
			"0098b9911fcaa05412b367055dee359757a9c736",
	},
	{
		.source = "aws4, doubled slashes",
		.name = "aws4",
		.method = "GET",
		.url = "https://example.amazonaws.com//example//",
		.secret = { .id = "AKIDEXAMPLE",
			    .key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
			    .region = "us-east-1",
			    .service = "service" },
		.now = 1440938160,
		.covers = IN_MOST,
		.where = "Authorization",
		.want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east"
			"-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
			"Signature=9a624bd73a37c9a373b5312afbebe7a714a789de108f0b"
			"dfe846570885f57e84",
	},
	{
		.source = "aws4, UTF-8 in the path",
		.name = "aws4",
		.method = "GET",
		.url = "https://example.amazonaws.com/%E1%88%B4",
		.secret = { .id = "AKIDEXAMPLE",
			    .key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
			    .region = "us-east-1",
			    .service = "service" },
		.now = 1440938160,
		.covers = IN_MOST,
		.where = "Authorization",
		.want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east"
			"-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
			"Signature=697b34846207a3f72246f99d74ae1ee4fe54f44bb06730"
			"c58a0d339eb079596d",
	},
	{
		.source = "aws4, Route 53 with a session",
		.name = "aws4",
		.method = "POST",
		.url = "https://route53.amazonaws.com/2013-04-01/hostedzone/Z1/r"
		       "rset?name=%2A.a%20b%2Fc&type=TXT&a=2&a=1",
		.body = "<x>\xc3"
			"\xa9"
			"</x>",
		.headers = { { "Content-Type", "text/xml" } },
		.secret = { .id = "AKIDEXAMPLE",
			    .key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
			    .region = "us-east-1",
			    .service = "route53",
			    .token = "tok/en+==" },
		.now = 1440938160,
		.covers = IN_MOST | IN_HEADER,
		.where = "Authorization",
		.want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east"
			"-1/route53/aws4_request, SignedHeaders=content-type;host"
			";x-amz-date;x-amz-security-token, Signature=d454d6b1cce2"
			"05f5ffa17d0158eb9843aee024c08371ba5963c02b903e34f29a",
	},
};

static void aws(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(aws_made); i++)
		assert_signs(&aws_made[i]);
}

/* npm tencentcloud-sdk-nodejs-common 4.1.220; Tencent's "Signature v3" has the
 * first, and both agree. */
static const struct vector tencent_made[] = {
	{
		.source = "Tencent documentation, DescribeInstances",
		.name = "tc3",
		.method = "POST",
		.url = "https://cvm.tencentcloudapi.com/",
		.body = "{\"Limit\": 1, \"Filters\": [{\"Values\": [\"\\u672a\\u5"
			"47d\\u540d\"], \"Name\": \"instance-name\"}]}",
		.headers = { { "Content-Type",
			       "application/json; charset=utf-8" } },
		.secret = { .id = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
			    .key = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
			    .service = "cvm" },
		.now = 1551113065,
		.covers = IN_MOST | IN_HEADER,
		.where = "Authorization",
		.want = "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3"
			"EXAMPLE/2019-02-25/cvm/tc3_request, SignedHeaders=conten"
			"t-type;host, Signature=72e494ea809ad7a8c8f7a4507b9bddcba"
			"a8e581f516e8da2f66e2c5a96525168",
	},
	{
		.source = "tencentcloud-sdk-nodejs-common, POST",
		.name = "tc3",
		.method = "POST",
		.url = "https://dnspod.tencentcloudapi.com/",
		.body = "{\"Domain\":\"example.org\",\"Value\":\"a \\\"b\\\" \xc3"
			"\xa9"
			"\"}",
		.secret = { .id = "testid",
			    .key = "testsecret",
			    .service = "dnspod" },
		.covers = IN_MOST,
		.where = "Authorization",
		.want = "TC3-HMAC-SHA256 Credential=testid/2026-09-21/dnspod/tc3_"
			"request, SignedHeaders=content-type;host, Signature=8ad6"
			"23565b8552b467d4b6637b9291aa3a60c8001ba6059d6a9b5f63097c"
			"61c6",
	},
	{
		.source = "tencentcloud-sdk-nodejs-common, GET",
		.name = "tc3",
		.method = "GET",
		.url = "https://dnspod.tencentcloudapi.com/?Domain=example.org&V"
		       "alue=a%20b",
		.secret = { .id = "testid",
			    .key = "testsecret",
			    .service = "dnspod" },
		.covers = IN_MOST,
		.where = "Authorization",
		.want = "TC3-HMAC-SHA256 Credential=testid/2026-09-21/dnspod/tc3_"
			"request, SignedHeaders=content-type;host, Signature=a53b"
			"9c79806bc61f4443c3f3ac9128e14835c61e2d73fce29c424bcd14e5"
			"4be1",
	},
};

static void tencent(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tencent_made); i++)
		assert_signs(&tencent_made[i]);
}

/* npm @volcengine/openapi 1.36.2. */
static const struct vector volc_made[] = {
	{
		.source = "@volcengine/openapi, GET",
		.name = "volc",
		.method = "GET",
		.url = "https://open.volcengineapi.com/?Action=ListZones&Version"
		       "=2018-08-01&Key=a%20b%2A~%21%27%28%29%C3%A9",
		.secret = { .id = "testid",
			    .key = "testsecret",
			    .region = "cn-beijing",
			    .service = "DNS" },
		.covers = IN_MOST,
		.where = "Authorization",
		.want = "HMAC-SHA256 Credential=testid/20260921/cn-beijing/DNS/re"
			"quest, SignedHeaders=host;x-date, Signature=1d53b11725b7"
			"81c1bc0b894d8b6d1ecbf1a92951ca49ad2971e5715b4c2ef906",
	},
	{
		.source = "@volcengine/openapi, POST with a session",
		.name = "volc",
		.method = "POST",
		.url = "https://open.volcengineapi.com/?Action=CreateRecord&Vers"
		       "ion=2018-08-01",
		.body = "{\"ZID\":1,\"Value\":\"x\"}",
		.headers = { { "Content-Type", "application/json" } },
		.secret = { .id = "testid",
			    .key = "testsecret",
			    .region = "cn-beijing",
			    .service = "DNS",
			    .token = "st==" },
		.covers = IN_MOST,
		.where = "Authorization",
		.want = "HMAC-SHA256 Credential=testid/20260921/cn-beijing/DNS/re"
			"quest, SignedHeaders=host;x-content-sha256;x-date;x-secu"
			"rity-token, Signature=605254edc31c4c934174f8ddfe3b047af3"
			"62f1eb359bde64c7ea8fcb1c9988c4",
	},
};

static void volc(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(volc_made); i++)
		assert_signs(&volc_made[i]);
}

/* JD's jdcloud-sdk-signer 1.0.1 for Node. */
static const struct vector jd_made[] = {
	{
		.source = "jdcloud-sdk-signer, GET",
		.name = "jdcloud2",
		.method = "GET",
		.url = "https://domainservice.jdcloud-api.com/v2/regions/cn-nort"
		       "h-1/domain?domainName=example.org&pageNumber=1&pageSize="
		       "99",
		.headers = { { "Content-Type", "application/json" } },
		.secret = { .id = "testid",
			    .key = "testsecret",
			    .region = "cn-north-1",
			    .service = "domainservice" },
		.nonce = "c92d3c14-b574-4c9e-a8d4-71ae04c1a5e4",
		.covers = IN_MOST | IN_NONCE | IN_HEADER,
		.where = "Authorization",
		.want = "JDCLOUD2-HMAC-SHA256 Credential=testid/20260921/cn-north"
			"-1/domainservice/jdcloud2_request, SignedHeaders=content"
			"-type;host;x-jdcloud-date;x-jdcloud-nonce, Signature=ec6"
			"4734556201b9c3a63759d88b05564092de18bc13b8af765d664690b7"
			"136d7",
	},
	{
		.source = "jdcloud-sdk-signer, POST",
		.name = "jdcloud2",
		.method = "POST",
		.url = "https://domainservice.jdcloud-api.com/v2/regions/cn-nort"
		       "h-1/domain/123/ResourceRecord",
		.body = "{\"req\":{\"hostRecord\":\"a\",\"hostValue\":\"\xc3"
			"\xa9"
			"\"}}",
		.headers = { { "Content-Type", "application/json" } },
		.secret = { .id = "testid",
			    .key = "testsecret",
			    .region = "cn-north-1",
			    .service = "domainservice" },
		.nonce = "c92d3c14-b574-4c9e-a8d4-71ae04c1a5e4",
		.covers = IN_MOST | IN_NONCE | IN_HEADER,
		.where = "Authorization",
		.want = "JDCLOUD2-HMAC-SHA256 Credential=testid/20260921/cn-north"
			"-1/domainservice/jdcloud2_request, SignedHeaders=content"
			"-type;host;x-jdcloud-date;x-jdcloud-nonce, Signature=ff9"
			"fb71f43df673a38195bde3c92cc22b1f118d69e7881632ac1b088e88"
			"85f0a",
	},
};

static void jd(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(jd_made); i++)
		assert_signs(&jd_made[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aws),
		cmocka_unit_test(tencent),
		cmocka_unit_test(volc),
		cmocka_unit_test(jd),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
