// What takes long and must not change anything: part of `cargo xtask torture`.
import { defineConfig } from "@playwright/test";

import base from "./playwright.config";

export default defineConfig({
  ...base,
  testDir: "torture",
  timeout: 0,
  retries: 0,
  reporter: "list",
  projects: [{ name: "soak", use: { viewport: { width: 1280, height: 800 } } }],
});
