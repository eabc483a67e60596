// @azure/arm-dns: whole sets, made where there is none and then written without what is to go, on the state that was read.
import { load, scenario, sets } from "./helper.mjs";

const { DnsManagementClient } = load("@azure/arm-dns");
const { AZURE_SUBSCRIPTION_ID, AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = scenario.env;
const { default: https } = await import("node:https");

// @azure/identity asks for it in this way, too.
const getToken = async (scopes) => {
	const body = new URLSearchParams({ grant_type: "client_credentials", client_id: AZURE_CLIENT_ID, client_secret: AZURE_CLIENT_SECRET, scope: [scopes].flat().join(" ") }).toString();
	const text = await new Promise((done, fail) => {
		const headers = { "Content-Type": "application/x-www-form-urlencoded", "Content-Length": body.length };
		const q = https.request(`https://login.microsoftonline.com/${AZURE_TENANT_ID}/oauth2/v2.0/token`, { method: "POST", headers }, async (r) => {
			const parts = [];
			for await (const x of r) parts.push(x);
			done(Buffer.concat(parts).toString());
		});
		q.on("error", fail);
		q.end(body);
	});
	return { token: JSON.parse(text).access_token, expiresOnTimestamp: Date.now() + 3600e3 };
};

const client = new DnsManagementClient({ getToken }, AZURE_SUBSCRIPTION_ID);
const forms = {
	A: (v) => ({ ipv4Address: v }),
	AAAA: (v) => ({ ipv6Address: v }),
	MX: (v) => ({ preference: +v.split(" ")[0], exchange: v.split(" ")[1] }),
	TXT: (v) => ({ value: [v] }),
	SRV: (v) => { const [priority, weight, port, target] = v.split(" "); return { priority: +priority, weight: +weight, port: +port, target }; },
	CAA: (v) => { const [flags, tag, value] = v.split(" "); return { flags: +flags, tag, value: value.slice(1, -1) }; },
};
const member = (type, values) => (type === "CNAME" ? { cnameRecord: { cname: values[0] } } : { [`${type === "AAAA" ? "aaaa" : type.toLowerCase()}Records`]: values.map(forms[type]) });

let zone;
for await (const x of client.zones.list()) if (x.name === scenario.zone) zone = x;
const group = zone.id.split("/")[4];
for (const { relative, type, ttl, values } of sets(scenario.add)) {
	await client.recordSets.createOrUpdate(group, zone.name, relative || "@", type, { ttl, ...member(type, values) }, { ifNoneMatch: "*" });
}
for (const { relative, type, values } of sets(scenario.remove)) {
	const set = await client.recordSets.get(group, zone.name, relative || "@", type);
	const gone = values.map((v) => JSON.stringify(forms[type](v)));
	const key = Object.keys(member(type, []))[0];
	const left = set[key].filter((x) => !gone.includes(JSON.stringify(x)));
	if (left.length) await client.recordSets.update(group, zone.name, relative || "@", type, { ttl: set.ttl, [key]: left }, { ifMatch: set.etag });
	else await client.recordSets.delete(group, zone.name, relative || "@", type, { ifMatch: set.etag });
}
const seen = [];
for await (const x of client.recordSets.listByDnsZone(group, zone.name)) seen.push(x.name);
if (!seen.includes("@")) throw new Error("the zone's list lacks its apex");
