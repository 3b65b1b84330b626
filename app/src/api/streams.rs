//! Streams of a memorial: create, edit, delete, end, and the streamer's link.

#![expect(clippy::too_many_arguments, reason = "the arguments of a server function are the fields of its form")]

use domain::{MemorialId, StreamId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;

/// What a person needs to film: contains the secret, shown on demand only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamerAccess {
    /// The streamer's link, with the token in the fragment.
    pub link: String,
    /// The link as a QR code: SVG markup made by the server.
    pub link_qr: String,
    /// For OBS: the server address.
    pub whip_url: String,
    /// For OBS: the bearer token.
    pub bearer_token: String,
    /// For OBS, where a provider takes the picture in.
    pub encoder: Option<EncoderAddress>,
}

/// What OBS asks for when it sends to a server of its own choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncoderAddress {
    pub server: String,
    pub stream_key: String,
}

/// Who may watch, as the form says it. A box that is not ticked is not sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PrivacyFields {
    pub passcode: String,
    pub no_passcode: Option<String>,
    pub needs_approval: Option<String>,
    pub downloads: Option<String>,
    pub listed: Option<String>,
    /// The last day on which it can be watched; empty means the usual time after the end.
    pub until: String,
}

#[cfg(feature = "ssr")]
impl PrivacyFields {
    fn form(self) -> service::privacy::PrivacyForm {
        service::privacy::PrivacyForm {
            passcode: self.passcode,
            no_passcode: self.no_passcode.is_some(),
            needs_approval: self.needs_approval.is_some(),
            downloads: self.downloads.is_some(),
            listed: self.listed.is_some(),
            until: self.until,
        }
    }

    /// For the way back to the form. Not the passcode: addresses are remembered, and it is typed again.
    fn typed(&self) -> [(&'static str, &str); 4] {
        let box_of = |ticked: &Option<String>| if ticked.is_some() { "on" } else { "off" };
        [
            ("needs_approval", box_of(&self.needs_approval)),
            ("downloads", box_of(&self.downloads)),
            ("listed", box_of(&self.listed)),
            ("until", &self.until),
        ]
    }
}

/// `backup` is there when its box is ticked; the same `submission` twice makes one service. `method` is `phone-browser`
/// or `encoder`; `date` and `time` are local to `time_zone` and may both be empty; `length` is in minutes.
#[server]
pub async fn create_stream(
    memorial_id: MemorialId,
    title: String,
    description: String,
    date: String,
    time: String,
    #[server(default)] length: String,
    time_zone: String,
    method: String,
    backup: Option<String>,
    submission: Option<String>,
    #[server(default)] privacy: PrivacyFields,
) -> Result<StreamId, ApiError> {
    use super::request::{actor, answer_form, everlight};
    let form = service::streams::StreamForm {
        title: title.clone(),
        description: description.clone(),
        date: date.clone(),
        time: time.clone(),
        length: length.clone(),
        time_zone: time_zone.clone(),
        method: method.clone(),
        backup: backup.is_some(),
        submission: submission.unwrap_or_default(),
        privacy: privacy.clone().form(),
    };
    let result = everlight().streams().create(&actor()?, memorial_id, form).await.map(|document| document.id);
    let page = format!("/admin/memorials/{memorial_id}");
    let typed = [
        ("title", title.as_str()),
        ("description", &description),
        ("date", &date),
        ("time", &time),
        ("length", &length),
        ("time_zone", &time_zone),
        ("method", &method),
        ("backup", if backup.is_some() { "on" } else { "off" }),
    ];
    let typed: Vec<_> = typed.into_iter().chain(privacy.typed()).collect();
    answer_form(result, |_| page.clone(), &format!("{page}?new"), &typed)
}

#[server]
pub async fn edit_stream(
    id: StreamId,
    title: String,
    description: String,
    date: String,
    time: String,
    #[server(default)] length: String,
    time_zone: String,
    method: String,
    #[server(default)] privacy: PrivacyFields,
) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let form = service::streams::StreamForm {
        title: title.clone(),
        description: description.clone(),
        date: date.clone(),
        time: time.clone(),
        length: length.clone(),
        time_zone: time_zone.clone(),
        method: method.clone(),
        privacy: privacy.clone().form(),
        ..service::streams::StreamForm::default()
    };
    let (everlight, actor) = (everlight(), actor()?);
    let page = match everlight.streams().get(&actor, id).await {
        Ok(stream) => format!("/admin/memorials/{}", stream.memorial_id),
        Err(_) => "/admin".into(),
    };
    let result = everlight.streams().edit(&actor, id, form).await;
    let typed = [
        ("title", title.as_str()),
        ("description", &description),
        ("date", &date),
        ("time", &time),
        ("length", &length),
        ("time_zone", &time_zone),
        ("method", &method),
    ];
    let typed: Vec<_> = typed.into_iter().chain(privacy.typed()).collect();
    answer_form(result, |()| page.clone(), &format!("{page}?edit_stream={id}"), &typed)
}

/// Shows the recording to those who watch (`shown`), or hides it from them.
#[server]
pub async fn approve_recording(id: StreamId, memorial_id: MemorialId, shown: bool) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().streams().approve(&actor()?, id, shown).await;
    let page = format!("/admin/memorials/{memorial_id}");
    answer_form(result, |()| page.clone(), &page, &[])
}

/// Takes the beginning and the end off what those who watch are shown (`2:30`, `1:02:30`); both empty shows all again. What
/// takes long goes on after the answer, and the card says so.
#[server]
pub async fn trim_recording(id: StreamId, memorial_id: MemorialId, begin: String, end: String) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().trimming().trim(&actor()?, id, &begin, &end).await;
    let page = format!("/admin/memorials/{memorial_id}");
    answer_form(result, |()| page.clone(), &page, &[])
}

/// The last day on which it can be watched; empty means the usual time after the end.
#[server]
pub async fn show_until(id: StreamId, memorial_id: MemorialId, until: String) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().streams().show_until(&actor()?, id, &until).await;
    let page = format!("/admin/memorials/{memorial_id}");
    answer_form(result, |()| page.clone(), &page, &[])
}

/// Deletes the stream and its recording, for good.
#[server]
pub async fn delete_stream(id: StreamId, memorial_id: MemorialId) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().streams().delete(&actor()?, id).await;
    let page = format!("/admin/memorials/{memorial_id}");
    answer_form(result, |()| page.clone(), &page, &[])
}

/// Ends the service: cuts the picture for everybody and makes the recording ready.
#[server]
pub async fn end_stream(id: StreamId, memorial_id: MemorialId) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let everlight = everlight();
    let actor = actor()?;
    let result = everlight.publishing().end_by_staff(&actor, id).await;
    let page = format!("/admin/memorials/{memorial_id}");
    answer_form(result, |()| page.clone(), &page, &[])
}

/// The streamer's link, its QR code, and what OBS needs.
#[server]
pub async fn reveal_access(id: StreamId) -> Result<StreamerAccess, ApiError> {
    use super::request::{actor, everlight, set_status};
    use secrecy::ExposeSecret as _;
    let access = everlight().streams().access(&actor()?, id).await.map_err(ApiError::from).inspect_err(set_status)?;
    Ok(StreamerAccess {
        link_qr: qr_svg(&access.link),
        link: access.link,
        whip_url: access.whip_url,
        bearer_token: access.token.expose().to_owned(),
        encoder: access.encoder.map(|ingest| EncoderAddress {
            server: ingest.url.to_string(),
            stream_key: ingest.key.expose_secret().to_owned(),
        }),
    })
}

/// Tries again at once what a provider did not do, and asks for the backup if the service had none.
#[server]
pub async fn retry_providers(id: StreamId, memorial_id: MemorialId) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().streams().retry_providers(&actor()?, id).await;
    let page = format!("/admin/memorials/{memorial_id}");
    answer_form(result, |()| page.clone(), &page, &[])
}

/// Makes a new link; the old one stops working at once.
#[server]
pub async fn replace_link(id: StreamId, memorial_id: MemorialId) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().streams().replace_link(&actor()?, id).await.map(drop);
    let page = format!("/admin/memorials/{memorial_id}?access={id}");
    answer_form(result, |()| page.clone(), &page, &[])
}

/// A QR code in the page's own colours.
#[cfg(feature = "ssr")]
pub(super) fn qr_svg(text: &str) -> String {
    use fast_qr::convert::{Builder, svg::SvgBuilder};
    fast_qr::QRBuilder::new(text).build().map(|code| SvgBuilder::default().margin(4).to_str(&code)).unwrap_or_default()
}
