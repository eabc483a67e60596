// @huaweicloud/huaweicloud-sdk-core, its signer: whole sets, made and then written without what is to go.
import { load, scenario, sets } from "./helper.mjs";

const { AKSKSigner } = load("@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner");
const { BasicCredentials } = load("@huaweicloud/huaweicloud-sdk-core");
const { default: axios } = { default: load("axios") };
const endpoint = "https://dns.cn-south-1.myhuaweicloud.com";
const credential = new BasicCredentials().withAk(scenario.env.HUAWEICLOUD_ACCESS_KEY_ID).withSk(scenario.env.HUAWEICLOUD_SECRET_ACCESS_KEY);

const call = async (method, path, data, queryParams = {}) => {
	const request = { endpoint: endpoint + path, method, headers: { "content-type": "application/json" }, queryParams, data };
	const headers = AKSKSigner.sign(request, credential);
	const reply = await axios({ method, url: endpoint + path, headers, params: queryParams, data, proxy: false });
	return reply.data;
};
const shown = ({ type, values }) => values.map((x) => (type === "TXT" ? `"${x}"` : x));

const { zones } = await call("GET", "/v2/zones", undefined, { name: scenario.zone, type: "public" });
const path = `/v2/zones/${zones[0].id}/recordsets`;
for (const set of sets(scenario.add)) {
	await call("POST", path, { name: `${set.name}.`, type: set.type, ttl: set.ttl, records: shown(set) });
}
const { recordsets } = await call("GET", path, undefined, { limit: "500" });
for (const set of sets(scenario.remove)) {
	const found = recordsets.find((x) => x.name === `${set.name}.` && x.type === set.type);
	const left = found.records.filter((x) => !shown(set).includes(x));
	if (left.length) await call("PUT", `${path}/${found.id}`, { name: found.name, type: found.type, ttl: found.ttl, records: left });
	else await call("DELETE", `${path}/${found.id}`);
}
