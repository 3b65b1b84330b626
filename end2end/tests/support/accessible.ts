// What everybody can read, touch and reach: at every width that people have, light and dark, with text twice as large, and
// without a mouse.
import { expect, type Page } from "@playwright/test";
import axe, { type RunOnly } from "axe-core";

import { tabThrough } from "./keyboard";

declare global {
  interface Window {
    axe: typeof axe;
  }
}

const RULES: RunOnly = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
/** Of these, what is otherwise in the dark: everything else is the same markup in the same place. */
const RULES_OF_COLOURS: RunOnly = { type: "rule", values: ["color-contrast", "link-in-text-block"] };
const WIDTHS = [320, 390, 768, 1280];
const HEIGHT = 844;

/** The state that the page is in now, everywhere; the window is as before then. */
export async function expectAccessible(page: Page): Promise<void> {
  const before = page.viewportSize();
  const found: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const broken = await violations(page, colorScheme === "light" ? RULES : RULES_OF_COLOURS);
      found.push(...broken.map((what) => `${width} px, ${colorScheme}: ${what}`));
    }
    for (const trouble of [...(await sideways(page)), ...(await small(page))]) found.push(`${width} px: ${trouble}`);
    for (const trouble of width === WIDTHS[0] ? [] : await withTextTwiceAsLarge(page)) {
      found.push(`${width} px, text twice as large: ${trouble}`);
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await tabThrough(page);
  if (before) await page.setViewportSize(before);
  expect(found, `accessibility of ${page.url()}`).toEqual([]);
}

/** What axe finds. It is put into the page once, however often it is asked. */
async function violations(page: Page, runOnly: RunOnly): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  return page.evaluate(async (runOnly) => {
    const { violations } = await window.axe.run(document, { runOnly, resultTypes: ["violations"] });
    return violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join("\n  ")}`);
  }, runOnly);
}

/** Whether the page, or a form over it, scrolls sideways. What is as wide as a table scrolls within itself. */
function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const box of [document.documentElement, ...document.querySelectorAll("dialog[open]")]) {
      const { scrollWidth, clientWidth } = box;
      if (scrollWidth <= clientWidth) continue;
      const { right } = box.getBoundingClientRect();
      const wide = [...box.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > right + 0.5);
      const what = wide.map((element) => element.outerHTML.slice(0, 100)).join("\n    ");
      found.push(`it scrolls sideways, ${scrollWidth} px in ${clientWidth}: ${what}`);
    }
    return found;
  });
}

/** What is to be touched and is smaller than a finger. A link in a line of text is as tall as its line (WCAG 2.2, 2.5.8). */
function small(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const LEAST = 44;
    const MAIN = 64;
    const found: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>("a[href], button, input, select, textarea, summary")) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.matches("[type=hidden]")) continue;
      const style = getComputedStyle(element);
      if (style.display === "inline" && element.parentElement?.textContent !== element.textContent) continue;
      // A tap on the words of a box is a tap on the box.
      const touched = (element.matches("[type=checkbox], [type=radio]") && element.closest("label")) || element;
      const boxes = [touched.getBoundingClientRect()];
      // A card that is a link all over.
      const over = getComputedStyle(element, "::after");
      if (over.position === "absolute" && element.offsetParent) boxes.push(element.offsetParent.getBoundingClientRect());
      const least = ["Go live", "End"].includes(element.textContent?.trim() ?? "") ? MAIN : LEAST;
      // Half a pixel is rounding.
      if (boxes.some(({ width, height }) => Math.min(width, height) > least - 0.5)) continue;
      const { width, height } = boxes[0];
      found.push(`to be touched, and ${width.toFixed(1)} × ${height.toFixed(1)} px: ${element.outerHTML.slice(0, 120)}`);
    }
    return found;
  });
}

/** What is lost when somebody has text twice as large: the page is wider than the window, or words are cut off. */
async function withTextTwiceAsLarge(page: Page): Promise<string[]> {
  const set = (twice: boolean) =>
    page.evaluate((twice) => {
      const { documentElement: html } = document;
      html.style.fontSize = "";
      if (twice) html.style.fontSize = `${2 * parseFloat(getComputedStyle(html).fontSize)}px`;
    }, twice);
  await set(true);
  const cut = await page.evaluate(() => {
    const found: string[] = [];
    for (const element of document.body.querySelectorAll<HTMLElement>("*")) {
      const { overflowX, overflowY } = getComputedStyle(element);
      if (!element.checkVisibility({ visibilityProperty: true }) || !element.textContent?.trim()) continue;
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
      const clips = (overflow: string) => overflow === "hidden" || overflow === "clip";
      if ((clips(overflowX) && scrollWidth > clientWidth + 1) || (clips(overflowY) && scrollHeight > clientHeight + 1)) {
        found.push(`cut off, ${scrollWidth} × ${scrollHeight} px in ${clientWidth} × ${clientHeight}: ${element.outerHTML.slice(0, 160)}`);
      }
    }
    return found;
  });
  const found = [...cut, ...(await sideways(page))];
  await set(false);
  return found;
}
