// A server of one's own for every test: the real binary, a free port, an empty data directory.
import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { programs } from "./programs";

/** How long a server may take to close its files when it is asked to end. */
const STOP_MS = 20_000;

export type Settings = Record<string, string>;

export class Server {
  /** Everything that it has printed, over all of its starts. */
  readonly log: string[] = [];
  #process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    readonly udpPort: number,
    readonly dataDir: string,
    readonly settings: Settings,
  ) {}

  /** `settings`: environment variables beside those that every test needs; some are only known with the address. In them
   * `{udp}` is the UDP port. */
  static async start(settings: Settings | ((url: string) => Promise<Settings>) = {}): Promise<Server> {
    const dataDir = await mkdtemp(join(tmpdir(), "everlight-"));
    const port = await freeTcpPort();
    const known = typeof settings === "function" ? await settings(`http://localhost:${port}`) : settings;
    const server = new Server(port, await freeMediaPort(), dataDir, known);
    await server.restart();
    return server;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** What it is told, beside what every program is. */
  get environment(): Settings {
    return {
      NO_COLOR: "1",
      EVERLIGHT_DATA_DIR: this.dataDir,
      EVERLIGHT_ADDR: `127.0.0.1:${this.port}`,
      EVERLIGHT_PUBLIC_URL: this.url,
      EVERLIGHT_WEBRTC_ADDR: `127.0.0.1:${this.udpPort}`,
      LEPTOS_SITE_ROOT: programs.site,
      ...Object.fromEntries(Object.entries(this.settings).map(([name, value]) => [name, value.replace("{udp}", `${this.udpPort}`)])),
    };
  }

  /** Starts it, again if need be, on the same ports and data; returns when it answers. */
  async restart(): Promise<void> {
    await this.stop();
    // Nothing of the developer's own settings: what a test needs stands in the test.
    const own = /^(EVERLIGHT_|CLOUDFLARE_|MUX_|OTEL_|LEPTOS_|DATABASE_URL)/;
    const inherited = Object.entries(process.env).filter(([name]) => !own.test(name));
    const child = spawn(programs.server, ["serve"], {
      cwd: this.dataDir,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...Object.fromEntries(inherited), ...this.environment },
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => this.log.push(line));
    }
    let startError: Error | undefined;
    child.once("error", (error) => (startError = error));
    while (!(await this.healthy())) {
      if (startError) throw new Error(`cannot start ${programs.server}: ${startError.message}`);
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`the server ended (${child.exitCode ?? child.signalCode}):\n${this.log.join("\n")}`);
      }
      await sleep(25);
    }
  }

  async healthy(): Promise<boolean> {
    return fetch(`${this.url}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
  }

  /** The first address among the printed lines that matches; waits for it. */
  async printed(pattern: RegExp): Promise<string> {
    for (;;) {
      for (const line of this.log) {
        const match = pattern.exec(line);
        if (match) return match[0];
      }
      await sleep(25);
    }
  }

  /** The one-time link to `/setup`. */
  setupLink(): Promise<string> {
    return this.printed(/https?:\/\/\S+\/setup\S*/);
  }

  /** As a power cut would: nothing is written any more. */
  async kill9(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    this.#process = undefined;
  }

  /** Asks it to end and waits. It is an error if it does not, or not with 0. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    const [code, signal] = await exited;
    clearTimeout(late);
    if (code !== 0) throw new Error(`the server did not end cleanly (${code ?? signal}):\n${this.log.slice(-30).join("\n")}`);
  }

  async remove(): Promise<void> {
    await this.kill9();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** Below those that are given to whoever asks for any: a server that is started again must find it free again. */
export async function freeTcpPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const listener = createServer();
    const free = await new Promise<boolean>((resolve) => {
      listener.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!free) continue;
    listener.close();
    await once(listener, "close");
    return port;
  }
}

/** One that is free for UDP and for TCP: media come by either. */
export async function freeMediaPort(): Promise<number> {
  for (;;) {
    const port = await freeTcpPort();
    const socket = createSocket("udp4").bind(port, "127.0.0.1");
    const free = await once(socket, "listening").then(() => true, () => false);
    socket.close();
    if (free) return port;
  }
}
