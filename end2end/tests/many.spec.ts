// Two instances behind one address, and the one that has the service is killed in the middle of it: how long until the picture
// is back, what is missing in the recording, and that nothing else is.
import type { Page } from "@playwright/test";
import { setTimeout as sleep } from "node:timers/promises";

import {
  arrivedPictures, decodeErrors, expect, expectPlaying, expectSoundRecording, ffprobe, goLive, hydrated, masterFolders, ownRecording, phoneCopy,
  pictureTimes, prepareService, recordingFile, stopStreaming, watchConnections, type Server,
} from "./fixtures";
import { test, type Several } from "./support/several";

declare global {
  interface Window {
    /** When a new picture was shown, in milliseconds since 1970. */
    shown: number[];
  }
}

/** Writes down when the live picture moves; before the page is opened. */
async function watchPicture(mourner: Page): Promise<void> {
  await mourner.addInitScript(() => {
    window.shown = [];
    let before = -1;
    setInterval(() => {
      const frames = document.querySelector<HTMLVideoElement>("video#live")?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
      if (frames > 0 && frames !== before) window.shown.push(Date.now());
      before = frames;
    }, 20);
  });
}

/** The longest step in a row of times. */
const longest = (times: number[]) => Math.max(...times.slice(1).map((time, at) => time - times[at]));

function measured(what: Record<string, number>): void {
  const text = Object.entries(what).map(([name, value]) => `${name} ${value.toFixed(2)}`).join(", ");
  test.info().annotations.push({ type: "measured", description: text });
  console.log(`${test.info().title}: ${text}`);
}

/** The instance whose UDP port the answer to the phone names. */
async function hostOf(phone: Page, several: Several): Promise<Server> {
  const sdp = await phone.evaluate(() => window.connections?.at(-1)?.remoteDescription?.sdp ?? "");
  const host = several.instances.find((instance) => sdp.includes(` ${instance.udpPort} typ host`));
  if (!host) throw new Error(`no instance has the ports of ${sdp}`);
  return host;
}

const arrives = (phone: Page) => expect(phone.getByText("Picture and sound arrive")).toBeVisible({ timeout: 60_000 });

test("the instance that has a service is killed: it goes on at the other, in one recording", async ({
  page, server, several, somebodyElse, expectProblems,
}) => {
  test.setTimeout(240_000);
  // Requests that were on their way to the one that died.
  expectProblems(/ERR_|status (of )?(404|409|502|503)/);
  const { card, link, watch } = await prepareService(page, server);
  const phone = await somebodyElse();
  await watchConnections(phone);
  await goLive(phone, link);
  await arrives(phone);
  const host = await hostOf(phone, several);
  const other = several.instances.find((instance) => instance !== host)!;

  // From now on everybody comes to the one that does not have it.
  several.door.towards = other;
  const mourner = await somebodyElse();
  await watchPicture(mourner);
  await watchConnections(mourner);
  await mourner.goto(watch);
  await expectPlaying(mourner.locator("#live"));
  expect(await hostOf(mourner, several), "the mourner's picture comes from the one that has it").toBe(host);
  await page.reload();
  await hydrated(page);
  await expect(card.getByText("On air").first()).toBeVisible();
  const board = await page.context().newPage();
  await board.goto("/admin/today");
  await expect(board.getByText("1 watching"), "as the other one has written it down").toBeVisible();
  await sleep(4_000);

  const killed = Date.now();
  await host.kill9();
  await expect(card.getByText("On air").first(), "staff are told").toBeHidden({ timeout: 15_000 });
  await arrives(phone);
  const back = await mourner.waitForFunction((killed) => window.shown.find((at, n) => at > killed + 500 && at - window.shown[n - 1] > 500), killed, {
    timeout: 60_000,
  });
  const picture = (((await back.jsonValue()) as number) - killed) / 1000;
  await expectPlaying(mourner.locator("#live"));
  expect(await hostOf(phone, several)).toBe(other);
  expect(await hostOf(mourner, several)).toBe(other);
  await expect(card.getByText("On air").first()).toBeVisible();
  await expect(board.getByText("1 watching")).toBeVisible();
  await sleep(4_000);
  await board.close();

  await stopStreaming(phone);
  await expect(phone.getByText(/^Safe: 2 copies/)).toBeVisible({ timeout: 90_000 });
  await expect(ownRecording(card)).toContainText("sound and picture checked");
  await expect.poll(() => several.log.some((line) => line.includes("holes filled")), { timeout: 60_000 }).toBe(true);
  // Beside it lies what the filled file is made in, for a moment.
  await expect.poll(() => masterFolders(several.dataDir), { message: "one recording", timeout: 60_000 }).toHaveLength(1);
  expect(await several.ask("SELECT source FROM recordings ORDER BY source")).toEqual(["phone", "server"]);
  const file = await recordingFile(several);
  const gap = longest(await arrivedPictures(several.dataDir));
  const left = longest(await pictureTimes(file));
  await expectSoundRecording(file, { codec: "h264" });
  expect(await decodeErrors(await phoneCopy(several))).toBe("");
  const { format } = await ffprobe(file);
  measured({ "time to picture (s)": picture, "gap (s)": gap, "left after filling (s)": left, "recording (s)": Number(format.duration) });
  expect(picture, "seconds until the mourner has a picture again").toBeLessThan(12);
  expect(gap, "the gap, in seconds").toBeLessThan(10);
  expect(left, "the longest hole of the finished recording, in seconds").toBeLessThan(0.5);

  // The mourner has the recording, from the one that is left.
  const recording = mourner.locator("video#recording");
  await expect(recording).toBeVisible();
  await recording.evaluate((video: HTMLVideoElement) => video.play());
  await expectPlaying(recording);
});
