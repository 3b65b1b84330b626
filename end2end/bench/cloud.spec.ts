// How long a service takes to be made while providers take their time, and how many webhooks are taken in a second.
import { createHmac } from "node:crypto";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { createMemorial, expect, programs, type Server, signUp, test } from "../tests/fixtures";
import { report } from "./report";

const CREATIONS = 40;
const WEBHOOK_SECONDS = 5;
const AT_ONCE = 16;

test.use({ accounts: ["CLOUDFLARE", "MUX"] });

/** A token for programs, made as an administrator makes one. */
async function apiToken(server: Server): Promise<string> {
  const env = { PATH: process.env.PATH, ...server.settings, EVERLIGHT_DATA_DIR: server.dataDir };
  const { stdout } = await promisify(execFile)(programs.server, ["token", "create", "--name", "bench"], { env });
  return stdout.trim();
}

for (const [route, words] of [
  ["direct", "which waits for Cloudflare"],
  ["relay", "which waits for nobody"],
] as const) {
  test.describe(route, () => {
    test.use({ settings: { EVERLIGHT_ROUTE: route } });

    test(`a service is made by the ${route} route while each provider answers in 500 ms`, async ({ page, server, cloud }) => {
      await signUp(page, server);
      await createMemorial(page, { name: "Anna Lindqvist" });
      const memorialId = page.url().split("/").pop();
      const token = await apiToken(server);
      await cloud.fault({ type: "delay", millis: 500 });
      const values: number[] = [];
      for (let time = 1; time <= CREATIONS; time++) {
        const began = performance.now();
        const response = await fetch(`${server.url}/api/streams/create-whip`, {
          method: "POST",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: JSON.stringify({ memorialId, title: `Service ${time}`, enableMuxBackup: true }),
        });
        expect(response.status).toBe(201);
        const { stream } = await response.json();
        expect(stream.status, "it can be filmed").toBe("ready");
        values.push(performance.now() - began);
      }
      const slowest = [...values].sort((a, b) => a - b)[Math.ceil(CREATIONS * 0.95) - 1];
      await report(
        { name: `Making a service, ${route} (${words}), providers at 500 ms`, unit: "ms", values },
        { name: `The same, 95th percentile of ${CREATIONS}`, unit: "ms", values: [slowest], goal: { below: 3000 } },
      );
    });
  });
}

test("webhooks a second, on SQLite: verified, stored, answered", async ({ page, server, cloud }) => {
  await signUp(page, server);
  await page.close();
  const secret = cloud.environment.MUX_WEBHOOK_SECRET;
  let sent = 0;
  const until = performance.now() + WEBHOOK_SECONDS * 1000;
  const began = performance.now();
  const sender = async () => {
    while (performance.now() < until) {
      const id = `bench-${sent++}`;
      const body = JSON.stringify({ type: "video.asset.ready", id, created_at: new Date().toISOString(), object: { type: "asset", id: "a" }, data: { id: "a", status: "ready" } });
      const time = Math.floor(Date.now() / 1000);
      const signature = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
      const response = await fetch(`${server.url}/api/webhooks/mux`, {
        method: "POST",
        headers: { "content-type": "application/json", "mux-signature": `t=${time},v1=${signature}` },
        body,
      });
      expect(response.status).toBe(204);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  const rate = (sent * 1000) / (performance.now() - began);
  await report({ name: `Webhooks a second on SQLite, ${AT_ONCE} at once`, unit: "/s", values: [rate] });
});
