// The programs that tests drive. `cargo xtask test` finds them and passes their paths; by hand, PATH has to do.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { chromium as playwrightChromium, firefox, type Browser, type BrowserContext, type LaunchOptions } from "@playwright/test";

const root = join(import.meta.dirname, "..", "..", "..");

const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");

export const programs = {
  server: process.env.EVERLIGHT_BIN ?? join(target, "debug", "everlight"),
  emulator: process.env.EMULATOR_BIN ?? join(target, "debug", "everlight-emulator"),
  /** Viewers by the hundred: the example `fanout` of crates/media. */
  viewers: process.env.VIEWERS_BIN ?? join(target, "debug", "examples", "fanout"),
  site: process.env.LEPTOS_SITE_ROOT ?? join(target, "site"),
  ffmpeg: process.env.FFMPEG_PATH ?? "ffmpeg",
  ffprobe: process.env.FFPROBE_PATH ?? "ffprobe",
  /** 8.0 or later: `-f whip`. */
  ffmpegWhip: process.env.FFMPEG_WHIP_PATH ?? "ffmpeg",
  psql: process.env.PSQL_PATH ?? "psql",
  firefox: process.env.FIREFOX_PATH ?? "/usr/bin/firefox-esr",
  chromium: process.env.CHROMIUM_PATH ?? ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path)),
};

/** Chromium with a camera and a microphone that are not there, and with WebRTC allowed on the loopback. */
export function chromium(...more: string[]): LaunchOptions {
  return {
    executablePath: programs.chromium,
    args: [
      "--no-sandbox",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      "--allow-loopback-in-peer-connection",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  };
}

/** Chromium in which something is otherwise: flags that match `without` are left out, `more` are added. */
export function launchChromium({ without, more = [] }: { without?: RegExp; more?: string[] }): Promise<Browser> {
  const { args = [], ...options } = chromium(...more);
  return playwrightChromium.launch({ ...options, args: args.filter((arg) => !without?.test(arg)) });
}

/** The distribution's own Firefox, driven over WebDriver BiDi, likewise with fake devices. Preferences may be others. */
function firefoxOptions(preferences: Record<string, string | number | boolean>) {
  return {
    channel: "moz-firefox",
    executablePath: programs.firefox,
    firefoxUserPrefs: {
      "media.navigator.streams.fake": true,
      "media.navigator.permission.disabled": true,
      "media.peerconnection.ice.loopback": true,
      // OpenH264 would be fetched from the network.
      "media.gmp-manager.updateEnabled": false,
      // 0: allowed. 5: blocked, as a visitor has it.
      "media.autoplay.default": 0,
      ...preferences,
    },
  };
}

export function launchFirefox(preferences: Record<string, string | number | boolean> = {}): Promise<Browser> {
  return firefox.launch(firefoxOptions(preferences));
}

/** One that remembers, in this folder. */
export function openFirefox(profile: string): Promise<BrowserContext> {
  return firefox.launchPersistentContext(profile, firefoxOptions({}));
}

/** As the system ends a browser that takes too much memory: every process of it, by the profile in their command lines. */
export function killBrowser(profile: string): void {
  for (const pid of execFileSync("pgrep", ["-f", "--", profile]).toString().trim().split("\n").map(Number)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone with its parent.
    }
  }
}
