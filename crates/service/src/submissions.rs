//! What is sent twice makes one stream: a form by somebody who saw no answer, a request by a program whose connection
//! broke.

use domain::{MemorialId, stream::Stream};
use store::Submission;

use crate::{Error, Everlight, keys::Keys, streams::StreamForm};

impl StreamForm {
    /// By what a repetition is known, if whoever submits chose a name for it. Names are of one memorial: programs of
    /// two funeral homes may both count their orders.
    pub(crate) fn submission(&self, keys: &Keys, memorial: MemorialId) -> Option<Submission> {
        // Named one by one, so that nothing of the form is forgotten.
        let Self { title, description, date, time, length, time_zone, method, backup, privacy, submission } = self;
        if submission.is_empty() {
            return None;
        }
        let (memorial, backup) = (memorial.to_string(), backup.to_string());
        let who_may = [privacy.no_passcode, privacy.needs_approval, privacy.downloads, privacy.listed];
        let who_may = format!("{who_may:?}");
        let name = [memorial.as_str(), submission];
        let asked: [&str; 11] = [
            title,
            description,
            date,
            time,
            length,
            time_zone,
            method,
            &backup,
            &privacy.passcode,
            &who_may,
            &privacy.until,
        ];
        Some(Submission { name: keys.submission(&name), asked: keys.submission(&[&name[..], &asked].concat()) })
    }
}

impl Everlight {
    /// The stream that was made when this was sent before.
    pub(crate) async fn submitted_before(&self, submission: Option<&Submission>) -> Result<Option<Stream>, Error> {
        let Some(submission) = submission else { return Ok(None) };
        let Some((first, asked)) = self.store.stream_by_submission(&submission.name).await? else { return Ok(None) };
        if asked.as_ref() != Some(&submission.asked) {
            return Err(Error::Invalid(
                "This was sent before, with other details, and a service was made of them. To make another one, please \
                 begin anew."
                    .into(),
            ));
        }
        // Whoever sent it first may have left before anybody was told.
        self.wake_cloud(first.id);
        Ok(Some(first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{memorials::MemorialForm, privacy::PrivacyForm, testing::Installation};

    fn form(submission: &str) -> StreamForm {
        StreamForm {
            title: "Funeral".into(),
            time_zone: "Europe/London".into(),
            method: "phone-browser".into(),
            submission: submission.into(),
            ..StreamForm::default()
        }
    }

    #[tokio::test]
    async fn two_memorials_may_have_the_same_name_for_a_submission() {
        let at = Installation::new().await;
        let other = MemorialForm { name: "Grace Hopper".into(), time_zone: "Europe/London", ..MemorialForm::default() };
        let other = at.running.memorials().create(&at.actor, other).await.unwrap();
        let streams = at.running.streams();
        let first = streams.create(&at.actor, at.memorial, form("order-17")).await.unwrap();
        let second = streams.create(&at.actor, other, form("order-17")).await.unwrap();
        assert_ne!(first.id, second.id);
        for (memorial, made) in [(at.memorial, first), (other, second)] {
            assert_eq!(streams.create(&at.actor, memorial, form("order-17")).await.unwrap().id, made.id);
        }
    }

    #[tokio::test]
    async fn the_same_name_for_something_else_is_refused_and_not_taken_for_a_repetition() {
        let at = Installation::new().await;
        let streams = at.running.streams();
        let made = streams.create(&at.actor, at.memorial, form("order-17")).await.unwrap();
        let private = PrivacyForm { passcode: "white rose".into(), ..PrivacyForm::default() };
        for other in [
            StreamForm { title: "Graveside".into(), ..form("order-17") },
            StreamForm { backup: true, ..form("order-17") },
            StreamForm { privacy: private, ..form("order-17") },
        ] {
            let refused = streams.create(&at.actor, at.memorial, other).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        }
        // What staff change afterwards makes no difference to what was asked for.
        let edited = StreamForm { title: "Farewell".into(), ..form("") };
        streams.edit(&at.actor, made.id, edited).await.unwrap();
        assert_eq!(streams.create(&at.actor, at.memorial, form("order-17")).await.unwrap().id, made.id);
        assert_eq!(streams.of_memorial(&at.actor, at.memorial).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn the_database_knows_neither_the_name_nor_what_was_asked_for() {
        let at = Installation::new().await;
        let private = PrivacyForm { passcode: "white rose".into(), ..PrivacyForm::default() };
        let asked = StreamForm { privacy: private, ..form("order-17") };
        let [one, other] = [[7; 32], [8; 32]].map(|key| asked.submission(&Keys::new(key), at.memorial).unwrap());
        assert!(one.name != other.name && one.asked != other.asked, "it takes the installation's key");
        assert!(at.store.stream_by_submission("order-17").await.unwrap().is_none());
        assert_eq!(form("").submission(&Keys::new([7; 32]), at.memorial), None);
    }
}
