// Cloudflare Stream and Mux Video as documented, on this machine, with faults on demand.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { programs } from "./programs";
import type { Settings } from "./server";

/** The environment ends with this variable: everything else was printed before. */
const LAST = "EVERLIGHT_EXTRA_CA_FILE";

export interface LiveInput {
  uid: string;
  webRTC?: { url: string };
}

export class Providers {
  private constructor(
    readonly process: ChildProcess,
    /** What Everlight has to know. */
    readonly environment: Settings,
    readonly log: string[],
  ) {}

  /** `everlight`: where webhooks go. Windows of minutes become seconds. */
  static async start(everlight: string): Promise<Providers> {
    const args = ["--webhooks-to", everlight, "--time-scale", "0.02", "--processing-ms", "500", "--mux-active-ms", "500"];
    const child = spawn(programs.emulator, args, { stdio: ["ignore", "pipe", "pipe"] });
    const log: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => log.push(line));
    const environment: Settings = {};
    for await (const line of createInterface({ input: child.stdout })) {
      const at = line.indexOf("=");
      environment[line.slice(0, at)] = line.slice(at + 1);
      if (line.startsWith(LAST)) break;
    }
    if (!environment[LAST]) throw new Error(`the providers' stand-in did not start:\n${log.join("\n")}`);
    return new Providers(child, environment, log);
  }

  /** Of both APIs, playback and control. */
  get url(): string {
    return new URL(this.environment.MUX_BASE_URL).origin;
  }

  /** A signing key of each, made as an administrator does it; in the names in which Everlight reads them. */
  async signingKeys(): Promise<Settings> {
    const { MUX_BASE_URL, MUX_TOKEN_ID, MUX_TOKEN_SECRET, CLOUDFLARE_BASE_URL, CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_TOKEN } = this.environment;
    const made = async (url: string, authorization: string) => {
      const response = await fetch(url, { method: "POST", headers: { authorization } });
      if (!response.ok) throw new Error(`${url}: ${response.status}`);
      return response.json();
    };
    const basic = Buffer.from(`${MUX_TOKEN_ID}:${MUX_TOKEN_SECRET}`).toString("base64");
    const { data } = await made(`${MUX_BASE_URL}/system/v1/signing-keys`, `Basic ${basic}`);
    const { result } = await made(`${CLOUDFLARE_BASE_URL}/accounts/${CLOUDFLARE_ACCOUNT_ID}/stream/keys`, `Bearer ${CLOUDFLARE_API_TOKEN}`);
    return {
      MUX_SIGNING_KEY: data.id,
      MUX_PRIVATE_KEY: data.private_key,
      CLOUDFLARE_SIGNING_KEY_ID: result.id,
      CLOUDFLARE_SIGNING_PEM: result.pem,
    };
  }

  async stop(): Promise<void> {
    const exited = once(this.process, "exit");
    this.process.kill("SIGTERM");
    await exited;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async state(): Promise<any> {
    return (await fetch(`${this.url}/_emulator/state`)).json();
  }

  /** Something goes wrong from now on; see crates/emulator/src/faults.rs for what can. */
  async fault(fault: object): Promise<void> {
    await this.#control("faults", fault);
  }

  async webhookFault(fault: object): Promise<void> {
    await this.#control("faults/webhooks", fault);
  }

  async ingestFault(fault: object): Promise<void> {
    await this.#control("faults/ingest", fault);
  }

  /** Whatever is played from now on comes with captions. */
  async captions(): Promise<void> {
    await this.#control("captions", {});
  }

  async clear(): Promise<void> {
    await fetch(`${this.url}/_emulator/faults`, { method: "DELETE" });
  }

  async #control(path: string, body: object): Promise<void> {
    const response = await fetch(`${this.url}/_emulator/${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }
}
