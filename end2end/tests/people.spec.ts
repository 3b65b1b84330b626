// Who may do what, as people meet it: an administrator, a director, an assistant's colleague, the family.
import { createHmac } from "node:crypto";

import type { Page } from "@playwright/test";

import { createMemorial, createStream, expect, expectAccessible, hydrated, lookAt, signUp, streamCard, test } from "./fixtures";

const password = "a quiet evening by the sea";

/** From the people page or a memorial's; answers with the one-time link. */
async function invite(page: Page, whom: string, role?: "Director" | "Assistant"): Promise<string> {
  const form = page.getByRole("dialog");
  await form.getByLabel("For whom").fill(whom);
  if (role) await form.getByLabel(role).check();
  await form.getByRole("button", { name: "Make the link" }).click();
  const link = page.getByLabel("Invitation link");
  await expect(link).toHaveValue(/\/invite#[0-9a-f]{64}$/);
  return link.inputValue();
}

async function accept(page: Page, link: string, email: string, says: RegExp): Promise<void> {
  await page.goto(link);
  await expect(page.getByText(says)).toBeVisible();
  await page.getByLabel("Your e-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Accept and sign in" }).click();
  await page.waitForURL("**/admin");
}

test("a funeral home's director and a family, each by a link, each with what is theirs", async ({ page, server, somebodyElse, expectProblems }) => {
  // What is asked for and not theirs is answered so.
  expectProblems(/40[34]|422/);
  await signUp(page, server);
  await createMemorial(page, { name: "Bertil Holm" });
  await page.goto("/admin/people");
  await hydrated(page);
  await expectAccessible(page);
  await page.getByRole("link", { name: "New funeral home" }).click();
  await expectAccessible(page);
  await page.getByRole("dialog").getByLabel("Name of the funeral home").fill("Hillside");
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  const home = page.getByRole("region", { name: "Hillside" });
  await home.getByRole("link", { name: "Invite" }).click();
  await expectAccessible(page);
  const link = await invite(page, "Grace", "Director");
  await expect(home.getByText("Grace")).toBeVisible();
  await lookAt(page, "people");

  const director = await somebodyElse();
  await director.goto(link);
  await expect(director.getByText(/director of Hillside/)).toBeVisible();
  await lookAt(director, "invite");
  await accept(director, link, "grace@hillside.example", /director of Hillside/);
  await expect(director.getByText("There is no memorial yet.")).toBeVisible();
  await createMemorial(director, { name: "Anna Lindqvist" });
  const memorial = director.url();
  await createStream(director, { title: "Funeral service" });
  await director.getByRole("link", { name: "Invite family" }).click();
  await expectAccessible(director);
  const familyLink = await invite(director, "Her niece");
  await lookAt(director, "memorial-director");
  await director.goto("/admin");
  await expect(director.getByRole("link", { name: "Anna Lindqvist" })).toBeVisible();
  await expect(director.getByText("Bertil Holm")).toBeHidden();
  await director.goto("/admin/people");
  await expect(director.getByRole("region", { name: "Hillside" }).getByText("grace@hillside.example")).toBeVisible();
  await expect(director.getByRole("link", { name: "New funeral home" })).toBeHidden();

  const niece = await somebodyElse();
  await accept(niece, familyLink, "niece@example.com", /family of Anna Lindqvist/);
  await expect(niece.getByRole("link", { name: "New memorial" })).toBeHidden();
  await niece.getByRole("link", { name: "Anna Lindqvist" }).click();
  await niece.waitForURL(memorial.replace(/\?.*/, ""));
  const card = streamCard(niece, "Funeral service");
  await expect(card.getByLabel("Viewer link")).toBeVisible();
  await expect(card.getByText("Delete")).toBeHidden();
  await expect(card.getByText("For the person who films")).toBeHidden();
  await expect(niece.getByRole("link", { name: "Invite family" })).toBeVisible();
  await lookAt(niece, "memorial-family");
  await niece.goto("/admin/people");
  await expect(niece.getByRole("alert")).toContainText("Please ask");
  await lookAt(niece, "people-not-yours");

  // A link works once.
  const stranger = await somebodyElse();
  await stranger.goto(familyLink);
  await expect(stranger.getByRole("alert")).toContainText("does not work any more");
  await lookAt(stranger, "invite-used");

  await page.goto("/admin/audit");
  await expect(page.getByText("Accepted an invitation").first()).toBeVisible();
  await lookAt(page, "audit");

  // Removed, and out at once.
  await page.goto("/admin/people");
  await hydrated(page);
  const row = page.getByRole("listitem").filter({ hasText: "grace@hillside.example" });
  await row.getByText("Remove", { exact: true }).click();
  await lookAt(page, "people-remove");
  await row.getByRole("button", { name: "Yes, remove" }).click();
  await expect(row).toBeHidden();
  await director.goto("/admin");
  await director.waitForURL("**/login");
});

test("one's own account: another password, and signing out elsewhere", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(/422/);
  await signUp(page, server);
  const phone = await somebodyElse();
  await phone.goto("/login");
  await phone.getByLabel("E-mail").fill("admin@example.org");
  await phone.getByLabel("Password").fill(password);
  await phone.getByRole("button", { name: "Sign in" }).click();
  await phone.waitForURL("**/admin");

  await page.getByRole("link", { name: "admin@example.org" }).click();
  await hydrated(page);
  await expect(page.getByRole("button", { name: "Sign out everywhere else" })).toBeVisible();
  await lookAt(page, "account");
  await page.getByLabel("Present password").fill("not the password");
  await page.getByLabel("New password").fill("three blue boats at dawn");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "not your present password" })).toBeVisible();
  await page.getByLabel("Present password").fill(password);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Your password was changed.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign out everywhere else" })).toBeHidden();
  await phone.goto("/admin");
  await phone.waitForURL("**/login");
});

/** What an authenticator app shows for a key. */
function code(key: string, step = Math.floor(Date.now() / 30_000)): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...key].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", Buffer.from(bytes)).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

test("a second step at sign-in: set up, asked for, and replaced by what was written down", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(/422/);
  await signUp(page, server);
  await page.goto("/account");
  await hydrated(page);
  const card = page.getByRole("region", { name: "A second step at sign-in" });
  await card.getByRole("button", { name: "Set it up" }).click();
  const key = await card.getByLabel("Key", { exact: true }).inputValue();
  const recovery = await card.getByRole("listitem").first().innerText();
  await lookAt(page, "second-step");
  const used = Math.floor(Date.now() / 30_000);
  await card.getByRole("textbox", { name: /^Code/ }).fill(code(key, used));
  await card.getByRole("button", { name: "Turn it on" }).click();
  await expect(card.getByText("a code is asked for whenever you sign in")).toBeVisible();
  await lookAt(page, "second-step-on");

  const phone = await somebodyElse();
  await phone.goto("/login");
  await phone.getByLabel("E-mail").fill("admin@example.org");
  await phone.getByLabel("Password").fill(password);
  await phone.getByRole("button", { name: "Sign in" }).click();
  await phone.waitForURL("**/login/code");
  await lookAt(phone, "login-code");
  // The code that was used to turn it on is used up.
  await phone.getByLabel("Code").fill(code(key, used));
  await phone.getByRole("button", { name: "Sign in" }).click();
  await expect(phone.getByRole("alert")).toContainText("not the code");
  await phone.getByLabel("Code").fill(recovery);
  await phone.getByRole("button", { name: "Sign in" }).click();
  await phone.waitForURL("**/admin");
});
