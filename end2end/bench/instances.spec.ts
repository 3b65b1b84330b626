// What one, two and four instances answer on one machine, and what it costs to pass a request on to the one that has the service.
import { setTimeout as sleep } from "node:timers/promises";

import { expect, goLive, prepareService } from "../tests/fixtures";
import { test, type Several } from "../tests/support/several";
import { cpuSeconds, load } from "./load";
import { report } from "./report";

const TIMES = 3;
const AT_REST_SECONDS = 10;

for (const count of [1, 2, 4]) {
  test.describe(() => {
    test.use({ instances: count });

    test(`watch pages of ${count}`, async ({ page, server, several, somebodyElse }) => {
      const { link, watch } = await prepareService(page, server);
      several.door.towards = several.instances[0];
      const phone = await somebodyElse();
      await goLive(phone, link);
      await expect(phone.getByText("Picture and sound arrive")).toBeVisible();
      // The service stays where it is. A browser that films would take a core of its own.
      await phone.close();
      await page.close();
      const pageAt = (at: number) => several.instances[at].url + new URL(watch).pathname;
      const name = `${count} ${count === 1 ? "instance" : "instances"}`;

      const rest = await spent(several, () => sleep(AT_REST_SECONDS * 1000));
      const [own, passed, together, costs] = [[], [], [], []] as number[][];
      for (let time = 0; time < TIMES; time++) {
        own.push(await rate(pageAt(0)));
        if (count > 1) passed.push(await rate(pageAt(1)));
        let answers = 0;
        const cpu = await spent(several, async () => {
          const loads = await Promise.all(several.instances.map((_, at) => load(pageAt(at))));
          answers = loads.reduce((sum, { requests }) => sum + requests, 0);
          together.push(loads.reduce((sum, { requests, seconds }) => sum + requests / seconds, 0));
        });
        costs.push((cpu * 1e6) / answers);
      }
      await report({ name: `${name}: watch page, where the service is`, unit: "/s", values: own });
      if (count > 1) await report({ name: `${name}: watch page, passed on`, unit: "/s", values: passed });
      await report(
        { name: `${name}: watch page, asked at all of them at once`, unit: "/s", values: together },
        { name: `${name}: CPU time of all for each of these`, unit: "µs", values: costs },
        { name: `${name}: CPU time of all in a second at rest`, unit: "ms", values: [(rest * 1000) / AT_REST_SECONDS] },
      );
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
