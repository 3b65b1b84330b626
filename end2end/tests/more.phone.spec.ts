// "More", for those who know better than the page: another camera or microphone, the sound, the size of the picture.
import {
  expect, expectAccessible, ffprobe, goLive, prepareService, recordingFile, screenshot, moreFramesGoOut, stopStreaming, test, watchConnections,
} from "./fixtures";
import type { Page } from "@playwright/test";

/** What the track that is sent now says of itself. */
function sent(phone: Page, kind: "video" | "audio"): Promise<MediaTrackSettings> {
  return phone.evaluate((kind) => {
    const senders = window.connections?.[0].getSenders() ?? [];
    return senders.find((sender) => sender.track?.kind === kind)?.track?.getSettings() ?? {};
  }, kind);
}

test("camera, microphone, sound and picture are chosen while on air, in the same session, and remembered", async ({ page, server, strangeBrowser }) => {
  test.setTimeout(180_000);
  const { link } = await prepareService(page, server);
  const phone = await strangeBrowser({ without: /use-fake-device-for-media-stream$/, more: ["--use-fake-device-for-media-stream=device-count=3"] });
  // The second of Chromium's cameras measures depth, which no codec can send.
  await phone.addInitScript(() => {
    // An empty page has none.
    if (!navigator.mediaDevices) return;
    const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
    navigator.mediaDevices.enumerateDevices = async () => (await list()).filter(({ label }) => label !== "fake_device_1");
  });
  await watchConnections(phone);
  await goLive(phone, link);
  await expect(phone.getByText("Picture and sound arrive")).toBeVisible();

  await test.step("it is closed until somebody opens it, with the keyboard too", async () => {
    const more = phone.locator("summary", { hasText: "More" });
    await expect(phone.getByRole("group", { name: "Sound" })).toBeHidden();
    await more.focus();
    await phone.keyboard.press("Enter");
    await expect(phone.getByRole("group", { name: "Sound" })).toBeVisible();
    await expectAccessible(phone);
    await screenshot(phone, "go-more-open");
    for (const target of await phone.locator(".streamer-more :is(select, .choice, summary)").all()) {
      if (await target.isVisible()) expect((await target.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    }
  });
  await test.step("another camera", async () => {
    const before = (await sent(phone, "video")).deviceId;
    const camera = phone.getByRole("combobox", { name: "Camera" });
    await expect(camera).toHaveValue(before ?? "");
    await camera.selectOption({ label: "fake_device_2" });
    await expect.poll(async () => (await sent(phone, "video")).deviceId).not.toBe(before);
    await moreFramesGoOut(phone);
    await expect(camera).toHaveValue((await sent(phone, "video")).deviceId ?? "");
  });
  await test.step("another microphone", async () => {
    const before = (await sent(phone, "audio")).deviceId;
    const microphone = phone.getByRole("combobox", { name: "Microphone" });
    const others = await microphone.locator("option").evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
    const other = others.filter((id) => id !== before).at(-1) ?? "";
    await microphone.selectOption(other);
    await expect.poll(async () => (await sent(phone, "audio")).deviceId).toBe(other);
  });
  await test.step("speech: what browsers do for calls is on, and was off", async () => {
    expect((await sent(phone, "audio")).echoCancellation).toBe(false);
    await phone.getByRole("radio", { name: /^Music and speech/ }).focus();
    await phone.keyboard.press("ArrowDown");
    await expect.poll(async () => (await sent(phone, "audio")).echoCancellation).toBe(true);
    const { noiseSuppression, autoGainControl } = await sent(phone, "audio");
    expect([noiseSuppression, autoGainControl]).toEqual([true, true]);
    await moreFramesGoOut(phone);
  });
  await test.step("less data", async () => {
    await phone.getByRole("radio", { name: /^Saves data/ }).check();
    await expect.poll(async () => (await sent(phone, "video")).height).toBe(360);
    const limit = () => phone.evaluate(() => window.connections?.[0].getSenders().map((sender) => sender.getParameters().encodings?.[0]?.maxBitrate));
    await expect.poll(limit).toContain(600_000);
    await moreFramesGoOut(phone);
    await expect(phone.getByText("Picture and sound arrive")).toBeVisible();
  });
  expect(await phone.evaluate(() => window.connections?.length), "the session went on").toBe(1);

  await test.step("remembered on this phone", async () => {
    await phone.goto("about:blank");
    await phone.goto(link);
    await phone.getByRole("button", { name: "Start camera" }).click();
    await phone.locator("summary", { hasText: "More" }).click();
    await expect(phone.getByRole("radio", { name: /^Saves data/ })).toBeChecked();
    await expect(phone.getByRole("radio", { name: /^Speech close/ })).toBeChecked();
    await expect(phone.getByRole("combobox", { name: "Camera" }).locator("option:checked")).toHaveText("fake_device_2");
    await phone.getByRole("button", { name: "Go live" }).click();
    await stopStreaming(phone);
    await expect(phone.locator(".streamer-safety h3")).toHaveText(/^(Safe|Not yet safe)/, { timeout: 60_000 });
  });
  const { streams } = await ffprobe(await recordingFile(server));
  expect(streams.map((stream) => stream.codec_type).sort()).toEqual(["audio", "video"]);
});
