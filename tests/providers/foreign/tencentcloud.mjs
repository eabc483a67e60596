// tencentcloud-sdk-nodejs-dnspod, which signs by TC3: values one by one, taken away by their ids.
import { each, load, scenario } from "./helper.mjs";

const { dnspod } = load("tencentcloud-sdk-nodejs-dnspod");
const client = new dnspod.v20210323.Client({
	credential: { secretId: scenario.env.TENCENTCLOUD_SECRET_ID, secretKey: scenario.env.TENCENTCLOUD_SECRET_KEY },
	region: "", profile: { httpProfile: { endpoint: "dnspod.tencentcloudapi.com" } },
});
const content = ({ type, value, parts }) => (type === "MX" ? { MX: Number(parts[0]), Value: parts[1] } : { Value: value });

await each(scenario.add, async (r) => {
	await client.CreateRecord({
		Domain: scenario.zone, SubDomain: r.relative || "@", RecordType: r.type, RecordLine: "默认", TTL: r.ttl, ...content(r),
	});
});
const { RecordList } = await client.DescribeRecordList({ Domain: scenario.zone, Limit: 3000 });
await each(scenario.remove, async (r) => {
	const found = RecordList.find((x) => x.Type === r.type && x.Name === r.relative && x.Value === r.value);
	await client.DeleteRecord({ Domain: scenario.zone, RecordId: found.RecordId });
});
