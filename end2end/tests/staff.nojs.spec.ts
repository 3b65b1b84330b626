// An administrator's whole way without any script: plain forms, plain links.
import { createMemorial, createStream, expect, phoneLink, screenshot, signIn, signUp, test, viewerLink } from "./fixtures";

test("set up, sign out, sign in, create a memorial and a service, open the viewer's page", async ({ page, server }) => {
  await signUp(page, server);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/login");
  await page.goto("/admin");
  await page.waitForURL("**/login");
  await signIn(page);

  await createMemorial(page, { name: "Anna Lindqvist", born: "1941-05-09", died: "2026-11-02" });
  const card = await createStream(page, { title: "Funeral service", date: "2026-11-28", time: "14:30", length: "2 hours" });
  expect(await phoneLink(card)).toMatch(/\/go\/[\w-]+#\w+/);
  const watch = await viewerLink(card);

  await card.getByRole("link", { name: "Edit" }).click();
  await expect(page.getByLabel("How long it will take")).toHaveValue("120");
  await screenshot(page, "stream-edit");

  await page.goto(watch);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Anna Lindqvist");
  await expect(page.getByText("Funeral service").first()).toBeVisible();
  await screenshot(page, "watch-before");
});

test("a form keeps what was typed when something is wrong", async ({ page, server }) => {
  await signUp(page, server);
  await page.getByRole("link", { name: "New memorial" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Name of the person").fill("Anna Lindqvist");
  await form.getByLabel("Time zone").fill("Middle of Nowhere");
  await form.getByRole("button", { name: "Create memorial" }).click();
  await expect(form.getByRole("alert")).not.toBeEmpty();
  await expect(form.getByLabel("Name of the person")).toHaveValue("Anna Lindqvist");
});

test("the numbers of another time are chosen", async ({ page, server }) => {
  await signUp(page, server);
  await page.goto("/admin/people");
  await page.getByRole("link", { name: "How well it goes, in numbers" }).click();
  await expect(page.getByRole("region", { name: "Creating a service" }).getByText("Nothing was counted yet.").first()).toBeVisible();
  await page.getByLabel("Time").selectOption("The last 12 months");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL(/\/admin\/numbers\?period=12-months$/);
  await expect(page.getByLabel("Time")).toHaveValue("12-months");
  await expect(page.getByRole("link", { name: /CSV/ })).toHaveAttribute("href", "/admin/numbers.csv?period=12-months");
});
