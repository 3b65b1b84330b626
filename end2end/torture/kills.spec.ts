// The server dies again and again, in the middle of a service that a phone films: what was received is there, the phone comes
// back each time by itself, and in the end there is one recording without a hole.
import { setTimeout as sleep } from "node:timers/promises";

import {
  arrivedPictures, decodeErrors, expect, expectSoundRecording, ffprobe, goLive, masterFolders, ownRecording, phoneCopy, pictureTimes, prepareService,
  recordingFile, stopStreaming, test,
} from "../tests/fixtures";

const KILLS = Number(process.env.EVERLIGHT_LIVE_KILLS ?? 50);
/** So long a picture arrives before the next one, at the least and at the most. */
const [SOONEST_MS, LATEST_MS] = [500, 5_000];

test("a service outlives its server, however often that is killed", async ({ page, server, somebodyElse, expectProblems }) => {
  test.setTimeout((KILLS * 60 + 300) * 1000);
  // While the server is away, requests fail: that is what the test is about.
  expectProblems(/ERR_|status (of )?(404|409|502|503)/);
  const { card, link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await goLive(phone, link);
  const arrives = () => expect(phone.getByText("Picture and sound arrive")).toBeVisible({ timeout: 60_000 });
  await arrives();

  const [lost, away] = [[], []] as number[][];
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(SOONEST_MS + Math.random() * (LATEST_MS - SOONEST_MS));
    const killed = Date.now() / 1000;
    await server.kill9();
    await server.restart();
    // What it says is as old as its last news: first a picture of the new connection has to be there.
    await expect.poll(async () => Math.max(...(await arrivedPictures(server.dataDir))) > killed, { timeout: 60_000 }).toBe(true);
    await arrives();
    const times = await arrivedPictures(server.dataDir);
    const before = Math.max(...times.filter((time) => time <= killed));
    lost.push(killed - before);
    away.push(times.find((time) => time > killed)! - killed);
    expect(lost.at(-1), "seconds of what was received that are not on the disk").toBeLessThan(1);
  }

  await stopStreaming(phone);
  await expect(phone.getByText(/^Safe: 2 copies/)).toBeVisible({ timeout: 300_000 });
  await expect(ownRecording(card)).toContainText("sound and picture checked");
  await expect.poll(() => server.log.some((line) => line.includes("holes filled")), { timeout: 120_000 }).toBe(true);
  await expect.poll(() => masterFolders(server.dataDir), { message: "one recording", timeout: 60_000 }).toHaveLength(1);
  const file = await recordingFile(server);
  await expectSoundRecording(file, { codec: "h264" });
  expect(await decodeErrors(await phoneCopy(server))).toBe("");
  const times = await pictureTimes(file);
  const left = Math.max(...times.slice(1).map((time, at) => time - times[at]));
  const { format } = await ffprobe(file);
  const worst = (numbers: number[]) => Math.max(...numbers).toFixed(2);
  const middle = [...away].sort((one, other) => one - other)[Math.floor(KILLS / 2)].toFixed(2);
  console.log(
    `${KILLS} kills of a live service: ${worst(lost)} s of the picture lost at the most, back after ${middle} s (${worst(away)} s at the most), ` +
      `one recording of ${Number(format.duration).toFixed(0)} s, its longest step ${left.toFixed(2)} s`,
  );
  expect(left, "the longest hole of the finished recording, in seconds").toBeLessThan(0.5);
});
