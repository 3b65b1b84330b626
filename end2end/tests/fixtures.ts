// What every test stands on: a fresh server, and pages in which nothing may go wrong unseen.
import { test as base, type Browser, type BrowserContext, type Page } from "@playwright/test";
import { join } from "node:path";

import { expectAccessible } from "./support/accessible";
import { expectReadAloud } from "./support/aloud";
import { Problems } from "./support/problems";
import { launchChromium } from "./support/programs";
import { Providers } from "./support/providers";
import { Server } from "./support/server";

export { expect } from "@playwright/test";
export { expectAccessible } from "./support/accessible";
export * from "./support/camera";
export * from "./support/copy";
export { walk } from "./support/keyboard";
export * from "./support/media";
export * from "./support/people";
export * from "./support/phone";
export { serverGone } from "./support/problems";
export { killBrowser, launchChromium, launchFirefox, openFirefox, programs } from "./support/programs";
export { Server } from "./support/server";

type Account = "CLOUDFLARE" | "MUX";

async function accountsAt(providers: Fixtures["providers"], url: string, accounts: Account[], signing: boolean): Promise<Record<string, string>> {
  const started = await providers.start(url);
  const environment = signing ? { ...started.environment, ...(await started.signingKeys()) } : started.environment;
  const wanted = (name: string) =>
    name.startsWith("EVERLIGHT_EXTRA") || accounts.some((account) => name.startsWith(account) || name.startsWith(`EVERLIGHT_${account}`));
  return Object.fromEntries(Object.entries(environment).filter(([name]) => wanted(name)));
}

interface Fixtures {
  /** Environment variables for the server, by `test.use({ settings: … })`. */
  settings: Record<string, string>;
  /** The providers that the installation has accounts at; their stand-ins run beside the server. */
  accounts: Account[];
  /** Whether there are signing keys of these accounts. */
  signing: boolean;
  providers: { start(everlight: string): Promise<Providers>; readonly running: Providers };
  /** The stand-ins, for a test with accounts. */
  cloud: Providers;
  server: Server;
  problems: Problems;
  /** Problems that belong to what the test shows. */
  expectProblems: (...patterns: RegExp[]) => void;
  /** Another person with a browser of their own: a mourner, a second phone. */
  somebodyElse: () => Promise<Page>;
  /** Somebody whose Chromium is started otherwise; see `launchChromium`. */
  strangeBrowser: (change: Parameters<typeof launchChromium>[0]) => Promise<Page>;
}

export const test = base.extend<Fixtures>({
  settings: [{}, { option: true }],
  accounts: [[], { option: true }],
  signing: [false, { option: true }],

  problems: [
    async ({ javaScriptEnabled }, use, testInfo) => {
      const problems = new Problems();
      // What Chromium says of a module's preload when scripts are off.
      if (javaScriptEnabled === false) problems.expect(/^failed: GET \S+\.js: csp$/);
      await use(problems);
      // A test that failed already has told its reason.
      if (testInfo.status === testInfo.expectedStatus && problems.unexpected.length > 0) {
        throw new Error(`Nobody expected:\n${problems.unexpected.join("\n")}`);
      }
    },
    { auto: true },
  ],

  expectProblems: async ({ problems }, use) => {
    await use((...patterns) => problems.expect(...patterns));
  },

  providers: async ({ accounts: _ }, use) => {
    let started: Providers | undefined;
    await use({
      start: async (everlight) => (started = await Providers.start(everlight)),
      get running() {
        if (!started) throw new Error("this test has no providers: test.use({ accounts: [...] })");
        return started;
      },
    });
    await started?.stop();
  },

  cloud: async ({ server: _, providers }, use) => use(providers.running),

  server: async ({ settings, accounts, signing, providers, problems }, use, testInfo) => {
    const server = await Server.start(
      accounts.length === 0
        ? settings
        : async (url) => ({ ...(await accountsAt(providers, url, accounts, signing)), EVERLIGHT_CLOUD_PATIENCE: "5", ...settings }),
    );
    try {
      await use(server);
      await server.stop();
    } finally {
      for (const line of server.log.filter((line) => line.includes("panicked at"))) problems.note(`server: ${line}`);
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach("server.log", { body: server.log.join("\n"), contentType: "text/plain" });
      }
      await server.remove();
    }
  },

  baseURL: async ({ server }, use) => use(server.url),

  context: async ({ context, problems }, use) => {
    await prepare(context, problems);
    await use(context);
  },

  somebodyElse: async ({ browser, problems, baseURL, contextOptions, locale, timezoneId, viewport, hasTouch, isMobile, server: _ }, use) => {
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext({ ...contextOptions, baseURL, locale, timezoneId, viewport, hasTouch, isMobile });
      opened.push(context);
      await prepare(context, problems);
      return context.newPage();
    });
    for (const context of opened) await context.close();
  },

  strangeBrowser: async ({ problems, baseURL, contextOptions, locale, timezoneId, viewport, hasTouch, isMobile, server: _ }, use) => {
    const opened: Browser[] = [];
    await use(async (change) => {
      const browser = await launchChromium(change);
      opened.push(browser);
      const context = await browser.newContext({ ...contextOptions, baseURL, locale, timezoneId, viewport, hasTouch, isMobile });
      await prepare(context, problems);
      return context.newPage();
    });
    for (const browser of opened) await browser.close();
  },
});

/** For contexts that a test makes by itself, such as Firefox's. */
export async function prepare(context: BrowserContext, problems: Problems): Promise<void> {
  problems.watch(context);
  await context.addInitScript(() => {
    // Hydration follows at once when the module is there; `hydrated` waits for this mark.
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (source, imports) => {
      const module = await instantiate(source, imports);
      setTimeout(() => Object.assign(window, { everlightHydrated: true }));
      return module;
    };
  });
}

/** Waits until the page is alive: from now on a click is handled in the browser. */
export async function hydrated(page: Page): Promise<void> {
  await page.waitForFunction(() => "everlightHydrated" in window);
}

/** The state that the page is in now, for everybody: as it is read aloud (`aria/`), touched, seen and used without a mouse; and
 * a picture of it. */
export async function lookAt(page: Page, name: string): Promise<void> {
  await expectReadAloud(page, name);
  await expectAccessible(page);
  await screenshot(page, name);
}

/** The whole page, light and dark, into `screenshots/`, for people to look at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const project = base.info().project.name;
  // A form over the page may be longer than the window.
  const [window, form] = [page.viewportSize(), await page.locator("dialog:modal").first().evaluateAll(([form]) => form?.scrollHeight ?? 0)];
  if (window) await page.setViewportSize({ ...window, height: Math.max(window.height, form + 100) });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const path = join(import.meta.dirname, "..", "screenshots", `${name}-${project}-${colorScheme}.png`);
    await page.screenshot({ path, fullPage: true, animations: "disabled" });
  }
  await page.emulateMedia({ colorScheme: null });
  if (window) await page.setViewportSize(window);
}
