// What a measurement hands to `cargo xtask bench`: one line of JSON for each figure.
import { appendFile } from "node:fs/promises";

export interface Figure {
  name: string;
  unit: "ms" | "KiB" | "MiB" | "/s" | "µs" | "packets" | "times" | "";
  /** One for each time that it was measured. */
  values: number[];
  goal?: { below: number } | { atMost: number } | { atLeast: number };
}

/** Without `cargo xtask bench` around it, a measurement only prints. */
export async function report(...figures: Figure[]): Promise<void> {
  for (const figure of figures) {
    const line = JSON.stringify(figure);
    if (process.env.BENCH_FIGURES) await appendFile(process.env.BENCH_FIGURES, `${line}\n`);
    else console.log(line);
  }
}
