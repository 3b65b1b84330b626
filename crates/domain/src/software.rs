//! What somebody films with, as far as statistics may know it: the browser's and the system's family and major version.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

const BROWSERS: [&str; 6] = ["Chrome", "Edge", "Firefox", "Opera", "Safari", "Samsung Internet"];
const SYSTEMS: [&str; 7] = ["Android", "ChromeOS", "iOS", "iPadOS", "Linux", "macOS", "Windows"];

/// `Safari 18`, `Linux`: one of a closed list of families, so that no header of anybody comes into the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    family: &'static str,
    /// `None` where browsers do not tell any more.
    major: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a browser or system that is known")]
pub struct UnknownRelease;

impl Release {
    pub fn browser(family: &str, major: Option<u16>) -> Result<Self, UnknownRelease> {
        Self::of(&BROWSERS, family, major)
    }

    pub fn system(family: &str, major: Option<u16>) -> Result<Self, UnknownRelease> {
        Self::of(&SYSTEMS, family, major)
    }

    fn of(known: &[&'static str], family: &str, major: Option<u16>) -> Result<Self, UnknownRelease> {
        let family = known.iter().find(|known| **known == family).ok_or(UnknownRelease)?;
        Ok(Self { family, major })
    }

    fn read(known: &[&'static str], text: &str) -> Result<Self, UnknownRelease> {
        let numbered = text.rsplit_once(' ').and_then(|(family, major)| Some((family, major.parse().ok()?)));
        numbered.map_or_else(|| Self::of(known, text, None), |(family, major)| Self::of(known, family, Some(major)))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.family)?;
        self.major.map_or(Ok(()), |major| write!(f, " {major}"))
    }
}

/// `Safari 18 on iOS 18`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Software {
    pub browser: Release,
    pub system: Release,
}

impl Software {
    /// Phones and tablets. An iPad whose browser says that it is a Mac's is not told apart.
    pub fn is_mobile(self) -> bool {
        matches!(self.system.family, "Android" | "iOS" | "iPadOS")
    }
}

impl fmt::Display for Software {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.browser, self.system)
    }
}

impl FromStr for Software {
    type Err = UnknownRelease;

    fn from_str(text: &str) -> Result<Self, UnknownRelease> {
        let (browser, system) = text.split_once(" on ").ok_or(UnknownRelease)?;
        Ok(Self { browser: Release::read(&BROWSERS, browser)?, system: Release::read(&SYSTEMS, system)? })
    }
}

impl TryFrom<String> for Software {
    type Error = UnknownRelease;

    fn try_from(text: String) -> Result<Self, UnknownRelease> {
        text.parse()
    }
}

impl From<Software> for String {
    fn from(software: Software) -> Self {
        software.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            browser in proptest::sample::select(&BROWSERS[..]),
            system in proptest::sample::select(&SYSTEMS[..]),
            majors: (Option<u16>, Option<u16>),
        ) {
            let browser = Release::browser(browser, majors.0).unwrap();
            let software = Software { browser, system: Release::system(system, majors.1).unwrap() };
            prop_assert_eq!(software.to_string().parse(), Ok(software));
        }

        #[test]
        fn no_other_text_is_kept(text in "\\PC{0,40}") {
            if let Ok(software) = text.parse::<Software>() {
                prop_assert!(SYSTEMS.contains(&software.system.family));
            }
        }
    }

    #[test]
    fn headers_are_no_software() {
        for text in
            ["Mozilla/5.0 on Linux", "Chrome 138", "Chrome 138 on ", "Chrome on Toaster", "Chrome 138.2 on Linux"]
        {
            assert_eq!(text.parse::<Software>(), Err(UnknownRelease), "{text}");
        }
        assert!("Safari 18 on iOS 18".parse::<Software>().unwrap().is_mobile());
        assert!(!"Edge 138 on Windows".parse::<Software>().unwrap().is_mobile());
    }
}
