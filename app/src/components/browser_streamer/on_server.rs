//! In place of [`crate::browser::studio`] where there is no browser: nothing to do, but the same shape, so that the view is
//! rendered alike.

use domain::feedback::Stars;

use super::{choices::Choices, signals::Signals, state::Event};

#[derive(Debug, Clone, Copy)]
pub struct Studio;

impl Studio {
    pub fn new(_stream_id: String, _signals: Signals) -> Self {
        Self
    }

    pub fn send(self, _event: Event) {}

    pub fn flip(self) {}

    pub fn toggle_mute(self) {}

    pub fn resume(self) {}

    pub fn choose(self, _choices: Choices) {}

    pub fn rate(self, _stars: Stars, _remarks: String) {}

    pub fn keep_copy(self, _wanted: bool) {}
}
