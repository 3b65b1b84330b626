// What pages weigh as transferred, and when their largest part is painted on a slow network.
import type { BrowserContext, Page } from "@playwright/test";

import { createMemorial, createStream, goLive, hydrated, phoneLink, prepareService, signUp, soon, test, viewerLink } from "../tests/fixtures";
import { keepMarks, marks } from "./marks";
import { report } from "./report";

const TIMES = 5;
/** Lighthouse's "slow 4G". Bytes a second, milliseconds. */
const SLOW_4G = { offline: false, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8, latency: 150 };

interface Visit {
  name: string;
  address: string;
  limitKiB: number;
  /** Of the largest paint on the slow network with the slow CPU, in milliseconds. */
  paintGoal?: number;
  /** In the page: whether it can be used by now. */
  usable: () => boolean;
}

test("weight and paint", async ({ page, server, somebodyElse }) => {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist", born: "1941-05-09", died: "2026-11-02" });
  const card = await createStream(page, { title: "Funeral service", ...soon() });
  await hydrated(page);
  const visits: Visit[] = [
    {
      name: "Watch page",
      address: await viewerLink(card),
      limitKiB: 35,
      paintGoal: 600,
      // The player says how long it is until the service.
      usable: () => !!document.getElementById("countdown")?.textContent,
    },
    {
      name: "Go page",
      address: await phoneLink(card),
      limitKiB: 250,
      // "Start camera" can be pressed.
      usable: () => !!document.querySelector(".streamer-controls button.primary:not([disabled])"),
    },
  ];
  await page.close();

  for (const visit of visits) {
    const fresh = await somebodyElse();
    const parts = await weigh(fresh, visit);
    await fresh.context().close();
    const all = [...parts.values()].reduce((sum, bytes) => sum + bytes, 0);
    await report({ name: `${visit.name}: all that it loads`, unit: "KiB", values: [all / 1024], goal: { atMost: visit.limitKiB } });
    for (const [part, bytes] of [...parts].sort(([, one], [, other]) => other - one)) {
      await report({ name: `  ${part}`, unit: "KiB", values: [bytes / 1024] });
    }
  }
  for (const visit of visits) {
    for (const slowdown of [1, 4]) {
      const paints: number[] = [];
      const usable: number[] = [];
      for (let time = 0; time < TIMES; time++) {
        const fresh = await somebodyElse();
        const measured = await paint(fresh, visit, slowdown);
        await fresh.context().close();
        paints.push(measured.paint);
        usable.push(measured.usable);
      }
      const how = `slow 4G${slowdown > 1 ? `, CPU ${slowdown} times slower` : ""}`;
      await report(
        {
          name: `${visit.name}: largest contentful paint, ${how}`,
          unit: "ms",
          values: paints,
          goal: slowdown > 1 && visit.paintGoal ? { atMost: visit.paintGoal } : undefined,
        },
        { name: `${visit.name}: usable, ${how}`, unit: "ms", values: usable },
      );
    }
  }
});

test("a live service, from opening the page to its sound", async ({ page, server, somebodyElse }) => {
  const { link, watch } = await prepareService(page, server);
  await page.close();
  const phone = await somebodyElse();
  await goLive(phone, link);
  const bytes: number[] = [];
  const picture: number[] = [];
  const sound: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    const mourner = await somebodyElse();
    await keepMarks(mourner);
    const browser = await devtools(mourner);
    await browser.send("Network.enable");
    await browser.send("Network.emulateNetworkConditions", SLOW_4G);
    await browser.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    let loaded = 0;
    browser.on("Network.loadingFinished", ({ encodedDataLength }) => (loaded += encodedDataLength));
    await mourner.goto(watch, { waitUntil: "commit" });
    const seen = await marks(mourner, "opened", "picture");
    bytes.push(loaded / 1024);
    picture.push(seen.picture - seen.opened);
    const tap = mourner.getByRole("button", { name: "Tap to hear sound" });
    await tap.waitFor();
    // From the tap itself to the first moment at which time goes on with the sound on.
    const heard = mourner.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const video = document.querySelector<HTMLVideoElement>("video#live")!;
          let tapped = 0;
          let at = 0;
          const look = () => {
            if (!video.muted && !video.paused && video.currentTime > at) return resolve(performance.now() - tapped);
            requestAnimationFrame(look);
          };
          addEventListener("click", ({ timeStamp }) => ((tapped = timeStamp), (at = video.currentTime), look()), { capture: true, once: true });
        }),
    );
    await tap.click();
    sound.push(await heard);
    await mourner.context().close();
  }
  await report(
    { name: "Watch page: loaded before the live picture plays", unit: "KiB", values: bytes, goal: { atMost: 35 } },
    { name: "Watch page: from opening to the live picture, slow 4G (its media not slowed), CPU 4 times slower", unit: "ms", values: picture },
    { name: "Watch page: from the tap to sound, slow 4G (its media not slowed), CPU 4 times slower", unit: "ms", values: sound, goal: { atMost: 1000 } },
  );
});

function devtools(page: Page): ReturnType<BrowserContext["newCDPSession"]> {
  return page.context().newCDPSession(page);
}

/** Bytes on the wire with headers, for each file, by its short name and its encoding. */
async function weigh(page: Page, { address, usable }: Visit): Promise<Map<string, number>> {
  const browser = await devtools(page);
  await browser.send("Network.enable");
  const names = new Map<string, string>();
  const parts = new Map<string, number>();
  browser.on("Network.responseReceived", ({ requestId, type, response }) => {
    // Pictures of the browser's own, in the controls of a video.
    if (response.url.startsWith("data:")) return;
    const encoding = Object.entries(response.headers).find(([name]) => name.toLowerCase() === "content-encoding")?.[1] ?? "as it is";
    const { pathname } = new URL(response.url);
    const file = type === "Document" ? "the document" : (pathname.split("/").pop() ?? pathname).replace(/\.[0-9a-f]{16}\./, ".");
    names.set(requestId, `${file} (${encoding})`);
  });
  browser.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const name = names.get(requestId);
    if (name) parts.set(name, (parts.get(name) ?? 0) + encodedDataLength);
  });
  await page.goto(address);
  await page.waitForFunction(usable);
  // What a page fetches when it is done with everything else.
  await page.waitForTimeout(2_000);
  return parts;
}

/** Milliseconds from asking for the page to its largest contentful paint, and until it can be used. */
async function paint(page: Page, { address, usable }: Visit, slowdown: number): Promise<{ paint: number; usable: number }> {
  const browser = await devtools(page);
  await browser.send("Network.enable");
  await browser.send("Network.emulateNetworkConditions", SLOW_4G);
  await browser.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  await page.goto(address, { waitUntil: "commit" });
  await page.waitForFunction(usable, null, { polling: "raf" });
  const now = await page.evaluate(() => performance.now());
  await page.waitForTimeout(1_000);
  const largest = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const seen = (list: PerformanceObserverEntryList) => resolve(list.getEntries().at(-1)?.startTime ?? NaN);
        new PerformanceObserver(seen).observe({ type: "largest-contentful-paint", buffered: true });
      }),
  );
  return { paint: largest, usable: now };
}
