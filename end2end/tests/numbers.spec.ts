// The success metrics: measured while somebody really goes live, and read by an administrator.
import { readFile } from "node:fs/promises";

import { expect, goLive, hydrated, lookAt, prepareService, screenshot, stopStreaming, test } from "./fixtures";

test("an administrator reads in numbers how well it goes", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  const told = phone.waitForResponse((response) => response.url().endsWith("/connected"));
  await goLive(phone, link);
  expect((await told).status()).toBe(204);
  const { afterMs } = (await told).request().postDataJSON() as { afterMs: number };
  expect(afterMs).toBeGreaterThan(0);
  expect(afterMs).toBeLessThan(30_000);
  await stopStreaming(phone);
  await phone.getByRole("button", { name: "5 stars" }).click();
  await expect(phone.getByText(/Thank you/).first()).toBeVisible();
  await expect(phone.getByText(/^Safe: 2 copies/), "the copies are counted").toBeVisible({ timeout: 40_000 });

  await page.goto("/admin/people");
  await page.getByRole("link", { name: "How well it goes, in numbers" }).click();
  await hydrated(page);
  const card = (name: string) => page.getByRole("region", { name, exact: true });
  const live = card("Going live");
  await expect(live.getByText("Of 1.").first()).toBeVisible();
  await expect(live.getByText("Target: less than 2 s.")).toBeVisible();
  await expect(live.getByRole("img", { name: /How long it took.*: 1\. The target is 2 s/ })).toBeVisible();
  const row = live.getByRole("row", { name: /Chrome \d+ on Linux/ });
  const shown = `${Number((afterMs / 1000).toFixed(2))} s`;
  await expect(row.getByRole("cell")).toHaveText(["1", shown, shown, "–"]);
  await expect(card("Creating a service").getByText("Of 1.").first()).toBeVisible();
  await expect(card("How services are made").getByText("100 %").first()).toBeVisible();

  await page.getByLabel("Time").selectOption("The last 12 months");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL(/period=12-months/);
  await expect(page.getByLabel("Time")).toHaveValue("12-months");
  await hydrated(page);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as a table (CSV)" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("everlight-numbers-12-months.csv");
  expect(await readFile(await file.path(), "utf8")).toContain(`connection,p95,ms,1,${afterMs}.0000,`);

  await screenshot(page, "numbers");
  await page.setViewportSize({ width: 390, height: 844 });
  await lookAt(page, "numbers-narrow");
});
