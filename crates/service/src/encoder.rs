//! Encoders that send to a provider by themselves: the address and the key that OBS needs.

use domain::{Route, StreamId, stream::Stream};

use crate::{
    Error, Everlight,
    cloud::{Ingest, LivePicture, in_words},
};

impl Everlight {
    /// Asked of the provider each time: the key is not stored here.
    pub(crate) async fn encoder_access(&self, stream: &Stream) -> Result<Option<Ingest>, Error> {
        let Some((host, object)) = self.encoder_host(stream).await? else { return Ok(None) };
        let ingest = host.ingest(&object).await;
        ingest.map(Some).map_err(|failure| Error::Invalid(in_words(host.provider(), &failure)))
    }

    /// A new key; whoever sends with the old one is cut.
    pub(crate) async fn rotate_encoder_key(&self, id: StreamId) -> Result<(), Error> {
        let Some(stream) = self.store.stream(id).await? else { return Ok(()) };
        let Some((host, object)) = self.encoder_host(&stream).await? else { return Ok(()) };
        let Some(live) = host.live() else { return Ok(()) };
        live.rotate(&object).await.map_err(|failure| Error::Invalid(in_words(host.provider(), &failure)))
    }

    /// Where a provider plays the live picture of a stream that it takes in, to those who watch it. Nowhere, if the service
    /// is private and the picture cannot be closed again there.
    pub(crate) async fn provider_hls(&self, stream: &Stream) -> Option<String> {
        if stream.facts.ended_at.is_some() {
            return None;
        }
        let (host, object) = self.encoder_host(stream).await.ok().flatten()?;
        match host.live()?.hls(&object).await {
            Ok(Some(LivePicture { hls, signed: true })) => host.sign(&hls, self.opened_until(stream), false),
            Ok(Some(LivePicture { hls, signed: false })) if !stream.privacy.is_private() => Some(hls),
            Ok(_) => None,
            Err(failure) => {
                tracing::warn!(stream.id = %stream.id, %failure, "where the live picture plays is not known");
                None
            }
        }
    }

    async fn encoder_host(
        &self,
        stream: &Stream,
    ) -> Result<Option<(std::sync::Arc<dyn crate::cloud::Host>, String)>, Error> {
        if stream.route != Route::Encoder {
            return Ok(None);
        }
        let Some(host) = self.cloud.live_host().cloned() else { return Ok(None) };
        let provisions = self.store.provisions_of(stream.id).await?;
        let object = provisions
            .into_iter()
            .find(|at| at.provider == host.provider())
            .and_then(|at| at.facts.object().map(str::to_owned));
        Ok(object.map(|object| (host, object)))
    }
}
