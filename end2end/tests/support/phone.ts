// Somebody who films, and what browsers say that they sent and showed.
import { expect, type Page } from "@playwright/test";

declare global {
  interface Window {
    connections?: RTCPeerConnection[];
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
