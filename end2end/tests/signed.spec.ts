// Copies at Cloudflare and Mux of services that are private: opened for some hours to those who were let in.
import type { Locator, Page } from "@playwright/test";

import {
  createMemorial, createStream, expect, expectAccessible, expectPlaying, goLive, hydrated, phoneLink, publishRtmp, sayPasscode, screenshot,
  signUp, soon, stopStreaming, streamKey, test, viewerLink, type NewStream, type Server,
} from "./fixtures";

// Copies are waited for and played through.
test.setTimeout(240_000);
const settle = { timeout: 150_000 };

const copy = (card: Locator, where: string) => card.getByRole("listitem").filter({ hasText: where });
const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/;

async function prepare(page: Page, server: Server, stream: Partial<NewStream> = {}): Promise<Locator> {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  const card = await createStream(page, { title: "Funeral service", passcode: "white rose", ...soon(), ...stream });
  await hydrated(page);
  return card;
}

async function film(phone: Page, link: string): Promise<void> {
  await goLive(phone, link);
  await phone.waitForTimeout(8000);
  await stopStreaming(phone);
  await expect(phone.getByText("The service has ended", { exact: false })).toBeVisible();
}

/** Shuts these addresses of ours for this browser, as if those copies were gone, and looks what is shown then. */
async function without(mourner: Page, gone: string[]): Promise<string> {
  await mourner.unrouteAll();
  await mourner.route((url) => gone.includes(url.pathname), (route) => route.abort());
  await mourner.reload();
  const shown = async () => (await mourner.locator("#recording").getAttribute("src"))!;
  await expect.poll(async () => gone.includes(await shown())).toBe(false);
  return shown();
}

test.describe("with accounts and signing keys at both", () => {
  test.use({ accounts: ["CLOUDFLARE", "MUX"], signing: true });

  test("behind a passcode, either copy plays to whoever said it, and its address opens nothing without its token", async ({ page, server, cloud, somebodyElse, expectProblems }) => {
    expectProblems(/\/recordings\//, /403/);
    const card = await prepare(page, server);
    await expect(card.getByText("cannot be closed again")).toHaveCount(0);
    const watch = await viewerLink(card);
    await film(await somebodyElse(), await phoneLink(card));
    for (const where of ["Recording on this server", "Copy at Cloudflare", "Copy at Mux"]) {
      await expect(copy(card, where)).toContainText("Ready:", settle);
    }

    const mourner = await somebodyElse();
    const asked: string[] = [];
    const heard: string[] = [];
    mourner.on("request", (request) => request.url().startsWith(cloud.url) && asked.push(request.url()));
    mourner.on("response", async (response) => {
      if (response.url().startsWith(server.url) && !response.url().includes("/recordings/")) heard.push(await response.text().catch(() => ""));
    });
    await mourner.goto(watch);
    await sayPasscode(mourner, "white rose");
    const replay = mourner.locator("#recording");
    await expect(replay).toHaveAttribute("src", /^\/watch\/.*\/recordings\//);
    let shown = (await replay.getAttribute("src"))!;
    const gone: string[] = [];
    const stranger = await somebodyElse();
    for (const [provider, refused] of [["Cloudflare", 401], ["Mux", 403]] as const) {
      gone.push(shown);
      shown = await without(mourner, gone);
      asked.length = 0;
      await replay.evaluate((video: HTMLVideoElement) => video.play());
      await expectPlaying(replay);
      const [address] = asked;
      const [token] = TOKEN.exec(address)!;
      const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
      const hours = claims.exp / 3600 - Date.now() / 3_600_000;
      expect(hours > 5 && hours <= 6, `${provider}: ${hours}`).toBe(true);
      expect((await fetch(address)).status, provider).toBe(200);
      // The video's own address, that with a bad token, and ours for somebody who was not let in.
      const bare = address.includes("?token=") ? address.split("?")[0] : address.replace(token, claims.sub);
      const spoilt = address.replace(token, `${token.slice(0, -20)}${"A".repeat(20)}`);
      for (const one of [bare, spoilt]) expect((await fetch(one)).status, `${provider}: ${one}`).toBe(refused);
      expect((await stranger.request.get(new URL(shown, server.url).href, { maxRedirects: 0 })).status(), provider).toBe(403);
    }

    // Whoever comes back to an open page after hours has it opened anew.
    await mourner.clock.setFixedTime(Date.now() + 2 * 3_600_000);
    await replay.evaluate((video: HTMLVideoElement) => {
      video.currentTime = 0;
      return video.play();
    });
    await expectPlaying(replay);
    const anew = mourner.waitForRequest((request) => request.url().startsWith(cloud.url));
    await replay.evaluate((video) => video.dispatchEvent(new Event("error")));
    await anew;
    await expect(replay).toHaveAttribute("src", shown);
    await expectPlaying(replay);

    // Staff see it too, and are led there.
    const seen = await page.request.get((await copy(card, "Copy at Mux").getByRole("link", { name: "Watch", exact: true }).getAttribute("href"))!, { maxRedirects: 0 });
    expect([seen.status(), TOKEN.test(seen.headers().location)]).toEqual([307, true]);

    // What opens it stands in no page and no log.
    heard.push(await mourner.content(), await page.content(), ...server.log);
    expect(heard.length).toBeGreaterThan(20);
    const secrets = ["MUX_PRIVATE_KEY", "CLOUDFLARE_SIGNING_PEM"].map((name) => server.settings[name]);
    expect(secrets.every((secret) => secret.length > 1000)).toBe(true);
    expect(heard.filter((text) => TOKEN.test(text) || secrets.some((secret) => text.includes(secret.slice(100, 160))))).toEqual([]);
  });

  test("the live picture of an encoder likewise", async ({ page, server, cloud, somebodyElse }) => {
    const card = await prepare(page, server, { method: "OBS / encoder" });
    const encoder = publishRtmp(await streamKey(card));
    await expect(card.getByText("On air", { exact: true })).toBeVisible(settle);
    const mourner = await somebodyElse();
    const asked: string[] = [];
    mourner.on("request", (request) => request.url().startsWith(cloud.url) && asked.push(request.url()));
    await mourner.goto(await viewerLink(card));
    await sayPasscode(mourner, "white rose");
    await expectPlaying(mourner.locator("video:visible").first());
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((address) => !TOKEN.test(address))).toEqual([]);
    const input = (await cloud.state()).cloudflare.liveInputs[0].uid;
    expect((await fetch(`${cloud.url}/${input}/manifest/video.m3u8`)).status).toBe(401);
    await encoder.stop();
  });
});

test.describe("straight from the phone to Cloudflare, with a signing key", () => {
  test.use({ accounts: ["CLOUDFLARE"], signing: true, settings: { EVERLIGHT_ROUTE: "direct" } });

  test("the live picture is opened by this server for whoever said the passcode", async ({ page, server, cloud, somebodyElse, expectProblems }) => {
    // The session is made before the first picture has reached Cloudflare, which says so; the viewer asks again.
    expectProblems(/409.*\/whep\/|\/whep\/.*409/);
    const card = await prepare(page, server);
    const mourner = await somebodyElse();
    await mourner.goto(await viewerLink(card));
    await sayPasscode(mourner, "white rose");
    await goLive(await somebodyElse(), await phoneLink(card));
    await expectPlaying(mourner.locator("video:visible").first());
    const input = (await cloud.state()).cloudflare.liveInputs[0].uid;
    const refused = await fetch(`${cloud.url}/${input}/webRTC/play`, { method: "POST", headers: { "content-type": "application/sdp" }, body: "v=0" });
    expect(refused.status).toBe(401);
  });
});

test.describe("with accounts and without signing keys", () => {
  test.use({ accounts: ["CLOUDFLARE", "MUX"] });

  test("a private service is shown from this server only, and the card says so", async ({ page, server, cloud, somebodyElse, expectProblems }) => {
    expectProblems(/\/recordings\//);
    const card = await prepare(page, server);
    await expect(card.getByText("What plays at Cloudflare and Mux cannot be closed again")).toBeVisible();
    await expectAccessible(page);
    await screenshot(page, "memorial-kept-back");
    await page.setViewportSize({ width: 390, height: 844 });
    await screenshot(page, "memorial-kept-back-phone");
    await page.setViewportSize({ width: 1280, height: 800 });
    const watch = await viewerLink(card);
    await film(await somebodyElse(), await phoneLink(card));
    for (const where of ["Recording on this server", "Copy at Cloudflare", "Copy at Mux"]) {
      await expect(copy(card, where)).toContainText("Ready:", settle);
    }
    const mourner = await somebodyElse();
    const asked: string[] = [];
    mourner.on("request", (request) => request.url().startsWith(cloud.url) && asked.push(request.url()));
    await mourner.goto(watch);
    await sayPasscode(mourner, "white rose");
    const replay = mourner.locator("#recording");
    await replay.evaluate((video: HTMLVideoElement) => video.play());
    await expectPlaying(replay);
    // Not even when nothing is left here.
    await mourner.route("**/recordings/**", (route) => route.abort());
    await mourner.reload();
    await expect(mourner.getByRole("heading", { level: 1, name: "Anna Lindqvist" })).toBeVisible();
    expect(await mourner.content()).not.toContain(cloud.url);
    expect(asked).toEqual([]);
  });
});
