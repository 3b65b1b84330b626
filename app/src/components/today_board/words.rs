//! What the board says. Pure, so that server and browser say the same.

use domain::{
    StreamingMethod,
    today::{Alert, Light, TodayRow},
};

use crate::components::words::{duration_words, services_words, verdict_words};

/// How it stands with all of them.
pub(super) fn summary(services: usize, grave: &[String]) -> String {
    match (services, grave) {
        (0, _) => "There is no service today.".into(),
        (count, []) => {
            format!("{} today. Nothing is wrong.", services_words(u32::try_from(count).unwrap_or(u32::MAX)))
        }
        (_, [name]) => format!("{name} needs you now."),
        (_, names) => format!("{} services need you now: {}.", names.len(), names.join(", ")),
    }
}

pub(super) const fn light_name(light: Light) -> &'static str {
    match light {
        Light::Quiet => "quiet",
        Light::Good => "good",
        Light::Attention => "attention",
        Light::Alarm => "alarm",
    }
}

pub(super) const fn light_words(light: Light) -> &'static str {
    match light {
        Light::Quiet => "Nothing to do yet",
        Light::Good => "Good",
        Light::Attention => "Please look",
        Light::Alarm => "Act now",
    }
}

/// `in 25 min`, `since 10 min`.
pub(super) fn starts_words(row: &TodayRow) -> String {
    let ms = |minutes: i64| u64::try_from(minutes).unwrap_or(0) * 60_000;
    match row.standing.minutes_to_start {
        None => String::new(),
        _ if row.standing.status.is_over() => "over".into(),
        Some(0) => "now".into(),
        Some(minutes) if minutes > 0 => format!("in {}", duration_words(ms(minutes))),
        Some(minutes) => format!("{} ago", duration_words(ms(-minutes))),
    }
}

/// What is wrong, and what to do now.
pub(super) fn alert_words(alert: &Alert) -> (String, &'static str) {
    let length = |seconds: u64| duration_words(seconds * 1000);
    let minutes = |minutes: i64| duration_words(u64::try_from(minutes).unwrap_or(0) * 60_000);
    match alert {
        Alert::NoPicture { seconds } => (
            format!("No picture for {}.", length(*seconds)),
            "Call the person who films: their page must be open and the phone unlocked; the picture then comes back by itself. Or go on with another phone.",
        ),
        Alert::NotBegun { minutes_late } => (
            format!("Not begun, {} after its time.", minutes(*minutes_late)),
            "Call the person who films, or film with another phone.",
        ),
        Alert::Trouble { reason } => (reason.clone(), ""),
        Alert::NoCopy => {
            ("No copy of the recording is complete.".into(), "Open the memorial: it says what each copy lacks.")
        }
        Alert::NoSound { seconds } => (
            format!("No sound for {}.", length(*seconds)),
            "Ask the person who films whether the sound is switched off on their page, or the microphone covered.",
        ),
        Alert::RehearsalFailed => (
            "The rehearsal failed.".into(),
            "Ask the person who films to rehearse again: their page says what to mend.",
        ),
        Alert::LinkNotOpened => ("Nobody has opened the link yet.".into(), "Send it again, or show the QR code."),
        Alert::NotRehearsed => {
            ("Not rehearsed yet.".into(), "Ask the person who films to rehearse: it takes ten seconds.")
        }
        Alert::NotEnded { minutes_over } => (
            format!("Still on air, {} after its planned end.", minutes(*minutes_over)),
            "If the service is over, end it here.",
        ),
        Alert::OneCopy => {
            ("There is one complete copy only.".into(), "Open the memorial and download it, so that there are two.")
        }
    }
}

/// What is known, in one line.
pub(super) fn facts_words(row: &TodayRow) -> String {
    let standing = &row.standing;
    let mut facts = Vec::new();
    if standing.status.is_over() {
        facts.push(match standing.complete_copies {
            0 => "No complete copy".to_owned(),
            1 => "1 complete copy".to_owned(),
            count => format!("{count} complete copies"),
        });
        if standing.pending_copies > 0 {
            facts.push(format!("{} being prepared", standing.pending_copies));
        }
    } else if standing.begun {
        if standing.through_server {
            facts.push(arrival("Picture", standing.picture_away_s));
            facts.push(arrival("sound", standing.sound_away_s));
            facts.push(format!("{} saved", duration_words(standing.minutes_saved * 60_000)));
            facts.push(format!("{} watching", standing.watching));
        } else {
            facts.push("The picture does not pass this server: look at the viewer page".to_owned());
        }
    } else if standing.method == StreamingMethod::PhoneBrowser {
        facts.push(if standing.link_opened { "Link opened" } else { "Link not opened" }.to_owned());
        facts.push(standing.rehearsal.map_or("not rehearsed", verdict_words).to_owned());
    }
    facts.join(" · ")
}

fn arrival(what: &str, away_s: Option<u64>) -> String {
    match away_s {
        Some(0) => format!("{what} arrives"),
        Some(seconds) => format!("{what} {} ago", duration_words(seconds * 1000)),
        None => format!("{what} not seen yet"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_who_needs_somebody() {
        let said: Vec<_> =
            [(0, vec![]), (1, vec![]), (6, vec![]), (6, vec!["Anna Lindqvist"]), (6, vec!["Anna", "Bo"])]
                .into_iter()
                .map(|(count, names)| summary(count, &names.into_iter().map(str::to_owned).collect::<Vec<_>>()))
                .collect();
        assert_eq!(
            said,
            [
                "There is no service today.",
                "1 service today. Nothing is wrong.",
                "6 services today. Nothing is wrong.",
                "Anna Lindqvist needs you now.",
                "2 services need you now: Anna, Bo.",
            ]
        );
    }

    #[test]
    fn an_alert_says_what_and_what_to_do() {
        let (what, to_do) = alert_words(&Alert::NoPicture { seconds: 75 });
        assert_eq!(what, "No picture for 1 min.");
        assert!(to_do.starts_with("Call"));
        assert_eq!(alert_words(&Alert::NotEnded { minutes_over: 35 }).0, "Still on air, 35 min after its planned end.");
    }
}
