//! What the gateway tells becomes facts of streams.

use std::sync::Arc;

use domain::{recording::RecordingEvent, stream::StreamEvent};
use media::MediaEvent;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::{Error, Everlight};

/// Follows the gateway until it stops.
pub async fn follow(everlight: Arc<Everlight>, mut events: UnboundedReceiver<MediaEvent>) {
    while let Some(event) = events.recv().await {
        tracing::debug!(?event, "gateway");
        if let Err(error) = everlight.gateway_says(&event).await {
            // The next event of this stream, or the look at it after a restart, makes up for it.
            tracing::error!(?event, %error, "an event of the gateway could not be stored");
        }
    }
}

impl Everlight {
    async fn gateway_says(&self, event: &MediaEvent) -> Result<(), Error> {
        let at = self.now();
        // A stream that another instance took is not lost when we let go of it.
        if let MediaEvent::Flowing { stream, .. } | MediaEvent::Lost { stream, .. } = event
            && !self.rehearsing.is_rehearsal(*stream)
            && self.is_elsewhere(*stream).await?
        {
            return Ok(());
        }
        match event {
            MediaEvent::Flowing { stream, over_tcp } if self.rehearsing.is_rehearsal(*stream) => {
                self.rehearsing.came(*stream, *over_tcp);
            }
            MediaEvent::Lost { stream, .. } if self.rehearsing.is_rehearsal(*stream) => {}
            MediaEvent::Flowing { stream, .. } => {
                self.happened(*stream, &StreamEvent::MediaFlowing { at }).await?;
                let master = self.master(*stream).await?;
                self.recording_happened(&master, &RecordingEvent::Capturing { at }).await?;
            }
            MediaEvent::Lost { stream, .. } => {
                self.happened(*stream, &StreamEvent::MediaLost { at }).await?;
            }
            MediaEvent::SessionClosed { stream, session, .. } => {
                self.sessions.remove(*session);
                self.turns.closed(*stream, *session);
            }
            MediaEvent::ViewerLeft { session, .. } => self.sessions.remove(*session),
            MediaEvent::Connected { stream, session } => self.turns.connected(*stream, *session),
            MediaEvent::ViewerJoined { .. } => {}
        }
        Ok(())
    }
}
