// The pages of mourners and of whoever films, in the language that their browser asks for.
import { createMemorial, createStream, expect, hydrated, lookAt, prepare, prepareService, signUp, soon, test, viewerLink } from "./fixtures";

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
    await lookAt(mourner, `watch-before-${lang}`);
    await context.close();
  }
});

/** English where another language should be. */
const ENGLISH = /\b(the|your|you|this|and|please)\b/i;

test("whoever films reads German from the first page to the last", async ({ page, server, browser, problems }) => {
  const { link } = await prepareService(page, server);
  const context = await browser.newContext({ locale: "de-DE", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await prepare(context, problems);
  const phone = await context.newPage();
  const look = async (name: string) => {
    // What staff wrote is in their language.
    await expect(phone.locator(".streamer-controls")).not.toContainText(ENGLISH);
    await lookAt(phone, `go-${name}-de`);
  };
  await phone.goto(link);
  await hydrated(phone);
  await expect(phone).toHaveTitle("Die Feier filmen · Everlight");
  await expect(phone.locator("html")).toHaveAttribute("lang", "de");
  // The name stands there when the server knows the link.
  await expect(phone.getByRole("heading", { name: "Anna Lindqvist" })).toBeVisible();
  await look("idle");
  await phone.getByRole("button", { name: "Kamera starten" }).click();
  await expect(phone.getByText("Noch sehen nur Sie dieses Bild.")).toBeVisible();
  await phone.getByText("Mehr", { exact: true }).click();
  await look("more");
  await phone.getByRole("button", { name: "Übertragung beginnen" }).click();
  await expect(phone.getByText("Bild und Ton kommen an")).toBeVisible();
  await expect(phone.getByText(/^vor \d+,\d s$/)).toBeVisible();
  await look("on-air");
  await phone.getByRole("button", { name: "Beenden", exact: true }).click();
  await look("confirming");
  await phone.getByRole("button", { name: "Ja, beenden" }).click();
  await expect(phone.getByText(/^Sicher: 2 Kopien, .*Ton und Bild geprüft\.$/)).toBeVisible({ timeout: 40_000 });
  await expect(phone.getByText("Sie dürfen diese Seite schließen.")).toBeVisible();
  await look("safe");
  await context.close();
});

for (const { locale, lang, start, only, live, wrong } of [
  { locale: "es-MX", lang: "es", start: "Encender la cámara", only: "Por ahora solo usted ve esta imagen.", live: "Empezar", wrong: "Este enlace no está completo" },
  { locale: "fr-CH", lang: "fr", start: "Démarrer la caméra", only: "Pour l’instant, vous seul voyez cette image.", live: "Commencer", wrong: "Ce lien n’est pas complet" },
]) {
  test(`whoever films reads ${lang}`, async ({ page, server, browser, problems }) => {
    const { link } = await prepareService(page, server);
    const context = await browser.newContext({ locale, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await prepare(context, problems);
    const phone = await context.newPage();
    await phone.goto(link.replace(/#.*/, ""));
    await expect(phone.getByRole("heading", { name: wrong })).toBeVisible();
    await phone.goto("about:blank");
    await phone.goto(link);
    await expect(phone.locator("html")).toHaveAttribute("lang", lang);
    await phone.getByRole("button", { name: start }).click();
    await expect(phone.getByText(only)).toBeVisible();
    await expect(phone.getByRole("button", { name: live, exact: true })).toBeVisible();
    await expect(phone.locator(".streamer-controls")).not.toContainText(ENGLISH);
    await lookAt(phone, `go-preview-${lang}`);
    await context.close();
  });
}
