// Deleted for good: what is said before, what is taken along, and the receipt.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { expect, goLive, hydrated, lookAt, ownRecording, prepareService, screenshot, stopStreaming, test } from "./fixtures";

test.use({ settings: { EVERLIGHT_DELETE_AFTER: "60" } });

test("a memorial is taken along as one archive, deleted for good, and the log has the receipt", async ({ page, server, somebodyElse }) => {
  const { card, link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await goLive(phone, link);
  await phone.waitForTimeout(2_000);
  await stopStreaming(phone);
  await expect(phone.getByText("You may close this page.")).toBeVisible();
  await phone.goto("about:blank");
  await expect(ownRecording(card)).toContainText("sound and picture checked");
  await expect(card.getByText(/^On \d+ \w+ \d{4} this service is deleted for good/)).toBeVisible();

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download everything" }).click();
  const archive = await readFile(await (await download).path(), "latin1");
  for (const name of ["memorial.json", "audit.json", ".mp4"]) expect(archive).toContain(name);

  const question = page.locator(".page-actions details");
  await question.getByText("Delete", { exact: true }).click();
  await screenshot(page, "delete-memorial");
  await page.setViewportSize({ width: 390, height: 844 });
  await lookAt(page, "delete-memorial-narrow");
  await page.getByRole("button", { name: "Yes, delete all of it" }).click();
  await expect(page).toHaveURL(`${server.url}/admin`);
  await expect(page.getByText("There is no memorial yet.")).toBeVisible();

  await page.goto("/admin/audit");
  await hydrated(page);
  const receipt = page.getByRole("listitem").filter({ hasText: "Saw that every copy of a deleted service is gone" });
  await expect(receipt).toContainText("Looked for and not there any more: on this server ");
  await expect(receipt).toContainText(".mp4");
  await expect(page.getByText("Being deleted")).toBeHidden();
  await screenshot(page, "receipt-narrow");
  const left = (await readdir(join(server.dataDir, "recordings"), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  expect(left).toEqual([]);
});
