//! In place of [`crate::browser::studio`] where there is no browser: nothing to do, but the same shape, so that the view is
//! rendered alike.

use leptos::{html, prelude::*};

use super::{
    Service,
    state::{Event, State},
};

#[derive(Debug, Clone, Copy)]
pub struct Studio;

#[derive(Debug, Clone, Copy)]
pub struct Signals {
    pub state: RwSignal<State>,
    pub now: RwSignal<u64>,
    pub service: RwSignal<Option<Service>>,
    pub ready: RwSignal<bool>,
    pub preview: NodeRef<html::Video>,
}

impl Studio {
    pub fn new(_stream_id: String, _signals: Signals) -> Self {
        Self
    }

    pub fn send(self, _event: Event) {}
}
