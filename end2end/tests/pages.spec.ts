// Every page by its address and by a click, on desktop and phone: nothing goes wrong unseen, and axe is content.
import { createMemorial, createStream, expect, hydrated, lookAt, openSetup, signUp, test } from "./fixtures";

test("the pages of somebody who is not signed in", async ({ page, server }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await lookAt(page, "home");

  await openSetup(page, await server.setupLink());
  await lookAt(page, "setup");

  await page.goto("/login");
  await hydrated(page);
  await lookAt(page, "login");

  // What is not open to everybody is not told apart from what does not exist.
  for (const closed of ["/admin", "/no-such-page"]) {
    await page.goto(closed);
    await page.waitForURL("**/login");
  }
});

test("who types into a form before the page is alive goes on typing", async ({ page, server }) => {
  await signUp(page, server);
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  await page.route("**/*.wasm", async (route) => {
    await arrived;
    await route.continue();
  });
  await page.goto("/admin?new", { waitUntil: "commit" });
  const name = page.getByLabel("Name of the person");
  await name.click();
  await page.keyboard.type("Anna ");
  arrive();
  await hydrated(page);
  await page.keyboard.type("Lindqvist");
  await expect(name).toHaveValue("Anna Lindqvist");
  await expect(name).toBeFocused();
});

test("the pages of an administrator", async ({ page, server, expectProblems }) => {
  expectProblems(/404/);
  await signUp(page, server);
  await page.goto("/setup");
  await expect(page.getByRole("heading", { name: "Already set up" })).toBeVisible();
  await lookAt(page, "setup-done");
  const missing = await page.goto("/no-such-page");
  expect(missing?.status()).toBe(404);
  await lookAt(page, "not-found");
  await page.goto("/admin");
  await hydrated(page);
  await lookAt(page, "admin-empty");

  await page.getByRole("link", { name: "New memorial" }).click();
  await lookAt(page, "new-memorial");

  await createMemorial(page, { name: "Anna Lindqvist", born: "1941-05-09", died: "2026-11-02" });
  await lookAt(page, "memorial-empty");
  await page.getByRole("link", { name: "Edit memorial" }).click();
  await lookAt(page, "edit-memorial");
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.getByRole("link", { name: "New service" }).click();
  await lookAt(page, "new-service");
  await page.getByRole("link", { name: "Cancel" }).click();

  const card = await createStream(page, { title: "Funeral service", date: "2026-11-28", time: "14:30" });
  await card.getByRole("link", { name: "Edit" }).click();
  await lookAt(page, "edit-service");
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.getByRole("link", { name: "Today" }).click();
  await expect(page.getByRole("status")).toBeVisible();
  await lookAt(page, "today");
  await page.goBack();

  await card.getByRole("link", { name: "Show link and QR code" }).click();
  await expect(card.getByLabel("Link for the phone")).toBeVisible();
  await lookAt(page, "memorial");
});
