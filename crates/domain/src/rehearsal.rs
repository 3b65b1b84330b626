//! A rehearsal: the phone sends for some seconds over the real path, to a recording that is thrown away.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Something worth saying about a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remark {
    NothingArrived,
    NoPicture,
    NoSound,
    /// So little got through that the picture would stand still.
    VeryWeakConnection,
    WeakConnection,
    /// The network lets no UDP through: the picture takes a detour, on which it may stop now and then.
    NoUdp,
    /// The camera sees next to no light.
    Dark,
    /// The microphone hears nothing.
    Silent,
    /// The screen may switch itself off.
    ScreenMaySleep,
    /// The phone has no room for a safety copy, or cannot make one.
    NoSafetyCopy,
    /// Room for less than two hours.
    LittleStorage,
    BatteryLow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RehearsalVerdict {
    Ready,
    ReadyBut,
    NotReady,
}

/// The latest rehearsal of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rehearsal {
    pub at: Timestamp,
    pub verdict: RehearsalVerdict,
    pub remarks: Vec<Remark>,
}

impl Remark {
    /// Whether a service cannot be filmed like this.
    pub const fn is_severe(self) -> bool {
        matches!(self, Self::NothingArrived | Self::NoPicture | Self::NoSound | Self::VeryWeakConnection)
    }
}

impl Rehearsal {
    /// Severe remarks come first, each is there once.
    pub fn new(at: Timestamp, mut remarks: Vec<Remark>) -> Self {
        remarks.sort_unstable();
        remarks.dedup();
        let verdict = match remarks.first() {
            None => RehearsalVerdict::Ready,
            Some(_) if remarks.iter().any(|remark| remark.is_severe()) => RehearsalVerdict::NotReady,
            Some(_) => RehearsalVerdict::ReadyBut,
        };
        Self { at, verdict, remarks }
    }
}

/// What the server saw of a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Arrived {
    pub duration_ms: u64,
    pub pictures: u64,
    pub sounds: u64,
    pub bytes: u64,
    /// It came by TCP, which is for networks that let no UDP through.
    pub over_tcp: bool,
}

/// Below this, in bits a second, there is no picture worth sending.
const VERY_WEAK: u64 = 400_000;
/// Below this the picture is not sharp.
const WEAK: u64 = 1_500_000;

impl Arrived {
    pub fn remarks(self) -> Vec<Remark> {
        if self.pictures == 0 && self.sounds == 0 {
            return vec![Remark::NothingArrived];
        }
        let mut remarks = Vec::new();
        remarks.extend((self.pictures == 0).then_some(Remark::NoPicture));
        remarks.extend((self.sounds == 0).then_some(Remark::NoSound));
        remarks.extend(self.over_tcp.then_some(Remark::NoUdp));
        remarks
    }
}

/// What to say of an uplink that carries so many bits a second, as measured with bytes of no meaning: how much a picture
/// takes depends on what is in it, and says little.
pub const fn uplink_remark(bits_per_second: u64) -> Option<Remark> {
    match bits_per_second {
        0..VERY_WEAK => Some(Remark::VeryWeakConnection),
        VERY_WEAK..WEAK => Some(Remark::WeakConnection),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrived(pictures: u64, sounds: u64) -> Vec<Remark> {
        Arrived { duration_ms: 10_000, pictures, sounds, bytes: 1, over_tcp: false }.remarks()
    }

    #[test]
    fn the_verdict_follows_the_worst_remark() {
        let verdict = |remarks: &[Remark]| Rehearsal::new(Timestamp(0), remarks.to_vec()).verdict;
        assert_eq!(verdict(&[]), RehearsalVerdict::Ready);
        assert_eq!(verdict(&[Remark::Dark, Remark::BatteryLow]), RehearsalVerdict::ReadyBut);
        assert_eq!(verdict(&[Remark::Dark, Remark::NoSound]), RehearsalVerdict::NotReady);
        let twice = Rehearsal::new(Timestamp(0), vec![Remark::Dark, Remark::NoSound, Remark::Dark]);
        assert_eq!(twice.remarks, [Remark::NoSound, Remark::Dark]);
    }

    #[test]
    fn what_arrived_is_judged() {
        assert_eq!(arrived(0, 0), [Remark::NothingArrived]);
        assert_eq!(arrived(300, 500), []);
        assert_eq!(arrived(300, 0), [Remark::NoSound]);
        assert_eq!(arrived(0, 500), [Remark::NoPicture]);
        let detour = Arrived { duration_ms: 10_000, pictures: 300, sounds: 500, bytes: 1, over_tcp: true };
        assert_eq!(detour.remarks(), [Remark::NoUdp]);
        assert_eq!(Rehearsal::new(Timestamp(0), detour.remarks()).verdict, RehearsalVerdict::ReadyBut);
        assert_eq!(uplink_remark(100_000), Some(Remark::VeryWeakConnection));
        assert_eq!(uplink_remark(1_000_000), Some(Remark::WeakConnection));
        assert_eq!(uplink_remark(3_000_000), None);
    }
}
