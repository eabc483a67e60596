// @netlify/api: records one by one, whole host names.
import { each, scenario } from "./helper.mjs";
import { pathToFileURL } from "node:url";

const { NetlifyAPI } = await import(pathToFileURL(`${process.env.NPM_ROOT}node_modules/@netlify/api/lib/index.js`).href);
const api = new NetlifyAPI(scenario.env.NETLIFY_TOKEN);
const zone = (await api.getDnsZones()).find((z) => z.name === scenario.zone);
const undot = (name) => name.replace(/\.$/, "");
const body = ({ name, type, ttl, value, parts }) => {
	const record = { hostname: name, type, ttl, value };
	const numbers = parts.map(Number);
	if (type === "CNAME") record.value = undot(value);
	if (type === "MX") Object.assign(record, { priority: numbers[0], value: undot(parts[1]) });
	if (type === "SRV") Object.assign(record, { priority: numbers[0], weight: numbers[1], port: numbers[2], value: undot(parts[3]) });
	if (type === "CAA") Object.assign(record, { flag: numbers[0], tag: parts[1], value: parts[2].replaceAll('"', "") });
	return record;
};

await each(scenario.add, (r) => api.createDnsRecord({ zone_id: zone.id, body: body(r) }));
const all = await api.getDnsRecords({ zone_id: zone.id });
await each(scenario.remove, async (r) => {
	const want = body(r);
	const found = all.find((x) => x.type === want.type && x.hostname === want.hostname && x.value === want.value);
	await api.deleteDnsRecord({ zone_id: zone.id, dns_record_id: found.id });
});
