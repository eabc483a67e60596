// @aws-sdk/client-route-53, which signs by Signature Version 4: whole sets, written without what is to go.
import { load, scenario, sets } from "./helper.mjs";

const { Route53Client, ListHostedZonesByNameCommand, ListResourceRecordSetsCommand, ChangeResourceRecordSetsCommand } =
	load("@aws-sdk/client-route-53");
const client = new Route53Client({
	region: "us-east-1",
	credentials: { accessKeyId: scenario.env.AWS_ACCESS_KEY_ID, secretAccessKey: scenario.env.AWS_SECRET_ACCESS_KEY },
});
const shown = ({ type, values }) => values.map((x) => (type === "TXT" ? `"${x}"` : x));
const set = ({ name, type, ttl }, values) => ({ Name: name, Type: type, TTL: ttl, ResourceRecords: values.map((Value) => ({ Value })) });

const { HostedZones } = await client.send(new ListHostedZonesByNameCommand({ DNSName: scenario.zone }));
const HostedZoneId = HostedZones.find((x) => x.Name === `${scenario.zone}.`).Id;
const change = (Changes) => client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));

await change(sets(scenario.add).map((x) => ({ Action: "CREATE", ResourceRecordSet: set(x, shown(x)) })));
for (const x of sets(scenario.remove)) {
	const { ResourceRecordSets } = await client.send(new ListResourceRecordSetsCommand({
		HostedZoneId, StartRecordName: x.name, StartRecordType: x.type, MaxItems: 1,
	}));
	const values = ResourceRecordSets[0].ResourceRecords.map((r) => r.Value);
	const left = values.filter((v) => !shown(x).includes(v));
	await change([left.length ? { Action: "UPSERT", ResourceRecordSet: set(x, left) } : { Action: "DELETE", ResourceRecordSet: set(x, values) }]);
}
