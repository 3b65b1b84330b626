//! Pieces that pages share.

pub mod backup_field;
pub mod browser_streamer;
pub mod copy_field;
pub mod create_stream_modal;
pub mod edit_stream_modal;
pub mod family;
pub mod form;
pub mod header;
pub mod memorial_modal;
pub mod modal;
pub mod moment;
pub mod numbers;
pub mod people;
pub mod portrait;
pub mod privacy_fields;
pub mod second_step;
#[cfg(feature = "hydrate")]
mod server_events;
pub mod stream_card;
pub mod stream_fields;
pub mod today_board;
pub mod words;
pub mod zone_field;
