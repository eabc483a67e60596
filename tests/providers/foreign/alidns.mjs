// @alicloud/alidns20150109, which signs by ACS3: values one by one, taken away by their ids.
import { each, load, scenario } from "./helper.mjs";

const { default: Client, ...api } = load("@alicloud/alidns20150109");
const { $OpenApiUtil } = load("@alicloud/openapi-core");
const client = new Client(new $OpenApiUtil.Config({
	accessKeyId: scenario.env.ALICLOUD_ACCESS_KEY, accessKeySecret: scenario.env.ALICLOUD_SECRET_KEY,
	endpoint: "alidns.aliyuncs.com", protocol: "HTTPS",
}));
const content = ({ type, value, parts }) => {
	if (type === "MX") return { priority: Number(parts[0]), value: parts[1].replace(/\.$/, "") };
	return { value: type === "TXT" ? value : value.replace(/\.$/, "") };
};

await each(scenario.add, async (r) => {
	await client.addDomainRecord(new api.AddDomainRecordRequest({
		domainName: scenario.zone, RR: r.relative || "@", type: r.type, TTL: r.ttl, ...content(r),
	}));
});
const { body } = await client.describeDomainRecords(new api.DescribeDomainRecordsRequest({ domainName: scenario.zone, pageSize: 500 }));
await each(scenario.remove, async (r) => {
	const found = body.domainRecords.record.find((x) => x.type === r.type && x.RR === r.relative && x.value === content(r).value);
	await client.deleteDomainRecord(new api.DeleteDomainRecordRequest({ recordId: found.recordId }));
});
