//! What comes out at the end, held against ffmpeg and ffprobe.

use std::time::Duration;

use crate::common::{at, audio, configurations, ffmpeg, ffprobe, mix, record, seconds, sizes, video};
use recorder::{FinalizeError, Frame, Payload, Report, VideoCodec, decode_check, finalize, probe};
use tempfile::TempDir;

struct Recorded {
    _dir: TempDir,
    file: std::path::PathBuf,
    report: Report,
}

/// Records, finalises, and checks what is true of every file.
fn recorded(publishers: &[Vec<Frame>]) -> Recorded {
    let dir = tempfile::tempdir().unwrap();
    let status = record(&dir.path().join("live"), publishers);
    assert_eq!((status.dropped, status.finished), (0, true));
    let file = dir.path().join("out.mp4");
    let report = finalize(&dir.path().join("live"), &file, Some(&ffmpeg())).unwrap();
    assert_eq!(decode_check(&ffmpeg(), &file).unwrap(), recorder::Decoded::Clean);
    let names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "nothing is left behind: {names:?}");
    let probed = probe(&file).unwrap();
    assert_eq!(Report { gaps: report.gaps.clone(), ..probed }, report);
    Recorded { _dir: dir, file, report }
}

/// As when a service is ended twice at the same moment, or when one machine took another for dead.
#[test]
fn two_that_make_the_same_file_at_once_both_have_all_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let (live, file) = (dir.path().join("live"), dir.path().join("out.mp4"));
    record(&live, &[mix(&[&video(VideoCodec::Vp8, "320x180", 2), &audio(2)])]);
    let whole = finalize(&live, &file, None).unwrap();
    std::thread::scope(|threads| {
        let makers: Vec<_> = (0..8)
            .map(|_| {
                threads.spawn(|| {
                    for _ in 0..10 {
                        assert_eq!(finalize(&live, &file, None).unwrap(), whole);
                    }
                })
            })
            .collect();
        for maker in makers {
            maker.join().unwrap();
        }
    });
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left behind");
}

fn pictures(frames: &[Frame]) -> usize {
    frames.iter().filter(|frame| frame.payload != Payload::Audio).count()
}

fn frames_of(recorded: &Recorded) -> usize {
    let counted: usize = ffprobe(&recorded.file, "v:0", "nb_read_packets")[0].parse().unwrap();
    assert_eq!(counted as u64, recorded.report.video.as_ref().unwrap().frames);
    counted
}

fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} is not {b} ± {tolerance}");
}

#[test]
fn every_codec_keeps_every_frame_and_its_sync() {
    for codec in [VideoCodec::H264, VideoCodec::Vp8, VideoCodec::Vp9] {
        // Sound begins 240 ms before the first picture, as it does in a browser.
        let picture = at(Duration::from_millis(1240), &video(codec, "320x180", 5));
        let sound = at(Duration::from_secs(1), &audio(5));
        let recorded = recorded(&[mix(&[&picture, &sound])]);
        assert_eq!(frames_of(&recorded), 150, "{codec}");
        close(seconds(&recorded.file, "v:0", "start_time"), 0.0, 0.001);
        close(seconds(&recorded.file, "a:0", "start_time"), 0.0, 0.001);
        close(seconds(&recorded.file, "v:0", "duration"), 5.0, 0.01);
        close(seconds(&recorded.file, "a:0", "duration"), 4.76, 0.03);
        assert_eq!(recorded.report.video.as_ref().unwrap().key_frames, 5);
        assert_eq!(recorded.report.gaps, []);
    }
}

#[test]
fn one_track_alone_is_recorded() {
    let picture = video(VideoCodec::H264, "320x180", 2);
    let only_video = recorded(std::slice::from_ref(&picture));
    assert_eq!(frames_of(&only_video), 60);
    assert_eq!(only_video.report.audio, None);
    let only_audio = recorded(&[audio(3)]);
    assert_eq!(only_audio.report.video, None);
    assert_eq!(only_audio.report.audio.as_ref().unwrap().packets, 150);
    close(seconds(&only_audio.file, "a:0", "duration"), 3.0, 0.001);
}

#[test]
fn shorter_than_a_fragment_is_recorded() {
    let picture = video(VideoCodec::H264, "320x180", 1);
    assert_eq!(frames_of(&recorded(&[picture[..1].to_vec()])), 1);
    assert_eq!(recorded(&[audio(1)[..3].to_vec()]).report.audio.unwrap().packets, 3);
}

#[test]
fn a_picture_that_comes_late_loses_no_sound() {
    let sound = audio(8);
    let picture = at(Duration::from_secs(5), &video(VideoCodec::H264, "320x180", 3));
    let recorded = recorded(&[mix(&[&sound, &picture])]);
    assert_eq!(frames_of(&recorded), 90);
    close(seconds(&recorded.file, "a:0", "duration"), 8.0, 0.03);
    close(seconds(&recorded.file, "v:0", "duration"), 8.0, 0.03);
}

#[test]
fn sound_that_comes_late_is_in_its_place() {
    let picture = video(VideoCodec::H264, "320x180", 6);
    let sound = at(Duration::from_millis(2500), &audio(3));
    let recorded = recorded(&[mix(&[&picture, &sound])]);
    assert_eq!(frames_of(&recorded), 180);
    close(seconds(&recorded.file, "a:0", "start_time"), 0.0, 0.001);
    close(seconds(&recorded.file, "a:0", "duration"), 5.5, 0.03);
    let silent_until = silence_end(&recorded.file);
    close(silent_until, 2.5, 0.06);
}

/// Where ffmpeg hears the first silence end.
fn silence_end(file: &std::path::Path) -> f64 {
    let file = file.to_str().unwrap();
    let filter = "silencedetect=noise=-50dB:duration=0.3,ametadata=print:file=-";
    let said =
        crate::common::run("ffmpeg", &["-v", "error", "-i", file, "-map", "0:a", "-af", filter, "-f", "null", "-"]);
    let said = String::from_utf8(said).unwrap();
    let end = said.lines().find_map(|line| line.strip_prefix("lavfi.silence_end=")).expect("a silence");
    end.parse().unwrap()
}

#[test]
fn sizes_change_within_one_file() {
    let small = video(VideoCodec::H264, "320x180", 2);
    let large = at(Duration::from_secs(2), &video(VideoCodec::H264, "640x360", 2));
    let middle = at(Duration::from_secs(4), &video(VideoCodec::H264, "480x270", 2));
    let recorded = recorded(&[mix(&[&small, &large, &middle, &audio(6)])]);
    assert_eq!(frames_of(&recorded), 180);
    let video = recorded.report.video.as_ref().unwrap();
    assert_eq!((video.width, video.height), (640, 360));
    let each = ["320x180", "480x270", "640x360"].map(|size| (size.to_owned(), 60));
    assert_eq!(sizes(&recorded.file), each.into());
    assert_eq!(configurations(&recorded.file), 1, "the pictures bring theirs");
    close(seconds(&recorded.file, "v:0", "duration"), 6.0, 0.01);
    close(seconds(&recorded.file, "a:0", "duration"), 6.0, 0.03);
}

#[test]
fn a_reconnect_is_one_recording_on_the_real_timeline() {
    let publisher = mix(&[&video(VideoCodec::H264, "320x180", 3), &audio(3)]);
    let later = at(Duration::from_secs(23), &publisher);
    let recorded = recorded(&[publisher, later]);
    assert_eq!(frames_of(&recorded), 180);
    close(seconds(&recorded.file, "v:0", "duration"), 26.0, 0.04);
    close(seconds(&recorded.file, "a:0", "duration"), 26.0, 0.04);
    let [gap] = recorded.report.gaps[..] else { panic!("{:?}", recorded.report.gaps) };
    close(gap.at.as_secs_f64(), 3.0, 0.1);
    close(gap.length.as_secs_f64(), 20.0, 0.1);
}

#[test]
fn a_takeover_with_another_codec_is_one_file() {
    let first = mix(&[&video(VideoCodec::Vp8, "320x180", 3), &audio(3)]);
    let second = mix(&[&video(VideoCodec::H264, "640x360", 5), &audio(5)]);
    let takeover = [first.clone(), at(Duration::from_secs(4), &second)];
    let recorded = recorded(&takeover);
    assert_eq!(frames_of(&recorded), pictures(&takeover.concat()));
    assert_eq!(recorded.report.video.as_ref().unwrap().codec, VideoCodec::H264);
    close(seconds(&recorded.file, "v:0", "duration"), 9.0, 0.04);

    // Towards VP8 and VP9 as well.
    for (most, least) in [(VideoCodec::Vp8, VideoCodec::Vp9), (VideoCodec::Vp9, VideoCodec::H264)] {
        let takeover = [video(most, "320x180", 3), at(Duration::from_secs(3), &video(least, "320x180", 1))];
        let recorded = self::recorded(&takeover);
        assert_eq!(frames_of(&recorded), 120);
        assert_eq!(recorded.report.video.as_ref().unwrap().codec, most);
    }
}

#[test]
fn mixed_codecs_without_ffmpeg_are_an_error_that_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let takeover =
        [video(VideoCodec::Vp8, "320x180", 1), at(Duration::from_secs(2), &video(VideoCodec::H264, "320x180", 1))];
    record(dir.path(), &takeover);
    let file = dir.path().join("out.mp4");
    let error = finalize(dir.path(), &file, None).unwrap_err();
    assert!(matches!(&error, FinalizeError::MixedCodecs(_)), "{error}");
    assert!(error.to_string().contains("VP8 and H.264"), "{error}");
    assert!(!file.exists());
    let missing = finalize(dir.path(), &file, Some("/nonexistent/ffmpeg".as_ref())).unwrap_err();
    assert!(matches!(&missing, FinalizeError::Transcode { .. }), "{missing}");
    assert_eq!(finalize(dir.path(), &file, Some(&ffmpeg())).unwrap().video.unwrap().frames, 60);
}

#[test]
fn lost_packets_do_not_shift_the_sound() {
    let sound: Vec<Frame> = audio(10).into_iter().enumerate().filter(|(n, _)| n % 50 != 7).map(|(_, f)| f).collect();
    let recorded = recorded(&[mix(&[&video(VideoCodec::Vp8, "320x180", 10), &sound])]);
    let audio = recorded.report.audio.as_ref().unwrap();
    assert_eq!(audio.packets, 500);
    close(audio.duration.as_secs_f64(), 10.0, 0.001);
}

#[test]
fn a_clock_that_was_set_back_squeezes_nothing() {
    let publisher = mix(&[&video(VideoCodec::H264, "320x180", 3), &audio(3)]);
    let recorded = recorded(&[at(Duration::from_secs(100), &publisher), at(Duration::from_secs(50), &publisher)]);
    assert_eq!(frames_of(&recorded), 180);
    close(seconds(&recorded.file, "v:0", "duration"), 6.0, 0.05);
    close(seconds(&recorded.file, "a:0", "duration"), 6.0, 0.05);
}

#[test]
fn nothing_recorded_is_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let error = finalize(&dir.path().join("none"), &dir.path().join("out.mp4"), None).unwrap_err();
    assert!(matches!(error, FinalizeError::Empty), "{error}");
}

#[test]
fn a_damaged_finished_file_does_not_pass() {
    let recorded = recorded(&[mix(&[&video(VideoCodec::H264, "320x180", 2), &audio(2)])]);
    let whole = std::fs::read(&recorded.file).unwrap();
    for length in [0, 7, 100, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&recorded.file, &whole[..length]).unwrap();
        probe(&recorded.file).unwrap_err();
    }
    let mdat = whole.windows(4).position(|window| window == b"mdat").unwrap();
    let mut zeroed = whole.clone();
    zeroed[mdat + 12..].fill(0);
    std::fs::write(&recorded.file, &zeroed).unwrap();
    probe(&recorded.file).unwrap_err();
    assert_ne!(decode_check(&ffmpeg(), &recorded.file).ok(), Some(recorder::Decoded::Clean));
}

/// Where no decoder is installed, a provider's copy is read by us alone, and providers make AAC of our Opus.
#[test]
fn a_file_that_a_provider_made_has_sound_too() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("provider.mp4");
    let picture = "testsrc2=size=320x180:rate=30:duration=2";
    let tone = "sine=frequency=440:sample_rate=48000:duration=2";
    let mut args = vec!["-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone];
    args.extend(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]);
    args.extend(["-movflags", "+faststart", file.to_str().unwrap()]);
    crate::common::run("ffmpeg", &args);
    let report = recorder::probe(&file).unwrap();
    assert_eq!(report.video.unwrap().frames, 60);
    let sound = report.audio.unwrap();
    assert!((sound.duration.as_secs_f64() - 2.0).abs() < 0.1, "{sound:?}");
}
