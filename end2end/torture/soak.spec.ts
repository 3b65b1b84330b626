// A Saturday in small: two services on air, a mourner who comes and goes, staff who follow, programs that make services,
// pages that are asked for all the time. Memory and file descriptors must stand still.
import type { Locator } from "@playwright/test";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import {
  createMemorial, createStream, encoderAccess, expect, expectPlaying, hydrated, ownRecording, publishWhip, signUp, test, viewerLink,
  type Publisher,
} from "../tests/fixtures";

const MINUTES = Number(process.env.EVERLIGHT_SOAK_MINUTES ?? 30);
/** Of the time, until caches are full and pools have their size. */
const WARM_UP = 0.25;
/** A sample every so often. */
const EVERY_MS = 5_000;
const MIB = 1024 * 1024;

interface Sample {
  /** All that is in memory, with pages of files: of the program itself, of the database. */
  rss: number;
  /** What the program asked for. A leak is here. */
  anonymous: number;
  descriptors: number;
  threads: number;
}

async function sample(pid: number): Promise<Sample> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)![1]);
  return {
    rss: number("VmRSS") * 1024,
    anonymous: number("RssAnon") * 1024,
    descriptors: (await readdir(`/proc/${pid}/fd`)).length,
    threads: number("Threads"),
  };
}

const median = (numbers: number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

test("memory and file descriptors stand still", async ({ page, server, somebodyElse }) => {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  const services: { card: Locator; publisher: Publisher; watch: string }[] = [];
  for (const title of ["Funeral service", "Graveside"]) {
    const card = await createStream(page, { title, method: "OBS / encoder" });
    await hydrated(page);
    const { url, token } = await encoderAccess(card);
    services.push({ card, publisher: publishWhip(url, token, { size: "640x360", rate: 25 }), watch: await viewerLink(card) });
  }
  const mourner = await somebodyElse();
  await mourner.goto(services[0].watch);
  await expectPlaying(mourner.locator("#live"));

  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const end = Date.now() + MINUTES * 60_000;
  let requests = 0;
  /** Asks again and again until the time is over. */
  const ask = async (path: string, pause: number, headers: Record<string, string> = {}) => {
    while (Date.now() < end) {
      const answer = await fetch(new URL(path, server.url), { headers });
      expect(answer.status, path).toBe(200);
      await answer.arrayBuffer();
      requests += 1;
      await sleep(pause);
    }
  };
  /** Follows for some seconds and goes away without a word, as closed laptops do. */
  const follow = async (path: string, headers: Record<string, string> = {}) => {
    while (Date.now() < end) {
      const leave = new AbortController();
      const answer = await fetch(new URL(path, server.url), { headers, signal: leave.signal });
      expect(answer.status, path).toBe(200);
      await answer.body!.getReader().read();
      requests += 1;
      await sleep(3_000);
      leave.abort();
    }
  };
  const comeAndGo = async () => {
    while (Date.now() < end) {
      await mourner.reload();
      await expectPlaying(mourner.locator("#live"));
      await sleep(20_000);
    }
  };
  const samples: Sample[] = [];
  const measure = async () => {
    while (Date.now() < end) {
      samples.push(await sample(server.pid!));
      await sleep(EVERY_MS);
    }
  };
  const [first, second] = services.map(({ watch }) => new URL(watch).pathname);
  await Promise.all([
    measure(),
    comeAndGo(),
    ask(first, 200),
    ask(second, 500),
    ask("/admin/today", 2_000, { cookie }),
    ask(`/hls/${first.split("/").at(-1)}/index.m3u8`, 1_000),
    follow(`${first}/events`),
    follow(`${second}/events`),
    follow("/api/today/events", { cookie }),
  ]);

  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const quarter = Math.max(1, Math.floor(warm.length / 4));
  const [early, late] = [warm.slice(0, quarter), warm.slice(-quarter)];
  const of = (part: Sample[], key: keyof Sample) => median(part.map((sample) => sample[key]));
  for (const key of ["rss", "anonymous", "descriptors", "threads"] as const) {
    const shown = (number: number) => (number > MIB ? `${(number / MIB).toFixed(1)} MiB` : String(number));
    const tenth = Math.ceil(samples.length / 10);
    const curve = Array.from({ length: 10 }, (_, at) => samples.slice(at * tenth, (at + 1) * tenth)).filter((part) => part.length > 0);
    console.log(`${key}: ${shown(of(early, key))} in the first quarter, ${shown(of(late, key))} in the last`);
    console.log(`  medians of each tenth: ${curve.map((part) => shown(of(part, key))).join(", ")}`);
  }
  console.log(`${MINUTES} minutes, ${requests} requests, ${samples.length} samples, 2 services on air`);

  expect(of(late, "descriptors"), "file descriptors").toBeLessThanOrEqual(of(early, "descriptors") + 8);
  expect(of(late, "threads"), "threads").toBeLessThanOrEqual(of(early, "threads") + 2);
  expect(of(late, "rss"), "memory").toBeLessThanOrEqual(of(early, "rss") * 1.05 + 8 * MIB);

  for (const { card, publisher } of services) {
    await publisher.stop();
    await card.getByText("End the service").first().click();
    await page.getByRole("button", { name: /^Yes|^End/ }).last().click();
    await expect(ownRecording(card)).toContainText("sound and picture checked", { timeout: 120_000 });
  }
});
