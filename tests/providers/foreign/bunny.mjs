// bunny-sdk: records inside their zone, types as numbers.
import { each, scenario } from "./helper.mjs";
import { pathToFileURL } from "node:url";

const { createBunnyApiClient } = await import(pathToFileURL(`${process.env.NPM_ROOT}node_modules/bunny-sdk/index.js`).href);
const api = createBunnyApiClient({ accessKey: scenario.env.BUNNY_API_KEY });
const zones = await api.dnszone.get({ queryParameters: { search: scenario.zone } });
const zone = api.dnszone.byId(zones.items.find((z) => z.domain === scenario.zone).id);

const types = { A: 0, AAAA: 1, CNAME: 2, TXT: 3, MX: 4, SRV: 8, CAA: 9, TLSA: 15 };
const undot = (name) => name.replace(/\.$/, "");
const body = ({ relative, type, ttl, value, parts }) => {
	const record = { name: relative, type: types[type], ttl, value: type === "CNAME" ? undot(value) : value };
	const numbers = parts.map(Number);
	if (type === "MX") Object.assign(record, { priority: numbers[0], value: undot(parts[1]) });
	if (type === "SRV") Object.assign(record, { priority: numbers[0], weight: numbers[1], port: numbers[2], value: undot(parts[3]) });
	if (type === "CAA") Object.assign(record, { flags: numbers[0], tag: parts[1], value: parts[2].replaceAll('"', "") });
	return record;
};

await each(scenario.add, (r) => zone.records.put(body(r)));
const { records } = await zone.get();
await each(scenario.remove, async (r) => {
	const want = body(r);
	const found = records.find((x) => x.type === want.type && x.name === want.name && x.value === want.value);
	await zone.records.byId(found.id).delete();
});
