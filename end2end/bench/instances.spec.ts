// What one, two and four instances answer on one machine: a page that any of them answers, and a live playlist, which only the
// one has that has the service.
import { setTimeout as sleep } from "node:timers/promises";

import { createMemorial, createStream, encoderAccess, expect, hydrated, publishFile, signUp, viewerLink } from "../tests/fixtures";
import { test, type Several } from "../tests/support/several";
import { encode } from "./film";
import { cpuSeconds, load } from "./load";
import { report } from "./report";

const TIMES = 3;
const ON_AIR_SECONDS = 10;

for (const count of [1, 2, 4]) {
  test.describe(() => {
    test.use({ instances: count });

    test(`watch pages of ${count}`, async ({ page, server, several }, testInfo) => {
      const film = testInfo.outputPath("film.mkv");
      await encode(film);
      await signUp(page, server);
      await createMemorial(page, { name: "Anna Lindqvist" });
      const card = await createStream(page, { title: "Funeral service", method: "OBS / encoder" });
      await hydrated(page);
      const [watch, { url, token }] = [new URL(await viewerLink(card)).pathname, await encoderAccess(card)];
      await page.close();
      // From here on the service is with the first.
      several.door.towards = several.instances[0];
      const publisher = publishFile(url, token, film);
      const playlist = `${watch.replace("/watch/", "/hls/")}/index.m3u8`;
      const at = (instance: number, path: string) => several.instances[instance].url + path;
      await expect.poll(() => fetch(at(0, playlist)).then(({ status }) => status)).toBe(200);
      const name = `${count} ${count === 1 ? "instance" : "instances"}`;

      const rest = await spent(several, () => sleep(ON_AIR_SECONDS * 1000));
      const [own, passed, together, costs] = [[], [], [], []] as number[][];
      for (let time = 0; time < TIMES; time++) {
        own.push(await rate(at(0, playlist)));
        if (count > 1) passed.push(await rate(at(1, playlist)));
        let answers = 0;
        const cpu = await spent(several, async () => {
          const loads = await Promise.all(several.instances.map((_, instance) => load(at(instance, watch))));
          answers = loads.reduce((sum, { requests }) => sum + requests, 0);
          together.push(loads.reduce((sum, { requests, seconds }) => sum + requests / seconds, 0));
        });
        costs.push((cpu * 1e6) / answers);
      }
      await report({ name: `${name}: live playlist, asked where the service is`, unit: "/s", values: own });
      if (count > 1) await report({ name: `${name}: live playlist, passed on to there`, unit: "/s", values: passed });
      await report(
        { name: `${name}: watch page, asked at all of them at once`, unit: "/s", values: together },
        { name: `${name}: CPU time of all for each of these`, unit: "µs", values: costs },
        { name: `${name}: CPU time of all in a second, one service on air`, unit: "ms", values: [(rest * 1000) / ON_AIR_SECONDS] },
      );
      await publisher.stop();
    });
  });
}

/** Answers in a second. */
async function rate(url: string): Promise<number> {
  const { requests, seconds } = await load(url);
  return requests / seconds;
}

/** Seconds of CPU time that all instances take meanwhile. */
async function spent(several: Several, what: () => Promise<unknown>): Promise<number> {
  const sum = async () => (await Promise.all(several.instances.map(cpuSeconds))).reduce((sum, seconds) => sum + seconds, 0);
  const before = await sum();
  await what();
  return (await sum()) - before;
}
