// @scaleway/sdk-domain: a change for each set, values taken away by their ids.
import { load, scenario, sets } from "./helper.mjs";

const { createClient } = load("@scaleway/sdk-client");
const { Domainv2beta1 } = load("@scaleway/sdk-domain");
const api = new Domainv2beta1.API(createClient({ accessKey: "SCW11111111111111111", secretKey: scenario.env.SCW_SECRET_KEY }));
const record = ({ relative, type, ttl }, value) => {
	const words = value.split(" ");
	const priority = type === "MX" || type === "SRV" ? Number(words.shift()) : 0;
	const data = type === "TXT" ? JSON.stringify(value) : words.join(" ");
	return { name: relative, type, ttl, data, priority };
};
const patch = (changes) => api.updateDNSZoneRecords({ dnsZone: scenario.zone, changes, disallowNewZoneCreation: true });

await patch(sets(scenario.add).map((s) => ({ add: { records: s.values.map((v) => record(s, v)) } })));
const all = await api.listDNSZoneRecords({ dnsZone: scenario.zone, name: "", projectId: undefined }).all();
for (const s of sets(scenario.remove))
	for (const v of s.values) {
		const want = record(s, v);
		const found = all.find((x) => x.name === want.name && x.type === want.type && x.data === want.data);
		await patch([found ? { delete: { id: found.id } } : { delete: { idFields: want } }]);
	}
