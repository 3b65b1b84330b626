//! What the person may choose under "More", for those who know better than the page. Remembered on the phone, as words.

use super::interruption::Lost;
use super::words::Word;

/// How the microphone is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sound {
    /// As the room gives it: what browsers do for calls harms music and a distant voice.
    #[default]
    Music,
    /// Echo, noise and loudness evened out, for somebody who speaks close to the phone.
    Voice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quality {
    #[default]
    Good,
    SavesData,
}

/// What a picture is like, and how many bits a second it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    pub width: u16,
    pub height: u16,
    pub rate: u8,
    pub bitrate: u32,
}

impl Quality {
    /// What 720p at 30 frames needs to look calm, and what H.264 level 3.1 allows; or a quarter of it. A weak uplink gets
    /// less by itself.
    pub const fn picture(self) -> Picture {
        match self {
            Self::Good => Picture { width: 1280, height: 720, rate: 30, bitrate: 2_500_000 },
            Self::SavesData => Picture { width: 640, height: 360, rate: 24, bitrate: 600_000 },
        }
    }

    /// What an hour of sending takes, sound included; the safety copy takes it once more.
    pub const fn an_hour(self) -> Word {
        match self {
            Self::Good => Word::GoodAnHour,
            Self::SavesData => Word::SavesDataAnHour,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// The browser's id of a camera; `None`: that which looks away from the person.
    pub camera: Option<String>,
    /// `None`: that which the phone takes by itself.
    pub microphone: Option<String>,
    pub sound: Sound,
    pub quality: Quality,
}

impl Choices {
    /// As it is remembered: a line each, of a name and a word.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, word: Option<&str>| {
            if let Some(word) = word {
                text.extend([name, " ", word, "\n"]);
            }
        };
        line("camera", self.camera.as_deref());
        line("microphone", self.microphone.as_deref());
        line("sound", (self.sound == Sound::Voice).then_some("voice"));
        line("quality", (self.quality == Quality::SavesData).then_some("saves-data"));
        text
    }

    /// Whatever is not understood is as if it had not been chosen.
    pub fn from_text(text: &str) -> Self {
        let mut choices = Self::default();
        for (name, word) in text.lines().filter_map(|line| line.split_once(' ')) {
            match (name, word) {
                ("camera", id) if !id.is_empty() => choices.camera = Some(id.to_owned()),
                ("microphone", id) if !id.is_empty() => choices.microphone = Some(id.to_owned()),
                ("sound", "voice") => choices.sound = Sound::Voice,
                ("quality", "saves-data") => choices.quality = Quality::SavesData,
                _ => {}
            }
        }
        choices
    }
}

/// A camera or a microphone, as the browser tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub id: String,
    pub label: String,
}

/// What there is, and what is open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Devices {
    pub cameras: Vec<Device>,
    pub microphones: Vec<Device>,
    /// Ids of those that are open.
    pub camera: String,
    pub microphone: String,
}

impl Devices {
    /// Of two lists, one after the other: what is open and was taken away, such as a headset. `None` where the browser does
    /// not tell; some say that something has changed when nothing has.
    pub fn lost_since(&self, before: &Self) -> Option<Lost> {
        if self.cameras.is_empty() && self.microphones.is_empty() {
            return None;
        }
        let holds = |list: &[Device], id: &str| list.iter().any(|device| device.id == id);
        let gone = |before: &[Device], now: &[Device], open: &str| holds(before, open) && !holds(now, open);
        if gone(&before.cameras, &self.cameras, &self.camera) {
            Some(Lost::Camera)
        } else if gone(&before.microphones, &self.microphones, &self.microphone) {
            Some(Lost::Microphone)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn devices(cameras: &[&str], microphones: &[&str]) -> Devices {
        let list = |ids: &[&str]| ids.iter().map(|id| Device { id: (*id).into(), label: String::new() }).collect();
        let (cameras, microphones) = (list(cameras), list(microphones));
        Devices { cameras, microphones, camera: "back".into(), microphone: "headset".into() }
    }

    #[test]
    fn what_is_open_and_was_taken_away_is_lost() {
        let before = devices(&["back", "front"], &["inside", "headset"]);
        for (cameras, microphones, lost) in [
            (["back", "front"].as_slice(), ["inside", "headset"].as_slice(), None),
            (&["back"], &["inside", "headset", "another"], None),
            (&["back", "front"], &["inside"], Some(Lost::Microphone)),
            (&["back", "front"], &[], Some(Lost::Microphone)),
            (&["front"], &["inside"], Some(Lost::Camera)),
            (&[], &[], None),
        ] {
            assert_eq!(devices(cameras, microphones).lost_since(&before), lost, "{cameras:?} {microphones:?}");
        }
        let untold = devices(&["", ""], &[""]);
        assert_eq!(untold.lost_since(&untold), None);
        assert_eq!(devices(&["front"], &["inside"]).lost_since(&untold), None, "it was never known to be there");
    }

    #[test]
    fn what_was_chosen_is_read_again() {
        for sound in [Sound::Music, Sound::Voice] {
            for quality in [Quality::Good, Quality::SavesData] {
                for id in [None, Some("a 1b+/=".to_owned())] {
                    let choices = Choices { camera: id.clone(), microphone: id, sound, quality };
                    assert_eq!(Choices::from_text(&choices.to_text()), choices);
                }
            }
        }
        assert_eq!(Choices::default().to_text(), "", "nothing chosen is nothing to remember");
    }

    #[test]
    fn what_is_not_understood_was_not_chosen() {
        assert_eq!(Choices::from_text("camera \nsound shrill\nquality\n\n\u{0} x y"), Choices::default());
    }

    #[test]
    fn saving_data_saves_it() {
        let [good, saving] = [Quality::Good, Quality::SavesData].map(|quality| quality.picture().bitrate);
        assert!(saving * 4 <= good);
    }
}
