// Invitations without any script: plain forms, plain links, and the link pasted.
import { expect, signUp, test } from "./fixtures";

test("an administrator invites another, who comes by pasting", async ({ page, server, somebodyElse }) => {
  await signUp(page, server);
  await page.goto("/admin/people");
  await page.getByRole("region", { name: "Administrators" }).getByRole("link", { name: "Invite" }).click();
  await page.getByLabel("For whom").fill("Grace");
  await page.getByRole("button", { name: "Make the link" }).click();
  const link = await page.getByLabel("Invitation link").inputValue();

  const invited = await somebodyElse();
  await invited.goto("/invite");
  await invited.getByLabel("The link").fill("half of it");
  await invited.getByLabel("Your e-mail").fill("grace@example.org");
  await invited.getByLabel("Password").fill("three blue boats at dawn");
  await invited.getByRole("button", { name: "Accept and sign in" }).click();
  await expect(invited.getByRole("alert")).toContainText("does not work any more");
  await expect(invited.getByLabel("Your e-mail")).toHaveValue("grace@example.org");
  await invited.getByLabel("The link").fill(link);
  await invited.getByLabel("Password").fill("three blue boats at dawn");
  await invited.getByRole("button", { name: "Accept and sign in" }).click();
  await invited.waitForURL("**/admin");
});
