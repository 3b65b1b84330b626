// Without a mouse: where the Tab key leads.
import { expect, type Page } from "@playwright/test";

/** What has parts of its own (a date, a player) is on the way more than once. */
const PARTS = 15;

/** As `tabThrough`, on a page that leads somewhere. */
export async function walk(page: Page): Promise<void> {
  expect(await tabThrough(page), page.url()).toBeGreaterThan(0);
}

/** Everything that can be reached with the Tab key, in the order of the page, each with a ring around it; answers with how much
 * that is. In a form over the page only what is in the form. What had the focus has it again afterwards. */
export async function tabThrough(page: Page): Promise<number> {
  const here = () =>
    page.evaluate(() => {
      const root = document.querySelector("dialog:modal") ?? document;
      const all = [...root.querySelectorAll<HTMLElement>("a[href], button, input, select, textarea, summary, video[controls]")];
      const reachable = all.filter((element) => {
        if (!element.checkVisibility({ visibilityProperty: true }) || element.matches("[type=hidden], :disabled") || element.tabIndex < 0) return false;
        if (!(element instanceof HTMLInputElement) || element.type !== "radio") return true;
        // Of choices that exclude each other it is the one that is made; the arrow keys lead to the others.
        const group = all.filter((other) => other instanceof HTMLInputElement && other.type === "radio" && other.name === element.name) as HTMLInputElement[];
        return element === (group.find(({ checked }) => checked) ?? group[0]);
      });
      const focused = document.activeElement as HTMLElement;
      const ringed = [focused, focused.closest("label")].some((element) => {
        const { outlineStyle, boxShadow } = element ? getComputedStyle(element) : { outlineStyle: "none", boxShadow: "none" };
        return outlineStyle !== "none" || boxShadow !== "none";
      });
      return { place: reachable.indexOf(focused), all: reachable.length, ring: ringed, what: focused.outerHTML.slice(0, 120) };
    });
  // From the beginning, wherever somebody clicked last.
  const former = await page.evaluateHandle(() => {
    const former = document.activeElement;
    const start = document.querySelector<HTMLElement>("dialog:modal") ?? document.body;
    const tabIndex = start.getAttribute("tabindex");
    start.tabIndex = -1;
    start.focus();
    if (tabIndex === null) start.removeAttribute("tabindex");
    return former;
  });
  let next = 0;
  for (let again = 0; again < PARTS; ) {
    if (next === (await here()).all) break;
    await page.keyboard.press("Tab");
    const { what, ...at } = await here();
    // Its next part, or what can only be scrolled.
    again = at.place === next - 1 || at.place < 0 ? again + 1 : 0;
    if (again > 0) continue;
    expect(at, `${what} at ${page.url()}`).toMatchObject({ place: next, ring: true });
    next += 1;
  }
  expect(next, `nothing holds the Tab key at ${page.url()}`).toBe((await here()).all);
  await former.evaluate((element) => (element instanceof HTMLElement && element !== document.body ? element.focus() : (document.activeElement as HTMLElement).blur()));
  return next;
}
