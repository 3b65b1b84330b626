//! What the providers' documents do not establish, and what this emulator does there. Nothing in Everlight may depend on
//! any of it; each line is worth one probe with real credentials.
//!
//! Cloudflare Stream
//! - Whether a WHIP session changes `status`, `/lifecycle`, or sends notifications: here it does not.
//! - Whether `enabled: false` or `rotate_keys` cut a WHIP publisher: here they do.
//! - What WHEP answers when nobody publishes by WHIP: here `409` "Live broadcast not started yet", which was seen for an
//!   input fed by RTMPS.
//! - When `live_input.disconnected` is sent: here at once, not after the hold window.
//! - What `timeoutSeconds: null` (the platform's default) lasts: here [`Timing::default_timeout`](crate::Timing), 60 s.
//! - A second publisher with the same key: here it takes over, the first is cut.
//! - A connection that never sends a frame: here it changes nothing and is not announced.
//! - What an output's `status` looks like: here there is none.
//! - `filters.event_type` of alerting policies: here a list of the event types' names; an absent filter lets all through.
//! - Repetition of webhooks that were not answered with 2xx, both kinds: here [`Timing::webhook_attempts`](crate::Timing).
//! - The status of media requests without the signed token that they need: here `401`.
//! - What a download is answered with a token that is good but not `downloadable`: here `404`.
//! - Whether a token that runs out cuts a player that is in the middle: here every request is looked at.
//! - The status of tus chunks of a forbidden size (under 5 MiB or no multiple of 256 KiB, unless the last): here `400`.
//! - `playback{hls,dash}` of live inputs (seen, not documented): here it is present.
//! - The gap of a reconnect in the recording: here it is left out (the recording is as long as what was sent).
//! - What deleting an input does to a show that is on air: here it ends at once and becomes a video.
//! - `PUT` on a live input with `meta`: here it replaces `meta`; `recording` is merged field by field.
//! - Codes and messages of most errors: those in the documents are used, `10005` elsewhere.
//!
//! Mux Video
//! - Events and status on a reconnect within the window: here `connected` and `recording`, the status stays `active`.
//! - Whether `reset-stream-key` cuts a publisher who uses the old key: here it does.
//! - `disable` while on air: here `disconnected`, `disabled`, then `asset.live_stream_completed` without waiting.
//! - What happens to an asset when its live stream is deleted while on air: here it is completed.
//! - The slate of a reconnect: here there is none, in the recording neither.
//! - Publishing twice with one key: as above, the newer takes over.
//! - The spacing and number of webhook repetitions (24 h in reality): here short and few.
//! - Pages by `cursor`: here `next_cursor` is always `null`, pages go by `page` and `limit`.
//! - What a request without a good token is answered: here `403`, manifests, variants, segments and MP4 alike.
//! - How variants and segments of a signed manifest are protected (addresses of their own that expire, in reality): here
//!   the token is part of their path.
//! - Whether a token that runs out cuts a player that is in the middle: here every request is looked at.
//! - The right that an access token needs to list signing keys (a right to “System” by the dashboard): here any may.
//! - The status of a playback id of a disabled stream: here `412`, as before `active`.
//! - Rate limits: none of their own on either side; ask for them as a fault.
