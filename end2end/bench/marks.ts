// Moments in a page, on the machine's own clock, so that those of two browsers and of the server can be compared.
import type { Page } from "@playwright/test";

export interface Marks {
  /** The page was asked for. */
  opened: number;
  /** "Go live" was pressed. */
  click: number;
  /** The first peer connection was made, and was connected. */
  peer: number;
  connected: number;
  /** The first live picture was shown. */
  picture: number;
}

declare global {
  interface Window {
    marks: Partial<Marks>;
  }
}

/** Before the page is opened. */
export async function keepMarks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const marks: Partial<Marks> = (window.marks = { opened: performance.timeOrigin });
    const mark = (name: keyof Marks, at = performance.now()) => (marks[name] ??= performance.timeOrigin + at);
    const clicked = (event: Event) => {
      if ((event.target as Element).closest("button")?.textContent === "Go live") mark("click", event.timeStamp);
    };
    document.addEventListener("click", clicked, { capture: true });
    const Original = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Original {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        mark("peer");
        this.addEventListener("connectionstatechange", () => this.connectionState === "connected" && mark("connected"));
      }
    };
    document.addEventListener("DOMContentLoaded", () => {
      document.querySelector<HTMLVideoElement>("video#live")?.requestVideoFrameCallback(() => mark("picture"));
    });
  });
}

/** Waits until all of these have come. */
export async function marks<Name extends keyof Marks>(page: Page, ...names: Name[]): Promise<Pick<Marks, Name>> {
  await page.waitForFunction((names: (keyof Marks)[]) => names.every((name) => window.marks[name]), names as (keyof Marks)[]);
  return page.evaluate(() => window.marks as Marks);
}
