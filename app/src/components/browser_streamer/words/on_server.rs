//! Where the page is written: all words of all languages.

use domain::language::Language;

use super::{Word, english, french, german, spanish};

/// In the language of whoever asked for the page.
pub fn say(word: Word) -> &'static str {
    #[cfg(feature = "ssr")]
    let language = crate::shell::language();
    #[cfg(not(feature = "ssr"))]
    let language = Language::default();
    text(language, word)
}

/// All of them, in the order of [`Word::ALL`], a line each.
pub fn lines(language: Language) -> String {
    Word::ALL.iter().flat_map(|word| [text(language, *word), "\n"]).collect()
}

const fn text(language: Language, word: Word) -> &'static str {
    match language {
        Language::English => english::text(word),
        Language::German => german::text(word),
        Language::Spanish => spanish::text(word),
        Language::French => french::text(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places for values in a text, in order of their numbers.
    fn places(text: &str) -> Vec<&str> {
        ["{0}", "{1}", "{2}"].into_iter().filter(|place| text.contains(place)).collect()
    }

    fn each() -> impl Iterator<Item = (Language, Word, &'static str)> {
        let of = |language| Word::ALL.iter().map(move |word| (language, *word, text(language, *word)));
        Language::ALL.into_iter().flat_map(of)
    }

    #[test]
    fn every_word_is_found_by_its_place() {
        for language in Language::ALL {
            let lines = lines(language);
            let lines: Vec<_> = lines.lines().collect();
            assert_eq!(lines.len(), Word::ALL.len());
            for word in Word::ALL {
                assert_eq!(lines[*word as usize], text(language, *word));
            }
        }
    }

    #[test]
    fn every_language_has_the_same_values_in_its_words() {
        for (language, word, text) in each() {
            assert_eq!(places(text), places(english::text(word)), "{language:?}: {word:?}");
        }
    }

    #[test]
    fn every_word_is_a_line_of_plain_text() {
        for (language, word, text) in each() {
            assert!(!text.trim().is_empty() && text.trim() == text, "{language:?}: {word:?}");
            assert!(!text.contains(['\n', '<']), "{language:?}: {word:?}");
        }
    }

    #[test]
    fn what_is_a_sentence_in_english_is_one_everywhere() {
        for (language, word, text) in each().filter(|(_, word, _)| *word != Word::DecimalMark) {
            let ends = |text: &str| text.ends_with(['.', '?', '\u{2026}']);
            assert_eq!(ends(text), ends(english::text(word)), "{language:?}: {word:?}");
        }
    }

    #[test]
    fn nobody_reads_jargon() {
        for (language, word, text) in each() {
            let text = text.to_lowercase();
            for jargon in ["whip", "webrtc", "sdp", "ice", "token", "ingest", "udp", "rtmp"] {
                let words = text.split(|letter: char| !letter.is_alphanumeric());
                assert!(!words.into_iter().any(|word| word == jargon), "{language:?}: {word:?}");
            }
        }
    }
}
