// A mourner's page in the language that their browser asks for.
import { createMemorial, createStream, expect, expectAccessible, screenshot, signUp, soon, test, viewerLink } from "./fixtures";

const languages = [
  { locale: "de-AT", lang: "de", name: "Wir nehmen Abschied von", before: "Die Feier hat noch nicht begonnen.", countdown: /Noch .*(Minuten?|Stunden?).* bis zum Beginn\./, money: "niemals Geld" },
  { locale: "es-MX", lang: "es", name: "En memoria de", before: "La ceremonia aún no ha comenzado.", countdown: /Faltan .*(minutos?|horas?).* para el comienzo\./, money: "Nunca pedimos dinero" },
  { locale: "fr-CH", lang: "fr", name: "En mémoire de", before: "La cérémonie n’a pas encore commencé.", countdown: /Début dans .*(minutes?|heures?)/, money: "jamais d’argent" },
  { locale: "nl-NL", lang: "en", name: "In memory of", before: "The service has not begun.", countdown: /It begins in .*(minutes?|hours?)/, money: "never ask for money" },
];

test("German, Spanish and French; English for everybody else", async ({ page, server, browser }) => {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  const link = await viewerLink(await createStream(page, { title: "Funeral service", ...soon() }));
  for (const { locale, lang, name, before, countdown, money } of languages) {
    const context = await browser.newContext({ locale, viewport: { width: 390, height: 844 } });
    const mourner = await context.newPage();
    await mourner.goto(link);
    await expect(mourner.locator("html")).toHaveAttribute("lang", lang);
    for (const words of [name, before]) await expect(mourner.getByText(words, { exact: true }).first()).toBeVisible();
    await expect(mourner.locator("#countdown")).toHaveText(countdown);
    await expect(mourner.getByRole("contentinfo")).toContainText(money);
    await screenshot(mourner, `watch-before-${lang}`);
    await expectAccessible(mourner);
    await context.close();
  }
});
