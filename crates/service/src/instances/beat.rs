//! Being there: an instance says so every second, and sees by it who else is.

use std::sync::{Arc, atomic::Ordering};

use domain::hosting::BEAT;
use store::Store;

use super::Instances;
use crate::{Error, Everlight};

impl Everlight {
    /// Before anything else: it is there, and knows who is.
    pub async fn join(&self) -> Result<(), Error> {
        let Some(instances) = &self.instances else { return Ok(()) };
        self.store.register_instance(instances.me, &instances.address).await?;
        tracing::info!(instance = %instances.me, address = instances.address, "this is one of several instances");
        look_around(&self.store, instances).await
    }

    /// Runs for as long as the program, and does nothing else: a beat that comes late costs this instance its streams.
    pub async fn beat_forever(self: Arc<Self>) {
        let Some(instances) = &self.instances else { return };
        let mut store = None;
        let mut ticks = tokio::time::interval(BEAT);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if instances.leaving.load(Ordering::SeqCst) {
                return;
            }
            let beat = async {
                let store = match &mut store {
                    Some(store) => store,
                    none => none.insert(self.store.apart(&instances.database_url).await?),
                };
                store.beat(instances.me, &instances.address).await?;
                look_around(store, instances).await
            };
            if let Err(error) = beat.await {
                // The others hear nothing of us either; who is there is what was known last.
                tracing::error!(%error, "this instance could not say that it is there");
            }
        }
    }

    /// The last thing: what it had is for the others at once.
    pub(crate) async fn leave(&self) {
        let Some(instances) = &self.instances else { return };
        instances.leaving.store(true, Ordering::SeqCst);
        if let Err(error) = self.store.forget_instance(instances.me).await {
            tracing::warn!(%error, "this instance could not say that it leaves; the others see it soon");
        }
    }
}

async fn look_around(store: &Store, instances: &Instances) -> Result<(), Error> {
    instances.know(store.instances().await?);
    Ok(())
}
