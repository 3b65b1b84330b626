//! What the page shows: written by the studio in the browser, read by the views. On the server nothing writes.

use domain::rehearsal::{Arrived, Rehearsal};
use leptos::{html, prelude::*};

use super::{
    after::Delivery,
    choices::{Choices, Devices},
    guide::Browser,
    interruption::Interruption,
    rating::Rating,
    safety_copy::SafetyCopy,
    senses::Senses,
    state::State,
    truth::Truth,
};

/// What the link is for. Known once the server has seen the link's secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Of the person who is remembered.
    pub name: String,
    pub title: String,
    /// On air at the moment when the page was opened, by this phone before or by another.
    pub on_air: bool,
    /// On air, but nothing is arriving.
    pub waiting: bool,
}

/// The camera that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CameraView {
    /// It looks at the person: they expect to see themselves as in a mirror.
    pub front: bool,
    /// There is another one.
    pub flippable: bool,
    pub flipping: bool,
}

/// How a rehearsal goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RehearsalView {
    #[default]
    Measuring,
    Connecting,
    Sending {
        /// So many seconds are left.
        left: u32,
    },
    Fetching,
    Done {
        rehearsal: Rehearsal,
        arrived: Arrived,
        /// What the uplink carries, in bits a second.
        uplink: u64,
        /// Of what was recorded; `None` where it could not be fetched.
        playback: Option<String>,
    },
    /// The server could not be asked.
    Failed,
}

#[derive(Debug, Clone, Copy)]
pub struct Signals {
    pub state: RwSignal<State>,
    /// Milliseconds since the Unix epoch, every second while on air.
    pub now: RwSignal<u64>,
    pub service: RwSignal<Option<Service>>,
    /// Until then the buttons do nothing.
    pub ready: RwSignal<bool>,
    pub preview: NodeRef<html::Video>,
    pub browser: RwSignal<Option<Browser>>,
    /// The whole link, with its secret, to be opened elsewhere.
    pub link: RwSignal<String>,
    /// The browser has not answered about the camera for a while.
    pub hanging: RwSignal<bool>,
    pub camera: RwSignal<CameraView>,
    pub choices: RwSignal<Choices>,
    pub devices: RwSignal<Devices>,
    pub muted: RwSignal<bool>,
    /// How loud it is, from 0 to 100.
    pub level: RwSignal<u8>,
    pub interruption: RwSignal<Option<Interruption>>,
    pub senses: RwSignal<Senses>,
    /// Whether the screen stays on; `None` while that is not known.
    pub screen_stays_on: RwSignal<Option<bool>>,
    pub truth: RwSignal<Option<Truth>>,
    pub safety_copy: RwSignal<SafetyCopy>,
    /// Bytes that may still be stored on this phone.
    pub free: RwSignal<Option<u64>>,
    pub delivery: RwSignal<Delivery>,
    /// This phone is on mobile data, as far as the browser tells.
    pub mobile_data: RwSignal<bool>,
    pub rating: RwSignal<Rating>,
    pub rehearsal: RwSignal<RehearsalView>,
}

impl Signals {
    pub fn new() -> Self {
        Self {
            state: RwSignal::new(State::Idle),
            now: RwSignal::new(0),
            service: RwSignal::new(None),
            ready: RwSignal::new(false),
            preview: NodeRef::new(),
            browser: RwSignal::new(None),
            link: RwSignal::default(),
            hanging: RwSignal::new(false),
            camera: RwSignal::default(),
            choices: RwSignal::default(),
            devices: RwSignal::default(),
            muted: RwSignal::new(false),
            level: RwSignal::new(0),
            interruption: RwSignal::new(None),
            senses: RwSignal::default(),
            screen_stays_on: RwSignal::new(None),
            truth: RwSignal::new(None),
            safety_copy: RwSignal::default(),
            free: RwSignal::new(None),
            delivery: RwSignal::default(),
            mobile_data: RwSignal::new(false),
            rating: RwSignal::default(),
            rehearsal: RwSignal::default(),
        }
    }
}

impl Default for Signals {
    fn default() -> Self {
        Self::new()
    }
}
