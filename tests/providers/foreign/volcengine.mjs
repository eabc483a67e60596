// @volcengine/openapi, the vendor's client of all its services: values one by one, taken away by their ids.
import { each, load, scenario } from "./helper.mjs";

for (const name of ["HTTPS_PROXY", "https_proxy"]) delete process.env[name]; // its proxies are no tunnels
const { Service } = load("@volcengine/openapi");
const service = new Service({
	host: "open.volcengineapi.com", serviceName: "dns", region: "cn-north-1", defaultVersion: "2018-08-01", protocol: "https:",
	accessKeyId: scenario.env.VOLC_ACCESSKEY, secretKey: scenario.env.VOLC_SECRETKEY,
});
const get = (name) => service.createAPI(name, { method: "GET" });
const post = (name) => service.createAPI(name, { method: "POST", contentType: "json" });
const bare = ({ type, value }) => (["MX", "SRV", "CNAME"].includes(type) ? value.replace(/\.$/, "") : value);
const told = async (promise) => {
	const { ResponseMetadata, Result } = await promise;
	if (ResponseMetadata.Error) throw new Error(ResponseMetadata.Error.Message);
	return Result;
};

const { Zones } = await told(get("ListZones")({ PageSize: 100 }));
const { ZID } = Zones.find((x) => x.ZoneName === scenario.zone);
await each(scenario.add, (r) => told(post("CreateRecord")({
	ZID, Host: r.relative || "@", Type: r.type, Value: bare(r), TTL: r.ttl, Line: "default",
})));
const { Records } = await told(get("ListRecords")({ ZID, PageSize: 500 }));
await each(scenario.remove, (r) => {
	const found = Records.find((x) => x.Type === r.type && x.Host === r.relative && x.Value === bare(r));
	return told(post("DeleteRecord")({ RecordID: found.RecordID }));
});
