// The safety copy where a phone has no room for it, where a browser cannot make one, and where somebody changes their mind.
import {
  expect, expectAccessible, goLive, holds, keptBytes, leaveRoom, prepareService, screenshot, stopStreaming, tellRoom, test,
} from "./fixtures";
import type { Page } from "@playwright/test";

const arrives = (phone: Page) => expect(phone.getByText("Picture and sound arrive")).toBeVisible();
const full = (phone: Page) => phone.getByText("This phone is full: the safety copy ends here. The service goes on.");
const oneCopy = (phone: Page) => expect(phone.getByText("Not yet safe, because there is one copy only.")).toBeVisible();

test("a phone that becomes full while it films: the copy ends, the service does not", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await goLive(phone, link);
  await phone.getByText("More", { exact: true }).click();
  await expect(phone.getByText("There is room for"), "Chromium does not tell: nothing is claimed").toBeHidden();
  await holds(phone, 100_000);
  await expect(full(phone)).toBeHidden();
  // Less than there is already: the browser refuses to write the next piece.
  await leaveRoom(phone, 1_000);
  await expect(full(phone)).toBeVisible();
  await screenshot(phone, "go-phone-full");
  const before = await keptBytes(phone);
  await arrives(phone);
  await stopStreaming(phone);
  // What was kept is delivered all the same.
  await oneCopy(phone);
  await expect(phone.locator(".streamer-copies li").filter({ hasText: "From this phone" })).toContainText("not complete");
  expect(before).toBeGreaterThan(100_000);
});

test("a phone that comes close to being full ends the copy before it is", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await tellRoom(phone, 4_000_000_000);
  await goLive(phone, link);
  // More than the copy takes in this test, less than is left to the phone.
  await tellRoom(phone, 250_000_000);
  await expect(full(phone)).toBeVisible();
  await expect.poll(() => keptBytes(phone)).toBeGreaterThan(0);
  await arrives(phone);
});

test("a browser without MediaRecorder keeps no copy, says so, and films", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await phone.addInitScript(() => Reflect.deleteProperty(window, "MediaRecorder"));
  await phone.goto(link);
  await phone.getByRole("button", { name: "Start camera" }).click();
  await phone.getByText("More", { exact: true }).click();
  await expect(phone.getByText("This browser cannot keep a safety copy.", { exact: true })).toBeVisible();
  await expect(phone.getByLabel("Keep a safety copy on this phone")).toBeHidden();
  await phone.getByRole("button", { name: "Go live" }).click();
  await expect(phone.getByText("This browser cannot keep a safety copy. The service goes on.")).toBeVisible();
  await arrives(phone);
  await stopStreaming(phone);
  await oneCopy(phone);
  await expect(phone.getByText("no safety copy was kept")).toBeVisible();
});

test("the copy says what it costs, is switched off and on again, and without one there is one copy only", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await tellRoom(phone, 4_000_000_000);
  await phone.goto(link);
  await phone.getByRole("button", { name: "Start camera" }).click();
  const more = phone.getByText("More", { exact: true });
  const keep = phone.getByLabel("Keep a safety copy on this phone");
  const none = phone.getByText("No safety copy is kept on this phone.");
  await more.click();
  await expect(phone.getByText("It takes about 1.2 GB an hour. There is room for 3 hours on this phone.")).toBeVisible();
  await phone.getByRole("radio", { name: /^Saves data/ }).check();
  await expect(phone.getByText("It takes about 0.3 GB an hour.")).toBeVisible();
  await keep.uncheck();
  await expectAccessible(phone);
  await screenshot(phone, "go-more");
  await phone.getByRole("button", { name: "Go live" }).click();
  await expect(none).toBeVisible();
  await arrives(phone);
  expect(await keptBytes(phone)).toBe(0);
  // More than a copy may lack that is called complete.
  await expect(phone.locator(".streamer-time")).toHaveText(/0:[1-5]\d/);

  await test.step("whoever changes their mind gets one from then on", async () => {
    await more.click();
    await keep.check();
    await expect(none).toBeHidden();
    await holds(phone, 1_000);
    await keep.uncheck();
    await expect(none).toBeVisible();
  });
  await stopStreaming(phone);
  await oneCopy(phone);
  await expectAccessible(phone);
  await screenshot(phone, "go-one-copy");
});
