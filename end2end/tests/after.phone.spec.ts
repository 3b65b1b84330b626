// After the service: the safety copy is delivered whatever happens, fills the holes of the recording, and only then the page
// says that it may be closed.
import { chromium as playwright, type Page } from "@playwright/test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  decodeErrors, expect, expectAccessible, ffprobe, goLive, holds, kept, keptBytes, killBrowser, lookAt, phoneCopy, pictureTimes, prepare, prepareService,
  recordingFile, screenshot, stopStreaming, test,
} from "./fixtures";
import { chromium } from "./support/programs";

const safe = (phone: Page) => expect(phone.getByText(/^Safe: 2 copies/)).toBeVisible({ timeout: 40_000 });

test("safe is said when two copies are checked, and then the page may be closed", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(/410/);
  const { card, link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await goLive(phone, link);
  await holds(phone, 100_000);
  await stopStreaming(phone);
  await safe(phone);
  await expect(phone.getByText("You may close this page.")).toBeVisible();
  await lookAt(phone, "go-safe");
  await expect.poll(() => keptBytes(phone), { message: "what is safe is not kept on the phone" }).toBe(0);

  await test.step("one tap says how it went, and a word if one likes", async () => {
    await phone.getByRole("button", { name: "4 stars" }).click();
    await expect(phone.getByText("Thank you.", { exact: true })).toBeVisible();
    await expect(card.getByText("4 of 5 stars")).toBeVisible();
    await phone.getByLabel("A word, if you like").fill("It was easier than I feared.");
    await lookAt(phone, "go-rated");
    await phone.getByRole("button", { name: "Send" }).click();
    await expect(card.getByText("It was easier than I feared.")).toBeVisible();
    await expect(phone.getByRole("button", { name: "Send" })).toBeHidden();
    await page.reload();
    await expect(card.getByText("4 of 5 stars")).toBeVisible();
    await expectAccessible(page);
  });
  const copy = await phoneCopy(server);
  expect(await decodeErrors(copy)).toBe("");
  expect((await ffprobe(copy)).streams.map((stream) => stream.codec_type).sort()).toEqual(["audio", "video"]);
  await expect(card.getByText(/Ready: .*sound and picture checked/)).toHaveCount(2);
  await screenshot(page, "card-two-copies");

  await test.step("the page that is opened again still says so", async () => {
    await phone.goto("about:blank");
    await phone.goto(link);
    await safe(phone);
  });
});

test("leaving is warned of until it is safe, and a delivery that is cut goes on where it was", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(/ERR_FAILED|ERR_INTERNET|ERR_CONNECTION|410/);
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await goLive(phone, link);
  await holds(phone, 300_000);
  // Every third request of the delivery is cut; the server keeps what came.
  let number = 0;
  await phone.route("**/uploads/**", (route) => {
    number += 1;
    return number % 3 === 0 ? route.abort() : route.continue();
  });
  await phone.route("**/uploads/*", (route) => route.abort());
  await stopStreaming(phone);
  await expect(phone.getByText("Not yet safe, because this phone cannot reach the server.")).toBeVisible();
  await expect(phone.getByText(/You still have .* to deliver/)).toBeVisible();
  await lookAt(phone, "go-not-yet-safe");

  const asked = phone.waitForEvent("dialog");
  const leaving = phone.evaluate(() => void setTimeout(() => location.reload()));
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.accept();
  await leaving;
  await expect(phone.getByText(/You still have .* to deliver/)).toBeVisible();
  await phone.unroute("**/uploads/*");
  await safe(phone);
  expect(await decodeErrors(await phoneCopy(server))).toBe("");
});

test("IndexedDB where pages cannot write files", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await phone.addInitScript(() => Reflect.deleteProperty(FileSystemFileHandle.prototype, "createWritable"));
  await goLive(phone, link);
  await expect(phone.getByText("Picture and sound arrive")).toBeVisible();
  await expect.poll(() => phone.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual(["everlight"]);
  await stopStreaming(phone);
  await safe(phone);
  expect(await decodeErrors(await phoneCopy(server))).toBe("");
});

test("the server is away for a while: the recording has no hole in the end", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(/ERR_|410|404/);
  const { link } = await prepareService(page, server);
  await page.goto("about:blank");
  const phone = await somebodyElse();
  await goLive(phone, link);
  await expect(phone.getByText("Picture and sound arrive")).toBeVisible();
  await holds(phone, 200_000);
  await server.kill9();
  await expect(phone.getByText("Reconnecting")).toBeVisible({ timeout: 30_000 });
  const before = await keptBytes(phone);
  await holds(phone, before + 200_000);
  await server.restart();
  await expect(phone.getByText("Picture and sound arrive")).toBeVisible({ timeout: 40_000 });
  await holds(phone, (await keptBytes(phone)) + 100_000);
  await stopStreaming(phone);
  await safe(phone);
  const file = await recordingFile(server);
  await expect.poll(() => server.log.some((line) => line.includes("holes filled")), { timeout: 60_000 }).toBe(true);
  const times = await pictureTimes(file);
  const steps = times.slice(1).map((time, at) => time - times[at]);
  expect(Math.max(...steps), "the longest hole, in seconds").toBeLessThan(0.5);
  expect(await decodeErrors(file)).toBe("");
});

test("the browser is killed while it films: what it kept is found and delivered", async ({ page, server, problems, viewport, expectProblems }) => {
  test.setTimeout(180_000);
  expectProblems(/410|404/);
  const { card, link } = await prepareService(page, server);
  const profile = await mkdtemp(join(tmpdir(), "everlight-phone-"));
  const open = async () => {
    const context = await playwright.launchPersistentContext(profile, { ...chromium(), viewport, hasTouch: true, isMobile: true });
    await prepare(context, problems);
    return { context, phone: context.pages()[0] ?? (await context.newPage()) };
  };
  const first = await open();
  await goLive(first.phone, link);
  await holds(first.phone, 300_000);
  const before = await kept(first.phone);
  killBrowser(profile);
  await first.context.close().catch(() => {});

  await test.step("the same service goes on", async () => {
    await expect(card.getByText("Connection lost").first()).toBeVisible({ timeout: 60_000 });
    const second = await open();
    await second.phone.goto(link);
    await expect(second.phone.getByText("The service is on air and waits for its picture.")).toBeVisible();
    await lookAt(second.phone, "go-waits");
    const after = await kept(second.phone);
    for (const [take, size] of Object.entries(before)) expect(after[take]).toBeGreaterThanOrEqual(size);
    await second.phone.getByRole("button", { name: "Start camera" }).click();
    await second.phone.getByRole("button", { name: "Go live" }).click();
    await expect(second.phone.getByText("Picture and sound arrive")).toBeVisible();
    await stopStreaming(second.phone);
    // The hole is as long as the phone was away: its copy is shorter than the service, and is not called complete.
    await expect(second.phone.locator(".streamer-safety h3")).toHaveText(/^(Safe|Not yet safe)/, { timeout: 60_000 });
    await screenshot(second.phone, "go-after-crash");
    expect(await decodeErrors(await phoneCopy(server))).toBe("");
    await second.context.close();
  });
  await rm(profile, { recursive: true, force: true });
});
