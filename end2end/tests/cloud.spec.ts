// Services that are recorded by Cloudflare and Mux as well: both stand-ins run, and really record.
import type { Locator, Page } from "@playwright/test";

import {
  createMemorial, createStream, decodeErrors, expect, expectAccessible, expectPlaying, ffprobe, goLive, hydrated, prepareService, publishRtmp, screenshot, signUp,
  stopStreaming, streamKey, test, viewerLink, watchConnections,
} from "./fixtures";
import type { Providers } from "./support/providers";

// Copies are waited for, played through, uploaded.
test.setTimeout(240_000);
const settle = { timeout: 150_000 };

const place = (card: Locator, provider: "Cloudflare" | "Mux") => card.locator(`[data-provider="${provider}"]`);
const copy = (card: Locator, where: string) => card.getByRole("listitem").filter({ hasText: where });

/** Films for some seconds and ends; answers with how many seconds there were between. */
async function film(phone: Page, link: string, seconds: number, meanwhile: () => Promise<void> = async () => {}): Promise<number> {
  await goLive(phone, link);
  const began = Date.now();
  await meanwhile();
  await phone.waitForTimeout(Math.max(0, seconds * 1000 - (Date.now() - began)));
  const filmed = (Date.now() - began) / 1000;
  await stopStreaming(phone);
  await expect(phone.getByText("The service has ended", { exact: false })).toBeVisible();
  return filmed;
}

/** Every copy at the provider that is not live any more, by its address. */
async function copiesAt(cloud: Providers, provider: "cloudflare" | "mux"): Promise<string[]> {
  const state = await cloud.state();
  if (provider === "cloudflare") {
    return state.cloudflare.videos.map((video: { uid: string }) => `${cloud.url}/${video.uid}/downloads/default.mp4`);
  }
  const assets = state.mux.assets.filter((asset: { playback_ids?: unknown[] }) => asset.playback_ids?.length);
  return assets.map((asset: { playback_ids: { id: string }[] }) => `${cloud.url}/${asset.playback_ids[0].id}/highest.mp4`);
}

async function expectCopy(address: string, seconds: number): Promise<void> {
  expect(await decodeErrors(address)).toBe("");
  const probe = await ffprobe(address);
  expect(probe.streams.map((stream) => stream.codec_type).sort()).toEqual(["audio", "video"]);
  expect(Math.abs(Number(probe.format.duration) - seconds)).toBeLessThan(1);
}

test.describe("with accounts at both", () => {
  test.use({ accounts: ["CLOUDFLARE", "MUX"] });

  test("live at both, and three copies in the end that all play", async ({ page, server, cloud, somebodyElse, expectProblems }) => {
    expectProblems(/\/recordings\//);
    const { card, link, watch } = await prepareService(page, server);
    await expect(place(card, "Cloudflare")).toHaveText("Cloudflare: ready");
    await expect(place(card, "Mux")).toHaveText("Mux: ready");
    const mourner = await somebodyElse();
    await mourner.goto(watch);
    const phone = await somebodyElse();
    const filmed = await film(phone, link, 14, async () => {
      await expect.poll(async () => (await cloud.state()).cloudflare.liveInputs[0].onAir, settle).toBe(true);
      await expect.poll(async () => (await cloud.state()).mux.liveStreams[0].connected, settle).toBe(true);
      const input = (await cloud.state()).cloudflare.liveInputs[0].uid;
      const picture = `${cloud.url}/${input}/manifest/video.m3u8`;
      await expect.poll(async () => (await fetch(picture)).status, settle).toBe(200);
      await expectPlaying(mourner.locator("video:visible").first());
    });
    for (const where of ["Recording on this server", "Copy at Cloudflare", "Copy at Mux"]) {
      await expect(copy(card, where)).toContainText("Ready:", settle);
    }
    for (const provider of ["cloudflare", "mux"] as const) {
      const copies = await copiesAt(cloud, provider);
      expect(copies, provider).toHaveLength(1);
      await expectCopy(copies[0], filmed);
    }
    const replay = mourner.locator("video[src*='/recordings/']");
    await expect(replay).toBeVisible();

    // The viewer is not left without a recording when one place is gone: the next one plays.
    await mourner.route("**/recordings/**", (route) => route.abort());
    await mourner.reload();
    const elsewhere = mourner.locator("#recording");
    await expect(elsewhere).toHaveAttribute("src", /default\.mp4|highest\.mp4/);
    await elsewhere.evaluate((video: HTMLVideoElement) => video.play());
    await expectPlaying(elsewhere);

    // Deleted is deleted, everywhere. A player that still reads on would find that out by a 404.
    await mourner.goto("about:blank");
    await card.getByText("Delete", { exact: true }).click();
    await card.getByRole("button", { name: "Yes, delete it" }).click();
    await expect(card).toBeHidden();
    const left = async () => {
      const { cloudflare, mux } = await cloud.state();
      return [cloudflare.liveInputs, cloudflare.videos, mux.liveStreams, mux.assets].map((list) => list.length);
    };
    await expect.poll(left, settle).toEqual([0, 0, 0, 0]);
    // And the audit log has the receipt, which names each of them.
    const receipt = page.getByRole("listitem").filter({ hasText: "Saw that every copy of a deleted service is gone" });
    await expect(async () => {
      await page.goto("/admin/audit");
      await expect(receipt).toContainText(/on this server .*\.mp4.*at Cloudflare live input [\w-]+, video [\w-]+ .*at Mux live stream [\w-]+, asset [\w-]+ /, { timeout: 1_000 });
    }).toPass(settle);
  });

  test("every webhook is lost", async ({ page, server, cloud, somebodyElse }) => {
    await cloud.webhookFault({ type: "lost" });
    const { card, link } = await prepareService(page, server);
    await film(await somebodyElse(), link, 8);
    await expect(copy(card, "Copy at Cloudflare")).toContainText("Ready:", settle);
    await expect(copy(card, "Copy at Mux")).toContainText("Ready:", settle);
  });

  test("every webhook comes three times, in another order", async ({ page, server, cloud, somebodyElse }) => {
    await cloud.webhookFault({ type: "duplicated", copies: 3 });
    await cloud.webhookFault({ type: "shuffled", hold: 3 });
    const { card, link } = await prepareService(page, server);
    await film(await somebodyElse(), link, 8);
    await expect(copy(card, "Copy at Cloudflare")).toContainText("Ready:", settle);
    await expect(copy(card, "Copy at Mux")).toContainText("Ready:", settle);
    for (const provider of ["cloudflare", "mux"] as const) expect(await copiesAt(cloud, provider)).toHaveLength(1);
  });

  test("Mux answers 500 all along", async ({ page, server, cloud, somebodyElse }) => {
    await cloud.fault({ type: "server_error", status: 500, on: { provider: "mux" } });
    const { card, link } = await prepareService(page, server);
    await expect(place(card, "Cloudflare")).toHaveText("Cloudflare: ready");
    await expect(place(card, "Mux")).toContainText("not available, because: Mux is not answering");
    await film(await somebodyElse(), link, 8);
    await expect(copy(card, "Copy at Cloudflare")).toContainText("Ready:", settle);
    await expect(place(card, "Mux")).toContainText("not available");
    // It comes to itself: the copy is made up for.
    await cloud.clear();
    await card.getByRole("button", { name: "Try again now" }).click();
    await expect(copy(card, "Copy at Mux")).toContainText("Ready:", settle);
  });

  test("Cloudflare cannot be had when the service is made", async ({ page, server, cloud, somebodyElse }) => {
    await cloud.fault({ type: "server_error", status: 503, on: { provider: "cloudflare" } });
    const { card, link } = await prepareService(page, server);
    // Nobody has to wait for it: the phone can film, and the card tells the truth.
    await expect(card.getByText("Ready", { exact: true })).toBeVisible();
    await expect(place(card, "Cloudflare")).toContainText("not available, because: Cloudflare is not answering");
    await film(await somebodyElse(), link, 8);
    await expect(copy(card, "Copy at Mux")).toContainText("Ready:", settle);
    await expect(copy(card, "Recording on this server")).toContainText("Ready:", settle);
    expect((await cloud.state()).cloudflare.liveInputs).toHaveLength(0);
  });

  test("Cloudflare's door is shut in the middle of the service", async ({ page, server, cloud, somebodyElse }) => {
    const { card, link, watch } = await prepareService(page, server);
    const mourner = await somebodyElse();
    const filmed = await film(await somebodyElse(), link, 16, async () => {
      await expect.poll(async () => (await cloud.state()).cloudflare.liveInputs[0].onAir, settle).toBe(true);
      await cloud.ingestFault({ type: "refuse", provider: "cloudflare" });
      await cloud.ingestFault({ type: "drop_now", provider: "cloudflare" });
      await expect(place(card, "Cloudflare")).toContainText("does not reach Cloudflare", settle);
      // Neither those who watch nor the other copy feel anything of it.
      await mourner.goto(watch);
      await expectPlaying(mourner.locator("video:visible").first());
      expect((await cloud.state()).mux.liveStreams[0].connected).toBe(true);
      await cloud.clear();
      await expect(place(card, "Cloudflare")).toHaveText("Cloudflare: ready", settle);
    });
    await expect(copy(card, "Copy at Cloudflare")).toContainText("Ready:", settle);
    await expect(copy(card, "Copy at Mux")).toContainText("Ready:", settle);
    const whole = await Promise.all(
      (await copiesAt(cloud, "cloudflare")).map(async (address) => Number((await ffprobe(address)).format.duration)),
    );
    expect(Math.max(...whole)).toBeGreaterThan(filmed * 0.98);
  });

  test("Cloudflare's door stays shut: its copy is uploaded afterwards", async ({ page, server, cloud, somebodyElse }) => {
    await cloud.ingestFault({ type: "refuse", provider: "cloudflare" });
    const { card, link } = await prepareService(page, server);
    const filmed = await film(await somebodyElse(), link, 8);
    await expect(copy(card, "Copy at Mux")).toContainText("Ready:", settle);
    await expect(copy(card, "Copy at Cloudflare")).toContainText("Ready:", { timeout: 200_000 });
    const copies = await copiesAt(cloud, "cloudflare");
    expect(copies).toHaveLength(1);
    await expectCopy(copies[0], filmed);
  });
});

test.describe("with an account at Cloudflare only", () => {
  test.use({ accounts: ["CLOUDFLARE"] });

  test("everything works without Mux", async ({ page, server, cloud, somebodyElse }) => {
    const { card, link } = await prepareService(page, server);
    await expect(place(card, "Cloudflare")).toHaveText("Cloudflare: ready");
    await expect(place(card, "Mux")).toHaveCount(0);
    const filmed = await film(await somebodyElse(), link, 8);
    await expect(copy(card, "Copy at Cloudflare")).toContainText("Ready:", settle);
    await expect(copy(card, "Recording on this server")).toContainText("Ready:", settle);
    await expectCopy((await copiesAt(cloud, "cloudflare"))[0], filmed);
    const state = await cloud.state();
    expect([state.mux.liveStreams.length, state.mux.assets.length]).toEqual([0, 0]);
  });
});

test.describe("with an account at Cloudflare, and room for one viewer", () => {
  test.use({ accounts: ["CLOUDFLARE"], settings: { EVERLIGHT_MAX_VIEWERS: "1" } });

  test("the second watches at Cloudflare, and here when Cloudflare shows nothing", async ({ page, server, cloud, somebodyElse, expectProblems }) => {
    expectProblems(/503/, /manifest\/video\.m3u8/);
    const { link, watch } = await prepareService(page, server);
    const [phone, first, second] = [await somebodyElse(), await somebodyElse(), await somebodyElse()];
    const asked: string[] = [];
    second.on("request", (request) => asked.push(request.url()));
    const ofOurs = () => asked.filter((url) => /\/hls\/.+\.(m4s|mp4)/.test(url)).length;
    // Open since before the service: it learns the address with the news.
    await second.goto(watch);
    await goLive(phone, link);
    const [input] = (await cloud.state()).cloudflare.liveInputs;
    const picture = `${cloud.url}/${input.uid}/manifest/video.m3u8`;
    await expect.poll(async () => (await fetch(picture)).status, settle).toBe(200);
    await second.goto("about:blank");
    await first.goto(watch);
    await expectPlaying(first.locator("#live"));
    asked.length = 0;
    await second.goto(watch);
    await expectPlaying(second.locator("#live"));
    expect(asked.filter((url) => url.startsWith(`${cloud.url}/${input.uid}/`)).length).toBeGreaterThan(1);
    expect(ofOurs()).toBe(0);

    await second.route(`${cloud.url}/**`, (route) => route.abort());
    await second.reload();
    await expectPlaying(second.locator("#live"));
    expect(ofOurs()).toBeGreaterThan(0);
    await stopStreaming(phone);
  });
});

test.describe("where Cloudflare sends on to Mux", () => {
  test.use({ accounts: ["CLOUDFLARE", "MUX"], settings: { EVERLIGHT_BACKUP: "cloudflare-output" } });

  test("one push from here makes both copies", async ({ page, server, cloud, somebodyElse }) => {
    const { card, link } = await prepareService(page, server);
    await expect.poll(async () => (await cloud.state()).cloudflare.liveInputs[0].outputs.length, settle).toBe(1);
    await film(await somebodyElse(), link, 12);
    await expect(copy(card, "Copy at Cloudflare")).toContainText("Ready:", settle);
    await expect(copy(card, "Copy at Mux")).toContainText("Ready:", settle);
    const pushes = server.log.filter((line) => line.includes("the recording is pushed"));
    expect(pushes).toHaveLength(1);
    expect((await cloud.state()).cloudflare.liveInputs[0].outputs).toHaveLength(0);
  });
});

/** The captions that are on the picture at this moment. */
const captionsShown = (mourner: Page) =>
  mourner.locator("#live").evaluate((video: HTMLVideoElement) =>
    [...video.textTracks].filter((track) => track.mode === "showing").flatMap((track) => [...(track.activeCues ?? [])].map((cue) => (cue as VTTCue).text)),
  );

async function expectCaptions(mourner: Page): Promise<void> {
  await expectPlaying(mourner.locator("#live"));
  await expect.poll(() => captionsShown(mourner)).toEqual(["We are gathered here to remember her."]);
}

test.describe("with an encoder", () => {
  test.use({ accounts: ["CLOUDFLARE", "MUX"] });

  test("OBS sends to Cloudflare, which records and sends on to Mux", async ({ page, server, cloud, somebodyElse }) => {
    await signUp(page, server);
    await createMemorial(page, { name: "Anna Lindqvist" });
    const card = await createStream(page, { title: "Funeral service", method: "OBS / encoder" });
    await hydrated(page);
    const first = await streamKey(card);
    await expect.poll(async () => (await cloud.state()).cloudflare.liveInputs[0].outputs.length, settle).toBe(1);
    // On request there is another key; the first is worth nothing then.
    await card.getByText("Replace key", { exact: true }).click();
    await card.getByRole("button", { name: "Yes, replace it" }).click();
    await expect(card.getByLabel("Stream key")).not.toHaveValue(first.key);
    const address = await streamKey(card);
    expect((await cloud.state()).cloudflare.liveInputs[0].rtmps.streamKey).toBe(address.key);
    const encoder = publishRtmp(address);
    await expect(card.getByText("On air", { exact: true })).toBeVisible(settle);
    const mourner = await somebodyElse();
    await mourner.goto(await viewerLink(card));
    await expectPlaying(mourner.locator("video:visible").first());
    await expect.poll(async () => (await cloud.state()).mux.liveStreams[0].connected, settle).toBe(true);
    await page.waitForTimeout(4000);
    await encoder.stop();
    await card.getByText("End the service", { exact: true }).click();
    await card.getByRole("button", { name: "Yes, end it now" }).click();
    await expect(copy(card, "Copy at Cloudflare")).toContainText("Ready", settle);
    await expect(copy(card, "Copy at Mux")).toContainText("Ready", settle);
    for (const provider of ["cloudflare", "mux"] as const) {
      // Mux's may be two: what came by way of Cloudflare began a moment later, and is made up for.
      for (const address of await copiesAt(cloud, provider)) expect(await decodeErrors(address)).toBe("");
    }
    // The order of the end left no stray recording: one of what was sent, at each.
    const ended = await cloud.state();
    expect(ended.cloudflare.videos.filter((video: { liveInput?: string }) => video.liveInput)).toHaveLength(1);
    expect(ended.mux.assets.filter((asset: { live_stream_id?: string }) => asset.live_stream_id)).toHaveLength(1);
    // What was handed out is worth nothing any more.
    expect((await cloud.state()).cloudflare.liveInputs[0].rtmps.streamKey).not.toBe(address.key);
  });

  test("a browser that plays no HLS by itself loads what it needs after a tap", async ({ page, server, cloud, somebodyElse }) => {
    await signUp(page, server);
    await createMemorial(page, { name: "Anna Lindqvist" });
    const card = await createStream(page, { title: "Funeral service", method: "OBS / encoder" });
    await hydrated(page);
    const encoder = publishRtmp(await streamKey(card));
    await expect(card.getByText("On air", { exact: true })).toBeVisible(settle);
    const mourner = await somebodyElse();
    await mourner.addInitScript(() => {
      const can = HTMLMediaElement.prototype.canPlayType;
      HTMLMediaElement.prototype.canPlayType = function (type) {
        return type.includes("mpegurl") ? "" : can.call(this, type);
      };
    });
    const loaded: string[] = [];
    mourner.on("request", (request) => loaded.push(new URL(request.url()).pathname));
    const library = () => loaded.filter((path) => /^\/pkg\/hls\./.test(path)).length;
    await mourner.goto(await viewerLink(card));
    const tap = mourner.getByRole("button", { name: "Tap to watch" });
    await expect(tap).toBeVisible();
    expect(library()).toBe(0);
    await tap.click();
    await expectPlaying(mourner.locator("#live"));
    expect(library()).toBe(1);
    expect(await mourner.locator("#live").evaluate((video: HTMLVideoElement) => video.muted)).toBe(false);

    // No captions come with it, and nothing of them is asked for. Another time there are some, for whoever wants them.
    const button = mourner.getByRole("button", { name: "Captions" });
    const captions = () => loaded.filter((path) => /captions/.test(path)).length;
    await expect(button).toBeHidden();
    await cloud.captions();
    await mourner.reload();
    await tap.click();
    await expectPlaying(mourner.locator("#live"));
    await expect(button).toHaveAttribute("aria-pressed", "false");
    expect(captions()).toBe(0);
    await button.click();
    await expectCaptions(mourner);
    await expect(button).toHaveAttribute("aria-pressed", "true");
    await expectAccessible(mourner);
    await screenshot(mourner, "watch-captions");
    // This device remembers it.
    await mourner.reload();
    await tap.click();
    await expectCaptions(mourner);
    await button.click();
    await expect.poll(() => captionsShown(mourner)).toEqual([]);
    await encoder.stop();
  });

  test("Cloudflare fails when the service is made: a clear error, and nothing is left behind", async ({ page, server, cloud, expectProblems }) => {
    expectProblems(/create_stream/);
    await cloud.fault({ type: "server_error", status: 503, on: { provider: "cloudflare", method: "POST" } });
    await signUp(page, server);
    await createMemorial(page, { name: "Anna Lindqvist" });
    await page.getByRole("link", { name: "New service" }).click();
    const form = page.getByRole("dialog");
    await form.getByLabel("Title").fill("Funeral service");
    await form.getByLabel("OBS / encoder").check();
    await form.getByRole("button", { name: "Create service" }).click();
    await expect(form.getByRole("alert")).toHaveText("Cloudflare is not answering. It is tried again by itself. No service was created.");
    await expect(form.getByLabel("Title")).toHaveValue("Funeral service");
    await page.goto(page.url().split("?")[0]);
    await expect(page.getByText("No service yet.")).toBeVisible();
    await cloud.clear();
    const left = async () => {
      const { cloudflare, mux } = await cloud.state();
      return [cloudflare.liveInputs, mux.liveStreams].map((list) => list.length);
    };
    await expect.poll(left, settle).toEqual([0, 0]);
  });
});

test.describe("straight from the phone to Cloudflare", () => {
  test.use({ accounts: ["CLOUDFLARE", "MUX"], settings: { EVERLIGHT_ROUTE: "direct" } });

  test("is watched through our addresses, is not recorded there, and nobody learns Cloudflare's", async ({ page, server, cloud, somebodyElse, expectProblems }) => {
    // The session is made before the first picture has reached Cloudflare, which says so; the viewer asks again.
    expectProblems(/409.*\/whep\/|\/whep\/.*409/);
    const [phone, mourner] = [await somebodyElse(), await somebodyElse()];
    const heard: string[] = [];
    for (const person of [page, phone, mourner]) {
      person.on("response", async (response) => {
        heard.push(response.url(), JSON.stringify(await response.allHeaders().catch(() => "")), await response.text().catch(() => ""));
      });
    }
    const { card, link, watch } = await prepareService(page, server);
    await expect(card.getByText("does not record what a phone sends")).toBeVisible();
    await mourner.goto(watch);
    await goLive(phone, link);
    await expect(card.getByText("On air", { exact: true })).toBeVisible();
    await expectPlaying(mourner.locator("video:visible").first());
    await expect(card.getByText("does not record what a phone sends")).toBeVisible();
    const [input] = (await cloud.state()).cloudflare.liveInputs;
    expect(input.publishedByWhip).toBe(true);
    await expect(phone.getByText("does not record it")).toBeVisible();
    await stopStreaming(phone);
    // What there is in the end comes from the phone: delivered to us, and from here to both.
    await expect(copy(card, "Safety copy from the phone")).toContainText("Ready", settle);
    await expect(copy(card, "Copy at Cloudflare")).toContainText("Ready", settle);
    await expect(copy(card, "Copy at Mux")).toContainText("Ready", settle);
    const state = await cloud.state();
    const recorded = state.cloudflare.videos.filter((video: { liveInput?: string }) => video.liveInput);
    expect([recorded.length, state.mux.liveStreams.length]).toEqual([0, 0]);

    const secret = new URL(input.webRTC.url).pathname.split("/")[1];
    expect(secret.length).toBeGreaterThan(20);
    for (const person of [page, phone, mourner]) heard.push(await person.content());
    heard.push(...server.log);
    expect(heard.length).toBeGreaterThan(60);
    expect(heard.filter((text) => text.includes(secret))).toEqual([]);
  });
});

test.describe("where there is no ffmpeg", () => {
  test.use({ accounts: ["CLOUDFLARE", "MUX"], settings: { EVERLIGHT_FFMPEG: "/there/is/none" } });

  test("the copies are uploaded afterwards, and the log says so at the start", async ({ page, server, cloud, somebodyElse }) => {
    await server.printed(/ffmpeg was not found: services are not sent to the cloud while they run/);
    const { card, link } = await prepareService(page, server);
    await film(await somebodyElse(), link, 8);
    await expect(copy(card, "Copy at Cloudflare")).toContainText("Ready:", settle);
    await expect(copy(card, "Copy at Mux")).toContainText("Ready:", settle);
    for (const provider of ["cloudflare", "mux"] as const) expect(await copiesAt(cloud, provider)).toHaveLength(1);
  });
});

test.describe("an Android phone straight to Cloudflare", () => {
  test.use({ accounts: ["CLOUDFLARE"], settings: { EVERLIGHT_ROUTE: "direct" } });

  test("sends VP8: Cloudflare drops the H.264 of Android's hardware", async ({ page, server, cloud: _, browser }) => {
    const { link } = await prepareService(page, server);
    const userAgent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36";
    const context = await browser.newContext({ userAgent, viewport: { width: 390, height: 844 } });
    const phone = await context.newPage();
    await watchConnections(phone);
    await goLive(phone, link);
    const codec = () =>
      phone.evaluate(async () => {
        for (const connection of window.connections ?? []) {
          const report = await connection.getStats();
          for (const entry of report.values()) {
            if (entry.type === "outbound-rtp" && entry.kind === "video" && entry.framesSent > 0) return report.get(entry.codecId)?.mimeType;
          }
        }
      });
    await expect.poll(codec).toBe("video/VP8");
    await context.close();
  });
});
