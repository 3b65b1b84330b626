// The server under bad conditions: a dead encoder, a full disk, a taken port, wrong settings.
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, readdir, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import type { Locator, Page } from "@playwright/test";

import {
  createMemorial, createStream, encoderAccess, expect, expectPlaying, expectSoundRecording, hydrated, publishWhip, recordingFile, Server, signUp, test,
  ownRecording, viewerLink, type Publisher,
} from "./fixtures";

const encoders: Publisher[] = [];
test.afterEach(() => {
  for (const encoder of encoders.splice(0)) encoder.kill9();
});

function publish(access: { url: string; token: string }): Publisher {
  const encoder = publishWhip(access.url, access.token, { size: "640x360" });
  encoders.push(encoder);
  return encoder;
}

/** A service for an encoder, on the memorial's page; its access is hidden again. */
async function encoderService(page: Page, title: string) {
  const card = await createStream(page, { title, method: "OBS / encoder" });
  const watch = await viewerLink(card);
  const access = await encoderAccess(card);
  await card.getByRole("link", { name: "Hide" }).click();
  return { card, watch, access };
}

async function start(page: Page, server: Server): Promise<void> {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  await hydrated(page);
}

const onAir = (card: Locator) => expect(card.getByText("On air").first()).toBeVisible();

async function endService(card: Locator): Promise<void> {
  await card.getByText("End the service").first().click();
  await card.getByRole("button", { name: "Yes, end it now" }).click();
  await expect(ownRecording(card)).toContainText("sound and picture checked", { timeout: 60_000 });
}

test("a new encoder takes over from one that was killed, in one recording", async ({ page, server }) => {
  await start(page, server);
  const { card, access } = await encoderService(page, "Funeral service");
  const first = publish(access);
  await onAir(card);
  await page.waitForTimeout(4_000);
  first.kill9();
  const began = Date.now();
  const second = publish(access);
  // FFmpeg says so when its session is accepted and connected.
  await expect.poll(() => second.output.join(""), { intervals: [20] }).toMatch(/frame=\s*[1-9]|Output #0, whip/);
  console.log(`takeover: the second encoder sends ${Date.now() - began} ms after its start`);
  await expect.poll(() => second.output.join("")).toMatch(/frame=\s*[1-9]\d\d/);
  await onAir(card);
  expect(second.output.join("")).not.toMatch(/Server returned|HTTP error|Conversion failed/);
  await second.stop();
  await endService(card);
  await expectSoundRecording(await recordingFile(server), { codec: "h264", frames: 150 });
});

/** Makes writing below a recording's folder fail, and lets it work again. */
interface Trouble {
  sentence: RegExp;
  /** Before the encoder comes back. */
  spoil: (folder: string) => Promise<void>;
  /** Once what it sends is written. */
  break?: (folder: string) => void;
  mend: (folder: string) => Promise<void>;
}

/**
 * A file system of one megabyte in the folder's place. Where this user may not mount, a device that is always full
 * stands where the recorder writes first: the kernel refuses in the same words.
 */
const diskIsFull: Trouble = {
  sentence: /The disk of this server is full/,
  async spoil(folder) {
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "ignore" });
      mounted.push(folder);
    } catch {
      await rm(join(folder, "origin"));
      await symlink("/dev/full", join(folder, "origin.new"));
    }
  },
  async mend(folder) {
    if (mounted.includes(folder)) execFileSync("mount", ["-o", "remount,size=64m", folder]);
    else await rm(join(folder, "origin.new"));
  },
};

const [mounted, images] = [[], []] as string[][];
test.afterEach(async () => {
  for (const folder of mounted.splice(0)) execFileSync("umount", ["-l", folder]);
  for (const image of images.splice(0)) await rm(image, { force: true });
});

/** A file stands where the folder should be. */
const folderIsAFile: Trouble = {
  sentence: /This server may not write its recordings/,
  async spoil(folder) {
    await rename(folder, `${folder}.aside`);
    await writeFile(folder, "");
  },
  async mend(folder) {
    await rm(folder);
    await rename(`${folder}.aside`, folder);
  },
};

/** What is told to a file system by `ioctl`: go down, and write nothing more (EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH). */
const SHUT_DOWN = 'open(my $d, "<", $ARGV[0]) or die $!; my $how = pack("I", 2); ioctl($d, 0x8004587d, $how) or die $!';

/** A disk of its own, in the folder's place, that breaks while it is written to, and then is put in anew. */
function disk(sentence: RegExp, fail: (folder: string) => void): Trouble {
  const image = (folder: string) => join(tmpdir(), `everlight-${basename(folder)}.disk`);
  const mount = (folder: string) => {
    execFileSync("mount", ["-o", "loop", image(folder), folder], { stdio: "pipe" });
    mounted.push(folder);
  };
  return {
    sentence,
    async spoil(folder) {
      images.push(image(folder));
      await writeFile(image(folder), "");
      await truncate(image(folder), 64 << 20);
      try {
        execFileSync("mkfs.ext4", ["-q", image(folder)], { stdio: "pipe" });
        mount(folder);
      } catch (error) {
        test.skip(true, `no disk can be mounted here: ${String(error)}`);
      }
      await rm(join(folder, "lost+found"), { recursive: true });
    },
    break: fail,
    async mend(folder) {
      execFileSync("umount", ["-l", folder]);
      mounted.splice(mounted.indexOf(folder), 1);
      mount(folder);
    },
  };
}

const troubles = {
  "the disk is full": diskIsFull,
  "the folder cannot be written": folderIsAFile,
  "the disk breaks (EIO)": disk(/The recording cannot be written/, (folder) => execFileSync("perl", ["-e", SHUT_DOWN, folder])),
  "the disk lets itself be read only": disk(/This server may not write its recordings/, (folder) => execFileSync("mount", ["-o", "remount,abort", folder])),
};

for (const [what, { sentence, spoil, break: fail, mend }] of Object.entries(troubles)) {
  test(`${what}: the card says so, the picture goes on, no other service is harmed`, async ({ page, server, somebodyElse }) => {
    await start(page, server);
    const recordings = join(server.dataDir, "recordings");
    const healthy = await encoderService(page, "Burial");
    const other = publish(healthy.access);
    await onAir(healthy.card);
    await expect.poll(() => readdir(recordings)).toHaveLength(1);
    const [others] = await readdir(recordings);
    const { card, watch, access } = await encoderService(page, "Funeral service");
    const first = publish(access);
    await onAir(card);
    await expect.poll(() => readdir(recordings)).toHaveLength(2);
    const own = (await readdir(recordings)).find((name) => name !== others) ?? "";
    const mourner = await somebodyElse();
    await mourner.goto(watch);
    await expectPlaying(mourner.locator("#live"));

    // A file that is open stays writable: what comes back begins the next one.
    first.kill9();
    await spoil(join(recordings, own));
    const second = publish(access);
    if (fail) {
      await onAir(card);
      await expect.poll(() => readdir(join(recordings, own)), { message: "a part on that disk" }).toContainEqual(expect.stringMatching(/^part-.*mp4$/));
      await page.waitForTimeout(3_000);
      fail(join(recordings, own));
    }
    await expect(card.getByText("Needs attention").first()).toBeVisible();
    await expect(card.getByText(sentence)).toBeVisible();
    await expect(mourner.locator("main")).toHaveAttribute("data-phase", "live");
    await expectPlaying(mourner.locator("#live"));
    await onAir(healthy.card);

    // An encoder that comes back heals nothing.
    second.kill9();
    const third = publish(access);
    await expect.poll(() => third.output.join("")).toMatch(/frame=\s*[1-9]\d\d/);
    await expect(card.getByText("Needs attention").first()).toBeVisible();
    await expectPlaying(mourner.locator("#live"));

    await mend(join(recordings, own));
    await onAir(card);
    await page.waitForTimeout(4_000);
    await third.stop();
    await other.stop();
    await endService(card);
    await endService(healthy.card);
    const files = (await readdir(recordings)).filter((name) => name.endsWith(".mp4"));
    expect(files).toHaveLength(2);
    for (const file of files) await expectSoundRecording(join(recordings, file), { codec: "h264" });
  });
}

test("a UDP port that is taken stops the start with a sentence", async () => {
  const taken = createSocket("udp4").bind(0, "127.0.0.1");
  await once(taken, "listening");
  const address = `127.0.0.1:${taken.address().port}`;
  await expect(Server.start({ EVERLIGHT_WEBRTC_ADDR: address })).rejects.toThrow(
    new RegExp(`ended \\(1\\)[^]*UDP port ${address} is taken[^]*EVERLIGHT_WEBRTC_ADDR`),
  );
  taken.close();
});

test("a folder of recordings that cannot be made stops the start with a sentence", async () => {
  const folder = await mkdtemp(join(tmpdir(), "everlight-"));
  await writeFile(join(folder, "recordings"), "");
  await expect(Server.start({ EVERLIGHT_DATA_DIR: folder })).rejects.toThrow(/ended \(1\)[^]*recordings cannot be made/);
  await rm(folder, { recursive: true });
});

for (const [name, value, sentence] of [
  ["EVERLIGHT_ROUTE", "relay", /EVERLIGHT_ROUTE=relay is set, but CLOUDFLARE_ACCOUNT_ID or MUX_TOKEN_ID is not/],
  ["EVERLIGHT_ADDR", "abc", /EVERLIGHT_ADDR is “abc”, which is not an address and port such as/],
  ["EVERLIGHT_WEBRTC_ADDR", "192.0.2.1:0", /192\.0\.2\.1:0 is not an address of this machine: correct EVERLIGHT_WEBRTC_ADDR/],
  ["EVERLIGHT_MAX_VIEWERS", "many", /EVERLIGHT_MAX_VIEWERS is “many”, which is not a number/],
  ["EVERLIGHT_TYPO", "1", /typo/],
  ["MUX_TOKEN_ID", "x", /MUX_TOKEN_ID is set, but MUX_TOKEN_SECRET is not/],
  ["DATABASE_URL", "mysql://somewhere", /DATABASE_URL is “…”, which is not/],
] as const) {
  test(`${name}=${value} stops the start with a sentence`, async () => {
    const failure = await Server.start({ [name]: value }).then(
      () => "it started",
      (error: Error) => error.message,
    );
    expect(failure).toMatch(/ended \(1\)/);
    expect(failure).toMatch(sentence);
    expect(failure).not.toMatch(/panicked|RUST_BACKTRACE/);
  });
}
