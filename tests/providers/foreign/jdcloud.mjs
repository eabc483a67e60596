// jdcloud-sdk-js, the vendor's own, which signs by JDCLOUD2-HMAC-SHA256: records with ids; one is changed on the way.
import { each, load, scenario } from "./helper.mjs";

load("jdcloud-sdk-js/src/lib/node_loader");
const Service = load("jdcloud-sdk-js/src/services/domainservice");
const client = new Service({
	credentials: { accessKeyId: scenario.env.JDCLOUD_ACCESS_KEY_ID, secretAccessKey: scenario.env.JDCLOUD_ACCESS_KEY_SECRET },
	regionId: "cn-north-1",
	logger: () => {},
});

const all = async (call, opts) => {
	const out = [];
	for (let pageNumber = 1, pages = 1; pageNumber <= pages; pageNumber++) {
		const { result } = await client[call]({ ...opts, pageNumber, pageSize: 10 }, "cn-north-1");
		out.push(...result.dataList);
		pages = result.totalPage;
	}
	return out;
};
const form = ({ relative, type, ttl, value, parts }) => {
	const req = { hostRecord: relative || "@", hostValue: value, ttl, type, viewValue: -1 };
	const target = parts.at(-1).replace(/\.$/, "");
	if (type === "CNAME") req.hostValue = target;
	if (type === "MX") Object.assign(req, { hostValue: target, mxPriority: +parts[0] });
	if (type === "SRV") Object.assign(req, { hostValue: target, mxPriority: +parts[0], weight: +parts[1], port: +parts[2] });
	return req;
};

const domainId = (await all("describeDomains", { domainName: scenario.zone })).find((x) => x.domainName === scenario.zone).id;
await each(scenario.add, async (x) => {
	const { result } = await client.createResourceRecord({ domainId, req: { ...form(x), ttl: 600 } }, "cn-north-1");
	await client.modifyResourceRecord({ domainId, resourceRecordId: result.dataList.id, req: { ...form(x), domainName: scenario.zone } }, "cn-north-1");
});
const records = await all("describeResourceRecord", { domainId });
await each(scenario.remove, async (x) => {
	const { hostRecord, hostValue } = form(x);
	const { id } = records.find((r) => r.type === x.type && r.hostRecord === hostRecord && r.hostValue === hostValue);
	await client.deleteResourceRecord({ domainId, resourceRecordId: id }, "cn-north-1");
});
