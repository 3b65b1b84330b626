// The safety copy, as it lies on the phone and as the server has it.
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { expect, type Page } from "@playwright/test";

/** Bytes that the phone holds of each take. */
export function kept(phone: Page): Promise<Record<string, number>> {
  return phone.evaluate(async () => {
    const root = (await navigator.storage.getDirectory()) as unknown as AsyncIterableFolder;
    const takes: Record<string, number> = {};
    for await (const folder of root.values()) {
      if (!folder.name.startsWith("everlight-")) continue;
      for await (const file of folder.values()) {
        // Not the files that the browser writes into until they are closed: those come and go while we look.
        const piece = /^([^.]+)\.\d+$/.exec(file.name);
        const size = piece ? await file.getFile().then((held) => held.size, () => 0) : 0;
        if (piece && size > 0) takes[piece[1]] = (takes[piece[1]] ?? 0) + size;
      }
    }
    return takes;
    interface AsyncIterableFolder {
      name: string;
      values(): AsyncIterable<AsyncIterableFolder & { getFile(): Promise<File> }>;
    }
  });
}

/** The service that a link is for, by which its copy is kept. */
export const streamOf = (link: string) => new URL(link).pathname.split("/").at(-1) ?? "";

/** What lies in the folders of copies, by stream. */
export function folders(phone: Page): Promise<Record<string, string[]>> {
  return phone.evaluate(async () => {
    const root = (await navigator.storage.getDirectory()) as unknown as Folder;
    const found: Record<string, string[]> = {};
    for await (const folder of root.values()) {
      if (!folder.name.startsWith("everlight-")) continue;
      const names: string[] = [];
      for await (const file of folder.values()) if (!file.name.endsWith(".crswap")) names.push(file.name);
      found[folder.name.slice("everlight-".length)] = names.sort();
    }
    return found;
    interface Folder {
      name: string;
      values(): AsyncIterable<Folder>;
    }
  });
}

/** Puts a piece there; one of no bytes is what a browser leaves that dies while it writes. */
export async function plant(phone: Page, stream: string, name: string, size: number): Promise<void> {
  await phone.evaluate(async ({ stream, name, size }) => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(`everlight-${stream}`, { create: true });
    const file = await folder.getFileHandle(name, { create: true });
    if (size === 0) return;
    const writable = await file.createWritable();
    await writable.write(new Uint8Array(size));
    await writable.close();
  }, { stream, name, size });
}

/** Takes a piece away. */
export async function lose(phone: Page, stream: string, name: string): Promise<void> {
  await phone.evaluate(async ({ stream, name }) => {
    const root = await navigator.storage.getDirectory();
    await (await root.getDirectoryHandle(`everlight-${stream}`)).removeEntry(name);
  }, { stream, name });
}

/** Of all takes. */
export const keptBytes = async (phone: Page) => Object.values(await kept(phone)).reduce((sum, size) => sum + size, 0);

/** Goes on until the phone holds so many bytes. */
export const holds = (phone: Page, least: number) => expect.poll(() => keptBytes(phone), { timeout: 60_000 }).toBeGreaterThan(least);

/** A browser that tells how much room there is, as Safari and Firefox do: Chromium tells everybody the same.
 * May be called again. */
export async function tellRoom(phone: Page, bytes: number): Promise<void> {
  const tell = (bytes: number) => {
    // An empty page has none.
    if (navigator.storage) navigator.storage.estimate = async () => ({ quota: bytes + 1, usage: 1 });
  };
  await phone.addInitScript(tell, bytes);
  await phone.evaluate(tell, bytes);
}

/** From now on the browser gives the page no more room than this, whatever the disk has. */
export async function leaveRoom(phone: Page, bytes: number): Promise<void> {
  const browser = await phone.context().newCDPSession(phone);
  await browser.send("Storage.overrideQuotaForOrigin", { origin: new URL(phone.url()).origin, quotaSize: bytes });
}

/** The file that was made of what the phone delivered. */
export async function phoneCopy(server: { dataDir: string }): Promise<string> {
  const folder = join(server.dataDir, "recordings", "phone");
  const files = await readdir(folder);
  expect(files).toHaveLength(1);
  return join(folder, files[0]);
}
