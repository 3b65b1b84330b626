// How many watch pages a second the server renders, beside the cheapest answer it can give at all.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

import { createMemorial, createStream, type Server, signUp, soon, test, viewerLink } from "../tests/fixtures";
import { report } from "./report";

const TIMES = 3;
/** The kernel's unit of CPU time (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

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

/** `cargo xtask bench` passes its own path: it is the load generator too. */
async function load(url: string): Promise<{ requests: number; seconds: number }> {
  const { stdout } = await promisify(execFile)(process.env.XTASK ?? "xtask", ["bench", "--load", url]);
  return JSON.parse(stdout);
}

/** User and system, proc(5): fields 14 and 15, counted from the state, which is the third. */
async function cpuSeconds(server: Server): Promise<number> {
  const stat = await readFile(`/proc/${server.pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function residentMiB(server: Server): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}
