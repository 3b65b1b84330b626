// How long it takes to go live, and to see it.
import { setTimeout as sleep } from "node:timers/promises";

import { createMemorial, createStream, goLive, hydrated, phoneLink, type Server, signUp, stopStreaming, test, viewerLink } from "../tests/fixtures";
import { keepMarks, marks } from "./marks";
import { report } from "./report";

const TIMES = 7;

// The gateway says when the first key frame is whole: the phone's browser cannot know.
test.use({ settings: { EVERLIGHT_LOG: "info,media=debug" } });

test("going live and watching", async ({ page, server, somebodyElse }) => {
  const whip = { connected: [] as number[], keyFrame: [] as number[] };
  const whep = { connected: [] as number[], picture: [] as number[], page: [] as number[] };
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  for (let time = 1; time <= TIMES; time++) {
    const card = await createStream(page, { title: `Funeral service ${time}` });
    await hydrated(page);
    const [link, watch] = [await phoneLink(card), await viewerLink(card)];

    const phone = await somebodyElse();
    await keepMarks(phone);
    await goLive(phone, link);
    const { click, connected } = await marks(phone, "click", "connected");
    whip.connected.push(connected - click);
    whip.keyFrame.push((await keyFrame(server, time)) - click);

    const mourner = await somebodyElse();
    await keepMarks(mourner);
    await mourner.goto(watch);
    const seen = await marks(mourner, "opened", "peer", "connected", "picture");
    whep.connected.push(seen.connected - seen.peer);
    whep.picture.push(seen.picture - seen.peer);
    whep.page.push(seen.picture - seen.opened);

    await stopStreaming(phone);
    await mourner.context().close();
    await phone.getByText("The service has ended", { exact: false }).waitFor();
    await phone.context().close();
  }
  await report(
    { name: "WHIP: from the click to connected", unit: "ms", values: whip.connected, goal: { below: 150 } },
    { name: "WHIP: from the click to the first key frame at the gateway", unit: "ms", values: whip.keyFrame, goal: { below: 300 } },
    { name: "WHEP: from the offer to connected", unit: "ms", values: whep.connected },
    { name: "WHEP: from the offer to the first frame shown", unit: "ms", values: whep.picture },
    { name: "WHEP: from opening the page to the first frame shown", unit: "ms", values: whep.page },
  );
});

test("from the phone's click to the picture of somebody who waits", async ({ page, server, somebodyElse }) => {
  const values: number[] = [];
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  for (let time = 1; time <= TIMES; time++) {
    const card = await createStream(page, { title: `Funeral service ${time}` });
    await hydrated(page);
    const mourner = await somebodyElse();
    await keepMarks(mourner);
    await mourner.goto(await viewerLink(card));
    const phone = await somebodyElse();
    await keepMarks(phone);
    await goLive(phone, await phoneLink(card));
    values.push((await marks(mourner, "picture")).picture - (await marks(phone, "click")).click);
    await stopStreaming(phone);
    await phone.getByText("The service has ended", { exact: false }).waitFor();
    await phone.context().close();
    await mourner.context().close();
  }
  await report({ name: "From the phone's click to the picture of a waiting viewer", unit: "ms", values });
});

/** When the gateway had the first key frame of the `count`th stream, by its own log. */
async function keyFrame(server: Server, count: number): Promise<number> {
  for (;;) {
    const lines = server.log.filter((line) => line.includes("the first key frame"));
    if (lines.length >= count) return moment(lines[count - 1]);
    await sleep(10);
  }
}

/** The time at the beginning of a line of the log, `2026-11-22T18:40:00.123456Z`, as milliseconds since 1970. */
function moment(line: string): number {
  const [, seconds, fraction] = /^(\S+)\.(\d+)Z/.exec(line) ?? [];
  return Date.parse(`${seconds}Z`) + Number(`0.${fraction}`) * 1000;
}
