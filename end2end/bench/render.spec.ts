// How many watch pages a second the server renders, beside the cheapest answer it can give at all.
import { createMemorial, createStream, signUp, soon, test, viewerLink } from "../tests/fixtures";
import { cpuSeconds, load, residentMiB } from "./load";
import { report } from "./report";

const TIMES = 3;

test("watch pages a second", async ({ page, server }) => {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist", born: "1941-05-09", died: "2026-11-02" });
  const card = await createStream(page, { title: "Funeral service", ...soon() });
  const watch = await viewerLink(card);
  // The list of streams follows its events: not during this.
  await page.close();
  const pages = { name: "Watch page", url: watch, rates: [] as number[], costs: [] as number[] };
  const floor = { name: "/healthz (floor)", url: `${server.url}/healthz`, rates: [] as number[], costs: [] as number[] };
  // In turns: what else the machine does meets both.
  for (let time = 0; time < TIMES; time++) {
    for (const { url, rates, costs } of [pages, floor]) {
      const before = await cpuSeconds(server);
      const { requests, seconds } = await load(url);
      rates.push(requests / seconds);
      costs.push((((await cpuSeconds(server)) - before) * 1e6) / requests);
    }
  }
  for (const { name, rates, costs } of [pages, floor]) {
    await report(
      { name: `${name}: answers a second, 4 connections`, unit: "/s", values: rates },
      { name: `${name}: CPU time of the server for each`, unit: "µs", values: costs },
    );
  }
  await report({ name: "Memory of the server after it", unit: "MiB", values: [await residentMiB(server)] });
});
