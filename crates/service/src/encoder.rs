//! Encoders that send to a provider by themselves: the address and the key that OBS needs.

use std::sync::Arc;

use domain::{Route, StreamId, stream::Stream};

use crate::{
    Error, Everlight,
    cloud::{Host, Ingest, in_words},
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

    async fn encoder_host(&self, stream: &Stream) -> Result<Option<(Arc<dyn Host>, String)>, Error> {
        if stream.route != Route::Encoder {
            return Ok(None);
        }
        self.live_object(stream).await
    }

    /// The provider that shows live pictures, and the stream's object there.
    pub(crate) async fn live_object(&self, stream: &Stream) -> Result<Option<(Arc<dyn Host>, String)>, Error> {
        let Some(host) = self.cloud.live_host().cloned() else { return Ok(None) };
        let provisions = self.store.provisions_of(stream.id).await?;
        let object = provisions
            .into_iter()
            .find(|at| at.provider == host.provider())
            .and_then(|at| at.facts.object().map(str::to_owned));
        Ok(object.map(|object| (host, object)))
    }
}
