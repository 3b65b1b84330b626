use domain::{
    audit::Deed,
    document::{RecordingCopy, StreamDocument},
    recording::Verdict,
    stream::StreamEvent,
};

use super::*;
use crate::testing::{
    Installation,
    film::{frames, picture},
};

/// A service of eight seconds that is over, with its recording; a key frame every second.
async fn recorded(at: &Installation) -> (StreamId, Recording) {
    let (everlight, stream) = (&at.running, at.create().await);
    everlight.happened(stream, &StreamEvent::MediaFlowing { at: everlight.now() }).await.unwrap();
    let master = everlight.master(stream).await.unwrap();
    let recorder = everlight.open_recorder(stream, master.id).unwrap();
    for frame in frames(&picture(&["-f", "ivf"])) {
        let _ = recorder.push(frame);
    }
    drop(recorder);
    at.pass(Duration::from_secs(8));
    everlight.happened(stream, &StreamEvent::Ended { at: everlight.now() }).await.unwrap();
    everlight.finish_master(&everlight.finishing.begin(stream).unwrap()).await.unwrap();
    (stream, at.store.recording(master.id).await.unwrap().unwrap())
}

async fn copy(at: &Installation, stream: StreamId) -> RecordingCopy {
    let StreamDocument { recording_sources, .. } = at.running.streams().get(&at.actor, stream).await.unwrap();
    recording_sources.server.unwrap()
}

/// The document, once it is as it should be.
async fn once(at: &Installation, stream: StreamId, is: impl Fn(&RecordingCopy) -> bool) -> RecordingCopy {
    let mut news = at.running.streams().follow(&at.actor, stream).await.unwrap();
    loop {
        let copy = copy(at, stream).await;
        if is(&copy) {
            return copy;
        }
        assert!(news.next().await, "there will be no more news");
    }
}

fn is_being_made(copy: &RecordingCopy) -> bool {
    matches!(copy.pending_cut, Some(PendingCut::Making { .. }))
}

/// The files beside the recording that are half made, or of a part of it.
fn beside(at: &Installation) -> Vec<String> {
    let names = std::fs::read_dir(at.folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut rest: Vec<_> = names.filter_map(|name| Some(name.split_once('.')?.1.to_owned())).collect();
    rest.retain(|rest| rest.starts_with("cut.") || rest.contains("coming"));
    rest.sort();
    rest
}

fn cut(begin_ms: u64, end_ms: u64) -> Option<Cut> {
    Some(Cut { begin_ms, end_ms })
}

fn failed(reason: &str) -> Option<PendingCut> {
    Some(PendingCut::Failed { reason: reason.into() })
}

/// In the place of a recording: whoever opens it waits.
#[cfg(unix)]
struct Slow(PathBuf);

#[cfg(unix)]
impl Slow {
    fn recording(file: PathBuf) -> Self {
        std::fs::remove_file(&file).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
        Self(file)
    }

    /// Whoever waits goes on, and finds that it is no recording.
    async fn let_go(self) {
        let open = move || drop(std::fs::OpenOptions::new().write(true).open(self.0).unwrap());
        tokio::task::spawn_blocking(open).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_quick_is_done_when_it_is_answered_and_a_file_has_its_own_numbers() {
    let at = Installation::new().await;
    let (stream, master) = recorded(&at).await;
    let trim = async |begin, end| at.running.trimming().trim(&at.actor, stream, begin, end).await.unwrap();
    for (begin, end, shown) in [("0:02", "0:06", cut(2_000, 6_000)), ("", "0:05", cut(0, 5_000))] {
        trim(begin, end).await;
        let copy = copy(&at, stream).await;
        assert_eq!((copy.cut, &copy.pending_cut), (shown, &None));
        let Cut { begin_ms, end_ms } = shown.unwrap();
        assert_eq!(beside(&at), [format!("cut.{begin_ms}-{end_ms}.mp4")], "the one before is gone");
        let file = at.running.cut_file(master.id, shown.unwrap());
        let length = recorder::probe(&file).unwrap().duration;
        assert!(length.abs_diff(Duration::from_millis(end_ms - begin_ms)) < Duration::from_millis(40), "{length:?}");
    }
    trim("", "").await;
    assert_eq!((copy(&at, stream).await.cut, beside(&at)), (None, vec![]));
    let noted = at.store.audit(None, 100).await.unwrap();
    assert_eq!(noted.iter().filter(|entry| entry.deed == Deed::RecordingCut).count(), 3);
}

#[tokio::test]
async fn what_takes_long_goes_on_after_the_answer_and_the_card_shows_it_when_it_is_there() {
    let at = Installation::new().await;
    let (stream, _) = recorded(&at).await;
    at.running.trimming().trim_within(Duration::ZERO, &at.actor, stream, "0:02", "0:06").await.unwrap();
    let copy = once(&at, stream, |copy| copy.cut.is_some() && copy.pending_cut.is_none()).await;
    assert_eq!((copy.cut, beside(&at)), (cut(2_000, 6_000), vec!["cut.2000-6000.mp4".to_owned()]));
}

#[tokio::test]
async fn it_is_made_although_whoever_asked_has_left() {
    let at = Installation::new().await;
    let (stream, _) = recorded(&at).await;
    let (everlight, actor) = (Arc::clone(&at.running), at.actor.clone());
    let asked = tokio::spawn(async move { everlight.trimming().trim(&actor, stream, "0:02", "0:06").await });
    once(&at, stream, |copy| is_being_made(copy) || copy.cut.is_some()).await;
    asked.abort();
    let copy = once(&at, stream, |copy| copy.cut.is_some()).await;
    assert_eq!(copy.cut, cut(2_000, 6_000));
}

#[cfg(unix)]
#[tokio::test]
async fn until_a_part_is_made_the_one_before_is_shown_and_no_other_is_begun() {
    let at = Installation::new().await;
    let (stream, master) = recorded(&at).await;
    let trimming = at.running.trimming();
    trimming.trim(&at.actor, stream, "0:02", "0:06").await.unwrap();
    let slow = Slow::recording(at.running.recording_file(master.id));
    trimming.trim_within(Duration::ZERO, &at.actor, stream, "0:03", "0:05").await.unwrap();
    let being_made = once(&at, stream, is_being_made).await;
    let asked = PendingCut::Making { cut: Cut { begin_ms: 3_000, end_ms: 5_000 } };
    assert_eq!((being_made.cut, being_made.pending_cut), (cut(2_000, 6_000), Some(asked)));
    assert_eq!(beside(&at), ["cut.2000-6000.mp4"]);
    for (begin, end) in [("0:01", "0:02"), ("", "")] {
        let refused = trimming.trim(&at.actor, stream, begin, end).await;
        assert!(matches!(&refused, Err(Error::Invalid(words)) if words == BUSY), "{refused:?}");
    }
    assert!(at.running.deletions.making.is_going_on(stream), "a deletion waits for it");
    slow.let_go().await;
    let after = once(&at, stream, |copy| !is_being_made(copy)).await;
    assert_eq!((after.cut, after.pending_cut), (cut(2_000, 6_000), failed(FAILED)));
    assert_eq!(beside(&at), ["cut.2000-6000.mp4"]);
}

#[tokio::test]
async fn what_cannot_be_shortened_is_told_and_stays_as_it_was_until_somebody_tries_again() {
    let at = Installation::new().await;
    let (stream, master) = recorded(&at).await;
    let file = at.running.recording_file(master.id);
    let kept = std::fs::read(&file).unwrap();
    let trim = async || at.running.trimming().trim(&at.actor, stream, "0:02", "0:06").await;
    std::fs::write(&file, "no recording").unwrap();
    let told = trim().await;
    assert!(matches!(&told, Err(Error::Invalid(words)) if words == FAILED), "{told:?}");
    let after = copy(&at, stream).await;
    assert_eq!((after.cut, after.pending_cut, beside(&at)), (None, failed(FAILED), vec![]));
    std::fs::write(&file, kept).unwrap();
    trim().await.unwrap();
    let after = copy(&at, stream).await;
    assert_eq!((after.cut, after.pending_cut), (cut(2_000, 6_000), None));
}

#[cfg(unix)]
#[tokio::test]
async fn after_a_stop_in_the_middle_the_part_before_is_shown_and_nothing_is_left_of_the_new_one() {
    let mut at = Installation::new().await;
    let (stream, master) = recorded(&at).await;
    at.running.trimming().trim(&at.actor, stream, "0:02", "0:06").await.unwrap();
    let slow = Slow::recording(at.running.recording_file(master.id));
    at.running.trimming().trim_within(Duration::ZERO, &at.actor, stream, "0:03", "0:05").await.unwrap();
    once(&at, stream, is_being_made).await;
    let dead = Arc::clone(&at.running);
    at.restart();
    let id = master.id;
    let left = ["cut.00000000000000ff.mp4", "cut.00000000000000ff.mp4.partial", "cut.3000-5000.mp4", "ff.coming.mp4"];
    for name in left {
        std::fs::write(at.folder().join(format!("{id}.{name}")), "half").unwrap();
    }
    at.running.resume().await.unwrap();
    let after = copy(&at, stream).await;
    assert_eq!((after.cut, after.pending_cut), (cut(2_000, 6_000), failed(STOPPED)));
    assert_eq!(beside(&at), ["cut.2000-6000.mp4"]);
    slow.let_go().await;
    drop(dead);
}

#[tokio::test]
async fn a_file_whose_name_has_no_numbers_yet_gets_them_and_one_that_is_gone_is_made_again() {
    let mut at = Installation::new().await;
    let (stream, master) = recorded(&at).await;
    at.running.trimming().trim(&at.actor, stream, "0:02", "0:06").await.unwrap();
    let file = at.running.cut_file(master.id, Cut { begin_ms: 2_000, end_ms: 6_000 });
    std::fs::rename(&file, at.folder().join(format!("{}.cut.mp4", master.id))).unwrap();
    at.restart();
    at.running.resume().await.unwrap();
    assert_eq!(beside(&at), ["cut.2000-6000.mp4"]);

    // As after the restore of a backup that was made while another part was chosen.
    std::fs::rename(&file, at.running.cut_file(master.id, Cut { begin_ms: 0, end_ms: 3_000 })).unwrap();
    at.restart();
    let mut news = at.running.streams().follow(&at.actor, stream).await.unwrap();
    at.running.resume().await.unwrap();
    while !file.exists() {
        assert!(news.next().await);
    }
    assert_eq!(copy(&at, stream).await.cut, cut(2_000, 6_000));
}

#[tokio::test]
async fn of_a_master_that_was_made_anew_the_part_that_is_shown_now_is_made_anew() {
    let at = Installation::new().await;
    let (stream, read_before) = recorded(&at).await;
    at.running.trimming().trim(&at.actor, stream, "0:02", "0:06").await.unwrap();
    let file = at.running.cut_file(read_before.id, Cut { begin_ms: 2_000, end_ms: 6_000 });
    std::fs::write(&file, "of an earlier file").unwrap();
    let proof = read_before.facts.proof().unwrap();
    let verdict = at.running.judged(stream, &read_before, Ok(proof)).await.unwrap();
    assert!(matches!(verdict, Some(Verdict::Ready { .. })), "{verdict:?}");
    assert!(recorder::probe(&file).unwrap().duration > Duration::from_secs(3));
    assert_eq!(beside(&at), ["cut.2000-6000.mp4"]);
}
