// What happens to a phone while it films: calls, the lock screen, a finger on the lens, another network. The events that no
// test can produce are given to the browser's own objects; everything else is real.
import { rm, writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

import {
  decodeErrors, drawCamera, expect, expectAccessible, expectPlaying, ffprobe, goLive, holds, lookAt, moreFramesGoOut, onTrack, opened, pictureSizes, pictureTimes,
  prepareService, programs, recordingFile, screenshot, seen, stopStreaming, test, watchCamera, watchConnections,
} from "./fixtures";
import type { Page } from "@playwright/test";

declare global {
  interface Window {
    /** Turns the phone. */
    turn?: () => void;
  }
}

const arrives = (phone: Page) => expect(phone.getByText("Picture and sound arrive")).toBeVisible();

test("a call takes the camera, and the picture comes back", async ({ page, server, somebodyElse }) => {
  const { link, watch } = await prepareService(page, server);
  const phone = await somebodyElse();
  await watchConnections(phone);
  await watchCamera(phone);
  await goLive(phone, link);
  await arrives(phone);
  await lookAt(phone, "go-truth");
  const mourner = await somebodyElse();
  await mourner.goto(watch);
  await expectPlaying(mourner.locator("video:visible").first());

  const dialog = phone.getByRole("alertdialog", { name: "Your camera was interrupted" });
  await test.step("the browser refuses while the other app has it", async () => {
    await phone.evaluate(() => (window.refuse = "NotReadableError"));
    await onTrack(phone, "audio", "ended");
    await onTrack(phone, "video", "ended");
    await expect(phone.getByRole("alertdialog")).toBeVisible();
    await expect(phone.getByText("Hang up or close the other app")).toBeVisible();
    await lookAt(phone, "go-interrupted");
    await expect(mourner.getByText("The picture will return").first()).toBeVisible();
  });
  await test.step("one touch brings it back, in the same session", async () => {
    await phone.evaluate(() => (window.refuse = ""));
    await phone.getByRole("button", { name: "Bring the sound back" }).click();
    await expect(phone.getByRole("alertdialog")).toBeHidden();
    await moreFramesGoOut(phone);
    await expectPlaying(mourner.locator("video:visible").first());
    expect(await phone.evaluate(() => window.connections?.length)).toBe(1);
  });
  await test.step("a track that says only that it is muted is opened anew by itself", async () => {
    const before = await opened(phone);
    await onTrack(phone, "video", "mute");
    await expect.poll(() => opened(phone)).toBe(before + 1);
    await expect(dialog).toBeHidden();
    await moreFramesGoOut(phone);
  });
  await test.step("the lock screen: it heals when the page is seen again, not before", async () => {
    const before = await opened(phone);
    await seen(phone, "hidden");
    await onTrack(phone, "video", "ended");
    await expect(phone.getByRole("alertdialog")).toBeVisible();
    expect(await opened(phone)).toBe(before);
    await seen(phone, "visible");
    await expect.poll(() => opened(phone)).toBe(before + 1);
    await expect(phone.getByRole("alertdialog")).toBeHidden();
    await moreFramesGoOut(phone);
  });
});

test("a black picture and a dead microphone are noticed though the tracks live, and though the AudioContext was suspended", async ({
  page, server, somebodyElse,
}) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await drawCamera(phone);
  await phone.addInitScript(() => Object.assign(window.drawn, { picture: "is black", silent: true }));
  await goLive(phone, link);
  // Only one that goes on measuring can tell.
  await expect.poll(() => phone.evaluate(() => window.drawn.contexts.length)).toBe(1);
  await phone.evaluate(() => window.drawn.contexts[0].suspend());
  await expect(phone.getByText("The picture is black.")).toBeVisible();
  await expect(phone.getByText("Nothing can be heard.")).toBeVisible({ timeout: 60_000 });
  await expectAccessible(phone);
  await screenshot(phone, "go-black-and-silent");
});

test("the camera flips in the same session, and the recording goes on in one file", async ({ page, server, strangeBrowser }) => {
  const { link } = await prepareService(page, server);
  const phone = await strangeBrowser({ without: /use-fake-device-for-media-stream$/, more: ["--use-fake-device-for-media-stream=device-count=3"] });
  // The second of Chromium's cameras measures depth, which no codec can send.
  await phone.addInitScript(() => {
    const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
    navigator.mediaDevices.enumerateDevices = async () => (await list()).filter(({ label }) => label !== "fake_device_1");
  });
  await watchConnections(phone);
  await goLive(phone, link);
  await arrives(phone);
  const camera = () =>
    phone.evaluate(() => window.connections?.[0].getSenders().find((it) => it.track?.kind === "video")?.track?.getSettings().deviceId);
  const first = await camera();
  await phone.getByRole("button", { name: "Flip camera" }).click();
  await expect.poll(camera).not.toBe(first);
  await moreFramesGoOut(phone);
  await expectAccessible(phone);
  await screenshot(phone, "go-flipped");
  await phone.getByRole("button", { name: "Flip camera" }).click();
  await expect.poll(camera).toBe(first);
  await moreFramesGoOut(phone);
  expect(await phone.evaluate(() => window.connections?.length)).toBe(1);
  const live = () => phone.evaluate(() => window.connections?.[0].getSenders().map(({ track }) => track?.readyState));
  await stopStreaming(phone);
  await expect.poll(live, { message: "camera and microphone are off after the end" }).toEqual(["ended", "ended"]);
  await expect(phone.getByText(/^Safe: 2 copies/)).toBeVisible();
  const times = await pictureTimes(await recordingFile(server));
  const steps = times.slice(1).map((time, at) => time - times[at]);
  expect(Math.max(...steps), "the longest step between two pictures, in seconds").toBeLessThan(3);
});

test("a screen reader says no numbers that run on into the microphone", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await goLive(phone, link);
  await arrives(phone);
  await phone.evaluate(() => {
    const [changed, aloud]: [Set<string>, string[]] = [new Set(), []];
    Object.assign(window, { changed, aloud });
    // The nearest element that says so decides.
    const isAloud = (element: Element | null): boolean => {
      const region = element?.closest("[aria-live], [role=status], [role=alert], [role=log]");
      return !!region && (region.getAttribute("aria-live") ?? "polite") !== "off";
    };
    new MutationObserver((mutations) => {
      for (const { target } of mutations) {
        const text = target.textContent ?? "";
        if (!/\d/.test(text)) continue;
        changed.add(target.parentElement?.localName ?? "");
        if (isAloud(target.parentElement)) aloud.push(text);
      }
    }).observe(document.body, { subtree: true, characterData: true });
  });
  const seen = (name: string) => phone.evaluate((name) => [...(Reflect.get(window, name) as Iterable<string>)], name);
  await moment(phone, 4);
  expect(await seen("changed"), "numbers run on").toContain("dd");
  await stopStreaming(phone);
  await expect(phone.getByText(/^Safe: 2 copies/)).toBeVisible({ timeout: 40_000 });
  expect(await seen("aloud")).toEqual([]);
});

test("muted is silent in the recording, and said so all the time", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await goLive(phone, link);
  await arrives(phone);
  await phone.getByRole("button", { name: "Mute" }).click();
  await expect(phone.getByText("Your microphone is off: nobody hears anything")).toBeVisible();
  await lookAt(phone, "go-muted");
  const time = phone.locator(".streamer-time");
  const begun = await time.textContent();
  await expect.poll(async () => seconds(await time.textContent()) - seconds(begun)).toBeGreaterThan(3);
  await phone.getByRole("button", { name: "Turn sound on" }).click();
  await expect(phone.getByText("Your microphone is off")).toBeHidden();
  await moment(phone, 2);
  await stopStreaming(phone);
  await expect(phone.getByText(/^Safe: 2 copies/)).toBeVisible();
  const file = await recordingFile(server);
  // The test's microphone beeps once a second: a silence of two seconds is no pause of its own.
  const args = ["-nostdin", "-hide_banner", "-i", file, "-af", "silencedetect=noise=-60dB:d=2", "-f", "null", "-"];
  const said = execFileSync("sh", ["-c", `"$0" "$@" 2>&1`, programs.ffmpeg, ...args]).toString();
  expect(said).toContain("silence_duration");
  const { streams } = await ffprobe(file);
  expect(streams.map((stream) => stream.codec_type).sort()).toEqual(["audio", "video"]);
});

test("the phone is turned upright and back, and all goes on in one file", async ({ page, server, somebodyElse }) => {
  const { link, watch } = await prepareService(page, server);
  const phone = await somebodyElse();
  // A phone that is turned gives pictures of another shape on the same track.
  await phone.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
      window.turn = () => Object.assign(canvas, { width: canvas.height, height: canvas.width });
      const brush = canvas.getContext("2d")!;
      let count = 0;
      setInterval(() => {
        brush.fillStyle = `hsl(${(count += 7)} 80% 50%)`;
        brush.fillRect(0, 0, canvas.width, canvas.height);
        brush.fillStyle = "white";
        brush.fillRect(count % canvas.width, 20, 60, 60);
      }, 50);
      const context = new AudioContext();
      const [tone, sound] = [context.createOscillator(), context.createMediaStreamDestination()];
      tone.connect(sound);
      tone.start();
      return new MediaStream([...canvas.captureStream(20).getTracks(), ...sound.stream.getTracks()]);
    };
  });
  await watchConnections(phone);
  await goLive(phone, link);
  await arrives(phone);
  const mourner = await somebodyElse();
  await mourner.goto(watch);
  const picture = mourner.locator("video:visible").first();
  const shape = (video: HTMLVideoElement) => (video.videoWidth > video.videoHeight ? "wide" : "upright");
  await expect.poll(() => picture.evaluate(shape)).toBe("wide");
  await moment(phone, 2);
  for (const turned of ["upright", "wide"]) {
    await phone.evaluate(() => window.turn?.());
    await expect.poll(() => picture.evaluate(shape)).toBe(turned);
    await moment(phone, 3);
  }
  expect(await phone.evaluate(() => window.connections?.length), "sessions").toBe(1);
  await stopStreaming(phone);
  await expect(phone.getByText(/^Safe: 2 copies/)).toBeVisible();

  const file = await recordingFile(server);
  expect(await decodeErrors(file)).toBe("");
  const shapes = (await pictureSizes(file)).map(([width, height]) => (width > height ? "wide" : "upright"));
  expect(shapes.filter((shape, at) => shape !== shapes[at - 1]), "the shapes, one after the other").toEqual(["wide", "upright", "wide"]);
  const times = await pictureTimes(file);
  const steps = times.slice(1).map((time, at) => time - times[at]);
  expect(Math.max(...steps), "the longest step between two pictures, in seconds").toBeLessThan(0.5);

  await test.step("whoever watches the recording sees both shapes", async () => {
    await expect(mourner.locator("video#recording")).toBeVisible();
    const seen = await mourner.locator("video#recording").evaluate(async (video: HTMLVideoElement) => {
      const shapes: string[] = [];
      video.addEventListener("resize", () => shapes.push(video.videoWidth > video.videoHeight ? "wide" : "upright"));
      video.muted = true;
      await video.play();
      await new Promise((ended) => video.addEventListener("ended", ended, { once: true }));
      return shapes;
    });
    expect(seen).toContain("upright");
  });
});

const seconds = (clock: string | null) => (clock ?? "0:00").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

/** Waits until so many seconds more are on the page's clock. */
async function moment(phone: Page, more: number): Promise<void> {
  const time = phone.locator(".streamer-time");
  const begun = seconds(await time.textContent());
  await expect.poll(async () => seconds(await time.textContent())).toBeGreaterThanOrEqual(begun + more);
}

test("the screen is kept on, again after every lock of the phone, until nothing is to be done with it any more", async ({
  page, server, somebodyElse, expectProblems,
}) => {
  expectProblems(/ERR_FAILED/);
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await phone.addInitScript(() => {
    const locks: { released: boolean; release(): void }[] = [];
    Object.assign(window, { locks });
    Object.defineProperty(navigator, "wakeLock", {
      value: {
        request: async () => {
          const lock = { released: false, release: () => void (lock.released = true) };
          locks.push(lock);
          return lock;
        },
      },
    });
  });
  const locks = () => phone.evaluate(() => (Reflect.get(window, "locks") as { released: boolean }[]).map((lock) => lock.released));
  const lockAndUnlock = async () => {
    // As the browser does when the page is hidden.
    await phone.evaluate(() => (Reflect.get(window, "locks") as { released: boolean }[]).forEach((lock) => (lock.released = true)));
    await seen(phone, "hidden");
    await seen(phone, "visible");
  };
  // What the phone kept cannot be delivered for now.
  await phone.route("**/uploads/*", (route) => route.abort());
  await goLive(phone, link);
  await expect.poll(locks).toEqual([false]);
  await lockAndUnlock();
  await expect.poll(locks).toEqual([true, false]);
  await arrives(phone);
  await holds(phone, 100_000);
  await stopStreaming(phone);
  await expect(phone.getByText(/You still have .* to deliver/)).toBeVisible();
  expect(await locks(), "a phone that sleeps delivers nothing").toEqual([true, false]);
  await lockAndUnlock();
  await expect.poll(locks).toEqual([true, true, false]);
  await phone.unroute("**/uploads/*");
  await expect(phone.getByText(/^Safe: 2 copies/)).toBeVisible({ timeout: 40_000 });
  await expect.poll(locks, { message: "it may sleep" }).toEqual([true, true, true]);
});

test("a screen that nothing keeps on is spoken of after the end, too, for as long as the page is needed", async ({
  page, server, somebodyElse, expectProblems,
}) => {
  expectProblems(/ERR_FAILED/);
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await phone.addInitScript(() => Object.defineProperty(navigator, "wakeLock", { value: undefined }));
  await phone.route("**/uploads/*", (route) => route.abort());
  await goLive(phone, link);
  const warning = phone.getByText("This screen may switch itself off.");
  await expect(warning).toBeVisible();
  await arrives(phone);
  await holds(phone, 100_000);
  await stopStreaming(phone);
  await expect(phone.getByText(/You still have .* to deliver/)).toBeVisible();
  await expect(warning).toBeVisible();
  await expectAccessible(phone);
  await screenshot(phone, "go-ended-may-sleep");
  await phone.unroute("**/uploads/*");
  await expect(phone.getByText(/^Safe: 2 copies/)).toBeVisible({ timeout: 40_000 });
  await expect(warning).toBeHidden();
});

test("another network is a reason to restart at once", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await watchConnections(phone);
  await phone.addInitScript(() => {
    const connection = Object.assign(new EventTarget(), { type: "wifi" });
    Object.defineProperty(navigator, "connection", { value: connection });
  });
  await goLive(phone, link);
  await arrives(phone);
  const restart = phone.waitForRequest((request) => request.method() === "PATCH" && request.headers()["if-match"] === "*");
  await phone.evaluate(() => {
    Object.assign(Reflect.get(navigator, "connection") as EventTarget, { type: "cellular" }).dispatchEvent(new Event("change"));
  });
  expect((await (await restart).response())?.status()).toBe(200);
  await moreFramesGoOut(phone);
  await arrives(phone);
  expect(await phone.evaluate(() => window.connections?.length)).toBe(1);
});

test("what is shown but not recorded is said to whoever films", async ({ page, server, somebodyElse, expectProblems }) => {
  // The phone's copy goes to the same folder.
  expectProblems(/503.*\/uploads\//);
  const { link } = await prepareService(page, server);
  const folder = join(server.dataDir, "recordings");
  await rm(folder, { recursive: true });
  await writeFile(folder, "in the way");
  const phone = await somebodyElse();
  await goLive(phone, link);
  await expect(phone.getByRole("alert").filter({ hasText: "not recorded" })).toBeVisible();
  await expectAccessible(phone);
  await screenshot(phone, "go-not-recorded");
  await rm(folder);
  await expect(phone.getByRole("alert").filter({ hasText: "not recorded" })).toBeHidden();
  await arrives(phone);
});
