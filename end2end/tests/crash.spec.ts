// The server dies in the middle of a service, as in a power cut.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import {
  arrivedPictures, createMemorial, createStream, expect, expectPlaying, expectSoundRecording, ffprobe, hydrated, masterFolders, phoneLink, pictureTimes, recordingFile, serverGone, signUp,
  ownRecording, Server, stopStreaming, test, viewerLink,
} from "./fixtures";
import { goLive, watchConnections } from "./support/phone";

for (const { end, how } of [
  { end: "kill -9", how: (server: Server) => server.kill9() },
  { end: "being asked to stop", how: (server: Server) => server.stop() },
]) test(`after ${end} the phone goes on by itself, in the same recording`, async ({ page, server, somebodyElse, expectProblems }) => {
  // While the server is away, requests fail: that is what the test is about.
  expectProblems(serverGone, /status (of )?(404|409|503)/);
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  const card = await createStream(page, { title: "Funeral service" });
  await hydrated(page);
  const link = await phoneLink(card);
  const mourner = await somebodyElse();
  await mourner.goto(await viewerLink(card));
  const phone = await somebodyElse();
  await watchConnections(phone);
  await goLive(phone, link);
  const started = Date.now();
  await expectPlaying(mourner.locator("video:visible").first());
  await mourner.waitForTimeout(6_000);

  const asked = Date.now();
  await how(server);
  // Who is asked to stop lets pictures go on until then.
  const killed = end === "kill -9" ? asked : Date.now();
  await server.restart();
  const up = Date.now();
  // At most one second before the end is lost.
  expect(killed / 1000 - (await lastWritten(server))).toBeLessThan(1);

  await expect(card.getByText("On air").first()).toBeVisible({ timeout: 30_000 });
  await expectPlaying(mourner.locator("video:visible").first());
  await mourner.waitForTimeout(4_000);
  const ended = Date.now();
  const pictures = await arrivedPictures(server.dataDir);
  const back = pictures.find((time) => time * 1000 > killed)!;
  const missing = back - Math.max(...pictures.filter((time) => time < back));
  console.log(`after ${end}: a picture arrives ${(back - up / 1000).toFixed(2)} s after the start, ${missing.toFixed(2)} s are missing as it arrived`);
  await stopStreaming(phone);
  await expect(ownRecording(card)).toContainText("sound and picture checked");

  const recording = await recordingFile(server);
  await expectSoundRecording(recording, { codec: "h264" });
  const { format } = await ffprobe(recording);
  // One file from the first picture to the end, the gap in its place.
  expect(Number(format.duration)).toBeGreaterThan((ended - started) / 1000 - 3);
});

/** When the last picture of the recording's first part was taken, in seconds since 1970. */
async function lastWritten(server: Server): Promise<number> {
  const [master] = await masterFolders(server.dataDir);
  const origin = Number(await readFile(join(master, "origin"), "utf8"));
  const times = await pictureTimes(join(master, "part-0001.mp4"));
  return origin / 1000 + Math.max(...times);
}
