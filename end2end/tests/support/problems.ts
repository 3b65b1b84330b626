// What goes wrong in a page without anybody looking: errors, warnings, failed requests. A test that leaves one fails.
import type { BrowserContext } from "@playwright/test";

/** A request that the page itself or its leaving ended is not a failure. */
const ABORTED = /ERR_ABORTED|NS_BINDING_ABORTED|NS_ERROR_ABORT/;

/** What Chromium says of requests while the server is away, and of those that it was answering when it went. */
export const serverGone =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|ERR_CONTENT_LENGTH_MISMATCH|ERR_NETWORK/;

export class Problems {
  readonly #found: string[] = [];
  readonly #expected: RegExp[] = [];

  /** Problems that belong to what the test shows; everything that matches one is let pass. */
  expect(...patterns: RegExp[]): void {
    this.#expected.push(...patterns);
  }

  watch(context: BrowserContext): void {
    context.on("weberror", (error) => this.#note(`page error: ${error.error().stack ?? error.error().message}`));
    context.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      this.#note(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    });
    context.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "unknown";
      if (!ABORTED.test(reason)) this.#note(`failed: ${request.method()} ${request.url()}: ${reason}`);
    });
    context.on("response", (response) => {
      if (response.status() < 400) return;
      this.#note(`status ${response.status()}: ${response.request().method()} ${response.url()}`);
    });
  }

  /** Also for what a test finds by itself, such as a panic in the server's output. */
  note(problem: string): void {
    this.#note(problem);
  }

  get unexpected(): string[] {
    return this.#found.filter((problem) => !this.#expected.some((pattern) => pattern.test(problem)));
  }

  #note(problem: string): void {
    this.#found.push(problem);
  }
}
