import { spawn } from "node:child_process";
import { once } from "node:events";
import { Netbox } from "./netbox.ts";

const [verb, scenario, dashes, ...command] = process.argv.slice(2);
if (verb !== "run" || !scenario || (dashes !== undefined && (dashes !== "--" || command.length === 0))) {
  console.error("netbox run SCENARIO [-- COMMAND...]");
  process.exit(2);
}

// Ctrl+C reaches the command and the router by the terminal; this process stays until both are done.
const stopped = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
const box = await Netbox.open(scenario).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
const hosts = [...box.hosts.values()];
const variable = (name: string) => name.replaceAll("-", "_");
if (command.length > 0) {
  const env = { ...process.env };
  for (const host of hosts) {
    env[`NETBOX_${variable(host.name)}`] = host.namespace;
    env[`NETBOX_${variable(host.name)}_address`] = host.address;
  }
  const child = spawn(command[0] ?? "", command.slice(1), { stdio: "inherit", env });
  child.once("error", (error) => console.error(error.message));
  const ended = once(child, "exit").then(([code]) => (code as number | null) ?? 1, () => 127);
  process.exitCode = await Promise.race([ended, stopped.then(() => ended)]);
} else {
  for (const host of hosts) {
    const seenAs = host.publicAddress === host.address ? "" : ` (${host.publicAddress} to others)`;
    console.log(`${host.name}: ${host.address}${seenAs}    ip netns exec ${host.namespace} bash`);
  }
  await stopped;
}
await box.close();
