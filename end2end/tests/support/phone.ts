// Somebody who films, and what browsers say that they sent and showed.
import { expect, type Page } from "@playwright/test";

declare global {
  interface Window {
    connections?: RTCPeerConnection[];
    /** Why the camera cannot be opened, as the name of an error. */
    refuse?: string;
    opened?: number;
  }
}

/** Keeps the page's peer connections, so that a test can ask them; before the page is opened. */
export async function watchConnections(phone: Page): Promise<void> {
  await phone.addInitScript(() => {
    const Original = window.RTCPeerConnection;
    window.connections = [];
    window.RTCPeerConnection = class extends Original {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        window.connections?.push(this);
      }
    };
  });
}

/** Video frames sent, over all connections. */
export function sentFrames(phone: Page): Promise<number> {
  return phone.evaluate(async () => {
    let frames = 0;
    for (const connection of window.connections ?? []) {
      for (const report of (await connection.getStats()).values()) {
        if (report.type === "outbound-rtp" && report.kind === "video") frames += report.framesSent ?? 0;
      }
    }
    return frames;
  });
}

/** Waits until more pictures have left the phone. */
export async function moreFramesGoOut(phone: Page, frames = 10): Promise<void> {
  const before = await sentFrames(phone);
  await expect.poll(() => sentFrames(phone), { message: "frames go out" }).toBeGreaterThan(before + frames);
}

/** Video frames decoded, over all connections. */
export function decodedFrames(page: Page): Promise<number> {
  return page.evaluate(async () => {
    let frames = 0;
    for (const connection of window.connections ?? []) {
      for (const report of (await connection.getStats()).values()) {
        if (report.type === "inbound-rtp" && report.kind === "video") frames += report.framesDecoded ?? 0;
      }
    }
    return frames;
  });
}

/** Opens the link, allows the camera and goes live; returns when the page says that it is on air. */
export async function goLive(phone: Page, link: string): Promise<void> {
  await phone.goto(link);
  await phone.getByRole("button", { name: "Start camera" }).click();
  await phone.getByRole("button", { name: "Go live" }).click();
  await expect(phone.getByRole("button", { name: "End", exact: true })).toBeVisible();
}

/** Counts openings of the camera, and refuses them while the test wants so. */
export async function watchCamera(phone: Page): Promise<void> {
  await phone.addInitScript(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    window.opened = 0;
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      if (window.refuse) throw new DOMException("for the test", window.refuse);
      window.opened = (window.opened ?? 0) + 1;
      return open(constraints);
    };
  });
}

/** How often the camera was opened. */
export const opened = (phone: Page) => phone.evaluate(() => window.opened ?? 0);

/** An event of the track that is sent now. `ended` stops it, too. */
export async function onTrack(phone: Page, kind: string, event: string): Promise<void> {
  await phone.evaluate(([kind, event]) => {
    const senders = window.connections?.flatMap((connection) => connection.getSenders()) ?? [];
    const track = senders.map((sender) => sender.track).filter((track) => track?.kind === kind && track.readyState === "live").at(-1);
    if (event === "ended") track?.stop();
    track?.dispatchEvent(new Event(event));
  }, [kind, event]);
}

/** What a lock screen or another app does to the page, as far as a test can. */
export async function seen(phone: Page, state: "hidden" | "visible"): Promise<void> {
  await phone.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, state);
}
