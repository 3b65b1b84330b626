//! Hashing and matching passwords.

use std::sync::Arc;

use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _};
use domain::Password;
use tokio::sync::Semaphore;

use crate::Error;

/// Argon2id with the parameters of the OWASP cheat sheet (19 MiB, 2 passes: the crate's defaults), a few at a time:
/// each takes 19 MiB.
#[derive(Debug)]
pub struct PasswordHasher {
    at_once: Arc<Semaphore>,
}

impl Default for PasswordHasher {
    fn default() -> Self {
        Self { at_once: Arc::new(Semaphore::new(2)) }
    }
}

impl PasswordHasher {
    pub(crate) async fn hash(&self, password: Password) -> Result<String, Error> {
        self.run(move || Argon2::default().hash_password(password.expose().as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|error| Error::Internal(format!("password hash: {error}")))
    }

    /// Whether the password matches. Without a hash the same work is done in vain and the answer is no.
    pub(crate) async fn verify(&self, hash: Option<String>, password: String) -> Result<bool, Error> {
        self.run(move || match hash {
            Some(hash) => PasswordHash::new(&hash)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()),
            None => {
                let _ = Argon2::default().hash_password(password.as_bytes());
                false
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let stopped = |_| Error::Internal("password hashing stopped".into());
        let permit = Arc::clone(&self.at_once)
            .acquire_owned()
            .await
            .map_err(|_| Error::Internal("password hashing stopped".into()))?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
        .map_err(stopped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_matched_and_an_unknown_person_never_is() {
        let hasher = PasswordHasher::default();
        let hash = hasher.hash(Password::parse("correct horse battery".into()).unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.verify(Some(hash.clone()), "correct horse battery".into()).await.unwrap());
        assert!(!hasher.verify(Some(hash), "correct horse".into()).await.unwrap());
        assert!(!hasher.verify(None, "correct horse battery".into()).await.unwrap());
        assert!(!hasher.verify(Some("not a hash".into()), String::new()).await.unwrap());
    }
}
