//! The fields of a service, in "New service" and "Edit service".

use domain::{
    StreamingMethod,
    document::{Installation, StreamDocument},
    stream::PlannedLength,
};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use super::{words::route_words, zone_field::ZoneField};

/// What stands in the fields at first, under the names of the server functions' arguments.
#[derive(Debug, Clone)]
pub struct StreamFields {
    title: String,
    description: String,
    date: String,
    time: String,
    /// In minutes.
    length: String,
    time_zone: String,
    method: String,
}

const PHONE: &str = "phone-browser";
const ENCODER: &str = "encoder";

impl StreamFields {
    /// A new service at a place in this time zone.
    pub fn empty(time_zone: String) -> Self {
        let none = String::new;
        Self {
            title: none(),
            description: none(),
            date: none(),
            time: none(),
            length: usual(),
            time_zone,
            method: PHONE.to_owned(),
        }
    }

    /// What was typed, when the server sent a plain form back.
    #[must_use]
    pub fn or_typed(self, query: &ParamsMap) -> Self {
        if query.get_str("title").is_none() {
            return self;
        }
        let text = |name| query.get(name).unwrap_or_default();
        Self {
            title: text("title"),
            description: text("description"),
            date: text("date"),
            time: text("time"),
            length: query.get("length").unwrap_or(self.length),
            time_zone: query.get("time_zone").unwrap_or(self.time_zone),
            method: query.get("method").unwrap_or(self.method),
        }
    }
}

impl From<&StreamDocument> for StreamFields {
    fn from(stream: &StreamDocument) -> Self {
        let local = stream.scheduled_local.as_ref();
        let method = match stream.streaming_method {
            StreamingMethod::PhoneBrowser => PHONE,
            StreamingMethod::Encoder => ENCODER,
        };
        Self {
            title: stream.title.clone(),
            description: stream.description.clone(),
            date: local.map(|local| local.date.clone()).unwrap_or_default(),
            time: local.map(|local| local.time.clone()).unwrap_or_default(),
            length: stream.planned_length.minutes().to_string(),
            time_zone: stream.time_zone.to_string(),
            method: method.to_owned(),
        }
    }
}

fn usual() -> String {
    PlannedLength::default().minutes().to_string()
}

/// Minutes, and how they are said.
const LENGTHS: [(&str, &str); 8] = [
    ("30", "half an hour"),
    ("45", "45 minutes"),
    ("60", "1 hour"),
    ("90", "1½ hours"),
    ("120", "2 hours"),
    ("180", "3 hours"),
    ("240", "4 hours"),
    ("480", "a whole day"),
];

/// Another length than these is one that a program has set.
fn lengths(chosen: &str) -> Vec<(String, String)> {
    let mut lengths: Vec<_> = LENGTHS.map(|(minutes, words)| (minutes.to_owned(), words.to_owned())).into();
    if lengths.iter().all(|(minutes, _)| minutes != chosen) {
        lengths.push((chosen.to_owned(), format!("{chosen} minutes")));
    }
    lengths
}

#[component]
pub fn StreamFieldset(
    initial: StreamFields,
    /// What becomes of the picture each way; said where a service is made.
    #[prop(optional)]
    installation: Option<Installation>,
) -> impl IntoView {
    let encoder = initial.method == ENCODER;
    let (by_phone, by_encoder) = installation
        .map(|at| (route_words(at.phone_route, &at.providers), route_words(at.encoder_route, &at.providers)))
        .unzip();
    view! {
        <label class="field">
            <span>"Title"</span>
            <input
                type="text"
                name="title"
                required
                maxlength="120"
                autocomplete="off"
                placeholder="Funeral service"
                value=initial.title
            />
        </label>
        <label class="field">
            <span>"Description " <small>"(shown to those who watch, may be empty)"</small></span>
            <textarea name="description" rows="3">{initial.description}</textarea>
        </label>
        <div class="field-row">
            <label class="field">
                <span>"Date"</span>
                <input type="date" name="date" value=initial.date/>
            </label>
            <label class="field">
                <span>"Time"</span>
                <input type="time" name="time" value=initial.time/>
            </label>
        </div>
        <label class="field">
            <span>"How long it will take " <small>"(about: the picture is never cut off)"</small></span>
            <select name="length">
                {lengths(&initial.length)
                    .into_iter()
                    .map(|(minutes, words)| {
                        let selected = minutes == initial.length;
                        view! { <option value=minutes selected=selected>{words}</option> }
                    })
                    .collect_view()}
            </select>
        </label>
        <ZoneField hint="Of the place of the service." value=Some(initial.time_zone)/>
        <fieldset class="choices">
            <legend>"How will it be filmed?"</legend>
            <label class="choice">
                <input type="radio" name="method" value=PHONE checked=!encoder/>
                <span>
                    <strong>"Phone browser"</strong>
                    <small>"You get a link. Whoever opens it on a phone can film: nothing to install. " {by_phone}</small>
                </span>
            </label>
            <label class="choice">
                <input type="radio" name="method" value=ENCODER checked=encoder/>
                <span>
                    <strong>"OBS / encoder"</strong>
                    <small>"For a camera at a computer: you get a server address and a key. " {by_encoder}</small>
                </span>
            </label>
        </fieldset>
    }
}
