// @baiducloud/sdk, its signer: values one by one, taken away by their ids.
import { each, load, scenario } from "./helper.mjs";

const { Auth } = load("@baiducloud/sdk");
const axios = load("axios");
const auth = new Auth(scenario.env.BAIDUCLOUD_ACCESS_KEY_ID, scenario.env.BAIDUCLOUD_SECRET_ACCESS_KEY);
const call = async (method, path, data, params = {}) => {
	const headers = { host: "dns.baidubce.com" };
	headers.authorization = auth.generateAuthorization(method, `/v1/dns/zone/${scenario.zone}/record${path}`, params, headers);
	const url = `https://dns.baidubce.com/v1/dns/zone/${scenario.zone}/record${path}`;
	return (await axios({ method, url, headers, params, data, proxy: false })).data;
};
const content = ({ type, value, parts }) => {
	if (type === "MX") return { priority: Number(parts[0]), value: parts[1].replace(/\.$/, "") };
	return { value: ["CNAME", "SRV"].includes(type) ? value.replace(/\.$/, "") : value };
};

await each(scenario.add, (r) => call("POST", "", { rr: r.relative || "@", type: r.type, ttl: r.ttl, ...content(r) }));
const { records } = await call("GET", "", undefined, { maxKeys: "500" });
await each(scenario.remove, (r) => {
	const found = records.find((x) => x.type === r.type && x.rr === r.relative && x.value === content(r).value);
	return call("DELETE", `/${found.id}`);
});
