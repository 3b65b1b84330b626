// What people do, in their words: an administrator at a desk, somebody with a phone, somebody who watches.
import { expect, type Locator, type Page, test } from "@playwright/test";

import type { Server } from "./server";

export const administrator = { email: "admin@example.org", password: "a quiet evening by the sea" };

/** The first administrator, by the link that the server printed; ends on the list of memorials. */
export async function signUp(page: Page, server: Server, { email, password } = administrator): Promise<void> {
  await openSetup(page, await server.setupLink());
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Finish set-up" }).click();
  await page.waitForURL("**/admin");
}

/** The page of the set-up link, ready for the rest: its script has put the token into the form, or without script it was pasted. */
export async function openSetup(page: Page, link: string): Promise<void> {
  const field = page.getByLabel("Set-up link");
  await page.goto(link);
  if (test.info().project.use.javaScriptEnabled === false) return field.fill(link);
  await expect(field).toHaveValue(tokenOf(link));
  // It is in nobody's way: not in the history, not over a shoulder.
  expect(new URL(page.url()).hash).toBe("");
}

function tokenOf(setupLink: string): string {
  return setupLink.split("#token=")[1];
}

export async function signIn(page: Page, { email, password } = administrator): Promise<void> {
  await page.goto("/login");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/admin");
}

export interface NewMemorial {
  name: string;
  born?: string;
  died?: string;
  timeZone?: string;
}

/** From the list of memorials; ends on the memorial's page. */
export async function createMemorial(page: Page, memorial: NewMemorial): Promise<void> {
  await page.goto("/admin");
  await page.getByRole("link", { name: "New memorial" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Name of the person").fill(memorial.name);
  if (memorial.born) await form.getByLabel("Born").fill(memorial.born);
  if (memorial.died) await form.getByLabel("Died").fill(memorial.died);
  await form.getByLabel("Time zone").fill(memorial.timeZone ?? "Europe/Berlin");
  await form.getByRole("button", { name: "Create memorial" }).click();
  await expect(page.getByRole("heading", { level: 1, name: memorial.name })).toBeVisible();
}

export interface NewStream {
  title: string;
  description?: string;
  /** `2026-11-28` */
  date?: string;
  /** `14:30` */
  time?: string;
  /** As the list says it: `1 hour`. */
  length?: string;
  method?: "Phone browser" | "OBS / encoder";
  passcode?: string;
  /** Boxes that are ticked, by their names. */
  ticked?: string[];
}

/** From the memorial's page; answers with the new stream's card. */
export async function createStream(page: Page, stream: NewStream): Promise<Locator> {
  await page.getByRole("link", { name: "New service" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Title").fill(stream.title);
  if (stream.description) await form.getByLabel("Description").fill(stream.description);
  if (stream.date) await form.getByLabel("Date").fill(stream.date);
  if (stream.time) await form.getByLabel("Time", { exact: true }).fill(stream.time);
  if (stream.length) await form.getByLabel("How long it will take").selectOption(stream.length);
  await form.getByLabel(stream.method ?? "Phone browser").check();
  if (stream.passcode) await form.getByLabel("Passcode").fill(stream.passcode);
  for (const box of stream.ticked ?? []) await form.getByLabel(box).check();
  await form.getByRole("button", { name: "Create service" }).click();
  await expect(form).toBeHidden();
  const card = streamCard(page, stream.title);
  await expect(card).toBeVisible();
  return card;
}

/** In three hours, as a clock in Berlin shows it: a link for filming works from a day before the service. */
export function soon(hoursLater = 0): { date: string; time: string } {
  const [date, time] = new Date(Date.now() + (3 + hoursLater) * 3_600_000).toLocaleString("sv-SE", { timeZone: "Europe/Berlin" }).split(" ");
  return { date, time: time.slice(0, 5) };
}

/** From the set-up link to a service that waits for its phone. For tests of what comes after: the forms are sent as a browser
 * without JavaScript sends them, and no page is waited for but the last. */
export async function prepareService(page: Page, server: Server): Promise<{ card: Locator; link: string; watch: string }> {
  const link = await server.setupLink();
  const memorials = await submit(page, new URL("/setup", link).href, "set_up", { token: tokenOf(link), ...administrator });
  const memorial = await submit(page, `${memorials}?new`, "create_memorial", {
    name: "Anna Lindqvist",
    born: "1941-05-09",
    died: "2026-11-02",
    time_zone: "Europe/Berlin",
  });
  await page.goto(await submit(page, `${memorial}?new`, "create_stream", { title: "Funeral service", ...soon() }));
  const card = streamCard(page, "Funeral service");
  const watch = await viewerLink(card);
  return { card, link: await phoneLink(card), watch };
}

/** Fills these fields of a form on the page at this address, leaves the others as they are, and sends it; answers with where it
 * leads. The page itself is not opened. */
async function submit(page: Page, at: string, action: string, filled: Record<string, string>): Promise<string> {
  const html = await (await page.request.get(at)).text();
  const form = await page.evaluate(
    ({ html, action }) => {
      const forms = [...new DOMParser().parseFromString(html, "text/html").forms];
      const form = forms.find((form) => form.getAttribute("action")?.startsWith(`/api/${action}`));
      return form && { path: form.getAttribute("action")!, fields: [...new FormData(form)] as [string, string][] };
    },
    { html, action },
  );
  if (!form) throw new Error(`there is no form for ${action} at ${at}`);
  const answer = await page.request.post(new URL(form.path, at).href, {
    form: { ...Object.fromEntries(form.fields), ...filled },
    headers: { accept: "text/html", origin: new URL(at).origin, referer: at },
    maxRedirects: 0,
  });
  expect([302, 303], `the form for ${action} leads on`).toContain(answer.status());
  return new URL(answer.headers().location, at).href;
}

export function streamCard(page: Page, title: string): Locator {
  return page.getByRole("article", { name: title });
}

/** What the card says of this server's recording; there may be others. */
export function ownRecording(card: Locator): Locator {
  return card.getByRole("listitem").filter({ hasText: "Recording on this server" });
}

/** On a mourner's page that asks for it. */
export async function sayPasscode(mourner: Page, passcode: string): Promise<void> {
  await mourner.getByLabel("Passcode").fill(passcode);
  await mourner.getByRole("button", { name: "Watch the service" }).click();
}

/** The link for the person who films. */
export async function phoneLink(card: Locator): Promise<string> {
  const link = card.getByLabel("Link for the phone");
  if (!(await link.isVisible())) await card.getByRole("link", { name: "Show link and QR code" }).click();
  return link.inputValue();
}

/** Where and with what an encoder publishes. */
export async function encoderAccess(card: Locator): Promise<{ url: string; token: string }> {
  const url = card.getByLabel("Server address");
  if (!(await url.isVisible())) await card.getByRole("link", { name: "Show server address and key" }).click();
  return { url: await url.inputValue(), token: await card.getByLabel("Bearer token").inputValue() };
}

/** Where and with what an encoder sends to a provider. */
export async function streamKey(card: Locator): Promise<{ server: string; key: string }> {
  const server = card.getByLabel("Server", { exact: true });
  if (!(await server.isVisible())) await card.getByRole("link", { name: "Show server address and key" }).click();
  return { server: await server.inputValue(), key: await card.getByLabel("Stream key").inputValue() };
}

export function viewerLink(card: Locator): Promise<string> {
  return card.getByLabel("Viewer link").inputValue();
}

/** On the phone: stops, and says yes to the question. */
export async function stopStreaming(phone: Page): Promise<void> {
  await phone.getByRole("button", { name: "End", exact: true }).click();
  await phone.getByRole("button", { name: "Yes, end the service" }).click();
}

/** A video that really plays: its time advances and frames are shown. Both begin anew when the page connects again. */
export async function expectPlaying(video: Locator): Promise<void> {
  await expect(video).toBeVisible();
  const read = () =>
    video.evaluate((video: HTMLVideoElement & { mozPaintedFrames?: number }) => ({
      time: video.currentTime,
      // Firefox counts the frames of a live picture here only.
      frames: video.getVideoPlaybackQuality().totalVideoFrames || (video.mozPaintedFrames ?? 0),
    }));
  let before = await read();
  const advanced = async () => {
    const now = await read();
    if (now.time < before.time || now.frames < before.frames) before = now;
    return now.time > before.time + 1 && now.frames > before.frames + 10;
  };
  await expect.poll(advanced, { message: "time advances and frames are shown" }).toBe(true);
}
