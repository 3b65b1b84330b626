// The whole way, for real: from the set-up link to the replay, with a camera that Chromium makes up.
import {
  createMemorial, createStream, expect, expectPlaying, expectSoundRecording, hydrated, phoneLink, recordingFile, signUp, soon, stopStreaming, test, viewerLink,
} from "./fixtures";

import { decodedFrames, goLive, sentFrames, watchConnections } from "./support/phone";

test("from the set-up link to the replay", async ({ page, server, somebodyElse }) => {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist", born: "1941-05-09", died: "2026-11-02" });
  const card = await createStream(page, { title: "Funeral service", ...soon() });
  await hydrated(page);
  const link = await phoneLink(card);

  const mourner = await somebodyElse();
  await watchConnections(mourner);
  await mourner.goto(await viewerLink(card));
  await expect(mourner.getByText("The service has not begun")).toBeVisible();

  const phone = await somebodyElse();
  await watchConnections(phone);
  await goLive(phone, link);

  // Everybody learns of it without a reload.
  await expect(card.getByText("On air", { exact: false }).first()).toBeVisible();
  await expectPlaying(mourner.locator("video:visible").first());
  const decoded = await decodedFrames(mourner);
  await expect.poll(() => decodedFrames(mourner), { message: "framesDecoded grows" }).toBeGreaterThan(decoded + 150);

  const sent = await sentFrames(phone);
  await stopStreaming(phone);
  await expect(phone.getByText("The service has ended", { exact: false })).toBeVisible();

  await expect(card.getByText("Ready", { exact: false }).first()).toBeVisible();
  const replay = mourner.locator("video[src*='/recordings/']");
  await expect(replay).toBeVisible();
  await replay.evaluate((video: HTMLVideoElement) => video.play());
  await expectPlaying(replay);

  await expectSoundRecording(await recordingFile(server), { codec: "h264", frames: sent });
});
