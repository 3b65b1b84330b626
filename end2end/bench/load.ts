// Load, and what it costs a server.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

import type { Server } from "../tests/fixtures";

/** The kernel's unit of CPU time (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** `cargo xtask bench` passes its own path: it is the load generator too. */
export async function load(url: string): Promise<{ requests: number; seconds: number }> {
  const { stdout } = await promisify(execFile)(process.env.XTASK ?? "xtask", ["bench", "--load", url]);
  return JSON.parse(stdout);
}

/** User and system, proc(5): fields 14 and 15, counted from the state, which is the third. */
export async function cpuSeconds(server: Server): Promise<number> {
  const stat = await readFile(`/proc/${server.pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Memory, now. */
export async function residentMiB(server: Server): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}
