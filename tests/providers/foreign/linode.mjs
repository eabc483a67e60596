// @linode/api-v4: values one by one, taken away by their ids. An SRV has a service and a protocol instead of a name.
import { each, load, scenario } from "./helper.mjs";

const linode = load("@linode/api-v4");
linode.setToken(scenario.env.LINODE_TOKEN);
linode.baseRequest.defaults.proxy = false; // the way to the mock is by TLS
const zone = (await linode.getDomains()).data.find((d) => d.domain === scenario.zone).id;
const body = ({ type, value, ttl, relative, parts }) => {
	const record = { name: relative, type, ttl_sec: ttl, target: value };
	if (type === "MX") record.priority = Number(parts[0]);
	if (type === "SRV") {
		const [service, protocol] = relative.split(".");
		const [priority, weight, port] = parts.map(Number);
		Object.assign(record, { name: "", service: service.slice(1), protocol: protocol.slice(1), priority, weight, port });
	}
	if (["MX", "SRV", "CNAME"].includes(type)) record.target = parts.at(-1).replace(/\.$/, "");
	if (type === "CAA") Object.assign(record, { tag: parts[1], target: parts[2].replaceAll('"', "") });
	return record;
};

await each(scenario.add, async (r) => {
	await linode.createDomainRecord(zone, body(r));
});
const { data } = await linode.getDomainRecords(zone);
await each(scenario.remove, async (r) => {
	const found = data.find((x) => x.type === r.type && x.name === r.relative && x.target === body(r).target);
	await linode.deleteDomainRecord(zone, found.id);
});
