// What a page reads like to whoever does not see it: the tree of roles and names that browsers give to screen readers.
import { expect, type Page } from "@playwright/test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const PLACE = join(import.meta.dirname, "..", "aria");

const DATE = ["en", "de", "es", "fr"].flatMap((locale) => {
  const words = (options: Intl.DateTimeFormatOptions) =>
    Array.from({ length: 12 }, (_, number) => new Intl.DateTimeFormat(locale, options).format(new Date(2026, number, number + 1)));
  return [...words({ month: "long" }), ...words({ month: "short" }), ...words({ weekday: "long" })];
});
/** Words that another day, network or machine says otherwise, besides numbers, addresses and keys. */
const OTHERWISE = new Set([...DATE, "de", "Sept", "Uhr", "CET", "CEST", "s", "min", "h", "GB", "MB", "KB", "bytes", "kbit/s", "Mbit/s", "hour", "hours", "minute", "minutes", "seconds",
  "Stunde", "Stunden", "Minute", "Minuten", "hora", "horas", "minuto", "minutos", "heure", "heures"].map((word) => word.toLowerCase()));
const KEY = /^[A-Z2-7]{4}(-[A-Z2-7]{4}|[A-Z2-7]{16})+$/;
/** Of the machine that the test runs on. */
const MACHINE = /The disk of this server is filling up/;

/** The page is read as `aria/{name}.txt` has it; between those lines there may be others. With EVERLIGHT_WRITE_ARIA the file is
 * written, for somebody to look at. */
export async function expectReadAloud(page: Page, name: string): Promise<void> {
  const file = join(PLACE, `${name}.txt`);
  const read = async () => lines(await page.locator("body").ariaSnapshot());
  if (process.env.EVERLIGHT_WRITE_ARIA) return writeFile(file, `${(await read()).join("\n")}\n`);
  const wanted = (await readFile(file, "utf8")).trimEnd().split("\n");
  await expect.poll(async () => missing(wanted, await read()), { message: `lines of ${file} that are not read aloud` }).toEqual([]);
}

/** Of `wanted`, what does not follow upon the one before it. */
function missing(wanted: string[], read: string[]): string[] {
  let from = 0;
  return wanted.filter((line) => {
    const at = read.indexOf(line, from);
    if (at >= 0) from = at + 1;
    return at < 0;
  });
}

function lines(snapshot: string): string[] {
  return snapshot.split("\n").filter((line) => !/^ *- \/url:/.test(line) && !MACHINE.test(line)).map(lasting);
}

function lasting(line: string): string {
  const [, indent, text] = /^( *- )(.*?):?$/.exec(line) ?? [, "", line];
  const words = text.split(" ").map((word) => {
    // What it is, `[level=1]`, and not what it says.
    if (/^\[.*\]$/.test(word)) return word;
    const bare = word.replace(/^[("'“]+|[)."',;:“”]+$/g, "");
    return /\d|^https?:/.test(bare) || KEY.test(bare) || OTHERWISE.has(bare.toLowerCase()) ? word.replace(bare, "…") : word;
  });
  return indent + words.join(" ").replace(/…([ .,]+…)+/g, "…");
}
