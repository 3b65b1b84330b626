// How many calls to the providers one service needs, from its making to its last copy: their limits are what a day with many
// services runs into. Without webhooks it is the most that it can be.
import { expect, goLive, prepareService, stopStreaming, test } from "../tests/fixtures";
import { report } from "./report";

const SECONDS = 20;

test.use({ accounts: ["CLOUDFLARE", "MUX"] });

for (const webhooks of [true, false]) {
  test(`calls for a service ${webhooks ? "with" : "without"} webhooks`, async ({ page, server, cloud, somebodyElse }) => {
    test.setTimeout(300_000);
    if (!webhooks) await cloud.webhookFault({ type: "lost" });
    const { card, link } = await prepareService(page, server);
    const phone = await somebodyElse();
    await goLive(phone, link);
    await phone.waitForTimeout(SECONDS * 1000);
    await stopStreaming(phone);
    for (const copy of ["Copy at Cloudflare", "Copy at Mux"]) {
      await expect(card.getByRole("listitem").filter({ hasText: copy })).toContainText("Ready:", { timeout: 200_000 });
    }
    const { calls } = (await cloud.state()) as { calls: Record<string, number> };
    console.log(calls);
    for (const [provider, is] of [["Cloudflare", true], ["Mux", false]] as const) {
      const all = Object.entries(calls).filter(([call]) => call.includes("/client/v4/") === is);
      const sum = (of: typeof all) => of.reduce((sum, [, count]) => sum + count, 0);
      const name = `${provider}, a service by the relay route, webhooks ${webhooks ? "come" : "are lost"}`;
      await report(
        { name: `${name}: calls in all`, unit: "", values: [sum(all)] },
        { name: `${name}: of these POST`, unit: "", values: [sum(all.filter(([call]) => call.startsWith("POST")))] },
      );
    }
  });
}
