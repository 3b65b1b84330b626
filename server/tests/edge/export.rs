//! Everything of a memorial as one archive: what is in it, and for whom.

use std::io::{Cursor, Read as _};

use domain::{
    Grant, RecordingId, Timestamp,
    recording::{Proof, RecordingEvent, RecordingSource, Verdict},
};
use http_body_util::BodyExt as _;
use zip::ZipArchive;

use crate::support::Site;

type Archive = ZipArchive<Cursor<Vec<u8>>>;

async fn export(site: &Site, memorial: domain::MemorialId, cookie: &str) -> Archive {
    let path = format!("/admin/memorials/{memorial}/export.zip");
    let answer = site.begin([127, 0, 0, 1], "GET", &path, &[("cookie", cookie)], "").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"memorial.zip\"");
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    ZipArchive::new(Cursor::new(bytes.to_vec())).unwrap()
}

fn read(archive: &mut Archive, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn names(archive: &Archive) -> Vec<String> {
    let mut names: Vec<_> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    names.sort_unstable();
    names
}

/// Larger than what is in memory at a time.
const LENGTH: usize = 3_000_000;

#[tokio::test]
async fn the_archive_holds_the_memorial_its_recordings_and_its_log_and_no_secret() {
    let site = Site::open().await;
    let home = site.everlight.people().create_home(&site.actor, "Hillside".into()).await.unwrap();
    let (stream, token) = site.stream_of(home).await;
    site.set_passcode(&stream, "white rose").await;
    let (other, _) = site.stream_of(home).await;
    site.everlight.portraits().give(&site.actor, stream.memorial_id, crate::portrait::png()).await.unwrap();
    let (at, id) = (Timestamp(1), RecordingId::from_parts(7, rand::random()));
    let copy = site.store.ensure_recording(id, stream.id, RecordingSource::Server, at).await.unwrap();
    let proof = Proof { duration_ms: 1, bytes: 3, has_video: true, has_audio: true, decoded: true, hole_ms: 0 };
    let checked = RecordingEvent::Checked { at, verdict: Verdict::Ready { proof } };
    site.store.record_recording_event(copy.id, &checked).await.unwrap();
    let folder = &site.everlight.settings().recordings_dir;
    std::fs::create_dir_all(folder).unwrap();
    let recording: Vec<u8> = (0..LENGTH).map(|at| u8::try_from(at % 251).unwrap()).collect();
    std::fs::write(folder.join(format!("{}.mp4", copy.id)), &recording).unwrap();

    let mut archive = export(&site, stream.memorial_id, &site.cookie).await;
    assert_eq!(names(&archive), ["01 Funeral.mp4", "audit.json", "memorial.json", "portrait.jpg"]);
    assert!(read(&mut archive, "01 Funeral.mp4") == recording);
    assert!(read(&mut archive, "portrait.jpg").starts_with(&[0xff, 0xd8]));
    let memorial: serde_json::Value = serde_json::from_slice(&read(&mut archive, "memorial.json")).unwrap();
    assert_eq!(memorial["memorial"]["name"], "Ada Lovelace");
    assert_eq!(memorial["services"][0]["id"], stream.id.to_string());
    let log: Vec<domain::audit::AuditEntry> = serde_json::from_slice(&read(&mut archive, "audit.json")).unwrap();
    assert!(log.iter().all(|entry| entry.memorial == Some(stream.memorial_id)), "{log:?}");
    let deeds: Vec<_> = log.iter().map(|entry| entry.deed).collect();
    use domain::audit::Deed::{
        LinkShown, MemorialCreated, MemorialExported, PortraitGiven, StreamCreated, StreamEdited,
    };
    assert_eq!(deeds, [MemorialCreated, StreamCreated, LinkShown, StreamEdited, PortraitGiven, MemorialExported]);
    for name in ["memorial.json", "audit.json"] {
        let text = String::from_utf8(read(&mut archive, name)).unwrap();
        for secret in [token.expose(), "rose", &other.id.to_string()] {
            assert!(!text.contains(secret), "{secret} in {name}");
        }
    }

    let (_, family) = site.invited(Grant::Family(stream.memorial_id), "niece@example.com").await;
    let (_, assistant) = site.invited(Grant::Assistant(home), "assistant@hillside.example").await;
    for cookie in [family, assistant] {
        let archive = export(&site, stream.memorial_id, &cookie).await;
        assert_eq!(names(&archive), ["01 Funeral.mp4", "memorial.json", "portrait.jpg"], "the log names people");
    }
}

/// Half an archive is never taken for a whole one.
#[tokio::test]
async fn an_archive_breaks_off_when_a_recording_cannot_be_read() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    let (at, id) = (Timestamp(1), RecordingId::from_parts(7, rand::random()));
    let copy = site.store.ensure_recording(id, stream.id, RecordingSource::Server, at).await.unwrap();
    let proof = Proof { duration_ms: 1, bytes: 3, has_video: true, has_audio: true, decoded: true, hole_ms: 0 };
    let checked = RecordingEvent::Checked { at, verdict: Verdict::Ready { proof } };
    site.store.record_recording_event(copy.id, &checked).await.unwrap();
    let path = format!("/admin/memorials/{}/export.zip", stream.memorial_id);
    let answer = site.begin([127, 0, 0, 1], "GET", &path, &[("cookie", &site.cookie)], "").await;
    assert!(answer.into_body().collect().await.is_err());
}
