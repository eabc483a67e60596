// akamai-edgegrid, the vendor's signer and HTTP client: whole sets, written without what is to go.
import { load, scenario, sets } from "./helper.mjs";

const EdgeGrid = load("akamai-edgegrid");
const { env } = scenario;
const client = new EdgeGrid(env.AKAMAI_CLIENT_TOKEN, env.AKAMAI_CLIENT_SECRET, env.AKAMAI_ACCESS_TOKEN, `https://${env.AKAMAI_HOST}`);
const call = (method, path, body) => new Promise((done, fail) => {
	client.auth({ method, path: `/config-dns/v2/zones/${scenario.zone}${path}`, headers: { "Content-Type": "application/json" }, proxy: false,
		...(body ? { body: JSON.stringify(body) } : {}) });
	client.send((error, response, text) => (error ? fail(error) : done(text && JSON.parse(text))));
});
const shown = ({ type, values }) => values.map((x) => (type === "TXT" ? `"${x}"` : x));
const at = (set) => `/names/${set.name}/types/${set.type}`;

for (const set of sets(scenario.add)) {
	await call("POST", at(set), { name: set.name, type: set.type, ttl: set.ttl, rdata: shown(set) });
}
for (const set of sets(scenario.remove)) {
	const there = await call("GET", at(set));
	const left = there.rdata.filter((x) => !shown(set).includes(x));
	if (left.length) await call("PUT", at(set), { ...there, rdata: left });
	else await call("DELETE", at(set));
}
