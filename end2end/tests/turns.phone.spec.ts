// Two phones with the same link: who films, and who ends it.
import {
  expect, expectPlaying, goLive, hydrated, lookAt, prepareService, sentFrames, test, watchConnections,
} from "./fixtures";

test("another phone asks once before it takes over, and the first does not take the service back by itself", async ({ page, server, somebodyElse, expectProblems }) => {
  // The first phone asks for its session, which is gone, then for a new one, which it does not get.
  expectProblems(/404/, /410/, /423/);
  const { link, watch } = await prepareService(page, server);
  await page.goto("about:blank");
  const first = await somebodyElse();
  // The second has opened the link before the first goes live: what it says is not what it read then.
  const second = await somebodyElse();
  await watchConnections(second);
  await second.goto(link);
  await hydrated(second);
  await second.getByRole("button", { name: "Start camera" }).click();
  const asks = "If you go live here, this phone takes over.";
  await expect(second.getByText("Only you see this picture so far.")).toBeVisible();
  await goLive(first, link);
  const mourner = await somebodyElse();
  await mourner.goto(watch);
  const live = mourner.locator("video#live");
  await expectPlaying(live);
  const truth = first.locator(".streamer-truth dd");
  await expect(truth).toHaveText([/^0\.\d s ago$/, /^\d+ s$/, "1"]);

  await test.step("it asks, and takes over with the touch that follows", async () => {
    await expect(second.getByText(asks)).toBeVisible();
    await lookAt(second, "go-takes-over");
    await second.getByRole("button", { name: "Go live" }).click();
    await expect(second.getByText("Picture and sound arrive")).toBeVisible();
  });
  await test.step("the first is told, and leaves it so", async () => {
    await expect(first.getByRole("heading", { name: "Another phone films now" })).toBeVisible({ timeout: 40_000 });
    await lookAt(first, "go-taken-over");
    await expectPlaying(live);
    await expect(second.getByText("Picture and sound arrive")).toBeVisible();
    expect(await second.evaluate(() => window.connections?.filter(({ connectionState }) => connectionState === "connected").length)).toBe(1);
  });
  await test.step("its person may take over again, and is asked likewise", async () => {
    await first.getByRole("button", { name: /^Try again/ }).click();
    await expect(first.getByText(asks)).toBeVisible();
  });
  await test.step("ending takes two touches, and cuts those who watch at once", async () => {
    await second.getByRole("button", { name: "End", exact: true }).click();
    await expectPlaying(live);
    const before = await sentFrames(second);
    await expect.poll(() => sentFrames(second), { message: "one touch ends nothing" }).toBeGreaterThan(before);
    await second.getByRole("button", { name: "Yes, end the service" }).click();
    await expect(live).toBeHidden({ timeout: 3_000 });
  });
  await test.step("what the first kept is delivered, too", async () => {
    await first.reload();
    await expect(first.getByText("The service has ended")).toBeVisible();
    await expect(first.getByText(/^Safe: 2 copies/)).toBeVisible();
  });
});
