//! Mux Video as a [`Host`].

use std::{collections::BTreeSet, path::PathBuf};

use domain::{
    Provider, Timestamp,
    deletion::{Thing, ThingKind},
};
use mux::{Asset, AssetStatus, Client, NewLiveStream, NewUpload, Policy};

use super::{
    Call, Failure, Host, HostedCopy, HostedState, Ingest, Mark, Order,
    cloudflare::{answers_404, seconds},
};

#[derive(Debug)]
pub struct MuxHost {
    client: Client,
}

impl MuxHost {
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    /// Everything plays with a token only where there is a key for tokens: a service may become private later.
    fn policy(&self) -> Policy {
        if self.client.signs() { Policy::Signed } else { Policy::Public }
    }

    /// The MP4 of a finished recording; asked for where none is being made.
    async fn copy(&self, asset: Asset) -> Result<HostedCopy, Failure> {
        let state = match &asset.status {
            AssetStatus::Errored => HostedState::Broken,
            _ if asset.is_recording_ready() => HostedState::Ready,
            _ => HostedState::Processing,
        };
        let first = asset.playback_ids.first();
        let (playback, signed) =
            (first.map(|playback| &playback.id), first.is_some_and(|playback| playback.policy != Policy::Public));
        let mut mp4 = None;
        if state == HostedState::Ready {
            match asset.mp4() {
                Some(rendition) => mp4 = playback.map(|id| self.client.rendition_url(id, &rendition.name)),
                None if asset.static_renditions.is_empty() => self.client.create_static_rendition(&asset.id).await?,
                None => {}
            }
        }
        let hls = playback.map(|id| self.client.playback(id).hls);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "milliseconds of a service, checked to be positive"
        )]
        let duration_ms =
            asset.duration.filter(|seconds| *seconds > 0.0).map_or(0, |seconds| (seconds * 1000.0) as u64);
        Ok(HostedCopy { id: asset.id, state, duration_ms, mp4, hls, signed })
    }

    async fn live_streams(&self, mark: &Mark) -> Result<Vec<String>, Failure> {
        let mark = mark.to_string();
        let all = self.client.live_streams().await?;
        Ok(all
            .into_iter()
            .filter(|stream| stream.passthrough.as_deref() == Some(&mark))
            .map(|stream| stream.id)
            .collect())
    }

    async fn assets(&self, mark: &Mark, streams: &[String]) -> Result<Vec<String>, Failure> {
        let mut assets = self.client.assets_by_passthrough(&mark.to_string()).await?;
        for stream in streams {
            assets.extend(self.client.assets_of(stream).await?);
        }
        let mut ids: Vec<_> = assets.into_iter().map(|asset| asset.id).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }
}

impl Host for MuxHost {
    fn provider(&self) -> Provider {
        Provider::Mux
    }

    fn signs(&self) -> bool {
        self.client.signs()
    }

    fn sign(&self, address: &str, until: Timestamp, keep: bool) -> Option<String> {
        let signed = self.client.signed(address, seconds(until))?;
        Some(if keep { format!("{signed}&download=memorial-service.mp4") } else { signed })
    }

    fn create<'a>(&'a self, order: &'a Order) -> Call<'a, String> {
        Box::pin(async move {
            let new = NewLiveStream {
                passthrough: order.mark.to_string(),
                title: order.title.clone(),
                reconnect_window: super::cloudflare::RECONNECT_SECONDS,
                policy: self.policy(),
                mp4: true,
                test: false,
            };
            Ok(self.client.create_live_stream(&new).await?.id)
        })
    }

    fn find<'a>(&'a self, mark: &'a Mark) -> Call<'a, Vec<String>> {
        Box::pin(self.live_streams(mark))
    }

    fn remove_object<'a>(&'a self, object: &'a str) -> Call<'a, ()> {
        Box::pin(self.client.delete_live_stream(object))
    }

    fn held<'a>(&'a self, mark: &'a Mark, known: Option<&'a str>) -> Call<'a, BTreeSet<Thing>> {
        Box::pin(async move {
            let mut streams = self.live_streams(mark).await?;
            let there = streams.clone();
            streams.extend(known.map(str::to_owned).filter(|known| !streams.contains(known)));
            // Assets can still be found by the id of a live stream that is gone.
            let assets = self.assets(mark, &streams).await?;
            let things = there.into_iter().map(|id| (ThingKind::Object, id));
            let things = things.chain(assets.into_iter().map(|id| (ThingKind::Copy, id)));
            Ok(things.map(|(kind, id)| Thing { kind, id }).collect())
        })
    }

    fn delete<'a>(&'a self, thing: &'a Thing) -> Call<'a, ()> {
        Box::pin(async move {
            match thing.kind {
                ThingKind::Object => self.client.delete_live_stream(&thing.id).await,
                ThingKind::Copy => self.client.delete_asset(&thing.id).await,
                ThingKind::File => Ok(()),
            }
        })
    }

    fn is_gone<'a>(&'a self, thing: &'a Thing) -> Call<'a, bool> {
        Box::pin(async move {
            match thing.kind {
                ThingKind::Object => answers_404(self.client.live_stream(&thing.id).await.map(drop)),
                ThingKind::Copy => answers_404(self.client.asset(&thing.id).await.map(drop)),
                ThingKind::File => Ok(true),
            }
        })
    }

    fn ingest<'a>(&'a self, object: &'a str) -> Call<'a, Ingest> {
        Box::pin(async move {
            let key = self.client.live_stream(object).await?.stream_key;
            let url = self.client.ingest_url().parse().map_err(|error: push::IngestUrlError| Failure::NotSent {
                call: outbound::Call { provider: "Mux", what: "send the picture" },
                why: error.to_string(),
            })?;
            Ok(Ingest { url, key })
        })
    }

    fn retire<'a>(&'a self, object: &'a str) -> Call<'a, ()> {
        Box::pin(async move {
            // Completing ends the recording now instead of after the reconnect window; whoever is still connected could
            // begin another one, so the stream is disabled as well.
            for done in [self.client.complete(object).await, self.client.disable(object).await] {
                match done {
                    Err(failure) if !failure.is_not_found() => return Err(failure),
                    _ => {}
                }
            }
            Ok(())
        })
    }

    fn copies<'a>(&'a self, object: Option<&'a str>, uploaded: Option<&'a str>) -> Call<'a, Vec<HostedCopy>> {
        Box::pin(async move {
            let mut assets = match object {
                Some(object) => self.client.assets_of(object).await?,
                None => Vec::new(),
            };
            if let Some(uploaded) = uploaded {
                match self.client.asset(uploaded).await {
                    Ok(asset) => assets.push(asset),
                    Err(failure) if failure.is_not_found() => {}
                    Err(failure) => return Err(failure),
                }
            }
            let mut copies = Vec::new();
            for asset in assets {
                copies.push(self.copy(asset).await?);
            }
            Ok(copies)
        })
    }

    fn find_upload<'a>(&'a self, mark: &'a Mark) -> Call<'a, Option<String>> {
        Box::pin(async move {
            let found = self.client.assets_by_passthrough(&mark.to_string()).await?;
            let uploaded = |asset: &Asset| asset.live_stream_id.is_none() && asset.status != AssetStatus::Errored;
            Ok(found.into_iter().find(uploaded).map(|asset| asset.id))
        })
    }

    fn upload<'a>(&'a self, order: &'a Order, file: PathBuf) -> Call<'a, String> {
        Box::pin(async move {
            let new = NewUpload {
                passthrough: order.mark.to_string(),
                title: order.title.clone(),
                policy: self.policy(),
                mp4: true,
                test: false,
            };
            self.client.upload(&file, &new).await
        })
    }

    fn all<'a>(&'a self, installation: &'a str) -> Call<'a, Vec<(Mark, String)>> {
        Box::pin(async move {
            let marked = self.client.live_streams().await?.into_iter().filter_map(|stream| {
                let mark: Mark = stream.passthrough.as_deref()?.parse().ok()?;
                (mark.installation == installation).then_some((mark, stream.id))
            });
            Ok(marked.collect())
        })
    }
}
