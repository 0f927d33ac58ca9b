import { expect, it } from "vitest";
import { IceServers } from "./iceServers";

it("credentials are asked for anew once half of their life has passed", () => {
  let now = 1_000;
  let used: RTCIceServer[] = [];
  const ice = new IceServers(
    (servers) => (used = servers),
    () => now,
  );
  ice.greet({ iceServers: [{ urls: ["stun:host:3478"] }] });
  expect(used).toEqual([{ urls: ["stun:host:3478"] }]);
  expect(ice.due()).toBe(false);

  ice.take({ iceServers: [{ urls: ["turn:host:3478"], username: "1:a", credential: "c" }], iceLifetimeS: 100 });
  expect(used[0]?.credential).toBe("c");
  ice.greet({ iceServers: [{ urls: ["stun:host:3478"] }] });
  expect(used[0]?.credential, "a new connection's greeting takes nothing away").toBe("c");
  now += 49_999;
  expect(ice.due()).toBe(false);
  now += 1;
  expect(ice.due()).toBe(true);
  expect(ice.due()).toBe(false);
  now += 30_000;
  expect(ice.due(), "no answer came").toBe(true);
  ice.take({ iceServers: [{ urls: ["turn:host:3478"], username: "2:a", credential: "d" }], iceLifetimeS: 100 });
  expect(used[0]?.credential).toBe("d");
  now += 30_000;
  expect(ice.due()).toBe(false);
});

it("a server that tells members nothing leaves them what its hello named", () => {
  const used: RTCIceServer[][] = [];
  const ice = new IceServers((servers) => used.push(servers));
  ice.greet({ iceServers: [{ urls: ["stun:host:3478"] }] });
  ice.take({});
  expect(used).toHaveLength(1);
});
