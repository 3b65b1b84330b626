// @ts-check
/**
 * The mourner's page comes alive: it follows the service, shows the picture by WHEP (or LL-HLS where WebRTC cannot
 * connect), and the recording afterwards. The page is whole without it.
 *
 * @typedef {'before' | 'live' | 'interrupted' | 'ended' | 'withheld' | 'recorded'} Phase
 * @typedef {{ name: string, title: string, description: string, scheduledStartTime: number | null,
 *   scheduledLocal: { label: string, date: string, time: string, utc: string } | null,
 *   phase: Phase, recordings: string[], liveHls: string | null, overflowHls: string | null,
 *   webrtc: boolean, hls: boolean,
 *   download: string | null, until: string | null }} WatchDocument
 */

/** Waiting times between attempts, in milliseconds; the last one for ever. */
const BACKOFF = [500, 1000, 2000, 4000];
/** How long WebRTC may take to connect before HLS is tried, in milliseconds. */
const CONNECT_TIME = 5000;
/** So many seconds without a byte while the service is on air: the connection is dead. */
const QUIET_SECONDS = 5;

/** As many after the picture was away: the one that is back may come from another machine, and never over this connection. */
const QUIET_SECONDS_AFTER = 2;
/** The same for so many milliseconds after the server itself was lost: it may have been started again, and the phone be back at once. */
const SHAKEN_TIME = 10000;

/** A page that was away for so long, in milliseconds, asks anew how the service stands: its connection may be dead. */
const AWAY = 20000;
/** A copy that plays no more so long after it was opened, in milliseconds, may have been shut: it is opened anew. */
const OPENED = 30 * 60_000;
/** A clock that jumps so far, in milliseconds, was asleep: the picture's connection is dead too. */
const ASLEEP = 90000;

const sleep = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));
const get = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const main = /** @type {HTMLElement | null} */ (document.querySelector('main[data-slug]'));
const language = document.documentElement.lang;
const LOCALE = language === 'en' ? 'en-GB' : language;
/** What is said here, in the language of the page. @type {Record<'whereYouAre' | 'beginsIn' | 'anyMoment' | 'showPicture' | 'soundOnly' | 'hear' | 'watch', string>} */
const words = JSON.parse(main?.dataset.words ?? '{}');

if (main) {
  start(main, /** @type {string} */ (main.dataset.slug));
  largerText(get('larger'));
}

/** @param {HTMLElement} main @param {string} slug */
function start(main, slug) {
  const live = /** @type {HTMLVideoElement} */ (get('live'));
  const recording = /** @type {HTMLVideoElement} */ (get('recording'));
  const stage = get('stage');
  const ownHls = `/hls/${slug}/index.m3u8`;
  /** Counts up when viewing begins or ends: whoever waits learns that its time is over. */
  let turn = 0;
  let viewing = false;
  /** Whether the picture is left out to save data. */
  let listening = false;
  /** Ends the wait for the next attempt. */
  let wake = () => {};
  /** Ends the WHEP session, if there is one. */
  let hangUp = () => {};
  /** @type {EventSource | null} */
  let events = null;
  /** When the server last told how the service stands. */
  let told = Date.now();
  /** When its news last broke off. */
  let shaken = 0;

  const phase = () => /** @type {Phase} */ (main.dataset.phase);

  // --- What the page says ---

  /** @param {WatchDocument} now */
  function apply(now) {
    told = Date.now();
    get('name').textContent = document.title = now.name;
    get('title').textContent = now.title;
    get('description').textContent = now.description;
    get('description').hidden = !now.description;
    const local = now.scheduledLocal;
    get('when').hidden = !local;
    if (get('time').dateTime !== (local?.utc ?? '')) {
      get('time').textContent = local ? placeTime(local) : '';
      get('time').dateTime = local?.utc ?? '';
    }
    main.dataset.starts = now.scheduledStartTime === null ? '' : String(now.scheduledStartTime);
    main.dataset.wallClock = local ? `${local.date}T${local.time}` : '';
    main.dataset.recordings = now.recordings.join(' ');
    main.dataset.webrtc = String(now.webrtc);
    main.dataset.hls = now.liveHls ?? (now.hls ? ownHls : '');
    main.dataset.overflow = now.overflowHls ?? '';
    get('download').hidden = !now.download;
    get('download').href = now.download ?? '';
    get('until').hidden = !now.until;
    get('until-day').textContent = now.until && untilDay(now.until);
    choose();
    main.dataset.phase = now.phase;
    follow();
  }

  /** Copies of the recording that did not play here. @type {Set<string>} */
  const broken = new Set();
  /** When the shown copy was opened. */
  let opened = Date.now();

  /** Shows the best copy that plays: the next one when it fails. */
  function choose() {
    const copies = (main.dataset.recordings ?? '').split(' ').filter((copy) => copy && !broken.has(copy));
    const shown = recording.getAttribute('src');
    if (shown && copies.includes(shown)) return;
    if (!copies.length) {
      // The family hid it again; or none plays, and the last one says so in its own controls.
      if (shown && !main.dataset.recordings) {
        recording.removeAttribute('src');
        recording.load();
      }
      return;
    }
    open(copies[0]);
  }
  /** @param {string} copy */
  function open(copy) {
    const at = recording.currentTime;
    recording.src = copy;
    if (at) recording.currentTime = at;
    opened = Date.now();
  }
  function next() {
    const copy = recording.getAttribute('src') ?? '';
    // Our address of it leads to a provider's that is good for some hours.
    if (copy && Date.now() - opened > OPENED) {
      const played = !recording.paused;
      open(copy);
      if (played) recording.play().catch(() => {});
      return;
    }
    broken.add(copy);
    choose();
  }
  recording.addEventListener('error', next);

  /** Begins or ends viewing, as the phase asks, and says the times. */
  function follow() {
    const on = phase() === 'live' || phase() === 'interrupted';
    if (on && !viewing) void view();
    if (!on && viewing) stop();
    times();
  }

  function times() {
    const starts = Number(main.dataset.starts || NaN);
    const known = Number.isFinite(starts);
    const here = known ? wallClock(new Date(starts)) : '';
    const differs = known && here !== main.dataset.wallClock;
    get('your-time').hidden = !differs;
    if (differs) {
      const format = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'full', timeStyle: 'short' });
      say('your-time', `${words.whereYouAre}: ${format.format(starts)}`);
    }
    say('countdown', known ? countdown(starts - Date.now()) : '');
  }

  /** @param {string} id @param {string} text */
  function say(id, text) {
    const element = get(id);
    if (element.textContent !== text) element.textContent = text;
  }

  // --- The live picture ---

  /** Shows the picture until the phase ends it: tries again for ever. */
  async function view() {
    viewing = true;
    const mine = ++turn;
    const alive = () => mine === turn;
    for (let attempt = 0; alive(); ) {
      const began = Date.now();
      let wait = null;
      try {
        const outcome = main.dataset.webrtc === 'false' ? { wait: null, hls: true, full: false } : await whep(alive);
        wait = outcome.wait;
        // Whom this server has no place for watches at the provider, as long as it has the picture.
        const places = outcome.full ? [main.dataset.overflow, main.dataset.hls] : [main.dataset.hls];
        for (const place of places) {
          if (!outcome.hls || !alive() || !place || main.dataset.picture) continue;
          // Offline, or a player that gave up: the next place says, or the next attempt.
          await hls(alive, new URL(place, location.href).href).catch(() => {});
        }
      } catch {
        // The same.
      }
      delete main.dataset.picture;
      // A provider's address is good for some hours; and where none is known, one may be by now.
      const nowhere = main.dataset.webrtc === 'false' && !main.dataset.hls;
      if (Date.now() - told > (nowhere ? AWAY : OPENED)) listen();
      // An attempt that lasted was good: the next one follows at once.
      attempt = Date.now() - began > 15000 ? 0 : attempt + 1;
      if (alive()) await nap(wait ?? BACKOFF[Math.min(attempt, BACKOFF.length) - 1] ?? 0);
    }
  }

  /** @param {number} ms @returns {Promise<void>} */
  function nap(ms) {
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  function stop() {
    viewing = false;
    captioned = false;
    turn += 1;
    wake();
    hangUp();
    delete main.dataset.picture;
    live.srcObject = null;
    live.removeAttribute('src');
    controls();
  }

  /**
   * One WHEP session, from the offer until the connection is lost.
   * @param {() => boolean} alive
   * @returns {Promise<{ wait: number | null, hls?: boolean, full?: boolean }>} how long to wait, whether HLS is to be tried, and
   *   whether there was no place here
   */
  async function whep(alive) {
    if (!window.RTCPeerConnection) return { wait: null, hls: true };
    const connection = new RTCPeerConnection();
    const stream = new MediaStream();
    let address = '';
    // Of this session alone: by the time the loop below notices that it was ended, another one may have begun.
    const end = () => {
      connection.close();
      if (address) fetch(address, { method: 'DELETE', keepalive: true }).then((gone) => gone.text()).catch(() => {});
      address = '';
    };
    hangUp = end;
    try {
      if (!listening) connection.addTransceiver('video', { direction: 'recvonly' });
      connection.addTransceiver('audio', { direction: 'recvonly' });
      // The last picture stays until the new one comes.
      connection.ontrack = ({ track }) => {
        stream.addTrack(track);
        track.onunmute = () => alive() && live.srcObject !== stream && show(stream);
      };
      await connection.setLocalDescription();
      const response = await fetch(`/whep/${slug}`, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp' },
        body: connection.localDescription?.sdp,
      });
      if (response.status !== 201) {
        const seconds = Number(response.headers.get('retry-after'));
        if (response.status === 409) return { wait: (seconds || 2) * 1000 };
        // Where there is no HLS to go to instead, it is asked again when the server said so.
        const wait = response.status === 429 && !main.dataset.hls ? seconds * 1000 : null;
        const full = [429, 503].includes(response.status);
        return { wait, hls: full || [406, 422].includes(response.status), full };
      }
      address = new URL(response.headers.get('location') ?? '', response.url).href;
      await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
      const deadline = Date.now() + CONNECT_TIME;
      while (connection.connectionState !== 'connected') {
        if (connection.connectionState === 'closed') return { wait: null };
        if (!alive() || Date.now() > deadline) return { wait: null, hls: true };
        await sleep(50);
      }
      await lost(connection, alive);
      return { wait: 0 };
    } finally {
      end();
    }
  }

  /** Waits until nothing comes any more. @param {RTCPeerConnection} connection @param {() => boolean} alive */
  async function lost(connection, alive) {
    let before = -1;
    let patience = QUIET_SECONDS;
    for (let quiet = 0; alive() && quiet < patience; ) {
      await sleep(1000);
      if (['failed', 'closed'].includes(connection.connectionState)) return;
      let bytes = 0;
      (await connection.getStats()).forEach((entry) => {
        if (entry.type === 'inbound-rtp') bytes += entry.bytesReceived ?? 0;
      });
      // While the phone is away nothing can come; the session stays for its return.
      quiet = bytes !== before || phase() !== 'live' ? 0 : quiet + 1;
      if (phase() !== 'live' || Date.now() - shaken < SHAKEN_TIME) patience = QUIET_SECONDS_AFTER;
      else if (bytes !== before) patience = QUIET_SECONDS;
      before = bytes;
    }
  }

  /** @param {MediaStream | string} source */
  function show(source) {
    if (typeof source === 'string') {
      live.srcObject = null;
      live.src = source;
    } else {
      live.srcObject = source;
    }
    play();
  }

  /** Plays, muted where the browser wants a tap before there is sound. */
  function play() {
    live.play().catch((error) => {
      // A player that was interrupted by another source is played again by whoever set that.
      if (!live.muted && error.name === 'NotAllowedError') {
        live.muted = true;
        live.play().catch(() => {});
      }
      controls();
    });
  }

  // --- LL-HLS, for networks without UDP ---

  /** @param {() => boolean} alive @param {string} url */
  async function hls(alive, url) {
    const ours = new URL(url).origin === location.origin;
    const Source = /** @type {any} */ (window).ManagedMediaSource ?? window.MediaSource;
    if (ours && Source?.isTypeSupported('video/mp4; codecs="avc1.42e01f,opus"')) return append(new Source(), url, alive);
    void offers(url).then((there) => {
      if (!alive()) return;
      captioned = there;
      controls();
      captions();
    });
    if (live.canPlayType('application/vnd.apple.mpegurl') && !byLibrary) {
      show(url);
      return stands(alive);
    }
    return library(url, alive);
  }

  // --- Captions, where the provider's playlist has some ---

  /** Whether this picture comes with captions; whether they are wanted; whether the browser needs help to show them. */
  let captioned = false;
  let wantCaptions = recall('captions') === 'yes';
  let byLibrary = false;

  /** Shows what there is in the language of the page, else in another; or nothing, and nothing of it is loaded. */
  function captions() {
    const tracks = [...live.textTracks].filter((track) => ['subtitles', 'captions'].includes(track.kind));
    const shown = tracks.find((track) => track.language.startsWith(language)) ?? tracks[0];
    for (const track of tracks) {
      const mode = wantCaptions && captioned && track === shown ? 'showing' : 'disabled';
      if (track.mode !== mode) track.mode = mode;
    }
    get('captions').setAttribute('aria-pressed', String(wantCaptions));
    // A browser that plays the picture by itself and knows no captions: the library does.
    if (wantCaptions && captioned && !shown && !byLibrary && main.dataset.captions && main.dataset.picture === 'yes') {
      byLibrary = wanted = true;
      again();
    }
  }

  get('captions').addEventListener('click', () => {
    wantCaptions = !wantCaptions;
    remember('captions', wantCaptions ? 'yes' : '');
    captions();
  });
  live.textTracks.addEventListener('addtrack', captions);

  /** Waits until the picture stands still, or cannot be had. @param {() => boolean} alive */
  async function stands(alive) {
    for (let at = -1, quiet = 0; alive() && !live.error && quiet < 3 * QUIET_SECONDS; at = live.currentTime) {
      await sleep(1000);
      quiet = live.currentTime !== at || phase() !== 'live' ? 0 : quiet + 1;
    }
  }

  /** Whether somebody asked for the picture here: the library is large, and loaded for nobody else. */
  let wanted = false;

  /** By hls.js, where the browser does not play a provider's HLS by itself. @param {string} url @param {() => boolean} alive */
  async function library(url, alive) {
    const address = byLibrary ? main.dataset.captions : main.dataset.library;
    if (!address) return;
    controls();
    while (!wanted && alive()) await sleep(100);
    if (!alive()) return;
    controls();
    const { default: Hls } = await import(address);
    if (!Hls.isSupported()) return;
    const player = new Hls({ backBufferLength: 30, renderTextTracksNatively: false });
    try {
      if (byLibrary) write(player, Hls.Events);
      player.on(Hls.Events.MANIFEST_PARSED, play);
      player.loadSource(url);
      player.attachMedia(live);
      await stands(alive);
    } finally {
      player.destroy();
    }
  }

  /** Of what the library found, in a track of ours: those of its own have an address that the page's policy forbids. @type {TextTrack | null} */
  let written = null;

  /** @param {any} player @param {any} events */
  function write(player, events) {
    const track = (written ??= live.addTextTrack('subtitles', '', language));
    const known = new Set();
    player.on(events.SUBTITLE_TRACKS_UPDATED, (/** @type {any} */ _, /** @type {{ subtitleTracks: { lang?: string }[] }} */ { subtitleTracks }) => {
      const chosen = Math.max(0, subtitleTracks.findIndex(({ lang }) => lang?.startsWith(language)));
      // It chooses for itself right after it has told us.
      if (subtitleTracks.length) queueMicrotask(() => (player.subtitleTrack = chosen));
    });
    player.on(events.CUES_PARSED, (/** @type {any} */ _, /** @type {{ cues: VTTCue[] }} */ { cues }) => {
      for (const cue of cues) {
        const name = `${cue.startTime} ${cue.text}`;
        if (!known.has(name)) track.addCue(cue);
        known.add(name);
      }
    });
    captions();
  }

  /** Puts the segments of the playlist together. @param {MediaSource} source @param {string} url @param {() => boolean} alive */
  async function append(source, url, alive) {
    live.disableRemotePlayback = true;
    const object = URL.createObjectURL(source);
    const open = new Promise((done) => source.addEventListener('sourceopen', done, { once: true }));
    show(object);
    await open;
    URL.revokeObjectURL(object);
    /** @type {SourceBuffer | null} */
    let buffer = null;
    const put = (/** @type {Uint8Array<ArrayBuffer>} */ bytes) =>
      new Promise((done, failed) => {
        buffer?.addEventListener('updateend', done, { once: true });
        buffer?.addEventListener('error', failed, { once: true });
        buffer?.appendBuffer(bytes);
      });
    let head = '';
    let next = -1;
    for (let quiet = 0; alive() && quiet < 3 * QUIET_SECONDS; ) {
      const list = segments(new TextDecoder().decode(await load(url)));
      let fresh = list.filter((segment) => segment.number >= next);
      if (next < 0) fresh = fresh.slice(-2);
      for (const segment of fresh) {
        if (!alive()) return;
        if (segment.head !== head) {
          const bytes = await load(new URL(segment.head, url).href);
          if (buffer) {
            buffer.changeType(mime(bytes));
          } else {
            buffer = source.addSourceBuffer(mime(bytes));
            // Each goes after the one before, also when the phone came back with a clock of its own.
            buffer.mode = 'sequence';
          }
          await put(bytes);
          head = segment.head;
        }
        await put(await load(new URL(segment.uri, url).href));
        next = segment.number + 1;
      }
      const end = live.buffered.length ? live.buffered.end(live.buffered.length - 1) : 0;
      if (end - live.currentTime > 12) live.currentTime = end - 4;
      if (live.currentTime > 60 && buffer) buffer.remove(0, live.currentTime - 30);
      quiet = fresh.length || phase() !== 'live' ? 0 : quiet + 1;
      await sleep(1000);
    }
  }

  // --- What the viewer does ---

  function controls() {
    const picture = main.dataset.picture === 'yes';
    // Also where the picture was stopped by something else than this page: a headset's key, or the phone's own player.
    const stopped = picture && live.paused;
    get('sound').hidden = !viewing || (stopped ? false : picture ? !live.muted : !live.paused || wanted);
    get('listen').hidden = !viewing || (!listening && !(picture && live.srcObject));
    get('listen').textContent = listening ? words.showPicture : words.soundOnly;
    get('sound').textContent = stopped || (!picture && live.paused) ? words.watch : words.hear;
    get('mute').hidden = !picture || live.muted;
    get('captions').hidden = !picture || !captioned;
    get('full').hidden = !picture || listening || !(stage.requestFullscreen ?? /** @type {any} */ (live).webkitEnterFullscreen);
  }

  get('sound').addEventListener('click', () => {
    live.muted = false;
    if (live.srcObject || live.src) return play();
    wanted = true;
    controls();
  });
  get('listen').addEventListener('click', () => {
    listening = !listening;
    main.dataset.listen = listening ? 'yes' : 'no';
    if (listening) live.muted = false;
    again();
  });
  get('mute').addEventListener('click', () => (live.muted = true));
  get('full').addEventListener('click', () => {
    if (stage.requestFullscreen) stage.requestFullscreen().catch(() => {});
    else /** @type {any} */ (live).webkitEnterFullscreen();
  });
  // An iPhone's own player stops the picture when it is closed, after it has said so.
  live.addEventListener('webkitendfullscreen', () => {
    play();
    setTimeout(() => viewing && live.paused && play(), 500);
  });
  stage.addEventListener('click', (/** @type {Event} */ event) => {
    if (document.fullscreenElement && event.target === live) document.exitFullscreen().catch(() => {});
  });
  live.addEventListener('playing', () => {
    main.dataset.picture = 'yes';
    controls();
    captions();
  });
  for (const name of ['volumechange', 'pause']) live.addEventListener(name, controls);

  // --- Following the service ---

  function listen() {
    events?.close();
    const source = (events = new EventSource(`/watch/${slug}/events`));
    source.onmessage = (message) => {
      try {
        apply(JSON.parse(message.data));
      } catch {
        // A message of a newer server: the next load of the page understands it.
      }
    };
    // The browser reconnects by itself unless the server refused it.
    source.onerror = () => {
      shaken = Date.now();
      if (source.readyState === EventSource.CLOSED) void refused(source);
    };
  }

  /** The page says why, if this one may not be seen any more (another passcode, a last day). @param {EventSource} source */
  async function refused(source) {
    const asked = new AbortController();
    const status = await fetch(source.url, { signal: asked.signal }).then((answer) => answer.status, () => 0);
    asked.abort();
    if ([403, 404, 410].includes(status)) return location.reload();
    setTimeout(() => events === source && listen(), 5000);
  }

  /** Views anew, over a connection of its own. */
  function again() {
    if (!viewing) return;
    stop();
    void view();
  }

  // The time at which the page was last seen to be awake, and since when it is hidden.
  let awake = Date.now();
  let hidden = 0;
  function tick() {
    const slept = Date.now() - awake > ASLEEP;
    awake = Date.now();
    if (slept) {
      listen();
      again();
    }
    times();
  }

  addEventListener('online', () => {
    listen();
    broken.clear();
    choose();
    // What was connected over the network that went away is dead, whatever it says.
    hangUp();
    wake();
  });

  addEventListener('pagehide', () => {
    events?.close();
    events = null;
    if (viewing) stop();
  });
  addEventListener('pageshow', (event) => {
    if (event.persisted) listen();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      hidden = Date.now();
      return;
    }
    tick();
    if (events?.readyState === EventSource.CLOSED || Date.now() - hidden > AWAY) listen();
    // A phone that slept stops the picture.
    if (viewing && live.paused && (live.srcObject || live.src)) play();
  });

  // It may have failed before this script ran.
  if (recording.error) next();
  setInterval(tick, 1000);
  listen();
  follow();
}

/** Larger text, remembered on this device. @param {HTMLElement} button */
function largerText(button) {
  /** @param {boolean} large */
  const set = (large) => {
    document.documentElement.dataset.text = large ? 'large' : '';
    button.setAttribute('aria-pressed', String(large));
  };
  button.hidden = false;
  set(recall('text') === 'large');
  button.addEventListener('click', () => {
    const large = button.getAttribute('aria-pressed') !== 'true';
    set(large);
    remember('text', large ? 'large' : '');
  });
}

/** What was chosen on this device. Where nothing can be remembered everything works all the same. @param {string} name */
function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {}
}

/** `2026-11-24T14:30` on this device's clock. @param {Date} date */
function wallClock(date) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** @param {number} ms until the beginning */
function countdown(ms) {
  if (ms <= 0) return words.anyMoment;
  const seconds = Math.ceil(ms / 1000);
  const minutes = Math.ceil(seconds / 60);
  const hours = Math.floor(minutes / 60);
  let time;
  if (seconds < 60) time = count(seconds, 'second');
  else if (minutes < 60) time = count(minutes, 'minute');
  else if (hours < 24) time = both(hours, 'hour', minutes % 60, 'minute');
  else time = both(Math.floor(hours / 24), 'day', hours % 24, 'hour');
  return words.beginsIn.replace('{}', time);
}

/** @param {number} large @param {string} unit @param {number} small @param {string} smallUnit */
function both(large, unit, small, smallUnit) {
  return small ? `${count(large, unit)} ${count(small, smallUnit)}` : count(large, unit);
}

/** @param {number} number @param {string} unit */
function count(number, unit) {
  try {
    return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(number);
  } catch {
    // iOS 14.0 knows no units.
    return `${number} ${unit}${number === 1 ? '' : 's'}`;
  }
}

/** The time at the place, which is known by its wall clock. @param {{ label: string, date: string, time: string }} local */
function placeTime({ label, date, time }) {
  if (language === 'en') return label;
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' });
  return `${format.format(new Date(`${date}T${time}Z`))} ${/\([^)]*\)$/.exec(label)?.[0] ?? ''}`;
}

/** A day that is written as `3 January 2027`. @param {string} day */
function untilDay(day) {
  return language === 'en' ? day : new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${day} UTC`));
}

/** @param {string} url @returns {Promise<Uint8Array<ArrayBuffer>>} */
async function load(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Whether a playlist names captions (RFC 8216 §4.3.4.1). @param {string} url */
async function offers(url) {
  try {
    return /^#EXT-X-MEDIA:.*TYPE=(SUBTITLES|CLOSED-CAPTIONS)/m.test(new TextDecoder().decode(await load(url)));
  } catch {
    return false;
  }
}

/** The complete segments of a media playlist (RFC 8216 §4.3). @param {string} playlist */
function segments(playlist) {
  const list = [];
  let number = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(playlist)?.[1] ?? 0);
  let head = '';
  for (const line of playlist.split(/\r?\n/)) {
    const map = /^#EXT-X-MAP:.*URI="([^"]+)"/.exec(line);
    if (map) head = map[1];
    else if (line && !line.startsWith('#')) list.push({ number: number++, uri: line, head });
  }
  return list;
}

/** The type of an fMP4 by its initialisation segment: `avcC` holds profile, constraints and level (ISO 14496-15). @param {Uint8Array} bytes */
function mime(bytes) {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  const codecs = [];
  const avc = text.indexOf('avcC');
  if (avc >= 0) codecs.push(`avc1.${Array.from(bytes.subarray(avc + 5, avc + 8), (byte) => byte.toString(16).padStart(2, '0')).join('')}`);
  if (text.includes('dOps')) codecs.push('opus');
  else if (text.includes('mp4a')) codecs.push('mp4a.40.2');
  return `video/mp4; codecs="${codecs.join(',')}"`;
}
