// The mourner's page in every phase, as it looks and as it reads.
import { expect, expectPlaying, goLive, hydrated, lookAt, prepareService, stopStreaming, test } from "./fixtures";

test("before, live, interrupted, recorded", async ({ page, server, somebodyElse }) => {
  const { card, link, watch } = await prepareService(page, server);
  await hydrated(page);
  const mourner = await somebodyElse();
  const look = async (phase: string) => {
    await expect(mourner.locator("main[data-slug]")).toHaveAttribute("data-phase", phase);
    await lookAt(mourner, `watch-${phase}`);
    // The staff's card of the same moment.
    await lookAt(page, `card-${phase}`);
  };
  await mourner.goto(watch);
  await expect(mourner.getByText("The service has not begun")).toBeVisible();
  await look("before");

  const phone = await somebodyElse();
  await goLive(phone, link);
  await expectPlaying(mourner.locator("#live"));
  // The phone's copy goes ahead to the server: from then on the card has it.
  await expect(card.getByText("Safety copy from the phone")).toBeVisible({ timeout: 30_000 });
  await look("live");

  // The phone's page is closed: it says goodbye to the session, not to the service.
  await phone.close({ runBeforeUnload: false });
  await expect(mourner.getByText("The picture will return.", { exact: true })).toBeVisible();
  await look("interrupted");

  await card.getByText("End the service").first().click();
  await lookAt(page, "card-end");
  await card.getByRole("button", { name: "Yes, end it now" }).click();
  await expect(mourner.locator("video[src*='/recordings/']")).toBeVisible();
  await look("recorded");
});

test("ended, while the recording is prepared", async ({ page, server, somebodyElse }) => {
  // A service of a minute is ready in a moment, so the phase is held in the page: its words and its look are the page's own.
  const { link, watch } = await prepareService(page, server);
  const phone = await somebodyElse();
  const mourner = await somebodyElse();
  await mourner.route("**/watch/*/events", (route) => route.abort("aborted"));
  await goLive(phone, link);
  await stopStreaming(phone);
  await expect(phone.getByText("The service has ended")).toBeVisible();
  await mourner.route(watch, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/data-phase="\w+"/, 'data-phase="ended"');
    await route.fulfill({ response, body });
  });
  await mourner.goto(watch);
  await expect(mourner.getByText("The recording is being prepared")).toBeVisible();
  await lookAt(mourner, "watch-ended");
});

test("a link that leads nowhere is a kind page", async ({ page, expectProblems }) => {
  expectProblems(/404/);
  for (const slug of ["nobody-has-this-link", "x", "%00", "..%2f..%2fetc"]) {
    const response = await page.goto(`/watch/${slug}`);
    expect(response?.status(), slug).toBe(404);
    await expect(page.getByRole("heading", { name: "This page is not here" })).toBeVisible();
  }
  await lookAt(page, "watch-not-found");
});
