// dnsimple: records below an account, values with the preference beside them.
import { each, load, scenario } from "./helper.mjs";

const { DNSimple } = load("dnsimple");
const api = new DNSimple({ accessToken: scenario.env.DNSIMPLE_OAUTH_TOKEN });
const account = (await api.accounts.listAccounts()).data[0].id;

const undot = (name) => name.replace(/\.$/, "");
const body = ({ relative, type, ttl, value, parts }) => {
	const record = { name: relative, type, ttl, content: type === "CNAME" ? undot(value) : value };
	if (type === "TXT") record.content = `"${value}"`;
	if (type === "MX" || type === "SRV") Object.assign(record, { priority: Number(parts[0]), content: undot(parts.slice(1).join(" ")) });
	return record;
};

await each(scenario.add, (r) => api.zones.createZoneRecord(account, scenario.zone, body(r)));
const all = await api.zones.listZoneRecords.collectAll(account, scenario.zone);
await each(scenario.remove, async (r) => {
	const want = body(r);
	const found = all.find((x) => x.type === want.type && x.name === want.name && x.content === want.content);
	await api.zones.deleteZoneRecord(account, scenario.zone, found.id);
});
