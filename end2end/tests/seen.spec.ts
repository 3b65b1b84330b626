// What is seen and used without a mouse, without motion, without eyes, and far away from the place.
import {
  createMemorial, createStream, expect, expectPlaying, goLive, hydrated, lookAt, openSetup, phoneLink, prepareService, signUp, soon, test, viewerLink, walk,
} from "./fixtures";
import type { Page } from "@playwright/test";

/** What moves by itself, of all that is on the page. */
function moving(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const seconds = (times: string) => Math.max(...times.split(",").map(parseFloat));
    const elements = [...document.querySelectorAll("*")].flatMap((element) => [null, "::before", "::after"].map((part) => ({ element, style: getComputedStyle(element, part) })));
    return elements
      .filter(({ style }) => (style.animationName !== "none" && seconds(style.animationDuration) > 0) || seconds(style.transitionDuration) > 0 || style.scrollBehavior === "smooth")
      .map(({ element }) => element.outerHTML.slice(0, 80));
  });
}

test("by keyboard, without motion, as it is read aloud, and from another zone", async ({ page, server, browser }) => {
  await openSetup(page, await server.setupLink());
  await hydrated(page);
  await walk(page);
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  const card = await createStream(page, { title: "Funeral service", ...soon() });
  await hydrated(page);
  const [watch, go] = [await viewerLink(card), await phoneLink(card)];
  await walk(page);

  // Somebody far away, who wants no motion.
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "America/New_York", reducedMotion: "reduce", viewport: { width: 390, height: 844 } });
  const mourner = await context.newPage();
  await mourner.goto(watch);
  await expect(mourner.locator("#countdown")).not.toBeEmpty();
  const starts = Number(await mourner.locator("main").getAttribute("data-starts"));
  const there = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short", timeZone: "America/New_York" }).format(starts);
  await expect(mourner.getByText(`Where you are: ${there}`)).toBeVisible();
  await expect(mourner.locator("body")).toMatchAriaSnapshot(`
    - main:
      - paragraph: In memory of
      - heading "Anna Lindqvist" [level=1]
      - paragraph: Funeral service
      - paragraph: The service has not begun.
      - paragraph: /It begins in/
      - button "Larger text"
      - status:
        - paragraph: /Keep this page open/
      - paragraph:
        - time
      - paragraph: /Where you are/
    - contentinfo: /We never ask for money to watch/
  `);
  await walk(mourner);
  expect(await moving(mourner)).toEqual([]);
  await mourner.goto(go);
  // The name stands there when the server knows the link.
  await expect(mourner.getByRole("heading", { name: "Anna Lindqvist" })).toBeVisible();
  await expect(mourner.locator("main")).toMatchAriaSnapshot(`
    - main:
      - paragraph: Funeral service
      - heading "Anna Lindqvist" [level=1]
      - paragraph: /your browser will ask whether this page may use the camera and the microphone/
      - paragraph: Nobody sees or hears anything until you press “Go live”.
      - button "Start camera"
  `);
  await walk(mourner);
  expect(await moving(mourner)).toEqual([]);
  await context.close();
});

test("the same while a service is live, and where a passcode is asked for", async ({ page, server, browser, somebodyElse }) => {
  const { link, watch } = await prepareService(page, server);
  const locked = await viewerLink(await createStream(page, { title: "Graveside", passcode: "lilies" }));
  const phone = await somebodyElse();
  await goLive(phone, link);
  await expect(phone.getByText("Picture and sound arrive")).toBeVisible();
  await expect(phone.locator("main")).toMatchAriaSnapshot(`
    - main:
      - heading "Anna Lindqvist" [level=1]
      - button "Mute"
      - button "End"
  `);
  await walk(phone);

  const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce", viewport: { width: 390, height: 844 } });
  const mourner = await context.newPage();
  await mourner.goto(locked);
  await expect(mourner.locator("main")).toMatchAriaSnapshot(`
    - main:
      - heading "A memorial service" [level=1]
      - text: Passcode
      - textbox "Passcode"
      - button "Watch the service"
  `);
  await walk(mourner);
  await mourner.goto(watch);
  await expectPlaying(mourner.locator("#live"));
  await expect(mourner.locator("main")).toMatchAriaSnapshot(`
    - main:
      - heading "Anna Lindqvist" [level=1]
      - button "Tap to hear sound"
      - button "Full screen"
      - button "Sound only (saves data)"
      - button "Larger text"
  `);
  await walk(mourner);
  expect(await moving(mourner)).toEqual([]);
  await context.close();

  await page.goto("/admin/today");
  await hydrated(page);
  await expect(page.getByText("On air").first()).toBeVisible();
  await expect(page.locator("main")).toMatchAriaSnapshot(`
    - main:
      - heading "Today" [level=1]
      - status
      - list:
        - listitem:
          - heading "Anna Lindqvist" [level=2]
  `);
  await walk(page);
});

test("a form that is sent before the page is alive comes back with what was typed, and its address says nothing of it", async ({ page, server }) => {
  await signUp(page, server);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/login");
  await page.getByLabel("E-mail").fill("somebody@example.com");
  await page.getByLabel("Password").fill("a wrong horse battery");
  // As a browser does by itself.
  await page.evaluate(() => document.querySelector("form")!.submit());
  await expect(page.getByRole("alert")).toContainText("do not match");
  await hydrated(page);
  await expect(page.getByLabel("E-mail")).toHaveValue("somebody@example.com");
  await expect(page.getByRole("alert")).toContainText("do not match");
  await lookAt(page, "login-refused");
  expect(page.url()).toMatch(/\/login\?again=[0-9a-f]{32}$/);
  await page.reload();
  await hydrated(page);
  await expect(page.getByLabel("E-mail")).toHaveValue("");
});
