// Who may watch: a passcode, approval, a last day, and the part of the recording that is shown.
import type { Locator, Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { rename, rm, writeFile } from "node:fs/promises";

import {
  createMemorial, createStream, expect, expectAccessible, expectPlaying, goLive, hydrated, lookAt, phoneLink, recordingFile, sayPasscode, signUp, soon, stopStreaming, test, viewerLink, type NewStream, type Server,
} from "./fixtures";

async function prepare(page: Page, server: Server, ...streams: Omit<NewStream, "title">[]): Promise<Locator[]> {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist", born: "1941-05-09", died: "2026-11-02" });
  const cards = [];
  for (const [number, stream] of streams.entries()) {
    const title = ["Funeral service", "Visitation", "Graveside"][number];
    cards.push(await createStream(page, { title, ...soon(number), ...stream }));
  }
  await hydrated(page);
  return cards;
}

/** Films for some seconds, and ends. */
async function film(phone: Page, link: string, seconds: number): Promise<void> {
  await goLive(phone, link);
  await phone.waitForTimeout(seconds * 1000);
  await stopStreaming(phone);
  await expect(phone.getByText("The service has ended", { exact: false })).toBeVisible();
}

async function edit(page: Page, card: Locator, change: (form: Locator) => Promise<void>): Promise<void> {
  await card.getByRole("link", { name: "Edit" }).click();
  const form = page.getByRole("dialog", { name: "Edit service" });
  await change(form);
  await form.getByRole("button", { name: "Save" }).click();
  await expect(form).toBeHidden();
}

async function choosePart(card: Locator, begin: string, end: string): Promise<void> {
  await card.getByText("Take off the beginning or the end").click();
  await card.getByLabel("Begins at").fill(begin);
  await card.getByLabel("Ends at").fill(end);
}

const showPart = (card: Locator) => card.getByRole("button", { name: "Show this part" });

const name = (mourner: Page) => mourner.getByRole("heading", { level: 1, name: "Anna Lindqvist" });

test("a passcode lets in, is remembered, and a new one shuts out whoever is watching", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(/403/);
  const [card] = await prepare(page, server, { passcode: "white rose" });
  await expect(card.getByText("Whoever has the link and the passcode can watch.")).toBeVisible();
  const watch = await viewerLink(card);
  const mourner = await somebodyElse();
  await mourner.goto(watch);
  await expect(mourner.getByLabel("Passcode")).toBeVisible();
  await expect(mourner).toHaveTitle("A memorial service");
  await lookAt(mourner, "watch-passcode");
  await sayPasscode(mourner, "white lily");
  await expect(mourner.getByRole("alert")).toContainText("That is not the passcode");
  await expectAccessible(mourner);
  await sayPasscode(mourner, "WHITE ROSE");
  await expect(name(mourner)).toBeVisible();

  const phone = await somebodyElse();
  await goLive(phone, await phoneLink(card));
  await mourner.reload();
  await expectPlaying(mourner.locator("#live"));
  const stranger = await somebodyElse();
  for (const path of ["events", "recordings/01a2046e-2607-75cd-8770-eef5e0a25fa8.mp4"]) {
    expect((await stranger.request.get(`${watch}/${path}`)).status()).toBe(403);
  }

  await edit(page, card, (form) => form.getByLabel("Passcode").first().fill("red tulip"));
  await expect(mourner.getByLabel("Passcode")).toBeVisible();
  await expect(mourner.locator("video")).toHaveCount(0);
  await sayPasscode(mourner, "red tulip");
  await expectPlaying(mourner.locator("#live"));
});

test("the recording is shown when it is approved, until its last day", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(/410/);
  const [card] = await prepare(page, server, { ticked: ["Hide the recording until it is approved", "may keep the recording"] });
  await lookAt(page, "memorial-privacy");
  const watch = await viewerLink(card);
  const mourner = await somebodyElse();
  await mourner.goto(watch);
  await film(await somebodyElse(), await phoneLink(card), 5);
  await expect(mourner.getByText("when the family has approved it")).toBeVisible();
  await lookAt(mourner, "watch-withheld");
  await expect(mourner.locator("#recording")).toBeHidden();

  await card.getByRole("button", { name: "Show the recording" }).click();
  await expect(mourner.locator("#recording")).toBeVisible();
  await mourner.locator("#recording").evaluate((video: HTMLVideoElement) => ((video.muted = true), video.play()));
  await expectPlaying(mourner.locator("#recording"));
  const download = mourner.waitForEvent("download");
  await mourner.getByRole("link", { name: "Keep the recording" }).click();
  expect((await download).suggestedFilename()).toBe("memorial-service.mp4");
  await lookAt(mourner, "watch-recorded-keep");

  await card.getByRole("button", { name: "Hide the recording" }).click();
  await expect(mourner.getByText("when the family has approved it")).toBeVisible();
  await card.getByRole("button", { name: "Show the recording" }).click();
  await expect(mourner.locator("#recording")).toBeVisible();

  const until = async (day: string) => {
    await card.getByText("Change the last day").click();
    await card.getByLabel("Last day to watch").fill(day);
    if (day === "2099-12-24") await lookAt(page, "card-last-day");
    await card.getByRole("button", { name: "Save the day" }).click();
  };
  await until("2099-12-24");
  await expect(mourner.getByText("It can be watched until 24 December 2099.")).toBeVisible();
  await page.reload();
  await hydrated(page);
  await until("2020-12-24");
  await expect(card.getByText("It could be watched until 24 December 2020.")).toBeVisible();
  await expect(mourner.getByRole("heading", { name: "The time to watch is over" })).toBeVisible();
  await lookAt(mourner, "watch-over");
});

test("beginning and end are taken off what is shown, and the original stays", async ({ page, server, somebodyElse, expectProblems }) => {
  // Of the attempt that leaves nothing.
  expectProblems(/422/);
  const [card] = await prepare(page, server, {});
  const watch = await viewerLink(card);
  await film(await somebodyElse(), await phoneLink(card), 9);
  const mourner = await somebodyElse();
  await mourner.goto(watch);
  const length = () => mourner.locator("#recording").evaluate((video: HTMLVideoElement) => video.duration || 0);
  await expect.poll(length).toBeGreaterThan(7);
  const whole = await length();
  const trim = async (begin: string, end: string) => {
    await choosePart(card, begin, end);
    if (end === "0:06") await lookAt(page, "card-trim");
    await showPart(card).click();
  };
  await expect(card.getByText(/Ready: .*checked/), "of both copies all is known").toHaveCount(2);
  await trim("0:02", "0:06");
  await expect(card.getByText(/^Those who watch see it from 0:0[0-2] to 0:06\. The original stays\.$/)).toBeVisible();
  await lookAt(page, "memorial-trimmed");
  // The open page takes it over by itself.
  const isCut = async () => [await length()].every((seconds) => seconds > 3.5 && seconds < 6.2);
  await expect.poll(isCut, { message: "four seconds, and up to two before the key frame" }).toBe(true);
  // Nobody who watches gets at what was taken off.
  const address = await mourner.locator("#recording").getAttribute("src");
  const original = await mourner.request.get(new URL(address!.split("?")[0], watch).href);
  const shown = await mourner.request.get(new URL(address!, watch).href);
  expect((await original.body()).equals(await shown.body())).toBe(true);
  await page.reload();
  await hydrated(page);
  await trim("0:05", "0:02");
  await expect(card.getByText("Nothing would be left")).toBeVisible();
  await page.reload();
  await hydrated(page);
  await trim("", "");
  await expect(card.getByText("Those who watch see it from")).toBeHidden();
  await expect.poll(length).toBeCloseTo(whole, 1);
});

test("a part that takes long is made after the answer, and the card says how it stands", async ({ page, server, somebodyElse, expectProblems }) => {
  // Of the attempt while another part is being made.
  expectProblems(/422/);
  const [card] = await prepare(page, server, {});
  await film(await somebodyElse(), await phoneLink(card), 9);
  await expect(card.getByText(/Ready: .*checked/), "of both copies all is known").toHaveCount(2);
  // In the place of the recording: whoever opens it waits, until somebody writes there.
  const recording = await recordingFile(server);
  await rename(recording, `${recording}.aside`);
  execFileSync("mkfifo", [recording]);
  await choosePart(card, "0:02", "0:06");
  await showPart(card).click();
  const beingMade = card.getByText("The part from 0:02 to 0:06 is being made ready", { exact: false });
  await expect(beingMade, "once whoever asked has waited for some seconds").toBeVisible({ timeout: 25_000 });
  await expectAccessible(page);
  // Who comes later is told as well, and no other part is begun.
  await page.reload();
  await hydrated(page);
  await expect(beingMade).toBeVisible();
  await choosePart(card, "0:01", "0:03");
  await showPart(card).click();
  await expect(card.getByText("A part of this recording is being made ready just now", { exact: false })).toBeVisible();
  // It turns out to be no recording. The open page says so by itself.
  await writeFile(recording, "");
  await expect(card.getByText("The recording could not be shortened. It is as it was.")).toBeVisible();
  await expect(beingMade).toBeHidden();
  await expectAccessible(page);
  await rm(recording);
  await rename(`${recording}.aside`, recording);
  await page.reload();
  await hydrated(page);
  await choosePart(card, "0:02", "0:06");
  await showPart(card).click();
  await expect(card.getByText(/^Those who watch see it from 0:0[0-2] to 0:06\. The original stays\.$/)).toBeVisible();
  await expect(card.getByText("The recording could not be shortened", { exact: false })).toBeHidden();
});

test("the other services are mentioned where they are to be, each behind its own gate", async ({ page, server, somebodyElse }) => {
  const mentioned = ["Mention it with the other services"];
  const [card] = await prepare(page, server, {}, { ticked: mentioned }, { ticked: mentioned, passcode: "white rose" });
  await createStream(page, { title: "For the family only" });
  const mourner = await somebodyElse();
  await mourner.goto(await viewerLink(card));
  const others = mourner.getByRole("navigation", { name: "The other services" });
  await expect(others.getByRole("link")).toHaveText(["Visitation", "Graveside"]);
  await lookAt(mourner, "watch-others");
  await others.getByRole("link", { name: "Graveside" }).click();
  await expect(mourner.getByLabel("Passcode")).toBeVisible();
});

test("larger text is remembered", async ({ page, server, somebodyElse }) => {
  const [card] = await prepare(page, server, {});
  const watch = await viewerLink(card);
  const mourner = await somebodyElse();
  await mourner.goto(watch);
  const size = () => name(mourner).evaluate((heading) => parseFloat(getComputedStyle(heading).fontSize));
  const before = await size();
  await mourner.getByRole("button", { name: "Larger text" }).click();
  await expect.poll(size).toBeGreaterThan(before * 1.2);
  await lookAt(mourner, "watch-larger");
  await mourner.reload();
  await expect(mourner.getByRole("button", { name: "Larger text" })).toHaveAttribute("aria-pressed", "true");
  await expect.poll(size).toBeGreaterThan(before * 1.2);
  await mourner.getByRole("button", { name: "Larger text" }).click();
  await expect.poll(size).toBe(before);
});
