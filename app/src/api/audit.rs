//! The audit log, for administrators.

use domain::{audit::AuditEntry, deletion::BeingDeleted};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{ApiError, account::Moment};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The newest first.
    pub entries: Vec<(AuditEntry, Moment)>,
    /// What was deleted and is not gone everywhere yet; with when that was asked for.
    pub being_deleted: Vec<(BeingDeleted, Moment)>,
    /// With what the next page begins, if there may be one.
    pub next: Option<String>,
}

#[server]
pub async fn load_audit(before: Option<String>) -> Result<AuditPage, ApiError> {
    use super::request::{actor, everlight, set_status};
    let (everlight, actor) = (everlight(), actor()?);
    let entries =
        everlight.audit().page(&actor, before.as_deref()).await.map_err(ApiError::from).inspect_err(set_status)?;
    let being_deleted = match before {
        None => everlight.audit().being_deleted(&actor).await?,
        Some(_) => Vec::new(),
    };
    let being_deleted = being_deleted.into_iter().map(|deletion| {
        let moment = Moment::from(deletion.asked_at);
        (deletion, moment)
    });
    let full = entries.len() == service::audit::PAGE as usize;
    let next = entries.last().filter(|_| full).map(|last| last.id.clone());
    let entries = entries.into_iter().map(|entry| {
        let moment = Moment::from(entry.at);
        (entry, moment)
    });
    Ok(AuditPage { entries: entries.collect(), being_deleted: being_deleted.collect(), next })
}
