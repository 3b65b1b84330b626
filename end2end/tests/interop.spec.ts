// Publishers and viewers that are not ours: FFmpeg's WHIP, and Firefox on both ends.
import {
  createMemorial, createStream, encoderAccess, expect, expectPlaying, expectSoundRecording, hydrated, launchFirefox, phoneLink, prepare, publishWhip,
  ownRecording, recordingFile, signUp, stopStreaming, test, viewerLink,
} from "./fixtures";
import { decodedFrames, goLive, sentFrames, watchConnections } from "./support/phone";

test("FFmpeg publishes by WHIP with the address and token of the card", async ({ page, server, somebodyElse }) => {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  const card = await createStream(page, { title: "Funeral service", method: "OBS / encoder" });
  await hydrated(page);
  const { url, token } = await encoderAccess(card);
  const mourner = await somebodyElse();
  await mourner.goto(await viewerLink(card));

  const encoder = publishWhip(url, token, { size: "640x360" });
  try {
    await expectPlaying(mourner.locator("video:visible").first());
    await expect(card.getByText("On air").first()).toBeVisible();
    await mourner.waitForTimeout(6_000);
  } finally {
    await encoder.stop();
  }
  await card.getByText("End the service").first().click();
  await page.getByRole("button", { name: /^Yes|^End/ }).last().click();
  await expect(ownRecording(card)).toContainText("sound and picture checked");

  const frames = Math.max(...[...encoder.output.join("").matchAll(/frame=\s*(\d+)/g)].map((match) => Number(match[1])));
  expect(frames).toBeGreaterThan(100);
  await expectSoundRecording(await recordingFile(server), { codec: "h264", frames });
});

// GStreamer's is one; it was tried by hand (docs/ENCODERS.md). Here a browser is told to make one.
test("an encoder whose certificate is an RSA one", async ({ page, server, somebodyElse }) => {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  const card = await createStream(page, { title: "Funeral service", method: "OBS / encoder" });
  await hydrated(page);
  const { url, token } = await encoderAccess(card);
  const encoder = await somebodyElse();
  await encoder.goto("/login");
  const connected = await encoder.evaluate(async ([url, token]) => {
    const rsa = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
    const certificates = [await RTCPeerConnection.generateCertificate(rsa)];
    const connection = new RTCPeerConnection({ certificates });
    // Only the streamer's page may have a camera.
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
    const brush = canvas.getContext("2d");
    let hue = 0;
    setInterval(() => {
      if (brush) brush.fillStyle = `hsl(${(hue += 7)} 60% 50%)`;
      brush?.fillRect(0, 0, canvas.width, canvas.height);
    }, 40);
    connection.addTransceiver(canvas.captureStream(25).getVideoTracks()[0], { direction: "sendonly" });
    await connection.setLocalDescription();
    const headers = { "content-type": "application/sdp", authorization: `Bearer ${token}` };
    const answer = await fetch(url, { method: "POST", headers, body: connection.localDescription?.sdp });
    await connection.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    return new Promise((resolve) => {
      connection.onconnectionstatechange = () => {
        if (connection.connectionState !== "connecting") resolve(connection.connectionState);
      };
    });
  }, [url, token] as const);
  expect(connected).toBe("connected");
  const mourner = await somebodyElse();
  await mourner.goto(await viewerLink(card));
  await expectPlaying(mourner.locator("video:visible").first());
});

test.describe("with Firefox", () => {
  // Firefox does not connect to a server on the loopback: it takes the machine's own address.
  test.use({ settings: { EVERLIGHT_WEBRTC_ADDR: "0.0.0.0:0" } });

test("Firefox films and Firefox watches, in VP8", async ({ page, server, problems, baseURL }) => {
  await signUp(page, server);
  await createMemorial(page, { name: "Anna Lindqvist" });
  const card = await createStream(page, { title: "Funeral service" });
  await hydrated(page);
  const link = await phoneLink(card);
  const firefox = await launchFirefox();
  try {
    const context = await firefox.newContext({ baseURL });
    await prepare(context, problems);
    const mourner = await context.newPage();
    await watchConnections(mourner);
    await mourner.goto(await viewerLink(card));
    const phone = await context.newPage();
    await watchConnections(phone);
    await goLive(phone, link);
    await expect.poll(() => decodedFrames(mourner), { message: "framesDecoded grows" }).toBeGreaterThan(150);
    const frames = await sentFrames(phone);
    await stopStreaming(phone);
    await expect(ownRecording(card)).toContainText("sound and picture checked");
    await expectSoundRecording(await recordingFile(server), { codec: "vp8", frames });
    await expect(phone.getByText("You may close this page")).toBeVisible({ timeout: 60_000 });
    await expect(card.getByRole("listitem").filter({ hasText: "Safety copy from the phone" })).toContainText("Ready:");
  } finally {
    await firefox.close();
  }
});
});
