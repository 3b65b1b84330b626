// What a mourner goes through: a phone that is changed, a network without WebRTC, a tap for sound.
import type { Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import {
  createStream, decodedFrames, expect, expectPlaying, goLive, hydrated, lookAt, phoneLink, prepareService, test, viewerLink, watchConnections,
} from "./fixtures";

/** Of the places for WebRTC what one network may have: half of them, and no fewer than these (`server/src/start.rs`). */
const SHARE = 120;

const live = (mourner: Page) => mourner.locator("#live");

test("another phone goes on with the service, and the picture is back by itself", async ({ page, server, somebodyElse }) => {
  const { link, watch } = await prepareService(page, server);
  const mourner = await somebodyElse();
  await mourner.goto(watch);
  const first = await somebodyElse();
  await goLive(first, link);
  await expectPlaying(live(mourner));
  await first.close();
  await expect(mourner.getByText("The picture will return.", { exact: true })).toBeVisible();
  const second = await somebodyElse();
  await goLive(second, link);
  await expect(mourner.getByText("The picture will return.", { exact: true })).toBeHidden();
  await expectPlaying(live(mourner));
});

test("where WebRTC connects to nothing, the picture comes by HLS", async ({ page, server, somebodyElse }) => {
  const { link, watch } = await prepareService(page, server);
  const mourner = await somebodyElse();
  await mourner.addInitScript(() => {
    // Every address of the server is made one that nothing answers at, as behind a firewall that lets no UDP through.
    const set = RTCPeerConnection.prototype.setRemoteDescription;
    RTCPeerConnection.prototype.setRemoteDescription = function (description: RTCSessionDescriptionInit) {
      const sdp = description.sdp?.replace(/^(a=candidate:\S+ \d \w+ \d+) \S+ \d+/gm, "$1 192.0.2.1 9");
      return Reflect.apply(set, this, [{ ...description, sdp }]);
    };
  });
  const phone = await somebodyElse();
  await goLive(phone, link);
  const segments = mourner.waitForResponse((response) => /\/hls\/.+\.(m4s|mp4)/.test(response.url()) && response.ok());
  await mourner.goto(watch);
  await segments;
  await expectPlaying(live(mourner));
  expect(await live(mourner).evaluate((video: HTMLVideoElement) => video.srcObject)).toBeNull();
});

test("a browser without WebRTC watches by HLS", async ({ page, server, somebodyElse }) => {
  const { link, watch } = await prepareService(page, server);
  const mourner = await somebodyElse();
  await mourner.addInitScript(() => Reflect.deleteProperty(window, "RTCPeerConnection"));
  const phone = await somebodyElse();
  await goLive(phone, link);
  await mourner.goto(watch);
  await expectPlaying(live(mourner));
});

test("one tap, and there is sound", async ({ page, server, somebodyElse }) => {
  const { link, watch } = await prepareService(page, server);
  const mourner = await somebodyElse();
  await watchConnections(mourner);
  const phone = await somebodyElse();
  await goLive(phone, link);
  await mourner.goto(watch);
  await expectPlaying(live(mourner));
  expect(await live(mourner).evaluate((video: HTMLVideoElement) => video.muted)).toBe(true);
  await mourner.getByRole("button", { name: "Tap to hear sound" }).click();
  await expect(mourner.getByRole("button", { name: "Tap to hear sound" })).toBeHidden();
  expect(await live(mourner).evaluate((video: HTMLVideoElement) => video.muted || video.paused)).toBe(false);
  // The tone of the made-up microphone really comes out of the connection.
  const energy = () =>
    mourner.evaluate(async () => {
      let energy = 0;
      for (const connection of window.connections ?? []) {
        for (const report of (await connection.getStats()).values()) {
          if (report.type === "inbound-rtp" && report.kind === "audio") energy += report.totalAudioEnergy ?? 0;
        }
      }
      return energy;
    });
  const before = await energy();
  await expect.poll(energy, { message: "sound is played" }).toBeGreaterThan(before);
  await mourner.getByRole("button", { name: "Sound off" }).click();
  await expect(mourner.getByRole("button", { name: "Tap to hear sound" })).toBeVisible();

  // The whole screen, and back by a tap on the picture.
  const fills = () => mourner.evaluate(() => document.fullscreenElement?.querySelector("video")?.clientWidth === window.innerWidth);
  await mourner.getByRole("button", { name: "Full screen" }).click();
  await expect.poll(fills, { message: "the picture fills the screen" }).toBe(true);
  await live(mourner).click({ position: { x: 5, y: 5 } });
  await expect.poll(() => mourner.evaluate(() => document.fullscreenElement === null)).toBe(true);
});

test("a picture that something else has stopped goes on after a tap, and by itself after the whole screen of an iPhone", async ({ page, server, somebodyElse }) => {
  const { link, watch } = await prepareService(page, server);
  const [phone, mourner] = [await somebodyElse(), await somebodyElse()];
  await goLive(phone, link);
  await mourner.goto(watch);
  await expectPlaying(live(mourner));
  await mourner.getByRole("button", { name: "Tap to hear sound" }).click();
  // As by the key of a headset.
  await live(mourner).evaluate((video: HTMLVideoElement) => video.pause());
  const tap = mourner.getByRole("button", { name: "Tap to watch" });
  await tap.click();
  await expect(tap).toBeHidden();
  await expectPlaying(live(mourner));
  expect(await live(mourner).evaluate((video: HTMLVideoElement) => video.muted)).toBe(false);
  // Its player says that it was closed, and stops the picture then.
  await live(mourner).evaluate((video: HTMLVideoElement) => {
    video.dispatchEvent(new Event("webkitendfullscreen"));
    setTimeout(() => video.pause(), 50);
  });
  await expect(tap).toBeVisible();
  await expect(tap).toBeHidden();
  await expectPlaying(live(mourner));
});

test.describe("a server with room for one viewer", () => {
  test.use({ settings: { EVERLIGHT_MAX_VIEWERS: "1" } });

  test("the second viewer watches by HLS, the first is not disturbed", async ({ page, server, somebodyElse, expectProblems }) => {
    expectProblems(/503/);
    const { link, watch } = await prepareService(page, server);
    const phone = await somebodyElse();
    await goLive(phone, link);
    const first = await somebodyElse();
    await watchConnections(first);
    await first.goto(watch);
    await expectPlaying(live(first));
    const second = await somebodyElse();
    await watchConnections(second);
    await second.goto(watch);
    await expectPlaying(live(second));
    expect(await decodedFrames(second)).toBe(0);
    const before = await decodedFrames(first);
    await expect.poll(() => decodedFrames(first), { message: "the first goes on" }).toBeGreaterThan(before + 30);
  });
});

test.describe("a server with room for two congregations", () => {
  test.use({ settings: { EVERLIGHT_MAX_VIEWERS: String(2 * SHARE) } });

  test("a network whose share of places is taken: the next of it watches by HLS", async ({ page, server, somebodyElse, expectProblems }) => {
    expectProblems(/429/);
    const { link, watch } = await prepareService(page, server);
    const phone = await somebodyElse();
    await goLive(phone, link);
    await expect(phone.getByText("Picture and sound arrive")).toBeVisible();
    const first = await somebodyElse();
    await watchConnections(first);
    await first.goto(watch);
    await expectPlaying(live(first));
    // The others of a congregation: sessions of the server as that one, over which nothing has come yet.
    const offer = await readFile(join(import.meta.dirname, "../../crates/media/tests/fixtures/chromium-156-viewer.sdp"), "utf8");
    const statuses = new Set<number>();
    for (let others = 0; others < SHARE; others++) {
      const answer = await fetch(watch.replace("/watch/", "/whep/"), { method: "POST", headers: { "content-type": "application/sdp" }, body: offer });
      await answer.text();
      statuses.add(answer.status);
    }
    expect([...statuses], "all but one have a place").toEqual([201, 429]);

    const next = await somebodyElse();
    await watchConnections(next);
    const refused = next.waitForResponse((response) => response.url().includes("/whep/") && response.status() === 429);
    const segments = next.waitForResponse((response) => /\/hls\/.+\.(m4s|mp4)/.test(response.url()) && response.ok());
    await next.goto(watch);
    await refused;
    await segments;
    await expectPlaying(live(next));
    expect(await decodedFrames(next), "nothing over WebRTC").toBe(0);
    const before = await decodedFrames(first);
    await expect.poll(() => decodedFrames(first), { message: "the first goes on" }).toBeGreaterThan(before + 30);
  });
});

test("sound only: no picture is sent, and it comes back with a tap", async ({ page, server, somebodyElse }) => {
  const { link, watch } = await prepareService(page, server);
  const mourner = await somebodyElse();
  await watchConnections(mourner);
  const phone = await somebodyElse();
  await goLive(phone, link);
  await mourner.goto(watch);
  await expectPlaying(live(mourner));
  // An answer that takes longer than the session before it needs to notice its end: it must not take this one with it.
  await mourner.route(/\/whep\//, async (route) => {
    if (route.request().method() === "POST") await new Promise((later) => setTimeout(later, 2500));
    await route.continue();
  });
  await mourner.getByRole("button", { name: "Sound only" }).click();
  await expect(mourner.getByText("The picture is off and uses no data.")).toBeVisible();
  // What the last connection received, by kind.
  const received = () =>
    mourner.evaluate(async () => {
      const bytes: Record<string, number> = {};
      for (const report of (await window.connections!.at(-1)!.getStats()).values()) {
        if (report.type === "inbound-rtp") bytes[report.kind] = report.bytesReceived;
      }
      return bytes;
    });
  await expect.poll(async () => (await received()).audio ?? 0).toBeGreaterThan(2000);
  expect(await received()).not.toHaveProperty("video");
  expect(await mourner.evaluate(() => window.connections?.length), "the picture's connection, and the sound's").toBe(2);
  expect(await live(mourner).evaluate((video: HTMLVideoElement) => video.muted || video.paused)).toBe(false);
  await lookAt(mourner, "watch-sound-only");
  await mourner.getByRole("button", { name: "Show the picture" }).click();
  await expectPlaying(live(mourner));
});

test("a network that was away, and a page that slept, are no end", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/);
  const { link, watch } = await prepareService(page, server);
  const mourner = await somebodyElse();
  await watchConnections(mourner);
  const phone = await somebodyElse();
  await goLive(phone, link);
  await mourner.goto(watch);
  await expectPlaying(live(mourner));
  await mourner.context().setOffline(true);
  await mourner.context().setOffline(false);
  const connections = () => mourner.evaluate(() => window.connections?.length ?? 0);
  await expect.poll(connections, { message: "it connects anew" }).toBeGreaterThan(1);
  await expectPlaying(live(mourner));
  // A clock that jumps is what a page sees of its sleep.
  const before = await connections();
  const events = mourner.waitForRequest(/\/watch\/.+\/events/);
  await mourner.evaluate(() => {
    const now = Date.now;
    Date.now = () => now() + 600_000;
  });
  await events;
  await expect.poll(connections, { message: "and after its sleep" }).toBeGreaterThan(before);
  await expectPlaying(live(mourner));
});

test("two services at once do not mix", async ({ page, server, somebodyElse }) => {
  const { link, watch } = await prepareService(page, server);
  await hydrated(page);
  const other = await createStream(page, { title: "Burial" });
  const otherWatch = await viewerLink(other);
  const phone = await somebodyElse();
  await goLive(phone, link);
  const mourner = await somebodyElse();
  await mourner.goto(otherWatch);
  await expect(mourner.getByText("The service has not begun")).toBeVisible();
  const otherPhone = await somebodyElse();
  await goLive(otherPhone, await phoneLink(other));
  await expectPlaying(live(mourner));
  await mourner.goto(watch);
  await expectPlaying(live(mourner));
});
