// For the scripts beside this one: what is to be done, the way to the mock, and the packages of tests/lab/peers.sh.
//	import { scenario, load, each, relative } from "./helper.mjs";
// Every TLS connection goes to the front of the mocks, whatever host is asked for; that host stays the name in it.
import { createRequire } from "node:module";
import tls from "node:tls";

export const scenario = JSON.parse(process.env.SCENARIO); // zone, add, remove: [[name, type, ttl, value]...], env, folder
const connect = tls.connect;
tls.connect = (...given) => {
	const at = given.findIndex((x) => x !== null && typeof x === "object");
	const options = at < 0 ? {} : given[at];
	const rest = given.filter((x) => typeof x === "function");
	const host = options.servername || options.host || given.find((x) => typeof x === "string");
	return connect({ ...options, host: "127.0.0.1", port: scenario.front, servername: host, lookup: undefined }, ...rest);
};

// A package in either form of module.
export const load = createRequire(process.env.NPM_ROOT);

// "" at the zone itself, else the part before it.
export const relative = (name) => (name === scenario.zone ? "" : name.slice(0, -scenario.zone.length - 1));

// One after the other, since order is part of a scenario.
export const each = async (list, f) => {
	for (const [name, type, ttl, value] of list) await f({ name, type, ttl, value, relative: relative(name), parts: value.split(" ") });
};

// The records of one name and type together, for APIs of whole sets.
export const sets = (list) => {
	const all = new Map();
	for (const [name, type, ttl, value] of list) {
		const key = `${name} ${type}`;
		if (!all.has(key)) all.set(key, { name, type, ttl, relative: relative(name), values: [] });
		all.get(key).values.push(value);
	}
	return [...all.values()];
};
