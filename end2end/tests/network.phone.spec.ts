// Dead spots, another network, lost packets: how long until the picture is back, what is missing in the recording, and what
// the phone's copy makes good. Real media, through a relay that does to TCP and UDP what networks do.
import type { Page } from "@playwright/test";
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import {
  decodeErrors, expect, goLive, masterFolders, moreFramesGoOut, onTrack, opened, packetTimes, pictureTimes, prepareService, recordingFile, screenshot, stopStreaming,
  test as base, watchCamera, watchConnections, type Server,
} from "./fixtures";
import { Network } from "./support/network";

const test = base.extend<{ network: Network }>({
  network: async ({ server }, use) => {
    const network = await Network.before(server);
    await use(network);
    await network.stop();
  },
});

/** Requests fail while the network is away: that is what these tests are about. */
const AWAY = /ERR_|410|status (of )?(404|408|409|423|502|503)/;

const arrives = (phone: Page) => expect(phone.getByText("Picture and sound arrive")).toBeVisible({ timeout: 60_000 });

/** The phone says that its network is that of a mobile operator: its copy waits for the end. */
async function onMobileData(phone: Page): Promise<void> {
  await phone.addInitScript(() => Object.defineProperty(Object.getPrototypeOf((navigator as unknown as { connection: object }).connection), "type", { get: () => "cellular" }));
}

/** A phone behind the network, on air, with a mourner's worth of picture behind it. */
async function onAir(phone: Page, link: string, network: Network, { copy = true } = {}): Promise<void> {
  await watchConnections(phone);
  if (!copy) await phone.addInitScript(() => Reflect.deleteProperty(window, "MediaRecorder"));
  await goLive(phone, network.link(link));
  await arrives(phone);
  if (!copy) await expect(phone.getByText("This browser cannot keep a safety copy. The service goes on.")).toBeVisible();
}

/** When each picture, or each bit of sound, of the master came, in seconds since 1970: from the parts, in which nothing is filled. */
async function arrivals(server: Server, kind: "v" | "a" = "v"): Promise<number[]> {
  const [master] = await masterFolders(server.dataDir);
  if (!master) return [];
  const origin = Number(await readFile(join(master, "origin"), "utf8")) / 1000;
  const times: number[] = [];
  for (const name of (await readdir(master)).filter((name) => name.endsWith(".mp4")).sort()) {
    // One that was begun this moment holds nothing yet.
    const part = await packetTimes(join(master, name), kind).catch(() => []);
    times.push(...part.filter(Number.isFinite).map((time) => origin + time));
  }
  return times.sort((one, other) => one - other);
}

/** The longest step between two pictures, in seconds. */
const longestStep = (times: number[]) => Math.max(...times.slice(1).map((time, at) => time - times[at]));

/** Waits until a picture has come that is newer than this moment; answers with how long it took, in seconds. */
async function backAfter(server: Server, since: number): Promise<number> {
  const newer = async () => (await arrivals(server)).filter((time) => time > since);
  await expect.poll(async () => (await newer()).length, { timeout: 60_000 }).toBeGreaterThan(5);
  return (await newer())[0] - since;
}

const now = () => Date.now() / 1000;

/** What was measured goes into the report, so that the documents can say it. */
function measured(what: Record<string, number>): void {
  const text = Object.entries(what).map(([name, value]) => `${name} ${value.toFixed(2)}`).join(", ");
  test.info().annotations.push({ type: "measured", description: text });
  console.log(`${test.info().title}: ${text}`);
}

async function dropFor(seconds: number, network: Network): Promise<number> {
  network.drop();
  await sleep(seconds * 1000);
  network.restore();
  return now();
}

async function endAndCheck(phone: Page, server: Server): Promise<string> {
  await stopStreaming(phone);
  await expect(phone.locator(".streamer-safety h3")).toHaveText(/^(Safe|Not yet safe)/, { timeout: 90_000 });
  const file = await recordingFile(server);
  expect(await decodeErrors(file)).toBe("");
  return file;
}

test("two seconds without a network: the same session goes on", async ({ page, server, network, somebodyElse, expectProblems }) => {
  expectProblems(AWAY);
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await onAir(phone, link, network, { copy: false });
  const returned = await dropFor(2, network);
  const back = await backAfter(server, returned);
  await arrives(phone);
  await sleep(3_000);
  expect(await phone.evaluate(() => window.connections?.length), "no new session was needed").toBe(1);
  await endAndCheck(phone, server);
  const gap = longestStep(await arrivals(server));
  measured({ "back after (s)": back, "gap (s)": gap });
  expect(back, "seconds from the network's return to a picture").toBeLessThan(3);
  expect(gap, "the gap, in seconds").toBeLessThan(5);
});

test("twenty seconds without a network: one recording, and the phone's copy fills the hole", async ({ page, server, network, somebodyElse, expectProblems }) => {
  test.setTimeout(240_000);
  expectProblems(AWAY);
  const { card, link, watch } = await prepareService(page, server);
  const phone = await somebodyElse();
  await onAir(phone, link, network);
  const mourner = await somebodyElse();
  await mourner.goto(watch);
  const returned = await dropFor(20, network);
  await expect(mourner.getByText("The picture will return").first()).toBeHidden({ timeout: 20_000 });
  const back = await backAfter(server, returned);
  await arrives(phone);
  await sleep(4_000);
  const file = await endAndCheck(phone, server);
  const gap = longestStep(await arrivals(server));
  await expect.poll(() => server.log.some((line) => line.includes("holes filled")), { timeout: 60_000 }).toBe(true);
  await expect(card.getByText(/Ready: .*sound and picture checked/)).toHaveCount(2);
  const left = longestStep(await pictureTimes(file));
  measured({ "back after (s)": back, "gap (s)": gap, "left after filling (s)": left });
  expect(gap).toBeGreaterThan(19);
  expect(back, "seconds from the network's return to a picture").toBeLessThan(3);
  expect(left, "the longest hole of the finished recording, in seconds").toBeLessThan(0.5);
  expect(await decodeErrors(file)).toBe("");
});

test("a hole that nothing fills is said, and the recording is not called complete", async ({ page, server, network, somebodyElse, expectProblems }) => {
  expectProblems(AWAY);
  const { card, link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await onAir(phone, link, network, { copy: false });
  const returned = await dropFor(6, network);
  await backAfter(server, returned);
  await arrives(phone);
  await endAndCheck(phone, server);
  await expect(card.getByText(/With a gap of \d+ s: .*sound and picture checked/)).toBeVisible();
  await expect(phone.getByText("Not yet safe, because no copy of the recording is complete.")).toBeVisible();
});

test("three minutes without a network", async ({ page, server, network, somebodyElse, expectProblems }) => {
  test.skip(!process.env.EVERLIGHT_SLOW_TESTS, "takes five minutes: EVERLIGHT_SLOW_TESTS=1 runs it");
  test.setTimeout(600_000);
  expectProblems(AWAY);
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await onAir(phone, link, network);
  const returned = await dropFor(180, network);
  const back = await backAfter(server, returned);
  await arrives(phone);
  await sleep(4_000);
  const file = await endAndCheck(phone, server);
  const gap = longestStep(await arrivals(server));
  await expect.poll(() => server.log.some((line) => line.includes("holes filled")), { timeout: 90_000 }).toBe(true);
  const left = longestStep(await pictureTimes(file));
  measured({ "back after (s)": back, "gap (s)": gap, "left after filling (s)": left });
  expect(back, "seconds from the network's return to a picture").toBeLessThan(3);
  expect(left, "the longest hole of the finished recording, in seconds").toBeLessThan(0.5);
});

test("another address, of which the browser knows nothing", async ({ page, server, network, somebodyElse, expectProblems }) => {
  expectProblems(AWAY);
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await onAir(phone, link, network, { copy: false });
  const changed = now();
  // What the panel says in the meantime, with how old the last picture is.
  await phone.evaluate(() => {
    const said: [string, number][] = [];
    Object.assign(window, { said });
    const panel = document.querySelector(".streamer-truth")!;
    const look = () => said.push([panel.querySelector(".streamer-arrival")!.textContent!, parseFloat(panel.querySelector("dd")!.textContent!)]);
    new MutationObserver(look).observe(panel, { subtree: true, characterData: true, childList: true });
  });
  network.changeAddress();
  // The connection by which the phone is told how it stands is one of those that died. Until it has another, it claims nothing.
  const [minutes, saved] = [phone.locator(".streamer-truth dd").first(), phone.locator(".streamer-truth dd").nth(1)];
  const before = (await saved.textContent()) ?? "";
  const back = await backAfter(server, changed + 0.3);
  await expect(saved).not.toHaveText(before, { timeout: 60_000 });
  const told = now() - changed;
  await arrives(phone);
  await expect(minutes).toHaveText(/^[01]\.\d s ago$/);
  const said = await phone.evaluate(() => (window as unknown as { said: [string, number][] }).said);
  const unheard = said.filter(([words]) => words === "Nothing is heard from the other end").map(([, age]) => age);
  expect(Math.max(...unheard), "how old the last picture is said to be, in seconds").toBeGreaterThan(3);
  await endAndCheck(phone, server);
  const gap = longestStep(await arrivals(server));
  measured({ "back after (s)": back, "gap (s)": gap, "the phone knows again after (s)": told });
  expect(gap, "the gap, in seconds").toBeLessThan(4);
});

test("the service is ended in a dead spot: it is said that the server does not know, and then it does", async ({
  page, server, network, somebodyElse, expectProblems,
}) => {
  expectProblems(AWAY);
  const { card, link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await onAir(phone, link, network, { copy: false });
  network.drop();
  await stopStreaming(phone);
  await expect(phone.getByText("The server could not be reached to finish.")).toBeVisible();
  await expect(card.getByText("Ended", { exact: true })).toBeHidden();
  network.restore();
  await expect(phone.getByText("The service has ended")).toBeVisible({ timeout: 30_000 });
  // What was asked in the dead spot arrives now, too: twice is once, and the recording is made.
  await expect(phone.locator(".streamer-safety h3")).toHaveText(/^(Safe|Not yet safe)/, { timeout: 90_000 });
  expect(await decodeErrors(await recordingFile(server))).toBe("");
});

test("a camera that is taken away in a dead spot is back before the network is", async ({ page, server, network, somebodyElse, expectProblems }) => {
  expectProblems(AWAY);
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await watchCamera(phone);
  await onAir(phone, link, network, { copy: false });
  network.drop();
  // A new connection is tried, over which nothing has gone out.
  await expect.poll(() => phone.evaluate(() => window.connections?.length), { timeout: 60_000 }).toBeGreaterThan(1);
  const before = await opened(phone);
  await onTrack(phone, "video", "ended");
  await expect.poll(() => opened(phone)).toBe(before + 1);
  const interrupted = phone.getByRole("alertdialog");
  await expect(interrupted).toBeHidden({ timeout: 4_000 });
  // Longer than until it was opened again and again.
  await sleep(6_000);
  expect(await opened(phone), "openings of a camera that works").toBe(before + 1);
  await expect(interrupted).toBeHidden();
  await expect(phone.getByText("Reconnecting")).toBeVisible();
  network.restore();
  await arrives(phone);
  await moreFramesGoOut(phone);
});

test("a tenth of all packets is lost", async ({ page, server, network, somebodyElse, expectProblems }) => {
  expectProblems(AWAY);
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await onAir(phone, link, network, { copy: false });
  network.lose(0.1);
  const began = now();
  await sleep(10_000);
  const until = now();
  network.lose(0);
  const { passed, lost } = network.datagrams;
  expect(lost / (passed + lost), "packets were lost").toBeGreaterThan(0.03);
  await endAndCheck(phone, server);
  const during = (await arrivals(server)).filter((time) => time > began && time < until);
  const gap = longestStep([began, ...during, until]);
  measured({ "gap (s)": gap, "pictures a second": during.length / (until - began), "lost (%)": (lost / (passed + lost)) * 100 });
  expect(gap, "the longest step between two pictures, in seconds").toBeLessThan(2);
  expect(await phone.evaluate(() => window.connections?.length), "no new session was needed").toBe(1);
});

test("a way that becomes narrow: sound first, and the phone says how it stands", async ({ page, server, network, somebodyElse, expectProblems }) => {
  expectProblems(AWAY);
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await onAir(phone, link, network, { copy: false });
  const [wide, began] = [now() - 2, now()];
  network.narrow(200_000);
  // The phone has to find out first how narrow it is.
  await sleep(6_000);
  const [found, until] = [now(), now() + 4];
  await sleep(4_000);
  const between = async (kind: "v" | "a", from: number, to: number) => (await arrivals(server, kind)).filter((time) => time > from && time < to);
  const [sound, picture, before] = [await between("a", found, until), await between("v", found, until), await between("v", wide, began)];
  const silence = longestStep([found, ...sound, until]);
  measured({ "silence (s)": silence, "pictures a second": picture.length / 4, "before": before.length / 2 });
  expect(picture.length / 4, "the picture gives way").toBeLessThan(before.length / 2);
  expect(silence, "the longest time without sound, in seconds").toBeLessThan(0.5);

  await test.step("weak", async () => {
    network.narrow(60_000);
    await expect(phone.getByText("The connection is weak")).toBeVisible();
  });
  await test.step("nothing", async () => {
    network.lose(1);
    await expect(phone.getByText("No picture arrives")).toBeVisible();
  });
  network.narrow(Infinity);
  network.lose(0);
  await arrives(phone);
});

test("a network that lets no picture through is found in the rehearsal", async ({ page, server, network, somebodyElse, expectProblems }) => {
  expectProblems(AWAY);
  const { card, link } = await prepareService(page, server);
  const phone = await somebodyElse();
  network.lose(1);
  await phone.goto(network.link(link));
  await phone.getByRole("button", { name: "Start camera" }).click();
  await phone.getByRole("button", { name: /^Rehearse first/ }).click();
  const verdict = phone.locator(".streamer-verdict");
  await expect(verdict.getByRole("heading")).toHaveText("Not ready, because …", { timeout: 40_000 });
  await expect(verdict.getByText("This network seems to block video.")).toBeVisible();
  await expect(card.getByText(/nothing arrived/)).toBeVisible();

  // Takes as long again: whoever goes live all the same is told, too, and is on air when it is let through.
  if (!process.env.EVERLIGHT_SLOW_TESTS) return;
  await phone.getByRole("button", { name: "Back to the camera" }).click();
  await phone.getByRole("button", { name: "Go live" }).click();
  await expect(phone.getByRole("heading", { name: "The picture does not get through" })).toBeVisible();
  network.lose(0);
  await arrives(phone);
});

test("a network that lets no UDP through: the picture takes a detour, for whoever films and whoever watches", async ({
  page, server, network, somebodyElse, expectProblems,
}) => {
  expectProblems(AWAY);
  const { card, link, watch } = await prepareService(page, server);
  const phone = await somebodyElse();
  network.lose(1);
  await network.letMediaThroughByTcp();
  await phone.goto(network.link(link));
  await phone.getByRole("button", { name: "Start camera" }).click();
  await phone.getByRole("button", { name: /^Rehearse first/ }).click();
  const verdict = phone.locator(".streamer-verdict");
  await expect(verdict.getByRole("heading")).toHaveText("Ready, but …", { timeout: 60_000 });
  await expect(verdict.getByText("this network is not made for live pictures")).toBeVisible();
  await screenshot(phone, "go-rehearsed-detour");
  await expect(card.getByText(/the picture takes a detour/)).toBeVisible();

  await phone.getByRole("button", { name: "Back to the camera" }).click();
  await phone.getByRole("button", { name: "Go live" }).click();
  await arrives(phone);
  const mourner = await somebodyElse();
  await watchConnections(mourner);
  await mourner.goto(network.link(watch));
  const seen = () =>
    mourner.evaluate(async () => {
      // The page may not have come so far.
      const reports = [...((await window.connections?.at(-1)?.getStats())?.values() ?? [])];
      const protocol = reports.find((report) => report.type === "candidate-pair" && report.nominated)?.localCandidateId;
      return {
        protocol: reports.find((report) => report.id === protocol)?.protocol,
        frames: reports.find((report) => report.type === "inbound-rtp" && report.kind === "video")?.framesDecoded ?? 0,
      };
    });
  await expect.poll(async () => (await seen()).frames).toBeGreaterThan(30);
  expect((await seen()).protocol).toBe("tcp");
  expect(network.datagrams.passed).toBe(0);
  await expect.poll(async () => (await arrivals(server)).length).toBeGreaterThan(100);
  const came = await arrivals(server);
  measured({ gap: longestStep(came), "pictures a second": (came.length - 1) / (came.at(-1)! - came[0]) });
  await endAndCheck(phone, server);
});

/** How the picture comes, and how much of the copy, in so many seconds. */
async function watchFor(seconds: number, server: Server): Promise<{ rate: number; gap: number; copied: number }> {
  const [began, before] = [now(), await takenBytes(server)];
  await sleep(seconds * 1000);
  const until = now();
  const during = (await arrivals(server)).filter((time) => time > began && time < until);
  return { rate: during.length / (until - began), gap: longestStep([began, ...during, until]), copied: (await takenBytes(server)) - before };
}

test.describe("a server that makes no file of the takes", () => {
  test.use({ settings: { EVERLIGHT_FFMPEG: "there-is-none" } });

  test("beside a way of 1 Mbit/s the copy waits for the picture, and afterwards the phone says how long it takes", async ({
    page, server, network, somebodyElse, expectProblems,
  }) => {
    expectProblems(AWAY);
    const { link } = await prepareService(page, server);
    const phone = await somebodyElse();
    network.narrow(1_000_000);
    await onAir(phone, link, network);
    // Until the browser knows its way.
    await sleep(6_000);
    const { rate, gap, copied } = await watchFor(8, server);
    measured({ "pictures a second": rate, "gap (s)": gap, "of the copy (kB)": copied / 1000 });
    expect(gap, "the longest step between two pictures, in seconds").toBeLessThan(1);
    await stopStreaming(phone);
    await expect(phone.getByText(/^\d+ MB of \d+ MB delivered, about .* left$/)).toBeVisible();
  });
});

/** What the phone holds: each take's SHA-256, and how long it is. */
function held(phone: Page): Promise<{ sum: string; bytes: number }[]> {
  return phone.evaluate(async () => {
    interface Entry {
      name: string;
      values(): AsyncIterable<Entry>;
      getFile(): Promise<File>;
    }
    const takes = new Map<string, [number, File][]>();
    for await (const folder of ((await navigator.storage.getDirectory()) as unknown as Entry).values()) {
      if (!folder.name.startsWith("everlight-")) continue;
      for await (const file of folder.values()) {
        const piece = /^([^.]+)\.(\d+)$/.exec(file.name);
        if (!piece) continue;
        const pieces = takes.get(piece[1]) ?? [];
        pieces.push([Number(piece[2]), await file.getFile()]);
        takes.set(piece[1], pieces);
      }
    }
    return Promise.all([...takes.values()].map(async (pieces) => {
      pieces.sort(([one], [other]) => one - other);
      const take = new Blob(pieces.map(([, file]) => file));
      const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await take.arrayBuffer()));
      return { sum: [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join(""), bytes: take.size };
    }));
  });
}

/** The same of what the server has. */
async function taken(server: Server): Promise<string[]> {
  const folder = join(server.dataDir, "recordings", "takes");
  const streams = await readdir(folder).catch(() => []);
  const sums: string[] = [];
  for (const stream of streams) {
    for (const file of await readdir(join(folder, stream))) {
      sums.push(createHash("sha256").update(await readFile(join(folder, stream, file))).digest("hex"));
    }
  }
  return sums.sort();
}

/** How much that is. */
async function takenBytes(server: Server): Promise<number> {
  const folder = join(server.dataDir, "recordings", "takes");
  let bytes = 0;
  for (const stream of await readdir(folder).catch(() => [])) {
    for (const file of await readdir(join(folder, stream))) bytes += (await stat(join(folder, stream, file))).size;
  }
  return bytes;
}

test.describe("a server that keeps the takes as they came", () => {
  // Without a decoder it makes no file of them, and throws none away.
  test.use({ settings: { EVERLIGHT_FFMPEG: "there-is-none" } });

  const seconds = async (phone: Page) => Number(/:(\d+)$/.exec((await phone.locator(".streamer-time").textContent()) ?? "")?.[1]);

  test("a delivery that is cut at random points arrives byte for byte, and two phones' copies do not mix", async ({
    page, server, network, somebodyElse, expectProblems,
  }) => {
    test.setTimeout(240_000);
    expectProblems(AWAY);
    const { link } = await prepareService(page, server);
    const first = await somebodyElse();
    await onMobileData(first);
    await onAir(first, link, network);
    await expect.poll(() => seconds(first), { timeout: 60_000 }).toBeGreaterThan(12);
    await first.goto("about:blank");

    const second = await somebodyElse();
    await onMobileData(second);
    await onAir(second, link, network);
    await expect.poll(() => seconds(second), { timeout: 60_000 }).toBeGreaterThan(12);
    // A busy computer films less in the same time: what is cut is a share of it, so that there always are several cuts.
    const bytes = (await held(second)).reduce((sum, take) => sum + take.bytes, 0);
    network.cutWithin(bytes / 4);
    await stopStreaming(second);
    await first.goto(network.link(link));
    await expect.poll(async () => (await held(first)).length).toBeGreaterThan(0);
    await expect.poll(async () => (await held(second)).length).toBeGreaterThan(0);
    const all = [...(await held(first)), ...(await held(second))].map(({ sum }) => sum).sort();
    expect(new Set(all).size, "no take is another's").toBe(all.length);
    await expect.poll(() => taken(server), { timeout: 120_000, message: "every byte, and nothing else" }).toEqual(all);
    expect(network.cuts, "connections were cut").toBeGreaterThan(3);
  });

  test("where there is room, most of the copy is there before the service ends", async ({ page, server, network, somebodyElse }) => {
    const { link } = await prepareService(page, server);
    const phone = await somebodyElse();
    await onAir(phone, link, network);
    const share = async () => {
      const [here, there] = [await held(phone), await takenBytes(server)];
      return there / here.reduce((sum, take) => sum + take.bytes, 1);
    };
    await expect.poll(() => seconds(phone), { timeout: 60_000 }).toBeGreaterThan(15);
    await expect.poll(share, { timeout: 60_000 }).toBeGreaterThan(0.7);
    await expect(phone.getByText("Picture and sound arrive"), "it is on air still").toBeVisible();
    await stopStreaming(phone);
    await expect.poll(async () => (await held(phone)).length).toBeGreaterThan(0);
    const all = (await held(phone)).map(({ sum }) => sum);
    await expect.poll(() => taken(server), { message: "every byte, and nothing twice" }).toEqual(all);
  });

  test("on mobile data the copy waits for the end, and Wi-Fi is asked for", async ({ page, server, network, somebodyElse, expectProblems }) => {
    expectProblems(/ERR_FAILED/);
    const { link } = await prepareService(page, server);
    const phone = await somebodyElse();
    await onMobileData(phone);
    await onAir(phone, link, network);
    // Where there is room, the first of it is there after half of that.
    await expect.poll(() => seconds(phone), { timeout: 60_000 }).toBeGreaterThan(14);
    expect(await taken(server)).toEqual([]);
    await phone.route("**/uploads/*", (route) => route.abort());
    await stopStreaming(phone);
    await expect(phone.getByText("You are on mobile data. If there is Wi-Fi here, switch to it")).toBeVisible();
    await phone.unroute("**/uploads/*");
    await expect.poll(async () => (await taken(server)).length).toBe(1);
  });
});
