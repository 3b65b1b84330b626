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

test("the set-up link is pasted, whole or its end, and nothing of it is in an address", async ({ page, server }) => {
  const link = await server.setupLink();
  const [address, token] = link.split("#token=");
  await page.goto(`${address}?token=${token}`);
  const [field, email, password] = ["Set-up link", "E-mail", "Password"].map((name) => page.getByLabel(name));
  const finish = page.getByRole("button", { name: "Finish set-up" });
  await expect(field, "a token that is in a query is not read").toHaveValue("");
  await screenshot(page, "setup");
  await field.fill(link.replace(token, token.split("").reverse().join("")));
  await email.fill("admin@example.org");
  await password.fill("a quiet evening by the sea");
  await finish.click();
  await expect(page.getByRole("alert")).toContainText("This set-up link is not valid.");
  await expect(email).toHaveValue("admin@example.org");
  await expect(field).toHaveValue("");
  expect(page.url()).toMatch(/\/setup\?again=[0-9a-f]{32}$/);
  await field.fill(token);
  await password.fill("a quiet evening by the sea");
  await finish.click();
  await page.waitForURL("**/admin");
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
