// The official SDKs of Mux and Cloudflare against the stand-in (crates/emulator), and the stand-in's answers against
// Cloudflare's own OpenAPI document.
//
// Run, from the root of the repository (needs ffmpeg):
//
//     cargo build -p emulator
//     npm --prefix end2end/providers ci
//     EVERLIGHT_EMULATOR=target/debug/everlight-emulator npm --prefix end2end/providers test
//
// The test starts the program named by EVERLIGHT_EMULATOR itself, on ports that the system picks.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import Mux from "@mux/mux-node";
import Ajv from "ajv";
import Cloudflare from "cloudflare";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const program = resolve(root, process.env.EVERLIGHT_EMULATOR ?? "target/debug/everlight-emulator");

const folder = mkdtempSync(join(tmpdir(), "everlight-providers-"));
const delivered = [];
let emulator, environment, hook, mux, cloudflare, account;

before(async () => {
  hook = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      delivered.push({ path: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(204).end();
    });
  });
  await new Promise((done) => hook.listen(0, "127.0.0.1", done));

  const options = ["--webhooks-to", `http://127.0.0.1:${hook.address().port}`];
  options.push("--time-scale", "0.05", "--processing-ms", "100", "--mux-active-ms", "100");
  emulator = spawn(program, options, { stdio: ["ignore", "pipe", "inherit"] });
  environment = {};
  for await (const line of createInterface(emulator.stdout)) {
    const [name, value] = line.split(/=(.*)/s);
    environment[name] = value;
    if (name === "EVERLIGHT_EXTRA_CA_FILE") break;
  }
  account = environment.CLOUDFLARE_ACCOUNT_ID;
  mux = new Mux({
    tokenId: environment.MUX_TOKEN_ID,
    tokenSecret: environment.MUX_TOKEN_SECRET,
    webhookSecret: environment.MUX_WEBHOOK_SECRET,
    baseURL: environment.MUX_BASE_URL,
  });
  cloudflare = new Cloudflare({
    apiToken: environment.CLOUDFLARE_API_TOKEN,
    baseURL: environment.CLOUDFLARE_BASE_URL,
  });
});

after(async () => {
  const stopped = new Promise((done) => emulator.once("exit", done));
  emulator.kill("SIGINT");
  await stopped;
  hook.close();
  hook.closeAllConnections();
  rmSync(folder, { recursive: true });
});

/** Asks until there is an answer. */
async function eventually(what, ask) {
  for (const begun = Date.now(); Date.now() - begun < 90_000; ) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail(`never: ${what}`);
}

function ffmpeg(...output) {
  const pictures = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine", "-t", "2"];
  const codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac"];
  return ["-loglevel", "error", "-y", ...pictures, ...codecs, ...output];
}

/** Publishes two seconds as an encoder does. */
function publish(url) {
  const encoder = spawn("ffmpeg", ["-re", ...ffmpeg("-f", "flv", url)], { stdio: "ignore" });
  return new Promise((done) => encoder.once("exit", (code) => done(code)));
}

const events = (type) => delivered.filter((one) => one.path === "/api/webhooks/mux" && JSON.parse(one.body).type === type);

// Cloudflare

const openapi = JSON.parse(
  readFileSync(join(root, "crates/emulator/tests/fixtures/cloudflare-openapi-stream-excerpt-2024-08-06.json")),
);
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(openapi, "openapi");

/** Pointers (RFC 6901) go through a URI fragment here. */
const pointer = (...parts) => parts.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");

/**
 * Calls the API and holds the answer against the OpenAPI document; `known` are its errors that the live API makes, too.
 */
async function checked(method, path, template, body, known = []) {
  const response = await fetch(`${environment.CLOUDFLARE_BASE_URL}/accounts/${account}${path}`, {
    method,
    headers: { authorization: `Bearer ${environment.CLOUDFLARE_API_TOKEN}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const operation = openapi.paths[`/accounts/{account_id}${template}`][method.toLowerCase()];
  const status = operation.responses[response.status] ? String(response.status) : "4XX";
  const at = ["paths", `/accounts/{account_id}${template}`, method.toLowerCase()];
  const validate = (value, ...where) => {
    const schema = ajv.compile({ $ref: `openapi#/${pointer(...at, ...where, "content", "application/json", "schema")}` });
    schema(value);
    return (schema.errors ?? []).filter((error) => !known.some((part) => error.instancePath.includes(part)));
  };
  if (body && response.ok) assert.deepEqual(validate(body, "requestBody"), [], `${method} ${path}: the request`);
  const text = await response.text();
  if (!operation.responses[status].content?.["application/json"]?.schema) return text;
  const answer = JSON.parse(text);
  const errors = validate(answer, "responses", status);
  assert.deepEqual(errors, [], `${method} ${path}: ${text}`);
  return answer;
}

test("Cloudflare's SDK: live inputs and outputs", async () => {
  const inputs = cloudflare.stream.liveInputs;
  const input = await inputs.create({
    account_id: account,
    meta: { name: "a service" },
    recording: { mode: "automatic", timeoutSeconds: 10, requireSignedURLs: false },
    deleteRecordingAfterDays: 45,
    enabled: true,
  });
  assert.equal(input.recording.mode, "automatic");
  assert.equal(input.deleteRecordingAfterDays, 45);
  assert.match(input.rtmps.url, /^rtmps:\/\/127\.0\.0\.1:\d+\/live\/$/);
  assert.deepEqual(await inputs.get(input.uid, { account_id: account }), input);
  const list = await inputs.list({ account_id: account, include_counts: true });
  assert.ok(list.liveInputs.some((known) => known.uid === input.uid));

  const updated = await inputs.update(input.uid, { account_id: account, enabled: false });
  assert.equal(updated.enabled, false);
  assert.deepEqual(updated.recording, input.recording);

  const output = await inputs.outputs.create(input.uid, {
    account_id: account,
    url: "rtmps://global-live.mux.com:443/app",
    streamKey: "k",
  });
  const known = [];
  for await (const one of inputs.outputs.list(input.uid, { account_id: account })) known.push(one);
  assert.deepEqual(known, [output]);
  const where = { account_id: account, live_input_identifier: input.uid };
  assert.equal((await inputs.outputs.update(output.uid, { ...where, enabled: false })).enabled, false);
  await inputs.outputs.delete(output.uid, where);

  const rotated = await cloudflare.post(`/accounts/${account}/stream/live_inputs/${input.uid}/rotate_keys`);
  assert.notEqual(rotated.result.rtmps.streamKey, input.rtmps.streamKey);
  await inputs.delete(input.uid, { account_id: account });
  await assert.rejects(inputs.get(input.uid, { account_id: account }), Cloudflare.NotFoundError);
});

test("Cloudflare's SDK: what was published becomes a video", async () => {
  const input = await cloudflare.stream.liveInputs.create({
    account_id: account,
    recording: { mode: "automatic", timeoutSeconds: 10 },
  });
  assert.equal(await publish(input.rtmps.url + input.rtmps.streamKey), 0);
  const video = await eventually("a ready video", async () => {
    for await (const video of cloudflare.stream.list({ account_id: account, live_input_id: input.uid }))
      if (video.status.state === "ready") return video;
  });
  assert.equal(video.liveInput, input.uid);
  assert.ok(video.duration > 1.9 && video.duration < 2.4, String(video.duration));
  assert.equal((await cloudflare.stream.get(video.uid, { account_id: account })).uid, video.uid);
  await cloudflare.stream.downloads.create(video.uid, { account_id: account });
  const download = await eventually("a download", async () => {
    const known = await cloudflare.stream.downloads.get(video.uid, { account_id: account });
    return known.default.status === "ready" && known.default;
  });
  assert.equal((await fetch(download.url)).status, 200);
  const token = await cloudflare.stream.token.create(video.uid, { account_id: account });
  assert.equal(token.token.split(".").length, 3);
  await cloudflare.stream.delete(video.uid, { account_id: account });
  await assert.rejects(cloudflare.stream.get(video.uid, { account_id: account }), Cloudflare.NotFoundError);
});

test("Cloudflare's SDK: webhooks and destinations", async () => {
  const { webhooks } = cloudflare.stream;
  const set = await webhooks.update({ account_id: account, notificationUrl: "https://example.com/hook" });
  assert.equal((await webhooks.get({ account_id: account })).notificationUrl, set.notificationUrl);
  assert.equal(set.secret, environment.CLOUDFLARE_WEBHOOK_SECRET);
  const destination = await cloudflare.alerting.destinations.webhooks.create({
    account_id: account,
    name: "n",
    url: "https://example.com/h",
    secret: "s",
  });
  assert.ok(destination.id);
  await webhooks.delete({ account_id: account });
  await assert.rejects(webhooks.get({ account_id: account }), Cloudflare.NotFoundError);
});

test("Cloudflare's OpenAPI document describes requests and answers", async () => {
  // Cloudflare's own samples have null here, where the document says otherwise.
  const live = ["/result/recording/allowedOrigins"];
  const settings = { meta: { name: "x" }, recording: { mode: "automatic", timeoutSeconds: 10 }, deleteRecordingAfterDays: 45 };
  const [inputs, one] = ["/stream/live_inputs", "/stream/live_inputs/{live_input_identifier}"];
  const { result: input } = await checked("POST", inputs, inputs, settings, live);
  await checked("GET", `${inputs}/${input.uid}`, one, undefined, live);
  await checked("PUT", `${inputs}/${input.uid}`, one, settings, live);
  await checked("GET", inputs, inputs);
  await checked("GET", `${inputs}/nothing`, one);
  const target = { url: "rtmps://global-live.mux.com:443/app", streamKey: "k" };
  const outputs = `${inputs}/${input.uid}/outputs`;
  const { result: output } = await checked("POST", outputs, `${one}/outputs`, target);
  await checked("GET", outputs, `${one}/outputs`);
  await checked("PUT", `${outputs}/${output.uid}`, `${one}/outputs/{output_identifier}`, { enabled: false });
  assert.equal(await checked("DELETE", `${outputs}/${output.uid}`, `${one}/outputs/{output_identifier}`), "");
  const hook = { notificationUrl: "https://example.com/hook" };
  await checked("PUT", "/stream/webhook", "/stream/webhook", hook);
  await checked("GET", "/stream/webhook", "/stream/webhook");
  await checked("DELETE", "/stream/webhook", "/stream/webhook");
  await checked("POST", "/stream/keys", "/stream/keys");
  await checked("GET", "/stream/keys", "/stream/keys");

  const webhooks = "/alerting/v3/destinations/webhooks";
  const { result: destination } = await checked("POST", webhooks, webhooks, { name: "n", url: "https://example.com/h" });
  await checked("GET", webhooks, webhooks);
  const policy = { name: "p", enabled: true, alert_type: "stream_live_notifications" };
  policy.mechanisms = { webhooks: [{ id: destination.id }] };
  // An id is "one of" two schemas there that only their formats tell apart.
  await checked("POST", "/alerting/v3/policies", "/alerting/v3/policies", policy, ["/mechanisms/webhooks/0/id"]);

  const direct = await cloudflare.stream.directUpload.create({ account_id: account, maxDurationSeconds: 60 });
  const file = join(folder, "direct.mp4");
  assert.equal(spawnSync("ffmpeg", ffmpeg(file)).status, 0);
  const form = new FormData();
  form.set("file", new Blob([readFileSync(file)]), "direct.mp4");
  assert.equal((await fetch(direct.uploadURL, { method: "POST", body: form })).status, 200);
  const path = `/stream/${direct.uid}`;
  const nulls = ["/result/creator", "/result/uploadExpiry", "/result/watermark"];
  await eventually("a ready video", async () => {
    const { result } = await checked("GET", path, "/stream/{identifier}", undefined, nulls);
    return result.readyToStream;
  });
  await checked("POST", `${path}/downloads`, "/stream/{identifier}/downloads");
  await checked("POST", `${path}/token`, "/stream/{identifier}/token", { downloadable: true });
});

// Mux

const settings = {
  playback_policies: ["public"],
  new_asset_settings: { playback_policies: ["public"], static_renditions: [{ resolution: "highest" }] },
  reconnect_window: 10,
  passthrough: "p1",
};

test("Mux's SDK: live streams", async () => {
  const { liveStreams } = mux.video;
  const stream = await liveStreams.create({ ...settings, latency_mode: "standard", meta: { title: "t" } });
  assert.equal(stream.status, "idle");
  assert.equal(stream.passthrough, "p1");
  assert.match(stream.created_at, /^\d+$/);
  assert.deepEqual(await liveStreams.retrieve(stream.id), stream);
  const known = [];
  for await (const one of liveStreams.list({ limit: 10, status: "idle" })) known.push(one.id);
  assert.ok(known.includes(stream.id));
  assert.equal((await liveStreams.update(stream.id, { reconnect_window: 20 })).reconnect_window, 20);
  assert.notEqual((await liveStreams.resetStreamKey(stream.id)).stream_key, stream.stream_key);
  const playback = await liveStreams.createPlaybackId(stream.id, { policy: "signed" });
  assert.equal((await liveStreams.retrievePlaybackId(stream.id, playback.id)).policy, "signed");
  await liveStreams.deletePlaybackId(stream.id, playback.id);
  await liveStreams.disable(stream.id);
  assert.equal((await liveStreams.retrieve(stream.id)).status, "disabled");
  await liveStreams.enable(stream.id);
  assert.equal((await liveStreams.retrieve(stream.id)).status, "idle");
  await liveStreams.delete(stream.id);
  await assert.rejects(liveStreams.retrieve(stream.id), Mux.NotFoundError);
});

test("Mux's SDK: what was published becomes an asset, and says so", async () => {
  const stream = await mux.video.liveStreams.create(settings);
  assert.equal(await publish(`${environment.EVERLIGHT_MUX_INGEST_URL}/${stream.stream_key}`), 0);
  await mux.video.liveStreams.complete(stream.id);
  const asset = await eventually("a finished asset", async () => {
    for await (const asset of mux.video.assets.list({ live_stream_id: stream.id }))
      if (!asset.is_live && asset.static_renditions?.status === "ready") return asset;
  });
  assert.ok(asset.duration > 1.9 && asset.duration < 2.4, String(asset.duration));
  const owner = await mux.video.playbackIds.retrieve(asset.playback_ids[0].id);
  assert.deepEqual(owner.object, { type: "asset", id: asset.id });
  const file = await fetch(`${environment.EVERLIGHT_MUX_PLAYBACK_URL}/${asset.playback_ids[0].id}/highest.mp4`);
  assert.equal(file.status, 200);

  const [raw] = await eventually("its webhook", () => {
    const found = events("video.asset.live_stream_completed");
    return found.length > 0 && found;
  });
  const event = await mux.webhooks.unwrap(raw.body, raw.headers);
  assert.equal(event.data.id, asset.id);
  assert.equal(event.data.live_stream_id, stream.id);
  const changed = raw.body.replace("video.asset", "video.assert");
  await assert.rejects(async () => mux.webhooks.unwrap(changed, raw.headers), /signature/i);

  await mux.video.assets.delete(asset.id);
  await assert.rejects(mux.video.assets.retrieve(asset.id), Mux.NotFoundError);
});

test("Mux's SDK: uploads", async () => {
  const upload = await mux.video.uploads.create({ cors_origin: "*", new_asset_settings: { playback_policies: ["public"] } });
  const file = join(folder, "upload.mp4");
  assert.equal(spawnSync("ffmpeg", ffmpeg(file)).status, 0);
  assert.equal((await fetch(upload.url, { method: "PUT", body: readFileSync(file) })).status, 200);
  const { asset_id, status } = await mux.video.uploads.retrieve(upload.id);
  assert.equal(status, "asset_created");
  const asset = await eventually("a ready asset", async () => {
    const asset = await mux.video.assets.retrieve(asset_id);
    return asset.status === "ready" && asset;
  });
  assert.ok(asset.duration > 1.9 && asset.duration < 2.4, String(asset.duration));
  const rendition = await mux.video.assets.createStaticRendition(asset.id, { resolution: "highest" });
  assert.equal(rendition.name, "highest.mp4");
  const cancelled = await mux.video.uploads.create({ cors_origin: "*", new_asset_settings: {} });
  assert.equal((await mux.video.uploads.cancel(cancelled.id)).status, "cancelled");
});

test("Mux's SDK: a signed playback id opens to its token only", async () => {
  const stream = await mux.video.liveStreams.create({ playback_policies: ["signed"] });
  const key = await mux.system.signingKeys.create();
  const url = `${environment.EVERLIGHT_MUX_PLAYBACK_URL}/${stream.playback_ids[0].id}.m3u8`;
  assert.equal((await fetch(url)).status, 403);
  const token = await mux.jwt.signPlaybackId(stream.playback_ids[0].id, {
    keyId: key.id,
    keySecret: key.private_key,
    expiration: "1h",
  });
  assert.equal((await fetch(`${url}?token=${token}`)).status, 412, "it is not on air");
});

test("both SDKs try again after 429, and not after 400", async () => {
  const fault = (body) => fetch(`${environment.MUX_BASE_URL}/_emulator/faults`, { method: "POST", body: JSON.stringify(body) });
  await fault({ type: "rate_limited", retryAfter: 0, on: { times: 1, provider: "mux" } });
  await mux.video.assets.list();
  await fault({ type: "rate_limited", retryAfter: 0, on: { times: 1, provider: "cloudflare" } });
  await cloudflare.stream.liveInputs.list({ account_id: account });
  await fault({ type: "server_error", status: 400, on: { times: 1 } });
  await assert.rejects(mux.video.assets.list(), Mux.BadRequestError);
});
