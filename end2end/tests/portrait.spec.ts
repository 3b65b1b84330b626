// The picture of the person who is remembered: given by staff, seen by mourners, replaced by nothing when it is taken away.
import { expect, hydrated, lookAt, picture, prepareService, test } from "./fixtures";

test("a picture is given, seen by whoever watches, and taken away", async ({ page, server, somebodyElse }) => {
  const { watch } = await prepareService(page, server);
  await hydrated(page);
  const memorial = page.url().replace(/\?.*/, "");
  await page.goto(memorial);
  await hydrated(page);
  await page.getByRole("link", { name: "Picture" }).click();
  const form = page.getByRole("dialog", { name: "Picture" });
  await expect(form.getByLabel("A picture of Anna Lindqvist")).toBeVisible();
  await lookAt(page, "portrait-form");

  // What is no picture comes back with the reason.
  await form.getByLabel("A picture of Anna Lindqvist").setInputFiles({ name: "a.jpg", mimeType: "image/jpeg", buffer: Buffer.from("no picture") });
  await form.getByRole("button", { name: "Save the picture" }).click();
  await expect(form.getByRole("alert")).toHaveText("That is not a picture that can be read. Please choose a JPEG, PNG or WebP file.");

  await form.getByLabel("A picture of Anna Lindqvist").setInputFiles({ name: "a.jpg", mimeType: "image/jpeg", buffer: await picture(1600, 2000) });
  await form.getByRole("button", { name: "Save the picture" }).click();
  const portrait = page.getByRole("img", { name: "Anna Lindqvist" });
  await expect(portrait).toBeVisible();
  await expect.poll(() => portrait.evaluate((image: HTMLImageElement) => image.naturalHeight)).toBe(320);
  await hydrated(page);
  await lookAt(page, "memorial-portrait");

  const mourner = await somebodyElse();
  const loaded = mourner.waitForResponse((response) => response.url().includes("/portrait/"));
  await mourner.goto(watch);
  expect((await (await loaded).body()).length).toBeLessThanOrEqual(15_000);
  await expect(mourner.getByRole("img", { name: "Anna Lindqvist" })).toBeVisible();
  await lookAt(mourner, "watch-portrait");

  await page.getByRole("link", { name: "Picture" }).click();
  await form.getByRole("button", { name: "Remove the picture" }).click();
  await expect(portrait).toBeHidden();
  await mourner.reload();
  await expect(mourner.getByRole("heading", { name: "Anna Lindqvist" })).toBeVisible();
  await expect(mourner.getByRole("img", { name: "Anna Lindqvist" })).toBeHidden();
});
