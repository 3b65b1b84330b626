//! A memorial: the person who is remembered, and what all of their services share.

use serde::{Deserialize, Serialize};

use crate::{CivilDate, HomeId, MemorialId, PortraitId, TimeZoneName, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Memorial {
    pub id: MemorialId,
    /// Whose staff look after it; without one, administrators only do.
    #[serde(default)]
    pub home: Option<HomeId>,
    #[serde(flatten)]
    pub details: MemorialDetails,
    /// The picture of the person, if one was given.
    #[serde(default)]
    pub portrait: Option<PortraitId>,
    pub created_at: Timestamp,
    pub archived_at: Option<Timestamp>,
}

/// What a person types about a memorial, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemorialDetails {
    pub name: PersonName,
    pub born: Option<CivilDate>,
    pub died: Option<CivilDate>,
    pub time_zone: TimeZoneName,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMemorial {
    #[error("Please write the name of the person, in at most {} letters.", PersonName::MAX)]
    Name,
    #[error("The date of death is before the date of birth.")]
    DiedBeforeBorn,
    #[error(transparent)]
    Date(#[from] crate::time::InvalidDate),
    #[error(transparent)]
    TimeZone(#[from] crate::time::InvalidTimeZone),
}

/// A name as people write it: trimmed, not empty, one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

impl PersonName {
    /// The longest name, in characters.
    pub const MAX: usize = 120;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PersonName {
    type Error = InvalidMemorial;

    fn try_from(text: String) -> Result<Self, InvalidMemorial> {
        let name = text.trim();
        let fits = !name.is_empty() && name.chars().count() <= Self::MAX && !name.chars().any(char::is_control);
        if fits { Ok(Self(name.to_owned())) } else { Err(InvalidMemorial::Name) }
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

impl MemorialDetails {
    /// Checks the fields of the form; an empty date is none.
    pub fn parse(name: String, born: &str, died: &str, time_zone: &str) -> Result<Self, InvalidMemorial> {
        let date = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse::<CivilDate>().map(Some),
        };
        let (born, died) = (date(born)?, date(died)?);
        if let (Some(born), Some(died)) = (born, died)
            && died < born
        {
            return Err(InvalidMemorial::DiedBeforeBorn);
        }
        Ok(Self { name: PersonName::try_from(name)?, born, died, time_zone: time_zone.trim().parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_death_before_the_birth_is_refused() {
        let result = MemorialDetails::parse("Ada".into(), "1941-05-09", "1941-05-08", "Europe/London");
        assert_eq!(result, Err(InvalidMemorial::DiedBeforeBorn));
    }

    #[test]
    fn a_name_is_trimmed_and_must_say_something() {
        let details = MemorialDetails::parse("  Ada Lovelace ".into(), "", "", "Europe/London").unwrap();
        assert_eq!(details.name.as_str(), "Ada Lovelace");
        assert_eq!(MemorialDetails::parse(" \t ".into(), "", "", "Europe/London"), Err(InvalidMemorial::Name));
    }
}
