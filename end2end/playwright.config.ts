import { defineConfig } from "@playwright/test";

import { chromium } from "./tests/support/programs";

const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

/** Files that count frames, gaps or bytes: beside another test they would measure that one. */
const measuring = "(crash|during\\.phone|gateway|interop|many|network\\.phone|service)\\.spec\\.ts$";
/** `alone`: only those. `together`: all others, two at a time. Not set: everything, one after the other. */
const part = process.env.EVERLIGHT_PART;
const leftOut = { alone: [new RegExp(`^(?!.*/${measuring})`)], together: [new RegExp(`/${measuring}`)] }[part ?? ""] ?? [];

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  // Every test has a server and often an encoder of its own.
  workers: part === "together" ? 2 : 1,
  fullyParallel: false,
  // Browsers, encoders and servers share two cores with the tests. A test that passes the second time has found something
  // the first time: the count at the end names it.
  retries: 1,
  forbidOnly: !!process.env.CI,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"], ["json", { outputFile: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ?? "test-results/report.json" }]],
  use: {
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    screenshot: "only-on-failure",
    launchOptions: chromium(),
  },
  projects: [
    { name: "desktop", testIgnore: [/\.(phone|nojs)\.spec\.ts$/, ...leftOut], use: { viewport: desktop } },
    {
      name: "phone",
      testMatch: /(pages|watch|\.phone)\.spec\.ts$/,
      testIgnore: leftOut,
      use: { viewport: phone, hasTouch: true, isMobile: true },
    },
    {
      name: "no-javascript",
      testMatch: /\.nojs\.spec\.ts$/,
      testIgnore: leftOut,
      use: { viewport: phone, javaScriptEnabled: false },
    },
  ],
});
