// Measurements: `cargo xtask bench`. The same browsers and servers as the tests, built for release.
import { defineConfig } from "@playwright/test";

import base from "./playwright.config";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

export default defineConfig({
  ...base,
  testDir: "bench",
  timeout: 300_000,
  reporter: "list",
  projects: [
    { name: "service", testMatch: /(start|render|cloud|calls|crowd|instances|streams)\.spec\.ts$/, use: { viewport: { width: 1280, height: 800 } } },
    { name: "phone", testMatch: /pages\.spec\.ts$/, use: phone },
  ],
});
