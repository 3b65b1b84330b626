// What services that are on air at the same time cost the server: CPU, memory and disk. The picture is encoded before, so that
// whoever films takes next to nothing.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import {
  createMemorial, createStream, encoderAccess, expect, hydrated, masterFolders, publishFile, signUp, test, type Server,
} from "../tests/fixtures";
import { encode } from "./film";
import { cpuSeconds, residentMiB } from "./load";
import { report } from "./report";

const SERVICES = [1, 4, 16];
const SECONDS = 15;

test("services on air at the same time", async ({ page, server }, testInfo) => {
  const film = testInfo.outputPath("film.mkv");
  await encode(film);
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  const access: { url: string; token: string }[] = [];
  for (let service = 1; service <= SERVICES.at(-1)!; service++) {
    const card = await createStream(page, { title: `Service ${service}`, method: "OBS / encoder" });
    await hydrated(page);
    access.push(await encoderAccess(card));
  }
  // The cards follow their services: not during this.
  await page.close();

  const before = await residentMiB(server);
  const publishers = [];
  for (const count of SERVICES) {
    for (const { url, token } of access.slice(publishers.length, count)) publishers.push(publishFile(url, token, film));
    await expect.poll(() => recorded(server).then(({ services }) => services), { message: "all are recorded" }).toBe(count);
    await sleep(3000);
    const [cpu, { bytes }] = [await cpuSeconds(server), await recorded(server)];
    await sleep(SECONDS * 1000);
    const [cpuAfter, after] = [await cpuSeconds(server), await recorded(server)];
    const written = (after.bytes - bytes) / 1024 / SECONDS;
    expect(written / count, "all of them are written, about 330 KiB a second each").toBeGreaterThan(200);
    await report(
      { name: `${count} on air: CPU time of the server in a second, for each`, unit: "ms", values: [((cpuAfter - cpu) * 1000) / SECONDS / count] },
      { name: `${count} on air: written in a second, for each`, unit: "KiB", values: [written / count] },
      { name: `${count} on air: memory for each`, unit: "MiB", values: [((await residentMiB(server)) - before) / count] },
    );
  }
  await Promise.all(publishers.map((publisher) => publisher.stop()));
});

/** How many services have something on the disk, and how much all of them have. */
async function recorded(server: Server): Promise<{ services: number; bytes: number }> {
  let [services, bytes] = [0, 0];
  for (const folder of await masterFolders(server.dataDir)) {
    const parts = (await readdir(folder)).filter((name) => name.endsWith(".mp4"));
    const lengths = await Promise.all(parts.map(async (name) => (await stat(join(folder, name))).size));
    const length = lengths.reduce((sum, one) => sum + one, 0);
    if (length > 100_000) services += 1;
    bytes += length;
  }
  return { services, bytes };
}
