//! The object storage, as recordings use it: a small object is written, read, listed and deleted.

use objects::{Objects, ObjectsError, Trial};

use super::report::{Finding, Verdict};
use crate::config::StorageConfig;

const CHECK: &str = "object storage";

pub async fn storage(config: &StorageConfig) -> Finding {
    let place = &config.place;
    let tried = match Objects::new(place) {
        Ok(objects) => objects.try_out(&format!("doctor-{}", std::process::id())).await,
        Err(error) => Err((Trial::Write, error)),
    };
    match tried {
        Ok(()) if place.access.endpoint.as_deref().is_some_and(is_open_to_others) => Verdict::Notice.of(
            CHECK,
            format!(
                "{} takes what is written and gives it back. It is reached without TLS: recordings can be seen on the way.",
                place.address
            ),
        ),
        Ok(()) => Verdict::Good.of(CHECK, format!("{} takes what is written and gives it back.", place.address)),
        Err((step, error)) => Verdict::Bad.of(CHECK, words(step, &error)),
    }
}

/// An access, and no recordings that go there.
pub fn for_backups_only() -> Finding {
    Verdict::Notice.of(
        CHECK,
        "EVERLIGHT_S3_… is set and EVERLIGHT_OBJECT_STORAGE is not: recordings lie on this server's disk only. What is set \
         is used by “everlight backup --to s3://…”.",
    )
}

/// Without TLS to another machine.
fn is_open_to_others(endpoint: &str) -> bool {
    let host = url::Url::parse(endpoint).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    endpoint.starts_with("http://") && !matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
}

fn words(step: Trial, error: &ObjectsError) -> String {
    let what = match step {
        Trial::Write => "Nothing can be written there",
        Trial::Read => "What was written cannot be read",
        Trial::List => "It cannot be listed what is there",
        Trial::Delete => "What was written cannot be deleted",
    };
    let why = match (step, error) {
        (_, ObjectsError::Denied(said)) if says(said, &["AuthorizationHeaderMalformed"]) => REGION,
        (_, ObjectsError::Away(said)) if says(said, &["configured region"]) => REGION,
        (_, ObjectsError::Denied(said)) if says(said, &["RequestTimeTooSkewed", "Date is too old"]) => {
            "this computer's clock is wrong"
        }
        (_, ObjectsError::Denied(said)) if says(said, &["SignatureDoesNotMatch", "Invalid signature"]) => {
            "EVERLIGHT_S3_SECRET_ACCESS_KEY does not belong to EVERLIGHT_S3_ACCESS_KEY_ID, or EVERLIGHT_S3_REGION is not \
             the bucket's"
        }
        (_, ObjectsError::Denied(said)) if says(said, &["InvalidAccessKeyId", "NotSignedUp", "No such key"]) => {
            "EVERLIGHT_S3_ACCESS_KEY_ID is not known there"
        }
        (_, ObjectsError::Denied(_)) => {
            "the access key may not do it; it needs GetObject, PutObject, DeleteObject, AbortMultipartUpload and ListBucket"
        }
        (Trial::Write | Trial::List, ObjectsError::NotFound(_)) => {
            "there is no such bucket: please look at EVERLIGHT_OBJECT_STORAGE"
        }
        (_, ObjectsError::NotFound(_)) => "it is not there any more",
        (_, ObjectsError::Roots(_)) => "please look at EVERLIGHT_EXTRA_CA_FILE",
        (_, ObjectsError::Different) => "it does not do what it says",
        (_, ObjectsError::Away(said)) if says(said, &["certificate"]) => {
            "its certificate is not believed; that of an authority of your own is named in EVERLIGHT_EXTRA_CA_FILE"
        }
        (_, ObjectsError::Away(_)) => "nobody answers as S3 does: please look at EVERLIGHT_S3_ENDPOINT",
        (_, ObjectsError::Changed | ObjectsError::Stopped | ObjectsError::File(_)) => "it was not tried to the end",
    };
    format!("{what}: {why}. ({error})")
}

const REGION: &str = "EVERLIGHT_S3_REGION is not the bucket's";

/// Codes of Amazon's, which most servers use; where one has none for it, its own words.
fn says(said: &str, words: &[&str]) -> bool {
    words.iter().any(|word| said.contains(word))
}

#[cfg(test)]
mod tests {
    use testobjects::Server;

    use super::*;

    fn config(server: &Server) -> StorageConfig {
        StorageConfig { place: server.settings("everlight"), keep: None }
    }

    #[tokio::test]
    async fn one_that_takes_and_gives_is_good_and_nothing_is_left_there() {
        let server = Server::start().await;
        let finding = storage(&config(&server)).await;
        assert_eq!(finding.verdict, Verdict::Good, "{}", finding.words);
        assert_eq!(server.keys().await, [""; 0]);
    }

    #[tokio::test]
    async fn each_trouble_is_said_with_the_setting_to_look_at_and_without_the_secret() {
        let mut server = Server::start().await;
        let good = config(&server);
        let with = |change: fn(&mut objects::Settings)| {
            let mut config = good.clone();
            change(&mut config.place);
            config
        };
        for (config, named) in [
            (
                with(|place| place.access.secret_access_key = "hunter2".into()),
                "EVERLIGHT_S3_SECRET_ACCESS_KEY does not belong",
            ),
            (with(|place| place.access.access_key_id = "nobody".into()), "EVERLIGHT_S3_ACCESS_KEY_ID is not known"),
        ] {
            let finding = storage(&config).await;
            assert_eq!(finding.verdict, Verdict::Bad);
            assert!(finding.words.contains(named) && !finding.words.contains("hunter2"), "{}", finding.words);
        }
        server.stop().await;
        let finding = storage(&good).await;
        assert!(
            finding.verdict == Verdict::Bad && finding.words.contains("EVERLIGHT_S3_ENDPOINT"),
            "{}",
            finding.words
        );
    }

    #[test]
    fn what_servers_say_is_understood() {
        let denied = |said: &str| words(Trial::Write, &ObjectsError::Denied(said.into()));
        for (said, named) in [
            // Amazon S3.
            ("<Code>SignatureDoesNotMatch</Code>", "EVERLIGHT_S3_SECRET_ACCESS_KEY does not belong"),
            ("<Code>InvalidAccessKeyId</Code>", "EVERLIGHT_S3_ACCESS_KEY_ID is not known"),
            ("<Code>AuthorizationHeaderMalformed</Code>", "EVERLIGHT_S3_REGION"),
            ("<Code>RequestTimeTooSkewed</Code>", "clock"),
            ("<Code>AccessDenied</Code>", "may not do it"),
            // Garage.
            ("<Code>AccessDenied</Code><Message>Forbidden: Invalid signature</Message>", "does not belong"),
            ("<Code>AccessDenied</Code><Message>Forbidden: No such key: nobody</Message>", "is not known"),
        ] {
            assert!(denied(said).contains(named), "{said}: {}", denied(said));
        }
        let away = |said: &str| words(Trial::Write, &ObjectsError::Away(said.into()));
        assert!(away("this normally indicates an incorrectly configured region").contains("EVERLIGHT_S3_REGION"));
        assert!(away("invalid peer certificate: UnknownIssuer").contains("EVERLIGHT_EXTRA_CA_FILE"));
        assert!(away("connection refused").contains("EVERLIGHT_S3_ENDPOINT"));
    }

    #[test]
    fn a_way_without_tls_is_told_of_unless_it_is_on_this_machine() {
        assert!(is_open_to_others("http://10.0.0.9:9000"));
        for fine in ["https://s3.example.com", "http://localhost:9000", "http://127.0.0.1:9000"] {
            assert!(!is_open_to_others(fine), "{fine}");
        }
    }
}
