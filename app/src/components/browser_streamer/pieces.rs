//! What the names of the safety copy's pieces say. A piece is called `take.offset`, and a take begins with its time: which
//! takes there are, when each was begun and how far it goes is known without a list of them.

use std::collections::BTreeMap;

/// What was filmed longer ago is forgotten when the phone is used for another service.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// A take as its pieces' names tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Take {
    pub name: String,
    /// Unix milliseconds on the server's clock.
    pub started: i64,
    /// Where each piece begins, in order; the first at 0.
    pub pieces: Vec<u64>,
}

/// Two phones, or two pages, never make the same name.
pub fn take_name(started: i64, random: u32) -> String {
    [&started.to_string(), "-", &random.to_string()].concat()
}

/// Sorts by its number, too.
pub fn piece_name(take: &str, offset: u64) -> String {
    let number = offset.to_string();
    let zeros = "000000000000";
    [take, ".", &zeros[number.len().min(zeros.len())..], &number].concat()
}

/// In the order in which they were filmed. One without its beginning cannot be played, and is none.
pub fn takes(names: &[String]) -> Vec<Take> {
    let mut found: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for name in names {
        if let Some((take, place)) = name.rsplit_once('.')
            && let Ok(offset) = place.parse()
        {
            found.entry(take).or_default().push(offset);
        }
    }
    let mut takes: Vec<Take> = found
        .into_iter()
        .filter_map(|(name, mut pieces)| {
            pieces.sort_unstable();
            let take = Take { name: name.to_owned(), started: started(name).unwrap_or(0), pieces };
            (take.pieces.first() == Some(&0)).then_some(take)
        })
        .collect();
    takes.sort_by_key(|take| take.started);
    takes
}

/// Whether the newest take of a service is so old that nobody comes back for it. What tells no time may just have begun.
pub fn is_old(names: &[String], now: i64) -> bool {
    names.iter().filter_map(|name| started(name)).max().is_some_and(|newest| now.saturating_sub(newest) > KEPT_MS)
}

fn started(name: &str) -> Option<i64> {
    name.split_once('-')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000_000;
    const DAY: i64 = 24 * 60 * 60 * 1000;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_take_is_found_by_the_names_of_its_pieces() {
        let (one, other) = (take_name(NOW, 7), take_name(NOW - DAY, 4_000_000_000));
        let found = takes(&[
            piece_name(&one, 900_000),
            piece_name(&one, 0),
            piece_name(&other, 0),
            piece_name(&one, 12_345_678_901_234),
            // What versions before this one wrote beside.
            [&one, ".info"].concat(),
        ]);
        let take = |name: String, started, pieces: &[u64]| Take { name, started, pieces: pieces.to_vec() };
        assert_eq!(found, [take(other, NOW - DAY, &[0]), take(one, NOW, &[0, 900_000, 12_345_678_901_234])]);
    }

    #[test]
    fn what_lacks_its_beginning_or_is_something_else_is_no_take() {
        assert_eq!(takes(&names(&["1-2.000000000009", "1-3.info", ".DS_Store", "notes", ""])), []);
    }

    #[test]
    fn names_sort_as_their_numbers() {
        assert!(piece_name("1-2", 9) < piece_name("1-2", 10));
        assert_eq!(piece_name("1-2", 10), "1-2.000000000010");
    }

    #[test]
    fn a_service_is_old_with_its_newest_take() {
        let at = |days: i64| piece_name(&take_name(NOW - days * DAY, 1), 0);
        assert!(is_old(&[at(31)], NOW));
        assert!(!is_old(&[at(29)], NOW));
        assert!(!is_old(&[at(400), at(1)], NOW), "the phone was used for it again");
        assert!(!is_old(&[at(-400)], NOW), "a clock that was wrong");
        for nothing in [&[][..], &["notes.txt"], &["1.000000000000"]] {
            assert!(!is_old(&names(nothing), NOW), "{nothing:?}");
        }
    }
}
