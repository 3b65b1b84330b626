// Before the service: the rehearsal, and the browsers in which it will not work.
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import {
  drawCamera, expect, expectAccessible, expectPlaying, goLive, keptBytes, lookAt, prepare, prepareService, screenshot, stopStreaming, tellRoom, test,
} from "./fixtures";
import type { Page } from "@playwright/test";

async function camera(phone: Page, link: string): Promise<void> {
  await phone.goto(link);
  await phone.getByRole("button", { name: "Start camera" }).click();
  await expect(phone.getByRole("button", { name: "Go live" })).toBeVisible();
}

test("a rehearsal goes the real way, is played back, and leaves nothing", async ({ page, server, somebodyElse }) => {
  const { card, link } = await prepareService(page, server);
  await expect(card.getByText("Not rehearsed on the phone yet.")).toBeVisible();
  const phone = await somebodyElse();
  await camera(phone, link);
  await phone.getByRole("button", { name: /^Rehearse first/ }).click();
  await expect(phone.getByText(/seconds are left/)).toBeVisible();
  await lookAt(phone, "go-rehearsing");
  const verdict = phone.locator(".streamer-verdict");
  await expect(verdict).toBeVisible({ timeout: 40_000 });
  await expect(verdict.getByRole("heading")).toHaveText(/^Ready/);
  await expect(verdict.getByText(/ seconds of picture arrived\. Your connection sends [\d.]+ [Mk]bit\/s\./)).toBeVisible();
  const playback = phone.getByLabel("Your rehearsal, as it arrived");
  await playback.evaluate((video: HTMLVideoElement) => {
    video.muted = true;
    return video.play();
  });
  await expectPlaying(playback);
  expect(await playback.evaluate((video: HTMLVideoElement) => video.duration)).toBeGreaterThan(7);
  await lookAt(phone, "go-rehearsed");

  await expect(card.getByText("Rehearsed:")).toBeVisible();
  await expect(card.getByText("On air", { exact: true }), "the service has not begun").toHaveCount(0);
  const files = await readdir(join(server.dataDir, "recordings"));
  expect(files.filter((name) => name.endsWith(".mp4"))).toEqual([]);

  await phone.getByRole("button", { name: "Back to the camera" }).click();
  await phone.getByRole("button", { name: "Go live" }).click();
  await expect(phone.getByText("Picture and sound arrive")).toBeVisible();
  await stopStreaming(phone);
  await expect(phone.getByText(/^Safe: 2 copies/)).toBeVisible();
});

test("a rehearsal in the dark and in silence, on a phone with little battery and little room, says so", async ({ page, server, somebodyElse }) => {
  const { card, link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await drawCamera(phone);
  await phone.addInitScript(() => {
    Object.assign(window.drawn, { picture: "is black", silent: true });
    Object.assign(navigator, { getBattery: async () => ({ level: 0.29, charging: false }) });
    Object.defineProperty(navigator, "wakeLock", { value: undefined });
  });
  await tellRoom(phone, 250_000_000);
  await camera(phone, link);
  await phone.getByRole("button", { name: /^Rehearse first/ }).click();
  const verdict = phone.locator(".streamer-verdict");
  await expect(verdict.getByText("the picture is dark")).toBeVisible({ timeout: 40_000 });
  await expect(verdict.getByText("nothing can be heard")).toBeVisible();
  await expect(verdict.getByText("the battery is low")).toBeVisible();
  await expect(verdict.getByText("the screen may switch itself off")).toBeVisible();
  await expect(verdict.getByText("there is little room on this phone")).toBeVisible();
  await expectAccessible(phone);
  await screenshot(phone, "go-rehearsed-dark");
  await expect(card.getByText(/the picture is dark/)).toBeVisible();

  await test.step("where there is no room at all the service has no safety copy, and goes on", async () => {
    await phone.getByRole("button", { name: "Back to the camera" }).click();
    await phone.getByRole("button", { name: "Go live" }).click();
    await expect(phone.getByText("This phone is full: the safety copy ends here. The service goes on.")).toBeVisible();
    await expect(card.getByText("On air", { exact: true }).first()).toBeVisible();
    expect(await keptBytes(phone)).toBe(0);
  });
});

test("a browser that never answers", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await phone.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
  });
  await phone.goto(link);
  await phone.getByRole("button", { name: "Start camera" }).click();
  await expect(phone.getByRole("alert").filter({ hasText: "Does nothing ask you?" })).toBeVisible();
  await expect(phone.getByLabel("This link")).toHaveValue(link);
  await lookAt(phone, "go-hanging");
});

const agents = [
  ["iphone-safari", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", /Website Settings/],
  ["iphone-chrome", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0 Mobile/15E148 Safari/604.1", /then Apps, then Chrome/],
  ["android-chrome", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36", /“Permissions”/],
  ["samsung", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36", /Samsung Internet/],
  ["android-firefox", "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", /“Blocked”/],
] as const;

const instagram =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 335.0";

test("each browser has its own steps after a refusal, and one inside an app is told before anything is asked", async ({
  page, server, browser, problems, viewport,
}) => {
  const { link } = await prepareService(page, server);
  const inside = async (userAgent: string, look: (phone: Page) => Promise<void>) => {
    const context = await browser.newContext({ userAgent, viewport, hasTouch: true, isMobile: true });
    await prepare(context, problems);
    const phone = await context.newPage();
    await look(phone);
    await context.close();
  };
  for (const [name, userAgent, steps] of agents) {
    await test.step(name, () => inside(userAgent, async (phone) => {
      await phone.addInitScript(() => {
        navigator.mediaDevices.getUserMedia = async () => {
          throw new DOMException("for the test", "NotAllowedError");
        };
      });
      await phone.goto(link);
      await phone.getByRole("button", { name: "Start camera" }).click();
      await expect(phone.getByRole("listitem").filter({ hasText: steps })).toBeVisible();
      await expectAccessible(phone);
      await screenshot(phone, `go-denied-${name}`);
    }));
  }
  await test.step("inside Instagram", () => inside(instagram, async (phone) => {
    await phone.goto(link);
    await expect(phone.getByRole("heading", { name: "You are inside Instagram" })).toBeVisible();
    await expect(phone.getByLabel("This link")).toHaveValue(link);
    await expect(phone.getByRole("heading", { name: "Anna Lindqvist" })).toBeVisible();
    await lookAt(phone, "go-inside-instagram");
  }));
  await test.step("an iPhone that cannot keep its screen on says how to", () => inside(agents[0][1], async (phone) => {
    await phone.addInitScript(() => Object.defineProperty(navigator, "wakeLock", { value: undefined }));
    await goLive(phone, link);
    await expect(phone.getByText("This screen may switch itself off.")).toBeVisible();
    await expect(phone.getByText("set Auto-Lock to “Never”")).toBeVisible();
    await expectAccessible(phone);
    await screenshot(phone, "go-screen-may-sleep");
  }));
});
