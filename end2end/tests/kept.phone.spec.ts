// What lies on the phone: a copy that was damaged, storage that is cut off for a moment, and what is forgotten.
import type { Page } from "@playwright/test";

import {
  decodeErrors, expect, expectAccessible, folders, goLive, holds, hydrated, kept, keptBytes, lose, phoneCopy, plant,
  prepareService, screenshot, stopStreaming, streamOf, test,
} from "./fixtures";

declare global {
  interface Window {
    /** Connections to the database that the page has made. */
    databases?: IDBDatabase[];
  }
}

const safe = (phone: Page) => expect(phone.getByText(/^Safe: 2 copies/)).toBeVisible({ timeout: 40_000 });
const fromPhone = (phone: Page) => phone.locator(".streamer-copies li").filter({ hasText: "From this phone" });
const unreachable = (phone: Page) =>
  expect(phone.getByText("Not yet safe, because this phone cannot reach the server.")).toBeVisible();
const oneCopy = (phone: Page) => expect(phone.getByText("Not yet safe, because there is one copy only.")).toBeVisible();
const endsHere = (phone: Page) =>
  phone.getByText("The safety copy ends here: this phone could not store any more of it. The service goes on.");
const full = (phone: Page) => phone.getByText("This phone is full");

/** A take that began so many days ago, by its first piece. */
const begun = (days: number) => `${Date.now() - days * 86_400_000}-1.000000000000`;

/** The page is opened anew, whatever it says against being left. */
async function openAnew(phone: Page): Promise<void> {
  const asked = phone.waitForEvent("dialog");
  const leaving = phone.evaluate(() => void setTimeout(() => location.reload()));
  await (await asked).accept();
  await leaving;
}

test("a piece that was never written does not hide those before it", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(/ERR_FAILED|410/);
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await phone.route("**/uploads/**", (route) => route.abort());
  await goLive(phone, link);
  await holds(phone, 200_000);
  await stopStreaming(phone);
  await unreachable(phone);
  for (const [take, size] of Object.entries(await kept(phone))) {
    await plant(phone, streamOf(link), `${take}.${String(size).padStart(12, "0")}`, 0);
  }
  await openAnew(phone);
  await unreachable(phone);
  await expect(fromPhone(phone)).toContainText(/You still have .* to deliver/);
  await phone.unroute("**/uploads/**");
  await safe(phone);
  expect(await decodeErrors(await phoneCopy(server))).toBe("");
});

test("of a copy with a lost piece what comes before it is delivered, and nothing is waited for", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(/ERR_FAILED|410/);
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await phone.route("**/uploads/**", (route) => route.abort());
  await goLive(phone, link);
  const stream = streamOf(link);
  const pieces = async () => (await folders(phone))[stream] ?? [];
  await expect.poll(async () => (await pieces()).length, { timeout: 60_000 }).toBeGreaterThan(4);
  await stopStreaming(phone);
  await unreachable(phone);
  const [take] = Object.keys(await kept(phone));
  const second = (await pieces()).filter((name) => name.startsWith(take))[1];
  await lose(phone, stream, second);
  await phone.unroute("**/uploads/**");
  await expect(fromPhone(phone)).toContainText("not complete", { timeout: 40_000 });
  await oneCopy(phone);
  expect(await decodeErrors(await phoneCopy(server))).toBe("");
});

test.describe("where pages cannot write files", () => {
  const open = async (phone: Page, link: string) => {
    await phone.addInitScript(() => {
      Reflect.deleteProperty(FileSystemFileHandle.prototype, "createWritable");
      const open = IDBFactory.prototype.open;
      window.databases = [];
      IDBFactory.prototype.open = function (name: string, version?: number) {
        const request = open.call(this, name, version);
        request.addEventListener("success", () => window.databases?.push(request.result));
        return request;
      };
    });
    await goLive(phone, link);
    await stores(phone, 2);
  };
  /** As WebKit does with a page that was not seen for a while, or when memory is short. */
  const cutOff = (phone: Page) => phone.evaluate(() => window.databases?.splice(0).forEach((database) => database.close()));
  /** How many pieces there are. Through a connection of its own, to a database that is there. */
  const stored = (phone: Page) =>
    phone.evaluate(async () => {
      if (!(await indexedDB.databases()).some(({ name }) => name === "everlight")) return 0;
      return new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open("everlight");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const counting = opening.result.transaction("pieces").objectStore("pieces").count();
          counting.onerror = () => reject(counting.error);
          counting.onsuccess = () => resolve(counting.result);
        };
      });
    });
  const stores = (phone: Page, least: number) => expect.poll(() => stored(phone), { timeout: 60_000 }).toBeGreaterThanOrEqual(least);

  test("a connection to the storage that is lost is made anew", async ({ page, server, somebodyElse }) => {
    const { link } = await prepareService(page, server);
    const phone = await somebodyElse();
    await open(phone, link);
    const before = await stored(phone);
    await cutOff(phone);
    await stores(phone, before + 2);
    await expect(full(phone)).toBeHidden();
    await expect(endsHere(phone)).toBeHidden();
    await cutOff(phone);
    await stopStreaming(phone);
    await cutOff(phone);
    await safe(phone);
    expect(await decodeErrors(await phoneCopy(server))).toBe("");
  });

  test("storage that fails for good ends the copy, and is not called full", async ({ page, server, somebodyElse }) => {
    const { link } = await prepareService(page, server);
    const phone = await somebodyElse();
    await open(phone, link);
    await phone.evaluate(() => {
      IDBObjectStore.prototype.put = () => {
        throw new DOMException("for the test", "UnknownError");
      };
    });
    await expect(endsHere(phone)).toBeVisible({ timeout: 40_000 });
    await expect(full(phone)).toBeHidden();
    await expectAccessible(phone);
    await screenshot(phone, "go-copy-ends");
    await expect(phone.getByText("Picture and sound arrive")).toBeVisible();
    await stopStreaming(phone);
    // What was kept is delivered all the same.
    await expect(fromPhone(phone)).toContainText("not complete", { timeout: 40_000 });
    await oneCopy(phone);
  });
});

test("what was kept of other services is forgotten after 30 days, and nothing of this one", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  const [old, recent, own] = [begun(31), begun(29), streamOf(link)];
  // Of the same origin, and nothing runs on it.
  await phone.goto("/login");
  await plant(phone, "OLD", old, 1_000);
  await plant(phone, "BOTH", old, 1_000);
  await plant(phone, "BOTH", recent, 1_000);
  await plant(phone, "BEGINS", "notes", 0);
  await plant(phone, own, old, 1_000);
  // What is left from before the browser let pages write files.
  await phone.evaluate((keys) => new Promise<void>((resolve, reject) => {
    const opening = indexedDB.open("everlight", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("pieces");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const writing = opening.result.transaction("pieces", "readwrite");
      for (const key of keys) writing.objectStore("pieces").put(new ArrayBuffer(1_000), key);
      writing.onabort = () => reject(writing.error);
      writing.oncomplete = () => resolve(opening.result.close());
    };
  }), [`OLD/${old}`, `RECENT/${recent}`, `${own}/${old}`]);

  await phone.goto(link);
  await expect.poll(() => folders(phone)).toEqual({ BOTH: [old, recent].sort(), BEGINS: ["notes"], [own]: [old] });
  const keys = () => phone.evaluate(() => new Promise<IDBValidKey[]>((resolve, reject) => {
    const opening = indexedDB.open("everlight");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const asking = opening.result.transaction("pieces").objectStore("pieces").getAllKeys();
      asking.onerror = () => reject(asking.error);
      asking.onsuccess = () => resolve(asking.result);
    };
  }));
  await expect.poll(keys).toEqual([`${own}/${old}`, `RECENT/${recent}`].sort());
});

test("a service that was deleted is not waited for, and the phone forgets its copy", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(/404|410/);
  const { card, link } = await prepareService(page, server);
  await hydrated(page);
  const phone = await somebodyElse();
  const gone = phone.getByRole("alert").filter({ hasText: "We cannot find this service" });
  // What a proxy says while the server behind it is away.
  await phone.route("**/uploads/**", (route) => route.fulfill({ status: 404, body: "404 page not found" }));
  await goLive(phone, link);
  await holds(phone, 100_000);
  await stopStreaming(phone);
  await expect(fromPhone(phone)).toContainText(/You still have .* to deliver/);
  await expect(gone).toBeHidden();
  expect(await keptBytes(phone)).toBeGreaterThan(0);

  await card.getByText("Delete", { exact: true }).click();
  await card.getByRole("button", { name: "Yes, delete it" }).click();
  await expect(card).toBeHidden();
  await phone.unroute("**/uploads/**");
  await expect(gone).toBeVisible();
  await expect.poll(() => keptBytes(phone)).toBe(0);
  await expectAccessible(phone);

  await test.step("also on a phone that comes later", async () => {
    const late = await somebodyElse();
    await late.goto("/login");
    await plant(late, streamOf(link), begun(1), 1_000);
    await late.goto(link);
    await expect(late.getByRole("alert").filter({ hasText: "We cannot find this service" })).toBeVisible();
    await expect.poll(() => keptBytes(late)).toBe(0);
  });
});
