// A hundred people watch one live service over WHEP, each with a connection of its own, while ten pages of staff follow it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { expect, expectPlaying, goLive, hydrated, prepareService, programs, test, watchConnections } from "../tests/fixtures";
import { report } from "./report";

const VIEWERS = 100;
const STAFF = 10;
const SECONDS = 20;

test("a hundred viewers and ten pages of staff", async ({ page, server, somebodyElse }) => {
  const { link, watch } = await prepareService(page, server);
  await hydrated(page);
  const phone = await somebodyElse();
  await goLive(phone, link);
  const mourner = await somebodyElse();
  await watchConnections(mourner);
  await mourner.goto(watch);
  await expectPlaying(mourner.locator("#live"));

  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const stream = /\/go\/([0-9a-f-]+)/.exec(link)![1];
  const leave = new AbortController();
  const followed = await Promise.all(
    Array.from({ length: STAFF }, async () => {
      const answer = await fetch(`${server.url}/api/streams/${stream}/events`, { headers: { cookie }, signal: leave.signal });
      expect(answer.status).toBe(200);
      const reader = answer.body!.getReader();
      // The first message is the service as it stands.
      expect((await reader.read()).value?.length).toBeGreaterThan(0);
      return reader;
    }),
  );

  const crowd = spawn(programs.viewers, ["viewers", String(VIEWERS)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: crowd.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value as string;
  const joined: number[] = [];
  const slug = watch.split("/").at(-1);
  for (let viewer = 0; viewer < VIEWERS; viewer++) {
    const offer = (await next()).replaceAll("|", "\r\n");
    const asked = performance.now();
    const answer = await fetch(`${server.url}/whep/${slug}`, {
      method: "POST",
      headers: { "content-type": "application/sdp" },
      body: offer,
    });
    expect(answer.status).toBe(201);
    const sdp = await answer.text();
    joined.push(performance.now() - asked);
    crowd.stdin.write(`${sdp.replaceAll("\r\n", "|")}\n`);
  }
  const count = async () => {
    crowd.stdin.write("count\n");
    const [connected, packets, bytes, gaps] = (await next()).split(" ").map(Number);
    return { connected, packets, bytes, gaps };
  };
  await expect.poll(async () => (await count()).connected, { message: "all are connected" }).toBe(VIEWERS);
  await sleep(3000);

  const pictures = () =>
    mourner.evaluate(async () => {
      for (const entry of (await window.connections!.at(-1)!.getStats()).values()) {
        if (entry.type === "inbound-rtp" && entry.kind === "video") {
          return { decoded: entry.framesDecoded as number, frozen: entry.freezeCount as number };
        }
      }
      throw new Error("there is no picture");
    });
  const [before, seen] = [await count(), await pictures()];
  await sleep(SECONDS * 1000);
  const [after, shown] = [await count(), await pictures()];
  expect(after.packets - before.packets, "packets arrive at all of them").toBeGreaterThan(VIEWERS * SECONDS * 30);

  leave.abort();
  for (const reader of followed) reader.cancel().catch(() => {});
  crowd.stdin.end();
  await once(crowd, "exit");
  await report(
    { name: `${VIEWERS} viewers: answer to each offer`, unit: "ms", values: joined },
    { name: `${VIEWERS} viewers: packets sent`, unit: "/s", values: [(after.packets - before.packets) / SECONDS] },
    { name: `${VIEWERS} viewers: packets that went missing in ${SECONDS} s`, unit: "packets", values: [after.gaps - before.gaps], goal: { atMost: 0 } },
    { name: `A browser among them: pictures shown`, unit: "/s", values: [(shown.decoded - seen.decoded) / SECONDS] },
    { name: `A browser among them: times that the picture froze`, unit: "times", values: [shown.frozen - seen.frozen], goal: { atMost: 0 } },
  );
});
