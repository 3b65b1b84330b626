//! What is written down for good: who did what, to what, and when. Never a secret, never what somebody typed as one.

use serde::{Deserialize, Serialize};

use crate::{MemorialId, Timestamp};

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Sorts by time, and is what the next page begins after.
    pub id: String,
    pub at: Timestamp,
    /// An e-mail address, a program's name, or who else it was.
    pub who: String,
    pub deed: Deed,
    /// In words: the memorial, the service, the person it was done to.
    pub what: String,
    /// The memorial that it belongs to, where there is one. What was written before this was kept has none.
    #[serde(default)]
    pub memorial: Option<MemorialId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    SetUp,
    AccountMade,
    SignedIn,
    SignInFailed,
    SecondStepOn,
    SecondStepOff,
    SecondStepFailed,
    SignedOut,
    SessionEnded,
    PasswordChanged,
    PasswordReset,
    HomeCreated,
    HomeRenamed,
    Invited,
    InvitationShown,
    InvitationWithdrawn,
    InvitationAccepted,
    PersonRemoved,
    FamilyRemoved,
    MemorialCreated,
    MemorialEdited,
    MemorialArchived,
    MemorialRestored,
    MemorialDeleted,
    MemorialExported,
    PortraitGiven,
    PortraitRemoved,
    StreamCreated,
    StreamEdited,
    StreamEnded,
    StreamDeleted,
    /// The receipt of a deletion: each copy was seen to be gone.
    DeletionProven,
    LinkShown,
    LinkReplaced,
    RecordingDownloaded,
    RecordingShown,
    RecordingHidden,
    RecordingCut,
    LastDayChanged,
    TokenMade,
    TokenRevoked,
}
