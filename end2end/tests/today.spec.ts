// The board of the day, as a director with several services has it open.
import { createMemorial, createStream, expect, hydrated, lookAt, phoneLink, signUp, stopStreaming, test } from "./fixtures";
import { goLive } from "./support/phone";

test("the board says how each service stands and what to do", async ({ page, server, somebodyElse }) => {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  const card = await createStream(page, { title: "Funeral service" });
  await hydrated(page);
  const link = await phoneLink(card);

  await page.getByRole("link", { name: "Today" }).click();
  const row = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Anna Lindqvist" }) });
  await expect(row).toContainText("Link not opened");
  await expect(page.getByRole("status").first()).toHaveText("1 service today. Nothing is wrong.");

  // Everything follows without a reload.
  const phone = await somebodyElse();
  await goLive(phone, link);
  await expect(row).toHaveAttribute("data-light", "good");
  await expect(row).toContainText("Picture arrives");
  await expect(row).toContainText("sound arrives");
  await lookAt(page, "today-live");

  // The phone is gone: after 15 seconds somebody is to act.
  await phone.close();
  await expect(row).toHaveAttribute("data-light", "alarm", { timeout: 45_000 });
  await expect(row).toContainText("No picture for");
  await expect(page.getByRole("status").first()).toHaveText("Anna Lindqvist needs you now.");
  await expect(page).toHaveTitle("(1) Today · Everlight");
  await lookAt(page, "today-alarm");

  // Another phone takes over with the same link, and all is well.
  const another = await somebodyElse();
  await goLive(another, link);
  await expect(row).toHaveAttribute("data-light", "good");
  await expect(page).toHaveTitle("Today · Everlight");

  await stopStreaming(another);
  await expect(row).toContainText("complete cop");
});

test("a microphone that is muted for a minute is said", async ({ page, server, somebodyElse }) => {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  const card = await createStream(page, { title: "Funeral service" });
  await hydrated(page);
  const phone = await somebodyElse();
  await goLive(phone, await phoneLink(card));
  await page.getByRole("link", { name: "Today" }).click();
  const row = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Anna Lindqvist" }) });
  await expect(row).toContainText("sound arrives");
  await phone.getByRole("button", { name: "Mute" }).click();
  await expect(row).toContainText("No sound for 1 min", { timeout: 90_000 });
  await expect(row).toContainText("Picture arrives");
  await phone.getByRole("button", { name: "Turn sound on" }).click();
  await expect(row).toContainText("sound arrives");
  await stopStreaming(phone);
});

test("a service is ended from the board", async ({ page, server, somebodyElse, expectProblems }) => {
  // What the phone asks meanwhile is answered: the service is over.
  expectProblems(/410|404/);
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  const card = await createStream(page, { title: "Funeral service" });
  await hydrated(page);
  const link = await phoneLink(card);
  const phone = await somebodyElse();
  await goLive(phone, link);

  await page.goto(`${server.url}/admin/today`);
  await hydrated(page);
  const row = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Anna Lindqvist" }) });
  await row.getByText("End the service", { exact: true }).click();
  await row.getByRole("button", { name: "Yes, end it now" }).click();
  await expect(phone.getByText("The service has ended", { exact: false })).toBeVisible();
  await expect(row.getByText("End the service", { exact: true })).toBeHidden();
});
