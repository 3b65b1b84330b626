// Firefox, as the distribution ships it, in the place of the phone's browser.
import { mkdtemp, rm } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import {
  decodeErrors, drawCamera, expect, goLive, holds, kept, killBrowser, launchFirefox, moreFramesGoOut, onTrack, openFirefox, phoneCopy, pictureTimes,
  prepare, prepareService, recordingFile, seen, stopStreaming, test, watchConnections,
} from "./fixtures";
import { Network } from "./support/network";
import type { BrowserContextOptions, Page } from "@playwright/test";

const viewport = { width: 390, height: 844 };
const arrives = (phone: Page) => expect(phone.getByText("Picture and sound arrive")).toBeVisible({ timeout: 60_000 });

test("the cards before the camera is open, each for its own reason", async ({ page, server, problems, expectProblems }) => {
  expectProblems(/Cross-Origin-Opener-Policy/);
  const { link } = await prepareService(page, server);
  const within = async (preferences: Parameters<typeof launchFirefox>[0], looks: ((open: (options?: BrowserContextOptions) => Promise<Page>) => Promise<void>)[]) => {
    const firefox = await launchFirefox({ "media.navigator.permission.disabled": false, ...preferences });
    const open = async (options: BrowserContextOptions = {}) => {
      const context = await firefox.newContext({ viewport, ...options });
      await prepare(context, problems);
      return context.newPage();
    };
    for (const look of looks) await look(open);
    await firefox.close();
  };
  const start = (phone: Page) => phone.getByRole("button", { name: "Start camera" }).click();
  const card = (phone: Page, title: string) => phone.getByRole("alert").filter({ hasText: title });

  await test.step("not allowed", () =>
    within({ "permissions.default.camera": 2, "permissions.default.microphone": 2 }, [async (open) => {
      const phone = await open();
      await phone.goto(link);
      await start(phone);
      await expect(card(phone, "The camera and microphone are not allowed")).toBeVisible();
      await expect(phone.getByText("Click the crossed-out camera to the left of the address.")).toBeVisible();
      await phone.getByRole("button", { name: /^Try again/ }).click();
      await expect(card(phone, "The camera and microphone are not allowed")).toBeVisible();
    }]));
  await test.step("no camera", () =>
    // Of a developer's machine, too.
    within({ "media.navigator.streams.fake": false, "media.video_loopback_dev": "there-is-none", "media.audio_loopback_dev": "there-is-none" }, [async (open) => {
      const phone = await open();
      await phone.goto(link);
      await start(phone);
      await expect(card(phone, "No camera or no microphone was found")).toBeVisible();
    }]));
  await within({ "network.dns.localDomains": "funeral.test" }, [
    (open) => test.step("inside Instagram", async () => {
      const phone = await open({ userAgent: "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0 Instagram 335.0" });
      await phone.goto(link);
      await expect(phone.getByRole("heading", { name: "You are inside Instagram" })).toBeVisible();
    }),
    (open) => test.step("not secure", async () => {
      const phone = await open();
      await phone.goto(link.replace("localhost", "funeral.test"));
      await start(phone);
      await expect(card(phone, "This page is not secure")).toBeVisible();
    }),
    (open) => test.step("a question that nobody answers", async () => {
      const phone = await open();
      await phone.goto(link);
      await start(phone);
      await expect(card(phone, "Does nothing ask you?")).toBeVisible();
    }),
  ]);
});

test.describe("on air", () => {
  // Firefox does not connect to a server on the loopback: it takes the machine's own address.
  test.use({ settings: { EVERLIGHT_WEBRTC_ADDR: "0.0.0.0:{udp}" } });

  test("what takes the camera away heals, and a black picture and a dead microphone are announced", async ({ page, server, problems }) => {
    const { link } = await prepareService(page, server);
    const firefox = await launchFirefox();
    const context = await firefox.newContext({ viewport });
    await prepare(context, problems);
    const phone = await context.newPage();
    await drawCamera(phone);
    await phone.addInitScript(() => {
      // The microphone is dead from the beginning: that is noticed while other things happen.
      if ("drawn" in window) Object.assign(window.drawn, { real: ["video", "audio"], silent: true });
      // Events that are made up reach those only in Firefox who say that they want them.
      const listen = MediaStreamTrack.prototype.addEventListener as (...all: unknown[]) => void;
      MediaStreamTrack.prototype.addEventListener = function (this: MediaStreamTrack, name: string, listener: unknown) {
        listen.call(this, name, listener, false, true);
      };
    });
    await watchConnections(phone);
    await goLive(phone, link);
    await arrives(phone);
    const interrupted = phone.getByRole("alertdialog");
    const camera = () => phone.evaluate(() => window.connections?.[0].getSenders().find(({ track }) => track?.kind === "video")?.track?.id);
    const anew = async (before: string | undefined) => {
      await expect.poll(camera).not.toBe(before);
      await expect(interrupted).toBeHidden();
      await moreFramesGoOut(phone);
    };
    await test.step("a track that ended, and one that says that it is muted", async () => {
      for (const event of ["ended", "mute"]) {
        const before = await camera();
        await onTrack(phone, "video", event);
        await anew(before);
      }
    });
    await test.step("the lock screen: when the page is seen again, not before", async () => {
      const before = await camera();
      await seen(phone, "hidden");
      await onTrack(phone, "video", "ended");
      await expect(interrupted).toBeVisible();
      expect(await camera()).toBe(before);
      await seen(phone, "visible");
      await anew(before);
    });
    await test.step("black and silent, though the tracks live", async () => {
      const before = await camera();
      await phone.evaluate(() => Object.assign(window.drawn, { real: ["audio"], picture: "is black" }));
      await onTrack(phone, "video", "ended");
      await anew(before);
      await expect(phone.getByText("The picture is black.")).toBeVisible();
      // Without a loudspeaker Firefox runs no AudioContext: the silence is the server's to notice.
      await expect(phone.getByText("Only silence arrives")).toBeVisible({ timeout: 40_000 });
    });
    expect(await phone.evaluate(() => window.connections?.length), "sessions").toBe(1);
    await firefox.close();
  });

  test("twenty seconds without a network are filled from its copy, and killed it loses nothing", async ({ page, server, problems, expectProblems }) => {
    test.setTimeout(240_000);
    expectProblems(/NS_ERROR|NetworkError|CORS|410|status (of )?(404|408|409|423|502|503)/);
    const { link } = await prepareService(page, server);
    const address = Object.values(networkInterfaces()).flat().find((it) => it?.family === "IPv4" && !it.internal)?.address;
    const network = await Network.before(server, address);
    const profile = await mkdtemp(join(tmpdir(), "everlight-firefox-"));
    const open = async () => {
      const context = await openFirefox(profile);
      await prepare(context, problems);
      const phone = await context.newPage();
      await watchConnections(phone);
      return { context, phone };
    };
    const first = await open();
    await goLive(first.phone, network.link(link));
    await arrives(first.phone);
    network.drop();
    await sleep(20_000);
    network.restore();
    await expect(first.phone.getByText("Reconnecting")).toBeHidden({ timeout: 40_000 });
    await arrives(first.phone);
    await holds(first.phone, Object.values(await kept(first.phone)).reduce((sum, size) => sum + size, 0) + 200_000);
    const before = await kept(first.phone);
    killBrowser(profile);
    await first.context.close().catch(() => {});

    const { context, phone } = await open();
    await phone.goto(network.link(link));
    await expect(phone.getByText("The service is on air and waits for its picture.")).toBeVisible({ timeout: 60_000 });
    const after = await kept(phone);
    for (const [take, size] of Object.entries(before)) expect(after[take]).toBeGreaterThanOrEqual(size);
    await phone.getByRole("button", { name: "Start camera" }).click();
    await phone.getByRole("button", { name: "Go live" }).click();
    await arrives(phone);
    await stopStreaming(phone);
    await expect(phone.locator(".streamer-safety h3")).toHaveText(/^(Safe|Not yet safe)/, { timeout: 60_000 });
    await expect.poll(() => server.log.some((line) => line.includes("holes filled")), { timeout: 60_000 }).toBe(true);
    // What Playwright puts into the page while it closes is against the page's policy.
    await phone.goto("about:blank");
    await context.close();
    expect(await decodeErrors(await phoneCopy(server))).toBe("");
    const file = await recordingFile(server);
    expect(await decodeErrors(file)).toBe("");
    const times = await pictureTimes(file);
    const holes = times.slice(1).map((time, at) => time - times[at]).filter((step) => step > 0.5);
    // While the browser was dead nothing was filmed; before that there is no hole.
    expect(holes, "seconds without a picture").toHaveLength(1);
    await network.stop();
    await rm(profile, { recursive: true, force: true });
  });
});
