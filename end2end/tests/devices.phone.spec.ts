// Camera and microphone misbehave while the phone films, or are taken away. What the browser gives is drawn (see
// support/camera.ts); what it tells of it, sends and records is real.
import {
  decodeErrors, drawCamera, expect, goLive, halves, hydrated, kept, moreFramesGoOut, onTrack, openSlowly, pictureTimes, plug, prepareService,
  recordingFile, screenshot, stopStreaming, test, tones, watchConnections,
} from "./fixtures";
import type { Page } from "@playwright/test";

const arrives = (phone: Page) => expect(phone.getByText("Picture and sound arrive")).toBeVisible();

/** The devices whose tracks are sent now. */
const sent = (phone: Page) =>
  phone.evaluate(() => window.connections?.[0].getSenders().map(({ track }) => track?.getSettings().deviceId).sort());

const sessions = (phone: Page) => phone.evaluate(() => window.connections?.length);

test("a headset is taken off, with a word of the browser and without: another microphone goes on by itself", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await drawCamera(phone);
  await watchConnections(phone);
  await phone.addInitScript(() => (window.drawn.microphones = [440, 660, 880]));
  await goLive(phone, link);
  await arrives(phone);
  // And more, so that each microphone is heard for half a second at the least.
  const aSecond = 30;
  await moreFramesGoOut(phone, aSecond);
  const interrupted = phone.getByRole("alertdialog");

  await test.step("its track ends", async () => {
    await plug(phone, [660, 880], "ended");
    await expect.poll(() => sent(phone)).toEqual(["camera-environment", "microphone-660"]);
    await expect(interrupted).toBeHidden();
    await moreFramesGoOut(phone, aSecond);
  });
  await test.step("another is plugged in: nothing changes", async () => {
    await plug(phone, [440, 660, 880]);
    await moreFramesGoOut(phone, aSecond);
    expect(await sent(phone)).toEqual(["camera-environment", "microphone-660"]);
  });
  await test.step("one is gone from the list, and its track says only that it is muted", async () => {
    await plug(phone, [880], "muted");
    await expect.poll(() => sent(phone)).toEqual(["camera-environment", "microphone-880"]);
    await expect(interrupted).toBeHidden();
    await moreFramesGoOut(phone, aSecond);
  });
  await test.step("the last one goes: the picture does not, and the sound is back with the next", async () => {
    await plug(phone, [], "ended");
    await expect(phone.getByRole("alertdialog", { name: "Your microphone was interrupted" })).toBeVisible();
    await expect(phone.getByText("Hang up or close the other app")).toBeVisible();
    await moreFramesGoOut(phone, aSecond);
    await plug(phone, [440]);
    await expect.poll(() => sent(phone)).toEqual(["camera-environment", "microphone-440"]);
    await expect(interrupted).toBeHidden();
    await moreFramesGoOut(phone, aSecond);
  });
  expect(await sessions(phone), "sessions").toBe(1);
  expect(await phone.evaluate(() => window.drawn.opened.filter(({ kind }) => kind === "video").length), "cameras opened").toBe(1);
  await stopStreaming(phone);
  await expect(phone.locator(".streamer-safety h3")).toHaveText(/^(Safe|Not yet safe)/);

  const file = await recordingFile(server);
  expect(await decodeErrors(file)).toBe("");
  // What is heard for half a second at the least, one after the other.
  const steady = (await tones(file, [440, 660, 880])).filter((tone, at, all) => tone > 0 && all.slice(at, at + 5).every((next) => next === tone));
  expect(steady.filter((tone, at) => tone !== steady[at - 1])).toEqual([440, 660, 880, 440]);
  const times = await pictureTimes(file);
  const steps = times.slice(1).map((time, at) => time - times[at]);
  expect(Math.max(...steps), "the longest step between two pictures, in seconds").toBeLessThan(1);
});

test("before the service a device that is lost is opened anew, and what is missing is named", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await drawCamera(phone);
  await watchConnections(phone);
  await phone.addInitScript(() => (window.drawn.microphones = [440, 660, 880]));
  await phone.goto(link);
  await phone.getByRole("button", { name: "Start camera" }).click();
  const ready = phone.getByRole("button", { name: "Go live" });
  await expect(ready).toBeVisible();
  /** Which microphone was opened last. */
  const microphone = () => phone.evaluate(() => window.drawn.opened.filter(({ kind }) => kind === "audio").at(-1)?.getSettings().deviceId);

  await plug(phone, [660, 880], "ended");
  await expect.poll(microphone).toBe("microphone-660");
  await expect(ready).toBeVisible();
  await plug(phone, [880], "muted");
  await expect.poll(microphone).toBe("microphone-880");
  await expect(ready).toBeVisible();
  await plug(phone, [], "ended");
  await expect(phone.getByRole("heading", { name: "No camera or no microphone was found" })).toBeVisible();
  await plug(phone, [440]);
  await phone.getByRole("button", { name: "Try again" }).click();
  await ready.click();
  await arrives(phone);
  expect(await phone.evaluate(() => window.connections?.at(-1)?.getSenders().map(({ track }) => track?.getSettings().deviceId).sort())).toEqual([
    "camera-environment", "microphone-440",
  ]);
});

test("a picture that stands still is announced, a camera that gives none is opened anew, and a suspended AudioContext goes on", async ({
  page, server, somebodyElse,
}) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await drawCamera(phone);
  await watchConnections(phone);
  await goLive(phone, link);
  await arrives(phone);
  const still = phone.getByText("The picture stands still.");
  const states = () => phone.evaluate(() => window.drawn.contexts.map(({ state }) => state));

  await phone.evaluate(() => (window.drawn.picture = "stands still"));
  await test.step("suspended, it is resumed", async () => {
    await expect.poll(states).toEqual(["running"]);
    await phone.evaluate(() => window.drawn.contexts[0].suspend());
    await expect.poll(states).toEqual(["running"]);
  });
  await test.step("one that does not wake is left for a new one", async () => {
    await phone.evaluate(async () => {
      const [context] = window.drawn.contexts;
      context.resume = () => Promise.reject(new DOMException("for the test", "InvalidStateError"));
      await context.suspend();
    });
    await expect.poll(states).toEqual(["closed", "running"]);
  });
  await expect(still).toBeVisible();
  await screenshot(phone, "go-still");
  await phone.evaluate(() => (window.drawn.picture = "moves"));
  await expect(still).toBeHidden();

  await test.step("pictures stop though the track lives", async () => {
    await phone.evaluate(() => (window.drawn.picture = "dead"));
    await expect(phone.getByRole("alertdialog", { name: "Your camera was interrupted" })).toBeVisible();
    await phone.evaluate(() => (window.drawn.picture = "moves"));
    await expect(phone.getByRole("alertdialog")).toBeHidden();
    await moreFramesGoOut(phone);
  });
  await expect(phone.getByText("Nothing can be heard."), "no false alarm").toBeHidden();
  expect(await sessions(phone), "sessions").toBe(1);
});

test("the front camera is shown as a mirror, and is not sent so; with each flip a new segment of the copy begins", async ({
  page, server, somebodyElse,
}) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await drawCamera(phone);
  await phone.addInitScript(() => (window.drawn.cameras = ["user"]));
  await goLive(phone, link);
  await arrives(phone);
  const preview = phone.getByLabel("What your camera sees");
  await expect(preview).toHaveCSS("transform", "matrix(-1, 0, 0, 1, 0, 0)");
  await phone.evaluate(() => {
    window.drawn.cameras = ["user", "environment"];
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  });
  await phone.getByRole("button", { name: "Flip camera" }).click();
  await expect(preview).toHaveCSS("transform", "none");
  await expect.poll(async () => Object.keys(await kept(phone)).length, { message: "takes" }).toBe(2);
  await stopStreaming(phone);
  await expect(phone.getByText(/^Safe: 2 copies/)).toBeVisible();

  const file = await recordingFile(server);
  for (const [name, seconds] of [["the front camera", 1], ["the other one", (await pictureTimes(file)).at(-1)! - 0.5]] as const) {
    const [left, right] = await halves(file, seconds);
    expect(left[0], `${name}: left it is red`).toBeGreaterThan(left[2] + 100);
    expect(right[2], `${name}: right it is blue`).toBeGreaterThan(right[0] + 100);
  }
});

/** Everything that the page ever opened is off, also what the browser gives only now. */
async function expectOff(phone: Page, give: () => Promise<void>): Promise<void> {
  await give();
  const states = () => phone.evaluate(() => window.drawn.opened.map(({ readyState }) => readyState));
  await expect.poll(async () => [...new Set(await states())], { message: "no light is on" }).toEqual(["ended"]);
}

const opened = (phone: Page) => phone.evaluate(() => window.drawn.opened.length);

test("the other camera takes its time, and opens when the service is over: it is switched off", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await drawCamera(phone);
  await phone.addInitScript(() => (window.drawn.cameras = ["environment", "user"]));
  await goLive(phone, link);
  await arrives(phone);
  const give = await openSlowly(phone);
  await phone.getByRole("button", { name: "Flip camera" }).click();
  await expect.poll(() => opened(phone)).toBe(3);
  await stopStreaming(phone);
  await expect(phone.getByText("The service has ended")).toBeVisible();
  await expectOff(phone, give);
});

test("a call takes the camera, and staff end the service: what is opened then is switched off, and no card lies over the end", async ({
  page, server, somebodyElse, expectProblems,
}) => {
  // The session is gone first, then the link.
  expectProblems(/404/, /410/);
  const { card, link } = await prepareService(page, server);
  await hydrated(page);
  const phone = await somebodyElse();
  await drawCamera(phone);
  await watchConnections(phone);
  await goLive(phone, link);
  await arrives(phone);
  const give = await openSlowly(phone);
  await onTrack(phone, "video", "ended");
  const interrupted = phone.getByRole("alertdialog", { name: "Your camera was interrupted" });
  await expect(interrupted).toBeVisible();
  // Both are opened anew, in one question.
  await expect.poll(() => opened(phone)).toBe(4);
  await card.getByText("End the service").first().click();
  await card.getByRole("button", { name: "Yes, end it now" }).click();
  await expect(phone.getByText("The service has ended")).toBeVisible();
  await expect(interrupted).toBeHidden();
  await expectOff(phone, give);
  await expect(interrupted).toBeHidden();
});
