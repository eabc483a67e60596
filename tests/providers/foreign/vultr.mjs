// @vultr/vultr-node: values one by one, taken away by their ids.
import { each, load, scenario } from "./helper.mjs";

const vultr = load("@vultr/vultr-node").initialize({ apiKey: scenario.env.VULTR_API_KEY, rateLimit: 0 });
const body = ({ type, value, ttl, relative, parts }) => {
	const record = { name: relative, type, ttl, data: value, priority: 0 };
	if (type === "TXT") record.data = `"${value}"`;
	if (type === "MX" || type === "SRV") record.priority = Number(parts.shift());
	if (type === "MX" || type === "SRV" || type === "CNAME") record.data = parts.join(" ").replace(/\.$/, "");
	return record;
};

await each(scenario.add, async (r) => {
	await vultr.dns.createRecord({ "dns-domain": scenario.zone, ...body(r) });
});
const { records } = await vultr.dns.listRecords({ "dns-domain": scenario.zone, per_page: 500 });
await each(scenario.remove, async (r) => {
	const want = body(r);
	const found = records.find((x) => x.type === want.type && x.name === want.name && x.data === want.data);
	await vultr.dns.deleteRecord({ "dns-domain": scenario.zone, "record-id": found.id });
});
