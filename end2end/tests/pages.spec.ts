// Every page by its address and by a click, on desktop and phone: nothing goes wrong unseen, and axe is content.
import { createMemorial, createStream, expect, expectAccessible, hydrated, openSetup, screenshot, signUp, test } from "./fixtures";

test("the pages of somebody who is not signed in", async ({ page, server }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await screenshot(page, "home");
  await expectAccessible(page);

  await openSetup(page, await server.setupLink());
  await screenshot(page, "setup");
  await expectAccessible(page);

  await page.goto("/login");
  await hydrated(page);
  await screenshot(page, "login");
  await expectAccessible(page);

  // What is not open to everybody is not told apart from what does not exist.
  for (const closed of ["/admin", "/no-such-page"]) {
    await page.goto(closed);
    await page.waitForURL("**/login");
  }
});

test("the pages of an administrator", async ({ page, server, expectProblems }) => {
  expectProblems(/404/);
  await signUp(page, server);
  const missing = await page.goto("/no-such-page");
  expect(missing?.status()).toBe(404);
  await expectAccessible(page);
  await page.goto("/admin");
  await hydrated(page);
  await screenshot(page, "admin-empty");
  await expectAccessible(page);

  await page.getByRole("link", { name: "New memorial" }).click();
  await screenshot(page, "new-memorial");
  await expectAccessible(page);

  await createMemorial(page, { name: "Anna Lindqvist", born: "1941-05-09", died: "2026-11-02" });
  await screenshot(page, "memorial-empty");
  await expectAccessible(page);
  await page.getByRole("link", { name: "Edit memorial" }).click();
  await screenshot(page, "edit-memorial");
  await expectAccessible(page);
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.getByRole("link", { name: "New service" }).click();
  await screenshot(page, "new-service");
  await expectAccessible(page);
  await page.getByRole("link", { name: "Cancel" }).click();

  const card = await createStream(page, { title: "Funeral service", date: "2026-11-28", time: "14:30" });
  await card.getByRole("link", { name: "Edit" }).click();
  await screenshot(page, "edit-service");
  await expectAccessible(page);
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.getByRole("link", { name: "Today" }).click();
  await expect(page.getByRole("status")).toBeVisible();
  await screenshot(page, "today");
  await expectAccessible(page);
  await page.goBack();

  await card.getByRole("link", { name: "Show link and QR code" }).click();
  await expect(card.getByLabel("Link for the phone")).toBeVisible();
  await screenshot(page, "memorial");
  await expectAccessible(page);
});
