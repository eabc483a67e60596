// ovh, the vendor's client: values one by one, taken away by their ids, then published.
import { each, load, scenario } from "./helper.mjs";

const { default: make } = { default: load("ovh") };
const { env } = scenario;
const ovh = (make.default ?? make)({
	endpoint: env.OVH_ENDPOINT, appKey: env.OVH_APPLICATION_KEY, appSecret: env.OVH_APPLICATION_SECRET, consumerKey: env.OVH_CONSUMER_KEY,
});
const zone = `/domain/zone/${scenario.zone}`;
const target = ({ type, value }) => (type === "TXT" ? `"${value}"` : value);

// A consumer key for one's own application, asked for as its guide shows; nobody lets it be good.
const asked = await ovh.requestPromised("POST", "/auth/credential", { accessRules: [{ method: "GET", path: "/domain/zone/*" }] });
if (!asked.consumerKey || !asked.validationUrl.startsWith("https://")) throw new Error(`no consumer key: ${JSON.stringify(asked)}`);

await each(scenario.add, async (r) => {
	await ovh.requestPromised("POST", `${zone}/record`, { fieldType: r.type, subDomain: r.relative, target: target(r), ttl: r.ttl });
});
await each(scenario.remove, async (r) => {
	const ids = await ovh.requestPromised("GET", `${zone}/record`, { fieldType: r.type, subDomain: r.relative });
	for (const id of ids) {
		const there = await ovh.requestPromised("GET", `${zone}/record/${id}`);
		if (there.target === target(r)) await ovh.requestPromised("DELETE", `${zone}/record/${id}`);
	}
});
await ovh.requestPromised("POST", `${zone}/refresh`);
