//! Why a use case could not be carried out.

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("nobody is signed in")]
    SignedOut,
    #[error("there is no such thing, or not for this person")]
    NotFound,
    /// They may see it, and not do this; a sentence for them.
    #[error("{0}")]
    Forbidden(&'static str),
    /// What was typed cannot be; a sentence for the person who typed it.
    #[error("{0}")]
    Invalid(String),
    /// Mourners: the link is right, and a passcode is asked for besides.
    #[error("a passcode is needed")]
    PasscodeNeeded,
    /// Mourners: it was here, and is not shown any more.
    #[error("it is not shown any more")]
    NoLongerShown,
    #[error("too many attempts")]
    TooMany,
    /// Somebody who guesses waits this long, in seconds.
    #[error("too many attempts")]
    Wait(u64),
    /// Several instances: it is to be done by the one that has the stream, and not by this one.
    #[error("another instance has this stream")]
    Elsewhere,
    #[error(transparent)]
    Store(#[from] store::StoreError),
    #[error("media: {0}")]
    Media(String),
    #[error("{0}")]
    Internal(String),
}

impl From<domain::account::InvalidAccount> for Error {
    fn from(error: domain::account::InvalidAccount) -> Self {
        Self::Invalid(error.to_string())
    }
}

impl From<domain::memorial::InvalidMemorial> for Error {
    fn from(error: domain::memorial::InvalidMemorial) -> Self {
        Self::Invalid(error.to_string())
    }
}

impl From<domain::privacy::InvalidPasscode> for Error {
    fn from(error: domain::privacy::InvalidPasscode) -> Self {
        Self::Invalid(error.to_string())
    }
}

impl From<domain::stream::InvalidStream> for Error {
    fn from(error: domain::stream::InvalidStream) -> Self {
        Self::Invalid(error.to_string())
    }
}
