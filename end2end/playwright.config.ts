import { defineConfig } from "@playwright/test";

import { chromium } from "./tests/support/programs";

const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  // Every test has a server and often an encoder of its own: side by side they would only measure each other.
  workers: 1,
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
    { name: "desktop", testIgnore: /\.(phone|nojs)\.spec\.ts$/, use: { viewport: desktop } },
    { name: "phone", testMatch: /(pages|watch|\.phone)\.spec\.ts$/, use: { viewport: phone, hasTouch: true, isMobile: true } },
    { name: "no-javascript", testMatch: /\.nojs\.spec\.ts$/, use: { viewport: phone, javaScriptEnabled: false } },
  ],
});
