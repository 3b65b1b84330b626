// The page of whoever films, on a phone: every state of it, and everything that can go wrong before and while on air.
import {
  createStream, expect, expectAccessible, goLive, hydrated, lookAt, phoneLink, prepareService, screenshot, serverGone, stopStreaming, test,
} from "./fixtures";
import type { Page } from "@playwright/test";

const startCamera = (phone: Page) => phone.getByRole("button", { name: "Start camera" }).click();
const tryAgain = (phone: Page) => phone.getByRole("button", { name: /^Try again/ }).click();
const preview = (phone: Page) => expect(phone.getByRole("button", { name: "Go live" })).toBeVisible();

/** The card with the problem's title is shown; it is readable for everybody. */
async function expectProblem(phone: Page, title: string, name: string): Promise<void> {
  const card = phone.getByRole("alert").filter({ hasText: title });
  await expect(card).toBeVisible();
  await expect(phone.getByRole("button", { name: /^Try again/ })).toBeVisible();
  await lookAt(phone, `go-problem-${name}`);
}

/** What was in the page is still there: nothing was loaded anew. */
async function markPage(phone: Page): Promise<() => Promise<void>> {
  await phone.evaluate(() => Object.assign(window, { marked: true }));
  return async () => expect(await phone.evaluate(() => "marked" in window), "the page was not loaded again").toBe(true);
}

test("every state on the way, from the open link to the end", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  const look = async (name: string) => {
    await lookAt(phone, `go-${name}`);
  };
  await phone.goto(link);
  await expect(phone.getByRole("heading", { name: "Anna Lindqvist" })).toBeVisible();
  await look("idle");
  await startCamera(phone);
  await preview(phone);
  await look("preview");
  await phone.getByRole("button", { name: "Go live" }).click();
  const end = phone.getByRole("button", { name: "End", exact: true });
  await expect(end).toBeVisible();
  await expect(phone.getByText("Picture and sound arrive")).toBeVisible();
  await look("on-air");
  await end.click();
  await expect(phone.getByText("End the service for everybody")).toBeVisible();
  await look("confirming");
  await phone.getByRole("button", { name: "Keep streaming" }).click();
  await expect(end).toBeVisible();
  await stopStreaming(phone);
  await expect(phone.getByText("The service has ended")).toBeVisible();
  await expect(phone.getByText(/^Safe: 2 copies/)).toBeVisible({ timeout: 40_000 });
  await look("ended");
});

test("camera not allowed", async ({ page, server, strangeBrowser }) => {
  const { link } = await prepareService(page, server);
  // Without the flag that answers yes to the question, headless Chromium answers no.
  const phone = await strangeBrowser({ without: /use-fake-ui/ });
  await phone.goto(link);
  const still = await markPage(phone);
  await startCamera(phone);
  await expectProblem(phone, "The camera and microphone are not allowed", "denied");
  await tryAgain(phone);
  await expectProblem(phone, "The camera and microphone are not allowed", "denied");
  await phone.context().grantPermissions(["camera", "microphone"]);
  await tryAgain(phone);
  await preview(phone);
  await still();
});

test("no camera at all", async ({ page, server, strangeBrowser }) => {
  const { link } = await prepareService(page, server);
  const phone = await strangeBrowser({ without: /use-fake-device/, more: ["--use-fake-device-for-media-stream=device-count=0"] });
  await phone.goto(link);
  await startCamera(phone);
  await expectProblem(phone, "No camera or no microphone was found", "missing");
});

const failures = [
  // No flag of Chromium takes a camera away from it and gives it back: these come from the call itself.
  ["NotReadableError", "The camera or microphone is in use", "busy"],
  ["NotFoundError", "No camera or no microphone was found", "missing-then-there"],
  ["AbortError", "The camera was interrupted", "interrupted"],
  ["InvalidStateError", "The camera could not be started", "unknown"],
];

test("a camera that fails has a card for each reason, and works when it is tried again", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  for (const [error, title, name] of failures) {
    await test.step(error, async () => {
      const phone = await somebodyElse();
      await phone.addInitScript((error) => {
        const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        let first = true;
        navigator.mediaDevices.getUserMedia = async (constraints) => {
          if (first) {
            first = false;
            throw new DOMException("for the test", error);
          }
          return open(constraints);
        };
      }, error);
      await phone.goto(link);
      const still = await markPage(phone);
      await startCamera(phone);
      await expectProblem(phone, title, name);
      await tryAgain(phone);
      await preview(phone);
      await still();
      await phone.close();
    });
  }
});

test("a page that is not secure", async ({ page, server, strangeBrowser, expectProblems }) => {
  expectProblems(/Cross-Origin-Opener-Policy header has been ignored/);
  const { link } = await prepareService(page, server);
  const phone = await strangeBrowser({ more: ["--host-resolver-rules=MAP funeral.test 127.0.0.1"] });
  await phone.goto(link.replace("localhost", "funeral.test"));
  await startCamera(phone);
  await expectProblem(phone, "This page is not secure", "insecure");
});

test("a browser without WebRTC, and one inside another app without a camera to ask for", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  await test.step("no WebRTC", async () => {
    const phone = await somebodyElse();
    await phone.addInitScript(() => {
      Object.assign(window, { kept: RTCPeerConnection });
      Reflect.deleteProperty(window, "RTCPeerConnection");
    });
    await phone.goto(link);
    await startCamera(phone);
    await expectProblem(phone, "This browser cannot stream", "no-webrtc");
    await phone.evaluate(() => Object.assign(window, { RTCPeerConnection: Reflect.get(window, "kept") }));
    await tryAgain(phone);
    await preview(phone);
  });
  await test.step("no camera to ask for", async () => {
    const phone = await somebodyElse();
    await phone.addInitScript(() => Object.defineProperty(navigator, "mediaDevices", { value: undefined }));
    await phone.goto(link);
    await startCamera(phone);
    await expectProblem(phone, "The camera cannot be used here", "in-app");
    await phone.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await phone.getByRole("button", { name: "Copy" }).click();
    await expect(phone.getByText("Copied")).toBeVisible();
    expect(await phone.evaluate(() => navigator.clipboard.readText()), "the whole link, with its secret").toBe(link);
  });
});

test("a browser that cannot run the page says so, and what works", async ({ page, server, somebodyElse, expectProblems }) => {
  // What Chromium says of the module, and that what was loaded ahead is not used.
  expectProblems(/CompileError|WebAssembly/, /preload/);
  const { link } = await prepareService(page, server);
  const document = link.replace(/#.*/, "");
  const tooOld = async (phone: Page) => {
    await phone.goto(link);
    const said = phone.getByRole("alert").filter({ hasText: "This browser is too old to film with." });
    await expect(said).toBeVisible();
    await expect(phone.getByRole("button", { name: "Start camera" })).toBeHidden();
  };
  await test.step("the page's policy forbids the module, to whoever does not know all of its words", async () => {
    const phone = await somebodyElse();
    await phone.route(document, async (route) => {
      const response = await route.fetch();
      const policy = response.headers()["content-security-policy"].replace(" 'wasm-unsafe-eval'", "");
      await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
    });
    await tooOld(phone);
    await expectAccessible(phone);
    await screenshot(phone, "go-too-old");
  });
  await test.step("a module that it does not understand", async () => {
    const phone = await somebodyElse();
    await phone.route("**/*.wasm", (route) => route.fulfill({ contentType: "application/wasm", body: "no module" }));
    await tooOld(phone);
  });
  await test.step("the page's own script is not understood", async () => {
    const phone = await somebodyElse();
    await phone.route(document, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replace('type="module"', 'type="unknown"') });
    });
    await tooOld(phone);
  });
});

test("a page that is not loaded completely says so, and works when it is loaded again", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(/ERR_FAILED|Failed to fetch/, /preload/);
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await phone.route("**/*.wasm", (route) => route.abort());
  await phone.goto(link);
  await expect(phone.getByRole("alert").filter({ hasText: "This page did not load completely." })).toBeVisible();
  await expectAccessible(phone);
  await screenshot(phone, "go-not-loaded");
  await phone.unroute("**/*.wasm");
  await phone.reload();
  await startCamera(phone);
  await preview(phone);
});

test("a link without its secret, with a wrong one, and with that of another service", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(/401/);
  const { link } = await prepareService(page, server);
  await hydrated(page);
  const other = await phoneLink(await createStream(page, { title: "Burial" }));
  const opened = async (link: string, title: string, name: string) => {
    const phone = await somebodyElse();
    await phone.goto(link);
    await expectProblem(phone, title, name);
    return phone;
  };
  await test.step("none", () => opened(link.replace(/#.*/, ""), "This link is not complete", "link-incomplete"));
  await test.step("a wrong one", async () => {
    const phone = await opened(link.replace(/#.*/, `#${"0".repeat(64)}`), "This link does not work", "link-wrong");
    await tryAgain(phone);
    await expectProblem(phone, "This link does not work", "link-wrong");
  });
  await test.step("that of another service", () =>
    opened(link.replace(/#.*/, "") + new URL(other).hash, "This link does not work", "link-of-another"));
});

test("a question about the link that gets no answer is given up and asked again", async ({ page, server, somebodyElse }) => {
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  let hangs = true;
  // As on a connection that is dead: what is asked is neither answered nor refused.
  await phone.route("**/api/go/*/check", (route) => (hangs ? undefined : route.continue()));
  const follows = phone.waitForRequest("**/api/go/*/events");
  await phone.goto(link);
  await follows;
  await startCamera(phone);
  await preview(phone);
  await expect(phone.getByRole("heading", { name: "Film the service" })).toBeVisible();
  hangs = false;
  await expect(phone.getByRole("heading", { name: "Anna Lindqvist" })).toBeVisible({ timeout: 30_000 });
});

test("staff replace the link while it is in use", async ({ page, server, somebodyElse, expectProblems }) => {
  // The session is gone first, then the link.
  expectProblems(/401/, /404/);
  const { card, link } = await prepareService(page, server);
  await hydrated(page);
  const phone = await somebodyElse();
  await goLive(phone, link);
  await expect(card.getByText("On air").first()).toBeVisible();
  await card.getByText("Replace link").click();
  await card.getByRole("button", { name: "Yes, replace it" }).click();
  await expectProblem(phone, "This link does not work", "link-replaced");
  await expect(card.getByText("Connection lost").first()).toBeVisible();

  // The new link goes on with the service, on the same phone.
  await expect.poll(() => phoneLink(card)).not.toBe(link);
  await goLive(phone, await phoneLink(card));
  await expect(card.getByText("On air").first()).toBeVisible();
});

test("the service is over already", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(/410/);
  const { link } = await prepareService(page, server);
  const phone = await somebodyElse();
  await goLive(phone, link);
  await stopStreaming(phone);
  await expect(phone.getByText("The service has ended")).toBeVisible();
  const late = await somebodyElse();
  await late.goto(link);
  await expectProblem(late, "This link has ended", "link-ended");
});

test("staff end the service while the phone films", async ({ page, server, somebodyElse, expectProblems }) => {
  // The session is gone first, then the link.
  expectProblems(/410/, /404/);
  const { card, link } = await prepareService(page, server);
  await hydrated(page);
  const phone = await somebodyElse();
  await goLive(phone, link);
  await card.getByText("End the service").first().click();
  await card.getByRole("button", { name: "Yes, end it now" }).click();
  // What the phone kept is delivered all the same.
  await expect(phone.getByText("The service has ended")).toBeVisible();
  await expect(phone.getByText(/^Safe: 2 copies/)).toBeVisible();
  await expectAccessible(phone);
});

test("the server is away when the link is opened to go live", async ({ page, server, somebodyElse, expectProblems }) => {
  expectProblems(serverGone);
  const { link } = await prepareService(page, server);
  await page.goto("about:blank");
  const phone = await somebodyElse();
  await phone.goto(link);
  await startCamera(phone);
  await preview(phone);
  // The page learns from the server whose service it is.
  await expect(phone.getByRole("heading", { name: "Anna Lindqvist" })).toBeVisible();
  await server.kill9();
  await phone.getByRole("button", { name: "Go live" }).click();
  await expectProblem(phone, "No connection to the server", "network-down");
  await server.restart();
  await expect(phone.getByRole("button", { name: "End", exact: true })).toBeVisible();
});

test.describe("a server whose disk is nearly full", () => {
  // No disk has so much room: the real one is below this floor.
  test.use({ settings: { EVERLIGHT_MIN_FREE_MB: "1000000000" } });

  test("nothing new begins, and staff and streamer are told", async ({ page, server, somebodyElse, expectProblems }) => {
    expectProblems(/507/);
    const { card, link } = await prepareService(page, server);
    await expect(card.getByText("The disk of this server is nearly full.", { exact: false })).toBeVisible();
    await lookAt(page, "card-disk-full");
    const phone = await somebodyElse();
    await phone.goto(link);
    await startCamera(phone);
    await phone.getByRole("button", { name: "Go live" }).click();
    await expectProblem(phone, "The server has no room for a recording", "disk-full");
  });
});

test.describe("a server with room for one service", () => {
  test.use({ settings: { EVERLIGHT_MAX_STREAMS: "1" } });

  test("the second waits, and goes on by itself when there is room", async ({ page, server, somebodyElse, expectProblems }) => {
    expectProblems(/503/);
    const { link } = await prepareService(page, server);
    await hydrated(page);
    const second = await phoneLink(await createStream(page, { title: "Burial" }));
    const first = await somebodyElse();
    await goLive(first, link);
    const phone = await somebodyElse();
    await phone.goto(second);
    await startCamera(phone);
    await phone.getByRole("button", { name: "Go live" }).click();
    await expectProblem(phone, "There is no room at the moment", "full");
    await expect(first.getByRole("button", { name: "End", exact: true })).toBeVisible();
    await stopStreaming(first);
    await expect(first.getByText("The service has ended")).toBeVisible();
    await tryAgain(phone);
    await expect(phone.getByRole("button", { name: "End", exact: true })).toBeVisible();
  });
});
