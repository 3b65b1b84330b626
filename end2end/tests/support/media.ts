// Looking into recordings with ffmpeg's tools, and publishing with ffmpeg.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect } from "@playwright/test";

import { programs } from "./programs";

const run = promisify(execFile);

export interface Probe {
  format: { duration?: string; format_name: string; size?: string };
  streams: {
    codec_name: string;
    codec_type: "video" | "audio";
    width?: number;
    height?: number;
    /** Seconds, as text. */
    start_time?: string;
    duration?: string;
    /** Decoded frames, as text; only with `countFrames`. */
    nb_read_frames?: string;
  }[];
}

/** What ffprobe says of a file or an address. `countFrames` decodes all of it. */
export async function ffprobe(input: string, { countFrames = false } = {}): Promise<Probe> {
  const counting = countFrames ? ["-count_frames"] : [];
  const args = ["-v", "error", ...counting, "-show_format", "-show_streams", "-of", "json", input];
  const { stdout } = await run(programs.ffprobe, args, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

/** What stands beside a picture, as other parameters from there on, leaves an empty line. */
const lines = (said: string) => said.split("\n").filter((line) => line.trim() !== "");

/** When each picture of a file is shown, in seconds on the file's clock. */
export const pictureTimes = (file: string) => packetTimes(file, "v");

/** The same of pictures or of sound. */
export async function packetTimes(file: string, kind: "v" | "a"): Promise<number[]> {
  const args = ["-v", "error", "-select_streams", kind, "-show_entries", "packet=pts_time", "-of", "csv=p=0", file];
  const { stdout } = await run(programs.ffprobe, args, { maxBuffer: 1 << 26 });
  return lines(stdout).map((line) => Number(line.replace(",", "")));
}

/** The width and height of each picture of a file, as they are decoded. */
export async function pictureSizes(file: string): Promise<[number, number][]> {
  const args = ["-v", "error", "-select_streams", "v", "-show_entries", "frame=width,height", "-of", "csv=p=0", file];
  const { stdout } = await run(programs.ffprobe, args, { maxBuffer: 1 << 26 });
  return lines(stdout).map((line) => line.split(",").map(Number) as unknown as [number, number]);
}

/** The colour of the left and the right half of a picture of a file, of its upper part, `seconds` after its beginning: red, green, blue. */
export async function halves(file: string, seconds: number): Promise<[number[], number[]]> {
  // Bottom and edges left out.
  const args = ["-v", "error", "-ss", `${seconds}`, "-i", file, "-vf", "crop=iw:ih/2:0:0,format=rgb24,scale=2:1:flags=area", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
  const { stdout } = await run(programs.ffmpeg, args, { encoding: "buffer" });
  return [[...stdout.subarray(0, 3)], [...stdout.subarray(3, 6)]];
}

/** Which of these tones is heard in a file, one after the other; 0 where none is. Looked at ten times a second. */
export async function tones(file: string, hertz: number[]): Promise<number[]> {
  const rate = 8000;
  const args = ["-v", "error", "-i", file, "-vn", "-ac", "1", "-ar", `${rate}`, "-f", "f32le", "-"];
  const { stdout } = await run(programs.ffmpeg, args, { encoding: "buffer", maxBuffer: 1 << 26 });
  const samples = new Float32Array(Uint8Array.from(stdout).buffer);
  const strength = (part: Float32Array, hertz: number) => {
    let [sine, cosine] = [0, 0];
    part.forEach((sample, at) => {
      sine += sample * Math.sin((2 * Math.PI * hertz * at) / rate);
      cosine += sample * Math.cos((2 * Math.PI * hertz * at) / rate);
    });
    return Math.hypot(sine, cosine) / part.length;
  };
  const heard: number[] = [];
  for (let at = 0; at + rate / 10 <= samples.length; at += rate / 10) {
    const part = samples.subarray(at, at + rate / 10);
    const [loudest] = hertz.map((one) => [strength(part, one), one]).sort(([one], [other]) => other - one);
    heard.push(loudest[0] > 0.02 ? loudest[1] : 0);
  }
  return heard;
}

/** Everything that ffmpeg complains about while it decodes a file from end to end; empty for a sound file. */
export async function decodeErrors(input: string): Promise<string> {
  const { stderr } = await run(programs.ffmpeg, ["-v", "error", "-nostdin", "-i", input, "-enc_time_base", "-1", "-f", "null", "-"], { maxBuffer: 1 << 26 });
  return stderr.trim();
}

/** A running ffmpeg that publishes. */
export interface Publisher {
  readonly output: string[];
  /** Ends as `q` on the keyboard does, so that it sends DELETE; answers with the exit code. */
  stop(): Promise<number | null>;
  kill9(): void;
}

/** Publishes a moving test picture (H.264, baseline) and a tone (Opus) by WHIP. */
export function publishWhip(url: string, token: string, { size = "1280x720", rate = 30 } = {}): Publisher {
  const args = [
    ...["-hide_banner", "-loglevel", "info"],
    ...["-re", "-f", "lavfi", "-i", `testsrc2=size=${size}:rate=${rate}`],
    ...["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"],
    ...["-c:v", "libx264", "-profile:v", "baseline", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"],
    ...["-b:v", "1500k", "-g", String(rate * 2), "-bf", "0"],
    ...["-c:a", "libopus", "-ar", "48000", "-ac", "2", "-b:a", "64k"],
    ...["-f", "whip", "-authorization", token, url],
  ];
  return publisher(programs.ffmpegWhip, args);
}

/** Publishes a file again and again, as it is. */
export function publishFile(url: string, token: string, file: string): Publisher {
  const args = ["-hide_banner", "-loglevel", "info", "-re", "-stream_loop", "-1", "-i", file, "-c", "copy"];
  return publisher(programs.ffmpegWhip, [...args, "-f", "whip", "-authorization", token, url]);
}

/** Publishes the same by RTMPS, as OBS does: H.264 and AAC. */
export function publishRtmp({ server, key }: { server: string; key: string }): Publisher {
  const args = [
    ...["-hide_banner", "-loglevel", "info"],
    ...["-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30"],
    ...["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-b:v", "1000k", "-g", "60"],
    ...["-c:a", "aac", "-b:a", "128k"],
    ...["-f", "flv", `${server.replace(/\/$/, "")}/${key}`],
  ];
  return publisher(programs.ffmpeg, args);
}

function publisher(program: string, args: string[]): Publisher {
  const child: ChildProcess = spawn(program, args, { stdio: ["pipe", "ignore", "pipe"] });
  const output: string[] = [];
  child.stderr?.on("data", (data: Buffer) => output.push(data.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return {
    output,
    stop() {
      child.stdin?.write("q");
      return exited;
    },
    kill9() {
      child.kill("SIGKILL");
    },
  };
}

/** The folders of the recordings that this server makes itself, which hold their parts; beside them lies what phones deliver. */
export async function masterFolders(dataDir: string): Promise<string[]> {
  const recordings = join(dataDir, "recordings");
  const entries = await readdir(recordings, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && !["phone", "takes", "rehearsals"].includes(entry.name));
  return folders.map((folder) => join(recordings, folder.name));
}

/** When each picture of a server's one master came, in seconds since 1970: from its parts, in which nothing is filled. */
export async function arrivedPictures(dataDir: string): Promise<number[]> {
  const [master] = await masterFolders(dataDir);
  const origin = Number(await readFile(join(master, "origin"), "utf8")) / 1000;
  const times: number[] = [];
  for (const name of (await readdir(master)).filter((name) => name.endsWith(".mp4")).sort()) {
    // One that was begun this moment holds nothing yet.
    const part = await pictureTimes(join(master, name)).catch(() => []);
    times.push(...part.filter(Number.isFinite).map((time) => origin + time));
  }
  return times.sort((one, other) => one - other);
}

/** The one finished recording of a server. While its holes are filled, what it is replaced with lies beside it. */
export async function recordingFile(server: { dataDir: string }): Promise<string> {
  const folder = join(server.dataDir, "recordings");
  const files = async () => (await readdir(folder)).filter((name) => name.endsWith(".mp4"));
  await expect.poll(files, { message: "one recording", timeout: 30_000 }).toHaveLength(1);
  return join(folder, (await files())[0]);
}

/** Decodes without a complaint, holds the frames that were sent, and begins with sound and picture together. */
export async function expectSoundRecording(file: string, { codec, frames = 0 }: { codec: string; frames?: number }): Promise<void> {
  expect(await decodeErrors(file)).toBe("");
  const { streams } = await ffprobe(file, { countFrames: true });
  const video = streams.find((stream) => stream.codec_type === "video");
  const audio = streams.find((stream) => stream.codec_type === "audio");
  expect(video?.codec_name).toBe(codec);
  expect(audio?.codec_name).toBe("opus");
  expect(Number(video?.nb_read_frames)).toBeGreaterThanOrEqual(frames * 0.99);
  expect(Math.abs(Number(video?.start_time) - Number(audio?.start_time))).toBeLessThan(0.1);
}

/** A photograph of so many pixels, as a JPEG: colours that run into each other, and some noise. */
export async function picture(width: number, height: number): Promise<Buffer> {
  const source = `gradients=size=${width}x${height}:x0=0:y0=0:x1=${width}:y1=${height}:c0=#d8b48a:c1=#46586a,format=yuv420p,noise=alls=12`;
  const args = ["-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "1", "-f", "mjpeg", "-"];
  const { stdout } = await run(programs.ffmpeg, args, { encoding: "buffer", maxBuffer: 1 << 26 });
  return stdout;
}
