/* From configuration, zones and the DNS to wishes and notes. */
#include "mail/want.h"

#include <string.h>

#include "base/auto.h"
#include "tests/unit/place.h"
#include "tests/unit/wants.h"

static const struct want_case cases[] = {
	{ .title = "a new domain",
	  .conf = "addresses: [203.0.113.10, '2001:DB8::10']\n"
		  "domains: {x.org: }\n",
	  .zones = "ZONE x.org\n",
	  .has = "alone host smtp.x.org A 203.0.113.10\n"
		 "alone host smtp.x.org AAAA 2001:db8::10\n"
		 "alone spf _spf.x.org TXT v=spf1 ip4:203.0.113.10 "
		 "ip6:2001:db8::10 ~all\n"
		 "alone spf x.org TXT v=spf1 include:_spf.x.org ~all\n"
		 "alone helo smtp.x.org TXT v=spf1 a -all\n"
		 "alone dmarc _dmarc.x.org TXT v=DMARC1; p=none; "
		 "rua=mailto:dmarc@x.org\n"
		 "alone tls-rpt _smtp._tls.x.org TXT v=TLSRPTv1; "
		 "rua=mailto:tlsrpt@x.org\n"
		 "alone tls-rpt _smtp._tls.smtp.x.org TXT v=TLSRPTv1; "
		 "rua=mailto:tlsrpt@x.org\n"
		 "alone srv _submissions._tcp.x.org SRV 0 1 465 smtp.x.org.\n"
		 "alone srv _submission._tcp.x.org SRV 0 1 587 smtp.x.org.\n"
		 "shared mx x.org MX 10 smtp.x.org.\n"
		 "info dmarc: DMARC of x.org asks receivers for nothing yet",
	  .lacks = "stop\nTLSA\nCAA\nmta-sts\nautoconfig" },
	{ .title = "the tutorial's wac.tax",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains:\n"
		  "  wac.tax:\n"
		  "    receive: none\n"
		  "    spf: {style: a, terms: [a, mx], "
		  "include: _spf.google.com}\n"
		  "    dmarc: {p: quarantine, fo: '1', "
		  "ruf: 'mailto:ruf@wac.tax', rua: 'mailto:rua@wac.tax'}\n",
	  .zones = "ZONE wac.tax\n"
		   "wac.tax A 203.0.113.80\n"
		   "wac.tax MX 1 aspmx.l.google.com.\n",
	  .dns = "_spf.google.com TXT v=spf1 ip4:198.51.100.0/24 ~all\n"
		 "aspmx.l.google.com A 198.51.100.1\n"
		 "aspmx.l.google.com AAAA 2001:db8:9::1\n",
	  .has = "alone spf wac.tax TXT v=spf1 a mx include:_spf.wac.tax "
		 "include:_spf.google.com ~all\n"
		 "alone spf _spf.wac.tax TXT v=spf1 a:smtp.wac.tax ~all\n"
		 "alone dmarc _dmarc.wac.tax TXT v=DMARC1; p=quarantine; "
		 "fo=1; ruf=mailto:ruf@wac.tax; rua=mailto:rua@wac.tax",
	  .lacks = "stop\n MX ",
	  .passes = true },
	{ .title = "the tutorial's records, made by hand, stay",
	  .conf = "addresses: 203.0.113.10\ndomains: {wac.tax: }\n",
	  .zones = "ZONE wac.tax\nwac.tax A 203.0.113.80\n"
		   "wac.tax MX 1 aspmx.l.google.com.\n"
		   "smtp.wac.tax A 203.0.113.10\n"
		   "wac.tax TXT v=spf1 a mx include:_spf.wac.tax "
		   "include:_spf.google.com ~all\n"
		   "_spf.wac.tax TXT v=spf1 a:smtp.wac.tax ~all\n"
		   "_dmarc.wac.tax TXT v=DMARC1; p=quarantine; fo=1; "
		   "ruf=mailto:ruf@wac.tax; rua=mailto:rua@wac.tax\n",
	  .dns = "_spf.google.com TXT v=spf1 ip4:198.51.100.0/24 ~all\n"
		 "aspmx.l.google.com A 198.51.100.1\n"
		 "aspmx.l.google.com AAAA 2001:db8:9::1\n",
	  .has = "alone spf wac.tax TXT v=spf1 a mx include:_spf.wac.tax "
		 "include:_spf.google.com ~all\n"
		 "alone spf _spf.wac.tax TXT v=spf1 a:smtp.wac.tax ~all\n"
		 "alone dmarc _dmarc.wac.tax TXT v=DMARC1; p=quarantine; "
		 "fo=1; ruf=mailto:ruf@wac.tax; rua=mailto:rua@wac.tax",
	  .lacks = "stop\nwarn\nmerged",
	  .passes = true },
	{ .title = "SPF is merged into another's",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n"
		   "x.org TXT v=spf1 include:_spf.y.net -all\n"
		   "x.org TXT google-site-verification=abc\n",
	  .dns = "_spf.y.net TXT v=spf1 ip4:198.51.100.0/24 ~all\n",
	  .has = "merged spf x.org TXT v=spf1 include:_spf.y.net "
		 "include:_spf.x.org -all < v=spf1 include:_spf.y.net -all",
	  .lacks = "stop\ngoogle",
	  .passes = true },
	{ .title = "SPF that is enough stays",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n"
		   "x.org TXT v=spf1 ip4:203.0.113.0/24 -all\n",
	  .has = "alone spf x.org TXT v=spf1 ip4:203.0.113.0/24 -all",
	  .lacks = "stop\n_spf.x.org",
	  .passes = true },
	{ .title = "what ours was made from is what it is made from again",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {spf: {include: new.net}}}\n",
	  .zones = "ZONE x.org\n"
		   "ours x.org TXT v=spf1 mx include:_spf.x.org "
		   "include:old.net ~all < v=spf1 mx ~all\n",
	  .dns = "new.net TXT v=spf1 ~all\n",
	  .has = "merged spf x.org TXT v=spf1 mx include:_spf.x.org "
		 "include:new.net ~all < ",
	  .lacks = "stop",
	  .passes = true },
	{ .title = "ours alone follows the configuration",
	  .conf = "addresses: 203.0.113.99\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n"
		   "ours x.org TXT v=spf1 include:_spf.x.org include:o.net "
		   "~all\n"
		   "ours _spf.x.org TXT v=spf1 ip4:203.0.113.10 ~all\n",
	  .has = "alone spf _spf.x.org TXT v=spf1 ip4:203.0.113.99 ~all\n"
		 "alone spf x.org TXT v=spf1 include:_spf.x.org ~all",
	  .lacks = "stop\nmerged",
	  .passes = true },
	{ .title = "two SPF records",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nx.org TXT v=spf1 a -all\n"
		   "x.org TXT v=spf1 mx ~all\n",
	  .has = "stop spf: x.org has more than one SPF record, which "
		 "receivers take for an error: delete them but one, let that "
		 "be \"v=spf1 a mx ~all\"",
	  .lacks = " spf x.org TXT" },
	{ .title = "an SPF record that is wrong",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nx.org TXT v=spf1 ipv4:192.0.2.1 -all\n",
	  .has = "stop spf: the SPF record of x.org cannot be read: the term "
		 "\"ipv4:192.0.2.1\" is wrong; mend it" },
	{ .title = "terms that are wrong",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {spf: {terms: 'ip4:1.2.3'}}}\n",
	  .zones = "ZONE x.org\n",
	  .has = "stop spf: the SPF record of x.org cannot be made: the term "
		 "\"ip4:1.2.3\" is wrong; mend spf in opsmail.yaml" },
	{ .title = "twelve lookups",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nx.org A 192.0.2.1\n"
		   "x.org TXT v=spf1 a include:s.net -all\n",
	  .dns = "s.net TXT v=spf1 a:1.net a:2.net a:3.net a:4.net a:5.net "
		 "a:6.net a:7.net a:8.net a:9.net -all\n"
		 "* A 192.0.2.2\n* AAAA 2001:db8::2\n",
	  .has = "stop spf: receivers take the SPF record of x.org for an "
		 "error when the client has IPv4: in s.net: more than 10 terms "
		 "that ask the DNS; take out includes" },
	{ .title = "three questions that lead to nothing, for IPv6 alone",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nx.org A 192.0.2.1\n"
		   "x.org TXT v=spf1 a a:w.net a:v.net -all\n",
	  .dns = "w.net A 192.0.2.2\nv.net A 192.0.2.3\n",
	  .has = "stop spf: receivers take the SPF record of x.org for an "
		 "error when the client has IPv6: more than 2 questions",
	  .lacks = "has IPv4" },
	{ .title = "an include without a record",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {spf: {include: nothing.net}}}\n",
	  .zones = "ZONE x.org\n",
	  .has = "nothing.net, which is included, has no SPF record" },
	{ .title = "a long SPF record that lets everybody in",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nx.org TXT v=spf1 ip4:192.0.2.1 "
		   "ip6:2001:db8:1111:1111:1111:1111:1111:1111 "
		   "ip6:2001:db8:1111:1111:1111:1111:1111:1112 "
		   "ip6:2001:db8:1111:1111:1111:1111:1111:1113 "
		   "ip6:2001:db8:1111:1111:1111:1111:1111:1114 "
		   "ip6:2001:db8:1111:1111:1111:1111:1111:1115 "
		   "ip6:2001:db8:1111:1111:1111:1111:1111:1116 "
		   "ip6:2001:db8:1111:1111:1111:1111:1111:1117 "
		   "ip6:2001:db8:1111:1111:1111:1111:1111:1118 "
		   "ip6:2001:db8:1111:1111:1111:1111:1111:1119 "
		   "ip6:2001:db8:1111:1111:1111:1111:1111:111a +all\n",
	  .has = " bytes, and above 450 some receivers get no whole answer\n"
		 "warn spf: the SPF record of x.org lets everybody send",
	  .lacks = "stop" },
	{ .title = "a term that forbids us",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nx.org TXT v=spf1 -ip4:203.0.113.10 ?all\n",
	  .has = "merged spf x.org TXT v=spf1 -ip4:203.0.113.10 "
		 "include:_spf.x.org ?all\n"
		 "warn spf: mail of x.org from the addresses of this host does "
		 "not pass SPF even so\n"
		 "warn spf: the SPF record of x.org ends with ?all" },
	{ .title = "others' SPF at the host and behind _spf",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n"
		   "smtp.x.org TXT v=spf1 ip4:203.0.113.10 -all\n"
		   "_spf.x.org TXT v=spf1 ip4:198.51.100.7 ?all\n",
	  .has = "alone helo smtp.x.org TXT v=spf1 ip4:203.0.113.10 -all\n"
		 "merged spf _spf.x.org TXT v=spf1 ip4:198.51.100.7 "
		 "ip4:203.0.113.10 ?all < v=spf1 ip4:198.51.100.7 ?all",
	  .passes = true },
	/* MX */
	{ .title = "another's MX is left",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nx.org MX 1 mx.y.net.\n",
	  .has = "info mx: mail for x.org goes to mx.y.net and is left there\n"
		 "info dmarc: reports about x.org go to mailto:dmarc@x.org",
	  .lacks = "10 smtp\nTLSRPT" },
	{ .title = "an MX is added beside another's",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {receive: add}}\n",
	  .zones = "ZONE x.org\nx.org MX 1 mx.y.net.\n",
	  .has = "shared mx x.org MX 10 smtp.x.org." },
	{ .title = "an MX in place of another's",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {receive: replace}}\n",
	  .zones = "ZONE x.org\nx.org MX 1 mx.y.net.\n",
	  .has = "alone mx x.org MX 10 smtp.x.org." },
	{ .title = "an MX with another preference is ours already",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nx.org MX 5 smtp.x.org.\n"
		   "x.org MX 20 mx.y.net.\n",
	  .has = "shared mx x.org MX 5 smtp.x.org." },
	{ .title = "our old MX does not stand in the way",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nours x.org MX 10 old.x.org.\n",
	  .has = "shared mx x.org MX 10 smtp.x.org." },
	{ .title = "no mail at all",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {receive: add}}\n",
	  .zones = "ZONE x.org\nx.org MX 0 .\n",
	  .has = "warn mx: x.org says that it takes no mail (MX \"0 .\")",
	  .lacks = "10 smtp" },
	{ .title = "nowhere for replies",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {receive: none}}\n",
	  .zones = "ZONE x.org\n",
	  .has = "warn mx: x.org has no MX",
	  .lacks = "10 smtp" },
	/* DKIM */
	{
		.title = "DKIM keys",
		.conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
		.zones = "ZONE x.org\n",
		.set = "keys settled",
		.has = "alone dkim 20261125r._domainkey.x.org TXT v=DKIM1; k=rsa; "
		       "p=AAAA\n"
		       "gone dkim 20260101r._domainkey.x.org TXT v=DKIM1; p=",
	},
	{ .title = "a DKIM key that does not fit",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org txt=21\n",
	  .set = "keys",
	  .has = "stop dkim: the record at 20261125r._domainkey.x.org has 22 "
		 "bytes and the provider of x.org takes 21: make a smaller "
		 "key" },
	/* DMARC */
	{ .title = "DMARC when only we send",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n",
	  .set = "proven",
	  .has = "alone dmarc _dmarc.x.org TXT v=DMARC1; p=reject; np=reject; "
		 "rua=mailto:dmarc@x.org" },
	{ .title = "DMARC when others send too",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {spf: {include: y.net}}}\n",
	  .zones = "ZONE x.org\n",
	  .dns = "y.net TXT v=spf1 ~all\n",
	  .set = "proven",
	  .has = "TXT v=DMARC1; p=quarantine; rua=mailto:dmarc@x.org\n"
		 "info dmarc: others send for x.org too" },
	{ .title = "DMARC when the mail of the domain is elsewhere",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nx.org MX 1 mx.y.net.\n",
	  .set = "proven",
	  .has = "TXT v=DMARC1; p=quarantine; " },
	{ .title = "DMARC in all its words",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {dmarc: {p: reject, sp: none, np: "
		  "quarantine, adkim: s, aspf: s, rua: ['mailto:a@x.org', "
		  "'https://x.org/r']}}}\n",
	  .zones = "ZONE x.org\n",
	  .has = "TXT v=DMARC1; p=reject; sp=none; np=quarantine; adkim=s; "
		 "aspf=s; rua=mailto:a@x.org,https://x.org/r" },
	{ .title = "another's DMARC keeps its policy",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {dmarc: {rua: 'mailto:me@x.org'}}}\n",
	  .zones = "ZONE x.org\n_dmarc.x.org TXT v=DMARC1;p=quarantine; "
		   "pct=50;rua=mailto:r@x.org; adkim=s\n",
	  .set = "proven",
	  .has = "alone dmarc _dmarc.x.org TXT v=DMARC1;p=quarantine; pct=50;"
		 "rua=mailto:r@x.org,mailto:me@x.org; adkim=s\n"
		 "info dmarc: the DMARC record of x.org has pct" },
	{ .title = "another's DMARC without reports",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n_dmarc.x.org TXT v=DMARC1; p=reject; \n",
	  .has = "TXT v=DMARC1; p=reject; rua=mailto:dmarc@x.org" },
	{ .title = "another's DMARC with reports stays",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n"
		   "_dmarc.x.org TXT v=DMARC1; p=none; rua=mailto:r@x.org\n",
	  .has = "TXT v=DMARC1; p=none; rua=mailto:r@x.org",
	  .lacks = "dmarc@" },
	{ .title = "another's DMARC and a policy in words",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {dmarc: {p: reject}}}\n",
	  .zones = "ZONE x.org\n"
		   "_dmarc.x.org TXT v=DMARC1; p=none; rua=mailto:r@x.org\n",
	  .has = "TXT v=DMARC1; p=reject; rua=mailto:dmarc@x.org" },
	{ .title = "our DMARC climbs",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nours _dmarc.x.org TXT v=DMARC1; p=none; "
		   "rua=mailto:dmarc@x.org\n",
	  .set = "proven",
	  .has = "TXT v=DMARC1; p=reject; np=reject; " },
	{ .title = "our DMARC does not fall",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\nours _dmarc.x.org TXT v=DMARC1; p=reject; "
		   "sp=none; rua=mailto:a@x.org,mailto:dmarc@x.org\n",
	  .has = "TXT v=DMARC1; p=reject; sp=none; "
		 "rua=mailto:a@x.org,mailto:dmarc@x.org" },
	{ .title = "two DMARC records",
	  .conf = "addresses: 203.0.113.10\ndomains: {x.org: }\n",
	  .zones = "ZONE x.org\n_dmarc.x.org TXT v=DMARC1; p=none\n"
		   "_dmarc.x.org TXT v=DMARC1; p=reject\n",
	  .has = "stop dmarc: _dmarc.x.org has more than one DMARC record" },
	{ .title = "reports that go elsewhere, where we write too",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {dmarc: {rua: "
		  "'mailto:r@Mail.Y.net!10m'}}}\n",
	  .zones = "ZONE x.org\nZONE y.net\n",
	  .has = "alone dmarc x.org._report._dmarc.mail.y.net TXT v=DMARC1;" },
	{ .title = "reports that go where everybody's may",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {dmarc: {rua: 'mailto:r@y.net'}}}\n",
	  .zones = "ZONE x.org\nZONE y.net\n"
		   "*._report._dmarc.y.net TXT v=DMARC1;\n",
	  .lacks = "x.org._report" },
	{ .title = "an answer that does not come",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {spf: {include: silent.net}}}\n",
	  .zones = "ZONE x.org\n",
	  .has = "warn spf: whether receivers can follow the SPF record of "
		 "x.org is not known: no answer about silent.net",
	  .lacks = "stop\neven so" },
	{ .title = "reports that go elsewhere, where others write",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {x.org: {dmarc: {rua: 'mailto:r@z.net', ruf: "
		  "'mailto:r@y.net'}}}\n",
	  .zones = "ZONE x.org\n",
	  .dns = "x.org._report._dmarc.z.net TXT v=DMARC1;\n",
	  .has = "warn dmarc: reports about x.org are not sent to y.net until "
		 "that domain allows it: have this record added there: "
		 "x.org._report._dmarc.y.net TXT \"v=DMARC1;\"",
	  .lacks = "to z.net" },
	{ .title = "reports within one organization",
	  .conf = "addresses: 203.0.113.10\n"
		  "domains: {m.x.org: {dmarc: {rua: 'mailto:r@x.org'}}}\n",
	  .zones = "ZONE x.org\n_dmarc.x.org TXT v=DMARC1; p=none\n",
	  .lacks = "_report" },
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

static void writes_policies(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	const char *hosts[] = { "smtp.x.org", "mx.y.net" };
	const struct conf_list mx = { .at = hosts, .n = 2 };
	const char *text, *id;

	(void)state;
	text = want_sts_policy(STS_TESTING, &mx, &m);
	assert_string_equal(text, "version: STSv1\nmode: testing\n"
				  "mx: smtp.x.org\nmx: mx.y.net\n"
				  "max_age: 86400\n");
	id = want_sts_id(str_of(text), &m);
	assert_int_equal(strlen(id), 20);
	assert_int_equal(strspn(id, "0123456789abcdef"), 20);
	assert_string_equal(id, want_sts_id(str_of(text), &m));
	text = want_sts_policy(STS_ENFORCE, &mx, &m);
	assert_non_null(strstr(text, "mode: enforce\n"));
	assert_non_null(strstr(text, "max_age: 604800\n"));
	assert_string_not_equal(id, want_sts_id(str_of(text), &m));
	text = want_sts_policy(STS_NONE, &mx, &m);
	assert_non_null(strstr(text, "mode: none\n"));
}

static const struct {
	const char *receive, *zone, *hosts;
} exchangers[] = {
	{ "add", "ZONE x.org\n", "smtp.x.org" },
	{ "add", "ZONE x.org\nx.org MX 1 mx.y.net.\n", "mx.y.net smtp.x.org" },
	{ "none", "ZONE x.org\nx.org MX 1 mx.y.net.\n", "mx.y.net" },
	{ "replace", "ZONE x.org\nx.org MX 5 smtp.x.org.\n", "smtp.x.org" },
	{ "none", "ZONE x.org\nx.org MX 0 .\n", "" },
};

static void lists_exchangers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(exchangers); i++) {
		struct want_world w;
		struct conf_list hosts = { 0 };
		char conf[64];
		const struct want_case x = { .zones = exchangers[i].zone,
					     .conf = conf };

		snprintf(conf, sizeof(conf),
			 "domains: {x.org: {receive: %s}}\n",
			 exchangers[i].receive);
		want_world_open(&w, &x);
		want_mx_hosts(&w.want, &w.place.m, &hosts);
		assert_string_equal(mem_join(&w.place.m, hosts.at, hosts.n,
					     " "),
				    exchangers[i].hosts);
		want_world_close(&w);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_wishes),
		cmocka_unit_test(settles),
		cmocka_unit_test(writes_policies),
		cmocka_unit_test(lists_exchangers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
