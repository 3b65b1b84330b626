// The computer is lost in the middle of a service, and its backup takes its place.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import {
  createMemorial, createStream, expect, expectPlaying, expectSoundRecording, hydrated, masterFolders, phoneLink, programs, recordingFile, serverGone, signUp, stopStreaming, test,
  ownRecording, viewerLink,
} from "./fixtures";
import { goLive, watchConnections } from "./support/phone";

test("a backup made during a service brings it back, and the phone goes on", async ({ page, server, somebodyElse, expectProblems }) => {
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
  await expectPlaying(mourner.locator("video:visible").first());
  await mourner.waitForTimeout(5_000);

  const elsewhere = await mkdtemp(join(tmpdir(), "everlight-backup-"));
  const everlight = async (...args: string[]) =>
    promisify(execFile)(programs.server, args, { cwd: tmpdir(), env: { PATH: process.env.PATH, ...server.environment } });
  const key = join(elsewhere, "backup.key");
  await everlight("backup-key", key);
  await everlight("backup", "--to", join(elsewhere, "backups"), "--key", key);
  const before = await firstPart(server.dataDir);
  const secret = await readFile(join(server.dataDir, "secret.key"), "utf8");

  await server.kill9();
  for (const name of await readdir(server.dataDir)) await rm(join(server.dataDir, name), { recursive: true });
  await everlight("restore", "--from", join(elsewhere, "backups"), "--key", key);
  expect(await readFile(join(server.dataDir, "secret.key"), "utf8")).toBe(secret);
  const after = await firstPart(server.dataDir);
  expect(after.length).toBeGreaterThan(100_000);
  expect(before.subarray(0, after.length).equals(after)).toBe(true);
  await server.restart();

  await expect(card.getByText("On air").first()).toBeVisible({ timeout: 30_000 });
  await expectPlaying(mourner.locator("video:visible").first());
  await mourner.waitForTimeout(3_000);
  await stopStreaming(phone);
  await expect(ownRecording(card)).toContainText("sound and picture checked");
  await expectSoundRecording(await recordingFile(server), { codec: "h264" });
  await rm(elsewhere, { recursive: true });
});

/** What there is of the recording's first part. */
async function firstPart(dataDir: string): Promise<Buffer> {
  const [master] = await masterFolders(dataDir);
  return readFile(join(master, "part-0001.mp4"));
}
