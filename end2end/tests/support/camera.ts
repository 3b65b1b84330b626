// A camera and microphones that a test holds in its hand: the picture and the tones are drawn, everything after them is real.
import type { Page } from "@playwright/test";

declare global {
  interface Window {
    drawn: {
      /** What the cameras give: `dead` ones give no picture any more, though their tracks live. */
      picture: "moves" | "stands still" | "is black" | "dead";
      silent: boolean;
      /** Of these kinds the browser's own devices are opened. */
      real: ("video" | "audio")[];
      /** Which way the cameras look that there are. */
      cameras: ("user" | "environment")[];
      /** The microphones that there are, each by its tone in Hz. The first is what the phone takes by itself. */
      microphones: number[];
      /** What the page opened, the newest last. */
      opened: MediaStreamTrack[];
      /** The page's own measuring of sound. */
      contexts: AudioContext[];
      /** Until then the browser gives nothing of what it has opened. */
      slow?: Promise<void>;
    };
  }
}

/** Before the page is opened. Left the picture is red, right it is blue, and something colourful moves below. */
export async function drawCamera(phone: Page): Promise<void> {
  await phone.addInitScript(() => {
    // An empty page has none.
    if (!navigator.mediaDevices) return;
    const drawn: Window["drawn"] = {
      picture: "moves", silent: false, real: [], cameras: ["environment"], microphones: [440], opened: [], contexts: [],
    };
    window.drawn = drawn;

    const Measuring = window.AudioContext;
    window.AudioContext = class extends Measuring {
      constructor(options?: AudioContextOptions) {
        super(options);
        drawn.contexts.push(this);
      }
    };

    const settings = (track: MediaStreamTrack, more: MediaTrackSettings) => {
      const known = track.getSettings.bind(track);
      track.getSettings = () => ({ ...known(), ...more });
      drawn.opened.push(track);
      return track;
    };

    const camera = (facing: string) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
      const brush = canvas.getContext("2d")!;
      const fill = (colour: string, x: number, y: number, width: number, height: number) => {
        brush.fillStyle = colour;
        brush.fillRect(x, y, width, height);
      };
      // As much as there is to see in a room: a picture of plain colours takes so few bits that the connection seems weak.
      const pattern = Array.from({ length: 600 }, () => `hsl(${Math.random() * 360} 50% 50%)`);
      let count = 0;
      const timer = setInterval(() => {
        if (drawn.picture === "dead") return;
        if (drawn.picture === "moves") count += 1;
        fill("red", 0, 0, 320, 360);
        fill("blue", 320, 0, 320, 360);
        pattern.forEach((_, at) => fill(pattern[(at + count) % 600], (at % 40) * 16, 240 + Math.floor(at / 40) * 8, 16, 8));
        if (drawn.picture === "is black") fill("black", 0, 0, 640, 360);
      }, 50);
      const [track] = canvas.captureStream(20).getVideoTracks();
      const stop = track.stop.bind(track);
      track.stop = () => {
        clearInterval(timer);
        stop();
      };
      return settings(track, { facingMode: facing, deviceId: `camera-${facing}` });
    };

    const microphone = (hertz: number) => {
      const context = new Measuring();
      const [tone, volume] = [context.createOscillator(), context.createGain()];
      tone.frequency.value = hertz;
      const sound = context.createMediaStreamDestination();
      tone.connect(volume).connect(sound);
      tone.start();
      setInterval(() => (volume.gain.value = drawn.silent ? 0 : 0.5), 50);
      return settings(sound.stream.getAudioTracks()[0], { deviceId: `microphone-${hertz}` });
    };

    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (constraints = {}) => {
      const { video } = constraints;
      const own = (kind: "video" | "audio") => drawn.real.includes(kind) && constraints[kind];
      const real: MediaStreamTrack[] = own("video") || own("audio") ? (await open({ video: own("video"), audio: own("audio") })).getTracks() : [];
      // A dead one, whatever the page makes of it.
      for (const track of real) {
        if (track.kind !== "audio" || !drawn.silent) continue;
        track.enabled = false;
        Object.defineProperty(track, "enabled", { value: true, writable: true });
      }
      const wanted = (kind: "video" | "audio") => constraints[kind] && !drawn.real.includes(kind);
      if ((wanted("video") && drawn.cameras.length === 0) || (wanted("audio") && drawn.microphones.length === 0)) {
        throw new DOMException("for the test", "NotFoundError");
      }
      const facing = (video as MediaTrackConstraints)?.facingMode as { ideal?: string } | undefined;
      const tracks = real;
      if (wanted("video")) tracks.push(camera(drawn.cameras.find((one) => one === facing?.ideal) ?? drawn.cameras[0]));
      if (wanted("audio")) tracks.push(microphone(drawn.microphones[0]));
      await drawn.slow;
      return new MediaStream(tracks);
    };
    const device = (kind: MediaDeviceKind, deviceId: string) => ({ kind, deviceId, groupId: "", label: deviceId, toJSON() {} });
    const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
    navigator.mediaDevices.enumerateDevices = async () => drawn.real.length > 0 ? list() : [
      ...drawn.cameras.map((facing) => device("videoinput", `camera-${facing}`)),
      ...drawn.microphones.map((hertz) => device("audioinput", `microphone-${hertz}`)),
    ];
  });
}

/** From now on opening a camera or a microphone takes until what is returned is called. */
export async function openSlowly(phone: Page): Promise<() => Promise<void>> {
  await phone.evaluate(() => {
    window.drawn.slow = new Promise((resolve) => Object.assign(window, { giveWhatIsOpen: resolve }));
  });
  return () => phone.evaluate(() => {
    window.drawn.slow = undefined;
    (Reflect.get(window, "giveWhatIsOpen") as () => void)();
  });
}

/** From now on there are these microphones, and the page is told that the list has changed. What is open ends with a word of
 * its own, or it is muted and says nothing, or it goes on. */
export async function plug(phone: Page, microphones: number[], open?: "ended" | "muted"): Promise<void> {
  await phone.evaluate(([microphones, open]) => {
    window.drawn.microphones = microphones;
    const track = window.drawn.opened.filter(({ kind }) => kind === "audio").at(-1)!;
    if (open === "muted") Object.defineProperty(track, "muted", { get: () => true });
    if (open === "ended") {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  }, [microphones, open] as const);
}
