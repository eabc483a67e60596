// cloudflare: records one by one; SRV, CAA and TLSA as data.
import { each, load, scenario } from "./helper.mjs";

const Cloudflare = load("cloudflare");
const api = new (Cloudflare.default ?? Cloudflare)({ apiToken: scenario.env.CF_DNS_API_TOKEN, maxRetries: 0 });
let zone_id;
for await (const z of api.zones.list({ name: scenario.zone })) if (z.type !== "internal") zone_id = z.id;

const undot = (name) => name.replace(/\.$/, "");
const body = ({ name, type, ttl, value, parts }) => {
	const record = { zone_id, name, type, ttl, content: value };
	const numbers = parts.map(Number);
	if (type === "TXT") record.content = `"${value}"`;
	if (type === "CNAME") record.content = undot(value);
	if (type === "MX") Object.assign(record, { priority: numbers[0], content: undot(parts[1]) });
	if (type === "SRV") record.data = { priority: numbers[0], weight: numbers[1], port: numbers[2], target: undot(parts[3]) };
	if (type === "CAA") record.data = { flags: numbers[0], tag: parts[1], value: parts[2].replaceAll('"', "") };
	if (type === "TLSA") record.data = { usage: numbers[0], selector: numbers[1], matching_type: numbers[2], certificate: parts[3] };
	if (record.data) delete record.content;
	return record;
};

await each(scenario.add, (r) => api.dns.records.create(body(r)));
const all = [];
for await (const r of api.dns.records.list({ zone_id, per_page: 100 })) all.push(r);
await each(scenario.remove, async (r) => {
	const want = body(r);
	const found = all.find((x) => x.type === want.type && x.name === want.name && x.content === want.content);
	await api.dns.records.delete(found.id, { zone_id });
});
