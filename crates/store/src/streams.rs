//! Streams, and the merge of what happens to them.

use domain::{
    MemorialId, Provider, Slug, StreamId, StreamingMethod, Timestamp,
    capabilities::Route,
    privacy::{PasscodeHash, Privacy},
    stream::{Stream, StreamDetails, StreamEvent, StreamFacts},
};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, merge::FactsTable, provisions, row};

/// By what a repetition is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Whoever submits chooses it: a second stream with the same is refused as a duplicate.
    pub name: String,
    /// What was asked for.
    pub asked: String,
}

impl Store {
    /// With what providers are to hold for it, under `title`: all of it or nothing.
    pub async fn insert_stream(
        &self,
        stream: &Stream,
        submission: Option<&Submission>,
        providers: &[Provider],
        title: &str,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        let details = &stream.details;
        sqlx::query(
            "INSERT INTO streams (id, memorial_id, slug, title, description, scheduled_start, time_zone, method, route,
                                  link_generation, created_at, facts, version, backup, submission, passcode_hash,
                                  needs_approval, approved_at, available_until, downloads, listed, planned_minutes,
                                  submitted)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                     $22)",
        )
        .bind(stream.id.to_string())
        .bind(stream.memorial_id.to_string())
        .bind(stream.slug.as_str())
        .bind(details.title.as_str())
        .bind(details.description.as_str())
        .bind(details.scheduled_start_time.map(Timestamp::millis))
        .bind(details.time_zone.as_str())
        .bind(name(&details.method))
        .bind(name(&stream.route))
        .bind(stream.link_generation)
        .bind(stream.created_at.millis())
        .bind(row::to_json(&stream.facts))
        .bind(i64::from(stream.backup))
        .bind(submission.map(|submission| submission.name.as_str()))
        .bind(passcode(&stream.privacy))
        .bind(i64::from(stream.privacy.needs_approval))
        .bind(stream.privacy.approved_at.map(Timestamp::millis))
        .bind(stream.privacy.available_until.map(Timestamp::millis))
        .bind(i64::from(stream.privacy.downloads))
        .bind(i64::from(stream.privacy.listed))
        .bind(i64::from(details.planned_length.minutes()))
        .bind(submission.map(|submission| submission.asked.as_str()))
        .execute(&mut *transaction)
        .await?;
        for provider in providers {
            provisions::insert(&mut transaction, stream.id, *provider, title).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Asks for a second copy of a stream that had none. Whether there was such a stream.
    pub async fn want_backup(&self, id: StreamId) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE streams SET backup = 1 WHERE id = $1").bind(id.to_string()).execute(&self.pool);
        Ok(done.await?.rows_affected() == 1)
    }

    /// Whether there was such a stream.
    pub async fn update_stream(&self, id: StreamId, details: &StreamDetails) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE streams SET title = $2, description = $3, scheduled_start = $4, time_zone = $5, method = $6,
                                planned_minutes = $7
             WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(details.title.as_str())
        .bind(details.description.as_str())
        .bind(details.scheduled_start_time.map(Timestamp::millis))
        .bind(details.time_zone.as_str())
        .bind(name(&details.method))
        .bind(i64::from(details.planned_length.minutes()))
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Says anew who may watch. What was approved stays approved: that is [`Store::approve`]'s. Whether there was such a
    /// stream.
    pub async fn update_privacy(&self, id: StreamId, privacy: &Privacy) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE streams SET passcode_hash = $2, needs_approval = $3, available_until = $4, downloads = $5, listed = $6
             WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(passcode(privacy))
        .bind(i64::from(privacy.needs_approval))
        .bind(privacy.available_until.map(Timestamp::millis))
        .bind(i64::from(privacy.downloads))
        .bind(i64::from(privacy.listed))
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Shows the recording to those who watch, or hides it until it is approved. Whether there was such a stream.
    pub async fn approve(&self, id: StreamId, at: Option<Timestamp>) -> Result<bool, StoreError> {
        let hides = at.is_none();
        let done = sqlx::query(
            "UPDATE streams SET approved_at = $2, needs_approval = CASE WHEN $3 = 1 THEN 1 ELSE needs_approval END
             WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(at.map(Timestamp::millis))
        .bind(i64::from(hides))
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Until when it can be watched. Whether there was such a stream.
    pub async fn set_available_until(&self, id: StreamId, until: Option<Timestamp>) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE streams SET available_until = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(until.map(Timestamp::millis))
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether there was such a stream.
    pub async fn replace_link(&self, id: StreamId) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE streams SET link_generation = link_generation + 1 WHERE id = $1")
            .bind(id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether there was such a stream. Its recordings' rows go with it.
    pub async fn delete_stream(&self, id: StreamId) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM streams WHERE id = $1").bind(id.to_string()).execute(&self.pool).await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn stream(&self, id: StreamId) -> Result<Option<Stream>, StoreError> {
        sqlx::query("SELECT * FROM streams WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?
            .as_ref()
            .map(stream)
            .transpose()
    }

    pub async fn stream_by_slug(&self, slug: &Slug) -> Result<Option<Stream>, StoreError> {
        sqlx::query("SELECT * FROM streams WHERE slug = $1")
            .bind(slug.as_str())
            .fetch_optional(&self.pool)
            .await?
            .as_ref()
            .map(stream)
            .transpose()
    }

    /// The stream that was submitted under this name, and what was asked for then.
    pub async fn stream_by_submission(&self, name: &str) -> Result<Option<(Stream, Option<String>)>, StoreError> {
        sqlx::query("SELECT * FROM streams WHERE submission = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?
            .map(|found| Ok((stream(&found)?, row::optional_text(&found, "submitted")?)))
            .transpose()
    }

    /// In the order of the services' times; those without a time last.
    pub async fn streams_of(&self, memorial: MemorialId) -> Result<Vec<Stream>, StoreError> {
        sqlx::query(
            "SELECT * FROM streams WHERE memorial_id = $1
             ORDER BY CASE WHEN scheduled_start IS NULL THEN 1 ELSE 0 END, scheduled_start, id",
        )
        .bind(memorial.to_string())
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(stream)
        .collect()
    }

    /// The streams that a board of the day can be about: with their time in this span, without a time and made since
    /// `made`, or on air. In the order of their times; those without a time last.
    pub async fn streams_around(
        &self,
        from: Timestamp,
        until: Timestamp,
        made: Timestamp,
    ) -> Result<Vec<Stream>, StoreError> {
        // What is on air is found by the facts, as serde writes them: begun, and not ended.
        sqlx::query(
            r#"SELECT * FROM streams
             WHERE scheduled_start BETWEEN $1 AND $2 OR (scheduled_start IS NULL AND created_at >= $3)
                OR (facts LIKE '%"endedAt":null%' AND facts NOT LIKE '%"firstLiveAt":null%')
             ORDER BY CASE WHEN scheduled_start IS NULL THEN 1 ELSE 0 END, scheduled_start, id"#,
        )
        .bind(from.millis())
        .bind(until.millis())
        .bind(made.millis())
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(stream)
        .collect()
    }

    pub async fn all_streams(&self) -> Result<Vec<Stream>, StoreError> {
        sqlx::query("SELECT * FROM streams ORDER BY id").fetch_all(&self.pool).await?.iter().map(stream).collect()
    }

    /// Merges an event into the stream's facts. `None` when there is no such stream; else the stream as it is now and
    /// whether the event changed anything.
    pub async fn record_event(&self, id: StreamId, event: &StreamEvent) -> Result<Option<(Stream, bool)>, StoreError> {
        let merged = self.merge_facts(FACTS, id.to_string(), |facts: StreamFacts| facts.apply(event.clone())).await?;
        merged.map(|merged| Ok((Stream { facts: merged.facts, ..stream(&merged.row)? }, merged.changed))).transpose()
    }
}

const FACTS: FactsTable = FactsTable {
    select: "SELECT * FROM streams WHERE id = $1",
    update: "UPDATE streams SET facts = $3, version = $2 + 1 WHERE id = $1 AND version = $2",
};

fn stream(found: &AnyRow) -> Result<Stream, StoreError> {
    Ok(Stream {
        id: row::parsed(found, "id")?,
        memorial_id: row::parsed(found, "memorial_id")?,
        slug: row::parsed(found, "slug")?,
        details: StreamDetails {
            title: row::checked(found, "title")?,
            description: row::checked(found, "description")?,
            scheduled_start_time: row::optional_timestamp(found, "scheduled_start")?,
            // The column holds only what was checked.
            planned_length: u16::try_from(row::number(found, "planned_minutes")?)
                .ok()
                .and_then(|minutes| minutes.try_into().ok())
                .unwrap_or_default(),
            time_zone: row::parsed(found, "time_zone")?,
            method: named::<StreamingMethod>(found, "method")?,
        },
        route: named::<Route>(found, "route")?,
        backup: row::number(found, "backup")? != 0,
        link_generation: row::number(found, "link_generation")?,
        created_at: row::timestamp(found, "created_at")?,
        privacy: Privacy {
            passcode: row::optional_text(found, "passcode_hash")?.map(PasscodeHash),
            needs_approval: row::number(found, "needs_approval")? != 0,
            approved_at: row::optional_timestamp(found, "approved_at")?,
            available_until: row::optional_timestamp(found, "available_until")?,
            downloads: row::number(found, "downloads")? != 0,
            listed: row::number(found, "listed")? != 0,
        },
        facts: row::json::<StreamFacts>(found, "facts")?,
    })
}

fn passcode(privacy: &Privacy) -> Option<&str> {
    privacy.passcode.as_ref().map(|hash| hash.0.as_str())
}

/// An enum without data by its name in JSON, less the quotes.
pub(crate) fn name<T: Serialize>(value: &T) -> String {
    row::to_json(value).trim_matches('"').to_owned()
}

/// The way back of [`name`].
pub(crate) fn named<T: DeserializeOwned>(found: &AnyRow, column: &'static str) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(row::text(found, column)?))
        .map_err(|_| StoreError::Corrupt { column })
}
