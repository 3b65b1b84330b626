// What a page reads like to whoever does not see it: the tree of roles and names that browsers give to screen readers.
import { expect, type Page } from "@playwright/test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const PLACE = join(import.meta.dirname, "..", "aria");

/** Names of months and of days of the week, as each language writes them; in short in English only. */
const DATE = ["en-GB", "de", "es", "fr"].flatMap((locale) => {
  const names = (days: Date[], options: Intl.DateTimeFormatOptions) => days.map((day) => new Intl.DateTimeFormat(locale, options).format(day));
  const months = Array.from({ length: 12 }, (_, month) => new Date(2026, month));
  const week = Array.from({ length: 7 }, (_, day) => new Date(2026, 0, day + 1));
  const short = locale === "en-GB" ? names(months, { month: "short" }) : [];
  return [...names(months, { month: "long" }), ...short, ...names(week, { weekday: "long" })];
});
/** Words that another day, network or machine says otherwise, besides numbers, addresses and keys. */
const OTHERWISE = new Set([...DATE, "Uhr", "CET", "CEST", "s", "min", "h", "GB", "MB", "KB", "bytes", "kbit/s", "Mbit/s",
  "hour", "hours", "minute", "minutes", "second", "seconds", "Stunde", "Stunden", "Minute", "Minuten", "hora", "horas", "minuto", "minutos", "heure", "heures"]);
const KEY = /^[A-Z2-7]{4}(-[A-Z2-7]{4}|[A-Z2-7]{16})+$/;
/** Of the machine that the test runs on. */
const MACHINE = /The disk of this server/;

/** The page is read as `aria/{name}.txt` has it, line for line. With EVERLIGHT_WRITE_ARIA the file is written, for somebody to
 * look at. */
export async function expectReadAloud(page: Page, name: string): Promise<void> {
  const file = join(PLACE, `${name}.txt`);
  const read = async () => lines(await page.locator("body").ariaSnapshot());
  if (process.env.EVERLIGHT_WRITE_ARIA) return writeFile(file, `${(await read()).join("\n")}\n`);
  const wanted = (await readFile(file, "utf8")).trimEnd().split("\n");
  await expect.poll(read, { message: `the page is read aloud as ${file} has it` }).toEqual(wanted);
}

function lines(snapshot: string): string[] {
  return snapshot.split("\n").filter((line) => !/^ *- \/url:/.test(line) && !MACHINE.test(line)).map(lasting);
}

function lasting(line: string): string {
  const [, indent, text] = /^( *- )(.*?):?$/.exec(line) ?? [, "", line];
  const words = text.split(" ").map((word) => {
    // What it is, `[level=1]`, and not what it says.
    if (/^\[.*\]'?$/.test(word)) return word;
    const bare = word.replace(/^[("'“]+|[)."',;:“”]+$/g, "");
    return /\d|^https?:/.test(bare) || KEY.test(bare) || OTHERWISE.has(bare) ? word.replace(bare, "…") : word;
  });
  return indent + words.join(" ").replace(/…((?: de|[ .,])+…)+/g, "…");
}
