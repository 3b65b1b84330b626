// A mourner's page without any script: what the service is, when, and afterwards the recording.
import {
  createMemorial, createStream, encoderAccess, expect, publishWhip, sayPasscode, screenshot, signUp, soon, test, viewerLink,
} from "./fixtures";

test("name, title, time, and the recording with controls", async ({ page, server }) => {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  const service = { title: "Funeral service", ...soon(), method: "OBS / encoder" } as const;
  const card = await createStream(page, service);
  const watch = await viewerLink(card);
  const { url, token } = await encoderAccess(card);
  const memorial = page.url();

  const encoder = publishWhip(url, token, { size: "640x360" });
  try {
    await expect.poll(async () => (await page.goto(watch)) && page.locator("main").getAttribute("data-phase")).toBe("live");
    await expect(page.locator("noscript video[controls]").or(page.locator("noscript"))).not.toHaveCount(0);
    await screenshot(page, "watch-live");
  } finally {
    await encoder.stop();
  }
  await page.goto(memorial);
  await card.getByText("End the service").first().click();
  await card.getByRole("button", { name: "Yes, end it now" }).click();

  const recording = page.locator("video#recording");
  await expect.poll(async () => (await page.goto(watch)) && recording.isVisible()).toBe(true);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Anna Lindqvist");
  await expect(page.getByText("Funeral service").first()).toBeVisible();
  await expect(page.locator("time").first()).toContainText(service.time);
  await expect(recording).toHaveAttribute("controls", "");
  // Chromium's own controls need no script of the page: the file plays.
  const state = () => recording.evaluate((video: HTMLVideoElement) => video.readyState);
  await expect.poll(state).toBeGreaterThan(0);
  await screenshot(page, "watch-recorded");
});

test("a passcode is asked for, and remembered", async ({ page, server, somebodyElse }) => {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  const card = await createStream(page, { title: "Funeral service", passcode: "white rose" });
  const watch = await viewerLink(card);
  const mourner = await somebodyElse();
  await mourner.goto(watch);
  await expect(mourner.getByText("Anna Lindqvist")).toHaveCount(0);
  await sayPasscode(mourner, "white lily");
  await expect(mourner.getByRole("alert")).toContainText("That is not the passcode");
  await screenshot(mourner, "watch-passcode-wrong");
  await sayPasscode(mourner, " White-Rose ");
  await expect(mourner.getByRole("heading", { level: 1 })).toHaveText("Anna Lindqvist");
  await mourner.goto(watch);
  await expect(mourner.getByRole("heading", { level: 1 })).toHaveText("Anna Lindqvist");
});
