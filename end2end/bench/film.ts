// A film that is encoded before, so that whoever publishes it takes next to nothing.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { programs } from "../tests/fixtures";

/** Twenty seconds as a phone sends them: 720p at 2.5 Mbit/s, and a tone. */
export async function encode(file: string): Promise<void> {
  await promisify(execFile)(programs.ffmpegWhip, [
    ...["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", "20"],
    ...["-c:v", "libx264", "-profile:v", "baseline", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "60", "-bf", "0"],
    ...["-b:v", "2500k", "-minrate", "2500k", "-maxrate", "2500k", "-bufsize", "1250k", "-x264-params", "nal-hrd=cbr"],
    ...["-c:a", "libopus", "-ar", "48000", "-ac", "2", "-b:a", "64k", file],
  ]);
}
