//! The languages of the pages that families see.

/// A language that there are words in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    #[default]
    English,
    German,
    Spanish,
    French,
}

impl Language {
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::Spanish, Self::French];

    /// As in `<html lang>` (BCP 47).
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Spanish => "es",
            Self::French => "fr",
        }
    }

    /// The one that a browser asks for most, of those that there are (`Accept-Language`, RFC 9110 §12.5.4). What cannot be
    /// read counts for nothing.
    pub fn preferred(accept_language: &str) -> Self {
        let mut best = (0.0, Self::default());
        for range in accept_language.split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight = match parameters.trim().strip_prefix("q=") {
                Some(weight) => weight.trim().parse().unwrap_or(0.0),
                None if parameters.trim().is_empty() => 1.0,
                None => 0.0,
            };
            let primary = tag.trim().split('-').next().unwrap_or_default();
            let known = Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary));
            // Of two that are asked for alike the first counts.
            if let Some(language) = known.filter(|_| weight > best.0 && weight <= 1.0) {
                best = (weight, language);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_language_that_is_asked_for_most_and_that_there_is() {
        for (asked, language) in [
            ("de-AT,de;q=0.9,en;q=0.8", Language::German),
            ("nl, fr-CH;q=0.9, en;q=0.8", Language::French),
            ("en;q=0.5, ES-mx ; q=0.7", Language::Spanish),
            ("fr;q=0, de;q=0.1", Language::German),
            ("en-GB,en;q=0.9,de;q=0.9", Language::English),
            ("ja, *;q=0.5", Language::English),
            ("de;q=7, fr;q=0.2", Language::French),
            ("", Language::English),
        ] {
            assert_eq!(Language::preferred(asked), language, "{asked}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_there_is_a_language(asked in ".*") {
            Language::preferred(&asked);
        }
    }
}
