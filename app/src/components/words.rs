//! States, times and dates in words. Pure, so that server and browser say the same.

use domain::{
    CivilDate, Provider, Route, StreamingMethod,
    document::{CloudPlace, RecordingCopy},
    privacy::PrivacyDocument,
    provision::ProvisionState,
    recording::{Cut, PendingCut, Proof, RecordingSource, RecordingStatus},
    rehearsal::{RehearsalVerdict, Remark},
    stream::StreamState,
};

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `9 May 1941`.
pub fn date_words(date: CivilDate) -> String {
    let month = MONTHS.get(usize::from(date.month()).saturating_sub(1)).copied().unwrap_or_default();
    format!("{} {month} {}", date.day(), date.year())
}

/// `9 May 1941 – 2 November 2026`, of what is known of it.
pub fn life_dates(born: Option<CivilDate>, died: Option<CivilDate>) -> Option<String> {
    match (born, died) {
        (Some(born), Some(died)) => Some(format!("{} – {}", date_words(born), date_words(died))),
        (Some(born), None) => Some(format!("Born {}", date_words(born))),
        (None, Some(died)) => Some(format!("Died {}", date_words(died))),
        (None, None) => None,
    }
}

/// A length of time, as precise as people say it: `45 s`, `58 min`, `1 h 12 min`.
pub fn duration_words(ms: u64) -> String {
    let seconds = ms / 1000;
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// A running clock: `12:31`, `1:02:03`.
pub fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// `no services`, `1 service`, `2 services`.
pub fn services_words(count: u32) -> String {
    match count {
        0 => "No services yet".into(),
        1 => "1 service".into(),
        count => format!("{count} services"),
    }
}

/// The state of a service in a word or two.
pub const fn state_words(state: StreamState) -> &'static str {
    match state {
        StreamState::Scheduled => "Being set up",
        StreamState::Ready => "Ready",
        StreamState::Live => "On air",
        StreamState::Reconnecting => "Connection lost",
        StreamState::Ended => "Ended",
        StreamState::Recorded => "Recorded",
        StreamState::Failed => "Needs attention",
    }
}

/// What a way gives: who can watch, and where it is recorded.
pub fn route_words(route: Route, providers: &[Provider]) -> String {
    let first = providers.first().map_or("", |provider| provider.name());
    match route {
        Route::Embedded => {
            "It is shown by this server, to as many people as its line carries, and recorded here.".into()
        }
        Route::Relay if providers.first() == Some(&Provider::Cloudflare) => {
            "It is shown by this server, to as many people as its line carries, and by Cloudflare to whoever finds no place \
             here; recorded here and at Cloudflare."
                .into()
        }
        Route::Relay => {
            format!("It is shown by this server, to as many people as its line carries; recorded here and at {first}.")
        }
        Route::Direct => {
            format!("It goes straight to {first}, which shows it to any number of people but does not record it.")
        }
        Route::Encoder => format!("It goes to {first}, which shows and records it. Any number of people can watch."),
    }
}

/// How it stands with a provider before and during the service.
pub fn place_words(place: &CloudPlace) -> String {
    match (&place.provision, &place.trouble) {
        (ProvisionState::Preparing, _) => "being prepared".into(),
        (ProvisionState::NotAvailable { reason }, _) => format!("not available, because: {reason}"),
        (ProvisionState::Ready, Some(trouble)) => format!("ready. {trouble}"),
        (ProvisionState::Ready, None) => "ready".into(),
    }
}

/// Why those who watch a private service are shown nothing of some providers; empty where they are.
pub fn kept_back_words(route: Route, providers: &[Provider]) -> String {
    if providers.is_empty() {
        return String::new();
    }
    let names = providers.iter().map(|provider| provider.name()).collect::<Vec<_>>().join(" and ");
    // What comes by an encoder is not on this server.
    let seen = match route {
        Route::Encoder => "nothing of it from there, neither live nor afterwards",
        Route::Embedded | Route::Relay | Route::Direct => "the recording from this server only",
    };
    format!(
        "This service is private. What plays at {names} cannot be closed again to whoever was once given its address, so \
         those who watch see {seen}. Whoever runs this server can set up a signing key; it counts for services that are made \
         afterwards."
    )
}

/// What the person at the desk does next, in one sentence.
pub const fn next_words(state: StreamState, method: StreamingMethod) -> &'static str {
    use StreamingMethod::{Encoder, PhoneBrowser};
    match (state, method) {
        (StreamState::Scheduled, _) => "One moment: the service is being set up.",
        (StreamState::Ready, PhoneBrowser) => {
            "Send the link to the person who will film, or let their phone scan the code."
        }
        (StreamState::Ready, Encoder) => {
            "Enter the server address and the bearer token in OBS, then start streaming there."
        }
        (StreamState::Live, _) => "The service is being shown. When it is over, end it here or at the camera.",
        (StreamState::Reconnecting, PhoneBrowser) => {
            "The phone tries to reconnect by itself. If it does not, open the link on the phone once more."
        }
        (StreamState::Reconnecting, Encoder) => {
            "Please check that OBS is still streaming, and start it again if it is not."
        }
        (StreamState::Ended, _) => "The recording is being prepared. You can leave this page.",
        (StreamState::Recorded, _) => "The recording can be watched at the same address as the service.",
        (StreamState::Failed, _) => "Please look at what is said below.",
    }
}

/// Who may watch, in a sentence or three.
pub fn privacy_words(privacy: &PrivacyDocument) -> String {
    let mut words = String::from(if privacy.passcode {
        "Whoever has the link and the passcode can watch."
    } else {
        "Whoever has the link can watch."
    });
    if privacy.needs_approval && !privacy.approved {
        words.push_str(" The recording stays hidden until you show it.");
    }
    if privacy.downloads {
        words.push_str(" They may keep the recording.");
    }
    if privacy.listed {
        words.push_str(" The pages of the other services lead here.");
    }
    words
}

/// Whether those who watch see the recording.
pub const fn approval_words(shown: bool) -> &'static str {
    if shown {
        "Those who watch see the recording."
    } else {
        "Those who watch do not see the recording yet. Please look at it, then show it."
    }
}

/// Until when it can be watched.
pub fn until_words(privacy: &PrivacyDocument) -> String {
    match (privacy.until.as_str(), privacy.over) {
        ("", _) => "It can be watched for 30 days after the service.".into(),
        (day, false) => format!("It can be watched until {day}."),
        (day, true) => {
            format!("It could be watched until {day}. Nothing was deleted: choose another day to show it again.")
        }
    }
}

/// What happens to it by itself in the end, where anything does.
pub fn deleted_words(privacy: &PrivacyDocument) -> Option<String> {
    let day = Some(privacy.deleted.as_str()).filter(|day| !day.is_empty())?;
    Some(format!(
        "On {day} this service is deleted for good, with every copy of its recording. A later last day to watch moves that."
    ))
}

/// What came of a rehearsal, in a word or three.
pub const fn verdict_words(verdict: RehearsalVerdict) -> &'static str {
    match verdict {
        RehearsalVerdict::Ready => "Ready",
        RehearsalVerdict::ReadyBut => "Ready, but \u{2026}",
        RehearsalVerdict::NotReady => "Not ready, because \u{2026}",
    }
}

/// What a rehearsal found.
pub const fn remark_words(remark: Remark) -> &'static str {
    match remark {
        Remark::NothingArrived => "nothing arrived",
        Remark::NoPicture => "no picture arrived",
        Remark::NoSound => "no sound arrived",
        Remark::VeryWeakConnection => "the connection is too weak",
        Remark::WeakConnection => "the connection is weak",
        Remark::NoUdp => "the picture takes a detour: the network blocks the direct way",
        Remark::Dark => "the picture is dark",
        Remark::Silent => "nothing can be heard",
        Remark::ScreenMaySleep => "the screen may switch itself off",
        Remark::NoSafetyCopy => "this phone keeps no safety copy",
        Remark::LittleStorage => "there is little room on this phone",
        Remark::BatteryLow => "the battery is low",
    }
}

/// The name of the `data-state` attribute's value, for colours.
pub const fn state_name(state: StreamState) -> &'static str {
    match state {
        StreamState::Scheduled => "scheduled",
        StreamState::Ready => "ready",
        StreamState::Live => "live",
        StreamState::Reconnecting => "reconnecting",
        StreamState::Ended => "ended",
        StreamState::Recorded => "recorded",
        StreamState::Failed => "failed",
    }
}

/// Where a copy of the recording lies.
pub const fn source_words(source: RecordingSource) -> &'static str {
    match source {
        RecordingSource::Server => "Recording on this server",
        RecordingSource::Phone => "Safety copy from the phone",
        RecordingSource::Cloudflare => "Copy at Cloudflare",
        RecordingSource::Mux => "Copy at Mux",
    }
}

/// How it stands with a copy of the recording, in words.
pub fn copy_words(copy: &RecordingCopy) -> String {
    match copy.status {
        RecordingStatus::Expected => "Begins with the service".into(),
        RecordingStatus::Capturing => "Being recorded now".into(),
        RecordingStatus::Processing => "Being prepared".into(),
        RecordingStatus::Ready => with_proof("Ready", copy.proof),
        RecordingStatus::Short => with_proof(&short_words(copy.proof), copy.proof),
        RecordingStatus::Missing => match &copy.reason {
            Some(reason) => format!("Missing: {reason}"),
            None => "Missing".into(),
        },
        RecordingStatus::Deleted => "Deleted".into(),
    }
}

fn short_words(proof: Option<Proof>) -> String {
    match proof {
        Some(proof) if proof.has_hole() => format!("With a gap of {}", duration_words(proof.hole_ms)),
        Some(proof) if proof.has_video && proof.has_audio => "Shorter than the service".into(),
        _ => "Not complete".into(),
    }
}

/// Which part of a recording is shown, as the player of all of it says it.
pub fn cut_words(cut: Cut) -> String {
    format!("Those who watch see it from {} to {}. The original stays.", clock(cut.begin_ms), clock(cut.end_ms))
}

/// What is to be shown, and why it is not yet.
pub fn pending_cut_words(pending: &PendingCut) -> String {
    match pending {
        PendingCut::Making { cut } => format!(
            "The part from {} to {} is being made ready. After a long service that takes some minutes; nobody need wait \
             here. Until then those who watch see what they saw before.",
            clock(cut.begin_ms),
            clock(cut.end_ms)
        ),
        PendingCut::Failed { reason } => reason.clone(),
    }
}

fn with_proof(status: &str, proof: Option<Proof>) -> String {
    let Some(proof) = proof else { return status.to_owned() };
    let duration = duration_words(proof.duration_ms);
    let tracks = match (proof.has_video, proof.has_audio) {
        (true, true) => "sound and picture",
        (true, false) => "picture without sound",
        (false, _) => "sound without picture",
    };
    let checked = if proof.decoded { " checked" } else { "" };
    format!("{status}: {duration}, {tracks}{checked}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_as_people_say_them() {
        let said: Vec<_> = [0, 45_900, 60_000, 58 * 60_000 + 59_000, 3_600_000, 4_320_000].map(duration_words).into();
        assert_eq!(said, ["0 s", "45 s", "1 min", "58 min", "1 h", "1 h 12 min"]);
    }

    #[test]
    fn clocks_have_hours_when_needed() {
        assert_eq!([0, 751_000, 3_723_000].map(clock), ["0:00", "12:31", "1:02:03"]);
    }

    #[test]
    fn who_may_watch_is_said() {
        let open = PrivacyDocument::default();
        assert_eq!(privacy_words(&open), "Whoever has the link can watch.");
        let closed = PrivacyDocument { passcode: true, needs_approval: true, until: "3 January 2027".into(), ..open };
        assert_eq!(
            privacy_words(&closed),
            "Whoever has the link and the passcode can watch. The recording stays hidden until you show it."
        );
        assert_eq!(until_words(&closed), "It can be watched until 3 January 2027.");
        assert!(until_words(&PrivacyDocument { over: true, ..closed }).starts_with("It could be watched until 3"));
    }

    #[test]
    fn what_is_kept_back_is_said() {
        assert_eq!(kept_back_words(Route::Relay, &[]), "");
        let said = kept_back_words(Route::Relay, &[Provider::Cloudflare, Provider::Mux]);
        assert!(said.contains("at Cloudflare and Mux cannot") && said.contains("from this server only"), "{said}");
        let said = kept_back_words(Route::Encoder, &[Provider::Cloudflare]);
        assert!(said.contains("neither live nor afterwards"), "{said}");
    }

    #[test]
    fn dates_of_a_life() {
        let date = |text: &str| Some(text.parse().unwrap());
        let words = |born, died| life_dates(born, died).unwrap_or_default();
        assert_eq!(words(date("1941-05-09"), date("2026-11-02")), "9 May 1941 – 2 November 2026");
        assert_eq!(words(None, date("2026-12-31")), "Died 31 December 2026");
        assert_eq!(life_dates(None, None), None);
    }

    #[test]
    fn a_part_that_is_not_shown_yet_says_which_it_is_or_why() {
        let making = PendingCut::Making { cut: Cut { begin_ms: 150_000, end_ms: 3_723_000 } };
        assert!(pending_cut_words(&making).starts_with("The part from 2:30 to 1:02:03 is being made ready."));
        let failed = PendingCut::Failed { reason: "It is as it was.".into() };
        assert_eq!(pending_cut_words(&failed), "It is as it was.");
    }

    #[test]
    fn a_copy_says_what_its_check_found() {
        let proof =
            Proof { duration_ms: 3_480_000, bytes: 1, has_video: true, has_audio: true, decoded: true, hole_ms: 40 };
        let copy = |status, proof, reason: Option<&str>| RecordingCopy {
            id: domain::RecordingId::from_parts(0, [0; 10]),
            status,
            url: None,
            proof,
            reason: reason.map(Into::into),
            cut: None,
            pending_cut: None,
            storage: None,
        };
        assert_eq!(
            copy_words(&copy(RecordingStatus::Ready, Some(proof), None)),
            "Ready: 58 min, sound and picture checked"
        );
        let torn = copy(RecordingStatus::Short, Some(Proof { hole_ms: 20_400, ..proof }), None);
        assert_eq!(copy_words(&torn), "With a gap of 20 s: 58 min, sound and picture checked");
        let silent = Proof { has_audio: false, decoded: false, ..proof };
        let short = copy(RecordingStatus::Short, Some(silent), None);
        assert_eq!(copy_words(&short), "Not complete: 58 min, picture without sound");
        assert_eq!(
            copy_words(&copy(RecordingStatus::Missing, None, Some("nothing arrived"))),
            "Missing: nothing arrived"
        );
    }
}
