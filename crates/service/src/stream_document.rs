//! A stream as staff see it: everything that its card shows.

use domain::{
    Provider, StreamId,
    document::{CloudPlace, RecordingCopy, RecordingSources, StreamDocument},
    recording::{RecordingSource, RecordingStatus, Verdict},
    stream::{Stream, StreamState},
};

use store::Recording;

use crate::{Error, Everlight, cloud, system, time};

impl Everlight {
    pub(crate) async fn document(&self, stream: &Stream) -> Result<StreamDocument, Error> {
        let mut sources = RecordingSources::default();
        let mut preferred = None;
        let recordings = self.store.recordings_of(stream.id).await?;
        let stored = self.store.stored_files_of(stream.id).await?;
        for recording in &recordings {
            let storage = self.storage_words(recording, &stored).await;
            let copy = RecordingCopy { storage, ..self.copy(recording) };
            if domain::stream::is_playable(copy.status) {
                preferred.get_or_insert(recording.source);
            }
            let place = match recording.source {
                RecordingSource::Server => &mut sources.server,
                RecordingSource::Phone => &mut sources.phone,
                RecordingSource::Cloudflare => &mut sources.cloudflare,
                RecordingSource::Mux => &mut sources.mux,
            };
            *place = Some(copy);
        }
        let provisions = self.store.provisions_of(stream.id).await?;
        let object = |provider| {
            let at = provisions.iter().find(|provision| provision.provider == provider)?;
            at.facts.object().map(str::to_owned)
        };
        let takes_picture = |provider| {
            self.cloud.host(provider).is_some_and(|host| cloud::reconcile::takes_picture(stream, host.as_ref()))
        };
        let cloud = provisions
            .iter()
            .filter(|provision| takes_picture(provision.provider))
            .map(|provision| CloudPlace {
                provider: provision.provider,
                provision: provision.facts.state(),
                trouble: provision.facts.trouble().map(|trouble| trouble.reason.clone()),
            })
            .collect();
        let (facts, details) = (&stream.facts, &stream.details);
        let capabilities = stream.route.capabilities();
        Ok(StreamDocument {
            id: stream.id,
            memorial_id: stream.memorial_id,
            slug: stream.slug.clone(),
            title: details.title.as_str().to_owned(),
            description: details.description.as_str().to_owned(),
            scheduled_start_time: details.scheduled_start_time,
            scheduled_local: details.scheduled_start_time.and_then(|at| time::local(at, &details.time_zone)),
            planned_length: details.planned_length,
            time_zone: details.time_zone.clone(),
            status: facts.state(),
            feedback: facts.feedback.as_ref().map(|(_, feedback)| feedback.clone()),
            disk_warning: if facts.ended_at.is_none() { self.settings.space.words().map(str::to_owned) } else { None },
            failure: facts
                .failure()
                .filter(|_| facts.state() == StreamState::Failed)
                .map(system::in_words)
                .map(str::to_owned),
            streaming_method: details.method,
            route: stream.route,
            capabilities,
            whip_url: whip_path(stream.id),
            watch_url: format!("{}/watch/{}", self.settings.public_url, stream.slug),
            created_at: stream.created_at,
            live_started_at: facts.first_live_at,
            live_ended_at: facts.ended_at,
            recording_sources: sources,
            preferred_recording_source: preferred,
            rehearsal: self.store.rehearsal(stream.id).await?,
            simulcast_enabled: capabilities.simulcast && provisions.len() > 1,
            cloudflare_input_id: object(Provider::Cloudflare),
            mux_live_stream_id: object(Provider::Mux),
            cloud,
            kept_back: self.kept_back(stream, &provisions, &recordings),
            privacy: self.privacy_document(stream),
        })
    }

    fn copy(&self, recording: &Recording) -> RecordingCopy {
        let status = recording.facts.status();
        let address = || {
            let ours = || format!("/recordings/{}.mp4", recording.id);
            match &recording.facts.hosted {
                None => Some(ours()),
                Some((_, hosted)) if !hosted.signed => hosted.mp4.clone(),
                // It is opened anew to each who comes by this address.
                Some((_, hosted)) => hosted.mp4.as_ref().filter(|_| self.opens(recording.source)).map(|_| ours()),
            }
        };
        RecordingCopy {
            id: recording.id,
            status,
            url: domain::stream::is_playable(status).then(address).flatten(),
            proof: recording.facts.proof(),
            reason: match &recording.facts.checked {
                Some((_, Verdict::Missing { reason })) if status == RecordingStatus::Missing => Some(reason.clone()),
                _ => None,
            },
            cut: recording.cut,
            pending_cut: recording.facts.pending_cut().cloned(),
            storage: None,
        }
    }
}

pub(crate) fn whip_path(id: StreamId) -> String {
    format!("/whip/{id}")
}
