/* The rest of mail/want: what vouches for the host, names in several zones,
 * smarthosts, and zones that do not go along. */
#include "mail/want.h"

#include <string.h>

#include "base/auto.h"
#include "tests/unit/place.h"
#include "tests/unit/wants.h"

static const struct want_case cases[] = {
	/* MTA-STS, DANE, CAA */
	{ .title = "a policy that is served",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {mta_sts: testing}}\n",
	  .zones = "ZONE x.org\n",
	  .set = "sts accounts",
	  .has = "alone mta-sts mta-sts.x.org A 203.0.113.10\n"
		 "alone mta-sts _mta-sts.x.org TXT v=STSv1; id=0123abc;\n"
		 "shared caa smtp.x.org CAA 0 issue \"letsencrypt.org; "
		 "accounturi=https://le.test/acct/1\"\n"
		 "shared caa mta-sts.x.org CAA 0 issue \"sectigo.com; "
		 "accounturi=https://zs.test/2\"",
	  .lacks = "caa x.org CAA" },
	{ .title = "a policy that others serve",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {mta_sts: enforce}}\n",
	  .zones = "ZONE x.org\nmta-sts.x.org CNAME pages.y.net.\n",
	  .set = "sts accounts",
	  .has = "_mta-sts.x.org TXT v=STSv1; id=0123abc;",
	  .lacks = " mta-sts.x.org A\n mta-sts.x.org CAA\nalias" },
	{ .title = "a policy that nobody serves",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {mta_sts: testing}}\n",
	  .zones = "ZONE x.org\n",
	  .has = "warn mta-sts: the MTA-STS policy of x.org was not seen",
	  .lacks = "_mta-sts.x.org TXT" },
	{ .title = "a policy that is not wanted",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n",
	  .set = "sts",
	  .lacks = "mta-sts" },
	{ .title = "a policy that ends too soon",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n"
		   "ours _mta-sts.x.org TXT v=STSv1; id=0123abc;\n",
	  .has = "warn mta-sts: the MTA-STS policy of x.org is remembered" },
	{ .title = "DANE where DNSSEC holds",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org secure\n",
	  .set = "spki",
	  .has = "alone tlsa _25._tcp.smtp.x.org TLSA 3 1 1 aa11\n"
		 "alone tlsa _25._tcp.smtp.x.org TLSA 3 1 1 bb22" },
	{ .title = "DANE where DNSSEC does not hold",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n",
	  .set = "spki",
	  .has = "info tlsa: x.org is not signed by DNSSEC",
	  .lacks = "TLSA 3" },
	{ .title = "DANE needs both zones",
	  .conf = "addresses: 203.0.113.10\nhostname: m.y.net\n"
		  "domains: {x.org: }\n",
	  .zones = "ZONE x.org\nZONE y.net secure\n",
	  .set = "spki",
	  .has = "info tlsa: x.org is not signed by DNSSEC",
	  .lacks = "TLSA 3" },
	{ .title = "DANE that is off",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: {tlsa: off}}\n",
	  .zones = "ZONE x.org secure\n",
	  .set = "spki",
	  .lacks = "tlsa" },
	{ .title = "CAA at the apex",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: {caa: apex}}\n",
	  .zones = "ZONE x.org\n",
	  .set = "accounts",
	  .has = "shared caa x.org CAA 0 issue \"letsencrypt.org; "
		 "accounturi=https://le.test/acct/1\"\n"
		 "warn caa: from the first CAA record at x.org on" },
	{ .title = "CAA at the apex beside others",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: {caa: apex}}\n",
	  .zones = "ZONE x.org\nx.org CAA 0 issue \"digicert.com\"\n",
	  .set = "accounts",
	  .has = "shared caa x.org CAA 0 issue \"letsencrypt.org",
	  .lacks = "from the first" },
	{ .title = "no CAA",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: {caa: off}}\n",
	  .zones = "ZONE x.org\n",
	  .set = "accounts",
	  .lacks = "CAA" },
	/* What mail programs look for */
	{ .title = "autoconfig",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: {srv: off}}\n",
	  .zones = "ZONE x.org\nautodiscover.x.org CNAME y.net.\n",
	  .set = "autoconfig",
	  .has = "alone autoconfig autoconfig.x.org CNAME smtp.x.org.\n"
		 "alone autoconfig _autodiscover._tcp.x.org SRV 0 1 443 "
		 "smtp.x.org.\n"
		 "info autoconfig: autodiscover.x.org has \"y.net.\" already",
	  .lacks = "_submission\n autodiscover.x.org CNAME" },
	{ .title = "another's SRV is left",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n"
		   "_submission._tcp.x.org SRV 0 1 587 smtp.y.net.\n",
	  .has = "info srv: _submission._tcp.x.org has \"0 1 587 "
		 "smtp.y.net.\" already, which is left alone: remove it if it "
		 "should be \"0 1 587 smtp.x.org.\"",
	  .lacks = "SRV 0 1 587 smtp.x.org" },
	/* Several domains, names and zones */
	{ .title = "the second domain of a host",
	  .conf = "addresses: 203.0.113.10\nhostname: smtp.x.org\n"
		  "domains: {x.org: , y.net: }\n",
	  .domain = "y.net",
	  .zones = "ZONE y.net\nZONE x.org secure\n",
	  .set = "spki accounts",
	  .has = "shared mx y.net MX 10 smtp.x.org.",
	  .lacks = " smtp.x.org A\n smtp.x.org TXT\nTLSA\nCAA\n"
		   "_tls.smtp.x.org" },
	{ .title = "the domain that the host is in",
	  .conf = "addresses: 203.0.113.10\nhostname: smtp.x.org\n"
		  "domains: {y.net: , x.org: }\n",
	  .domain = "x.org",
	  .zones = "ZONE x.org\n",
	  .has = "alone host smtp.x.org A 203.0.113.10" },
	{ .title = "a host in a zone of ours without a domain",
	  .conf = "addresses: 203.0.113.10\nhostname: m.hoster.net\n"
		  "domains: {x.org: , y.net: }\n",
	  .zones = "ZONE x.org\nZONE hoster.net\n",
	  .has = "alone host m.hoster.net A 203.0.113.10\n"
		 "alone helo m.hoster.net TXT v=spf1 a -all" },
	{ .title = "a host in a zone of others",
	  .conf = "addresses: [203.0.113.10, '2001:db8::10']\n"
		  "hostname: m.hoster.net\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n",
	  .dns = "m.hoster.net A 203.0.113.10\n",
	  .has = "warn host: no zone that can be written from here holds "
		 "m.hoster.net: have this record added where it is: "
		 "m.hoster.net AAAA 2001:db8::10\n"
		 "warn helo: no zone that can be written",
	  .lacks = "m.hoster.net A 2" },
	{ .title = "the host is the domain",
	  .conf = "addresses: 203.0.113.10\nhostname: x.org\n"
		  "domains: {x.org: }\n",
	  .zones = "ZONE x.org\n",
	  .has = "alone host x.org A 203.0.113.10\n"
		 "shared mx x.org MX 10 x.org.",
	  .lacks = "helo",
	  .passes = true },
	{ .title = "mail at a subdomain",
	  .conf = "addresses: 203.0.113.10\nhostname: smtp.x.org\n"
		  "domains: {m.x.org: }\n",
	  .zones = "ZONE x.org\nx.org MX 1 mx.y.net.\n"
		   "x.org TXT v=spf1 -all\n",
	  .has = "alone spf m.x.org TXT v=spf1 include:_spf.m.x.org ~all\n"
		 "shared mx m.x.org MX 10 smtp.x.org.\n"
		 "alone dmarc _dmarc.m.x.org TXT v=DMARC1; p=none",
	  .lacks = " x.org ",
	  .passes = true },
	{ .title = "an internationalised domain",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {b\xc3\xbc"
		  "cher.de: }\n",
	  .zones = "ZONE xn--bcher-kva.de\n",
	  .has = "_spf.xn--bcher-kva.de TXT v=spf1 ip4:203.0.113.10 ~all\n"
		 "rua=mailto:dmarc@xn--bcher-kva.de\n"
		 "MX 10 smtp.xn--bcher-kva.de.",
	  .passes = true },
	{ .title = "no zone at all",
	  .conf = "domains: {x.org: }\n",
	  .zones = "ZONE y.net\n",
	  .has = "stop zone: no zone that can be written holds x.org" },
	{ .title = "a name that was given away",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nx.org NS ns.y.net.\nsmtp.x.org NS ns.y.net.\n",
	  .has = "warn host: no zone that can be written from here holds "
		 "smtp.x.org" },
	{ .title = "a zone that a person writes",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones =
		  "ZONE x.org partial\nx.org TXT v=spf1 include:s.x.org -all\n",
	  .dns = "s.x.org TXT v=spf1 ip4:203.0.113.10 -all\n",
	  .has = "alone spf x.org TXT v=spf1 include:s.x.org -all",
	  .lacks = "_spf.x.org",
	  .passes = true },
	/* Smarthosts */
	{ .title = "Amazon SES",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {smarthost: ses, smarthost_records: "
		  "{region: eu-west-1, verification: 'pm=', dkim: "
		  "[t1, t2.dkim.eu-south-1.amazonses.com], "
		  "mail_from: b.x.org}}}\n",
	  .zones = "ZONE x.org\n",
	  .set = "proven",
	  .has = "shared smarthost _amazonses.x.org TXT pm=\n"
		 "alone smarthost t1._domainkey.x.org CNAME "
		 "t1.dkim.amazonses.com.\n"
		 "alone smarthost t2._domainkey.x.org CNAME "
		 "t2.dkim.eu-south-1.amazonses.com.\n"
		 "alone smarthost b.x.org MX 10 "
		 "feedback-smtp.eu-west-1.amazonses.com.\n"
		 "alone smarthost b.x.org TXT v=spf1 include:amazonses.com "
		 "~all\n"
		 "alone spf x.org TXT v=spf1 include:_spf.x.org ~all\n"
		 "p=reject" },
	{ .title = "Amazon SES without a name for bounces",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {smarthost: ses, smarthost_records: "
		  "{mail_from: b.x.org}}}\n",
	  .zones = "ZONE x.org\n",
	  .dns = "amazonses.com TXT v=spf1 -all\n",
	  .set = "proven",
	  .has = "TXT v=spf1 include:_spf.x.org include:amazonses.com ~all\n"
		 "warn smarthost: ses signs nothing for x.org\n"
		 "warn smarthost: smarthost_records.mail_from of x.org needs "
		 "smarthost_records.region\n"
		 "p=reject",
	  .lacks = " b.x.org" },
	{ .title = "a name for bounces that is not below the domain",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {smarthost: ses, smarthost_records: "
		  "{region: eu-west-1, dkim: t, mail_from: x.org}}}\n",
	  .zones = "ZONE x.org\n",
	  .has = "warn smarthost: smarthost_records.mail_from of x.org must be "
		 "a name below it",
	  .lacks = "feedback" },
	{ .title = "Alibaba's DirectMail",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {smarthost: directmail, "
		  "smarthost_records: {mx: mx01.dm.aliyun.com, "
		  "region: ap-southeast-1, verification: "
		  "abc, dkim: ['v=DKIM1; k=rsa; p=AA', 's2=k=rsa; p=BB', "
		  "bare]}}}\n",
	  .zones = "ZONE x.org\n",
	  .dns = "spf1.dm.aliyun.com TXT v=spf1 -all\n",
	  .has = "shared smarthost aliyundm.x.org TXT abc\n"
		 "shared smarthost x.org MX 10 mx01.dm.aliyun.com.\n"
		 "alone smarthost aliyun-ap-southeast-1._domainkey.x.org TXT "
		 "v=DKIM1; k=rsa; p=AA\n"
		 "alone smarthost s2._domainkey.x.org TXT k=rsa; p=BB\n"
		 "TXT v=spf1 include:_spf.x.org include:spf1.dm.aliyun.com "
		 "~all\n"
		 "warn smarthost: smarthost_records.dkim of x.org: \"bare\" is "
		 "neither",
	  .lacks = "shared mx" },
	{ .title = "a smarthost that nobody knows",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {smarthost: sess}}\n",
	  .zones = "ZONE x.org\n",
	  .has = "warn smarthost: smarthost of x.org: \"sess\" is neither" },
	{ .title = "a smarthost of one's own",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {smarthost: 'smtps://u@h.net'}}\n",
	  .zones = "ZONE x.org\n",
	  .lacks = "smarthost" },
	/* Zones and providers that do not go along */
	{ .title = "an alias at the apex",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nx.org CNAME y.net.\n",
	  .has = "stop zone: x.org is an alias (CNAME) of y.net, and beside "
		 "that it can have neither MX nor SPF: put A and AAAA",
	  .lacks = "shared mx\nstop mx" },
	{ .title = "texts that nobody reads",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nx.org TYPE99 v=spf1 -all\n"
		   "x.org TXT v=DMARC1; p=none\nx.org TXT spf2.0/pra -all\n",
	  .has = "warn zone: x.org has a record of type SPF (99)\n"
		 "warn zone: the DMARC record at x.org has no effect there\n"
		 "warn zone: x.org has a Sender-ID record" },
	{ .title = "an alias at the host",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nsmtp.x.org CNAME y.net.\n",
	  .has = "stop host: smtp.x.org is an alias (CNAME) of y.net, and no "
		 "other record can stand beside it: put A and AAAA records" },
	{ .title = "an alias at a name that is wished for",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n_dmarc.x.org CNAME x.dmarc.net.\n",
	  .has = "warn dmarc: _dmarc.x.org is an alias (CNAME) of "
		 "x.dmarc.net, and no other record can stand beside it: "
		 "remove it",
	  .lacks = "stop\nalone dmarc" },
	{ .title = "a name that is taken where an alias is wished for",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nautoconfig.x.org A 192.0.2.1\n",
	  .set = "autoconfig",
	  .has = "warn autoconfig: autoconfig.x.org has a record of type A" },
	{ .title = "types that the provider does not write",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org secure types=A,TXT,MX,CNAME,SRV\n",
	  .dns = "_25._tcp.smtp.x.org TLSA 3 1 1 AA11\n",
	  .set = "spki accounts",
	  .has = "warn tlsa: the provider of x.org writes no TLSA records by "
		 "its API: add _25._tcp.smtp.x.org TLSA 3 1 1 bb22 at its "
		 "page\n"
		 "warn caa: the provider of x.org writes no CAA",
	  .lacks = "aa11" },
	{ .title = "wildcards",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n*.x.org TXT v=spf1 -all\n"
		   "*.w.x.org TXT hello\n",
	  .has = "warn zone: *.x.org TXT answers for _dmarc, _mta-sts and "
		 "every DKIM key that is not there (\"v=spf1 -all\")",
	  .lacks = "*.w.x.org" },
	{ .title = "a wildcard alias",
	  .conf = "addresses: 203.0.113.10\ndomains: {m.x.org: }\n",
	  .zones = "ZONE x.org\n*.x.org CNAME y.net.\n",
	  .has = "warn zone: *.x.org CNAME answers for _dmarc" },
	{ .title = "a provider that puts the zone behind names",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nx.org MX 10 smtp.x.org.x.org.\n",
	  .has = "stop zone: x.org leads to smtp.x.org.x.org: its provider "
		 "puts the zone behind names without a final dot; write it as "
		 "\"smtp.x.org.\" there" },
	{ .title = "an address that mail does not leave from",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nsmtp.x.org AAAA 2001:db8::9\n",
	  .has = "warn host: smtp.x.org also has the address 2001:db8::9" },
	{ .title = "no addresses",
	  .conf = "domains: {x.org: }\n",
	  .zones = "ZONE x.org\n",
	  .has = "warn host: no address of this machine is known\n"
		 "_spf.x.org TXT v=spf1 a:smtp.x.org ~all" },
	/* Names without mail */
	{ .title = "harden",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {harden: on}, m.x.org: }\n",
	  .domain = "x.org",
	  .zones = "ZONE x.org\nx.org A 192.0.2.1\nwww.x.org A 192.0.2.1\n"
		   "www.x.org AAAA 2001:db8::1\nm.x.org A 192.0.2.1\n"
		   "list.x.org A 192.0.2.1\nlist.x.org MX 1 list.x.org.\n"
		   "old.x.org A 192.0.2.1\nold.x.org MX 0 .\n"
		   "*.x.org A 192.0.2.1\nsub.x.org NS ns.y.net.\n"
		   "ns.sub.x.org A 192.0.2.3\n",
	  .has = "alone harden www.x.org MX 0 .\n"
		 "alone harden www.x.org TXT v=spf1 -all\n"
		 "alone harden _dmarc.www.x.org TXT v=DMARC1; p=reject\n"
		 "alone harden old.x.org MX 0 .",
	  .lacks = "harden x.org\nharden smtp.x.org\nharden m.x.org\n"
		   "harden list.x.org\nharden *\nharden ns.sub" },
	{ .title = "harden where the provider takes no null MX",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {harden: on}}\n",
	  .zones = "ZONE x.org no_null_mx\nwww.x.org A 192.0.2.1\n",
	  .has = "alone harden www.x.org TXT v=spf1 -all\n"
		 "info harden: the provider of x.org takes no MX",
	  .lacks = "MX 0 ." },
	{ .title = "harden where DMARC says it already",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {harden: on}}\n",
	  .zones = "ZONE x.org\nwww.x.org A 192.0.2.1\n",
	  .set = "proven",
	  .has = "alone harden www.x.org MX 0 .",
	  .lacks = "_dmarc.www" },
};

static void makes_wishes(void **state)
{
	(void)state;
	want_cases(cases, COUNT(cases));
}

/* What the wishes make of the zone is what is wished for: plans converge. */
static void settles(void **state)
{
	(void)state;
	want_settle(cases, COUNT(cases));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_wishes),
		cmocka_unit_test(settles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
