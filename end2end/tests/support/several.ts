// Several instances behind one address: a PostgreSQL database and a folder that they share, and a door before them, as a load
// balancer is one.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { programs, Server, test as base } from "../fixtures";
import type { Settings } from "./server";

const run = promisify(execFile);

/** A server on which databases may be made; `cargo xtask test` starts one. */
const POSTGRES = process.env.EVERLIGHT_TEST_POSTGRES;

export class Several {
  private constructor(
    readonly door: Door,
    readonly instances: Server[],
    /** With the recordings of all of them. */
    readonly dataDir: string,
    readonly database: string,
  ) {}

  static async start(count: number, settings: Settings = {}): Promise<Several> {
    if (!POSTGRES) throw new Error("EVERLIGHT_TEST_POSTGRES names no PostgreSQL: several instances need one");
    const name = `end2end_${process.pid}_${Date.now()}`;
    await run(programs.psql, ["--quiet", "--command", `CREATE DATABASE ${name}`, `${POSTGRES}/postgres`]);
    const [dataDir, door, database] = [await mkdtemp(join(tmpdir(), "everlight-shared-")), await Door.open(), `${POSTGRES}/${name}`];
    const several = new Several(door, [], dataDir, database);
    // One after the other: the first makes the secret key.
    for (let at = 0; at < count; at += 1) {
      const instance = await Server.start(async (url) => ({
        DATABASE_URL: database,
        EVERLIGHT_DATA_DIR: dataDir,
        EVERLIGHT_PUBLIC_URL: door.url,
        EVERLIGHT_INSTANCE_ADDR: url.replace("localhost", "127.0.0.1"),
        EVERLIGHT_TRUSTED_PROXIES: "127.0.0.1",
        // Whatever the disk has on which the tests run.
        EVERLIGHT_MIN_FREE_MB: "0",
        ...settings,
      }));
      several.instances.push(instance);
      door.rooms.push(instance);
    }
    return several;
  }

  get url(): string {
    return this.door.url;
  }

  /** What the database answers, a line for each row. */
  async ask(query: string): Promise<string[]> {
    const { stdout } = await run(programs.psql, ["--quiet", "--tuples-only", "--no-align", "--command", query, this.database]);
    return stdout.split("\n").filter((line) => line !== "");
  }

  get log(): string[] {
    return this.instances.flatMap((instance, at) => instance.log.map((line) => `${at}: ${line}`));
  }

  async stop(): Promise<void> {
    for (const instance of this.instances) await instance.stop();
  }

  async remove(): Promise<void> {
    for (const instance of this.instances) await instance.remove();
    await this.door.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

export const test = base.extend<{ instances: number; several: Several }>({
  instances: [2, { option: true }],
  several: async ({ instances, problems }, use, testInfo) => {
    const several = await Several.start(instances);
    try {
      await use(several);
      await several.stop();
    } finally {
      for (const line of several.log.filter((line) => line.includes("panicked at"))) problems.note(`server: ${line}`);
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach("server.log", { body: several.log.join("\n"), contentType: "text/plain" });
      }
      await several.remove();
    }
  },
  // Whoever opens an address opens the one address of all.
  server: async ({ several }, use) => use(several.instances[0]),
  baseURL: async ({ several }, use) => use(several.url),
});

/** The one address. Each request goes to the next instance, and when nobody answers there, to the one after it. */
export class Door {
  readonly rooms: Server[] = [];
  #next = 0;
  readonly #listener: HttpServer;
  readonly #port: number;
  /** Where every request goes that can, instead of to each in its turn. */
  towards: Server | undefined;

  private constructor(listener: HttpServer, port: number) {
    this.#listener = listener;
    this.#port = port;
    listener.on("request", (asked, answer) => void this.#pass(asked, answer).catch(() => answer.destroy()));
  }

  static async open(): Promise<Door> {
    const listener = createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    return new Door(listener, (listener.address() as { port: number }).port);
  }

  get url(): string {
    return `http://localhost:${this.#port}`;
  }

  async close(): Promise<void> {
    this.#listener.closeAllConnections();
    this.#listener.close();
    await once(this.#listener, "close");
  }

  async #pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of asked) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    for (const room of this.#order()) {
      const came = await this.#ask(room, asked, body, answer);
      if (!came) continue;
      answer.writeHead(came.statusCode ?? 502, came.headers);
      answer.flushHeaders();
      came.pipe(answer);
      // Half an answer is none.
      came.on("error", () => answer.destroy()).on("aborted", () => answer.destroy());
      return;
    }
    answer.writeHead(502).end();
  }

  #order(): Server[] {
    if (this.towards) return [this.towards, ...this.rooms.filter((room) => room !== this.towards)];
    this.#next += 1;
    return this.rooms.map((_, at) => this.rooms[(at + this.#next) % this.rooms.length]);
  }

  /** `undefined`: nothing listens there. Whatever else goes wrong is the answer, as it is with a real one. */
  #ask(room: Server, asked: IncomingMessage, body: Buffer, answer: ServerResponse): Promise<IncomingMessage | undefined> {
    const headers = { ...asked.headers, "x-forwarded-for": "127.0.0.1" };
    // A connection of its own for each: one that was kept would be found dead later.
    const passed = request({ host: "127.0.0.1", port: room.port, method: asked.method, path: asked.url, headers, agent: false });
    answer.on("close", () => passed.destroy());
    passed.end(body);
    return new Promise((resolve, reject) => {
      passed.once("response", resolve);
      passed.once("error", (error: NodeJS.ErrnoException) => (error.code === "ECONNREFUSED" ? resolve(undefined) : reject(error)));
    });
  }
}
