//! In the browser: the words that the server wrote into the page.

use std::sync::OnceLock;

use leptos::prelude::document;

use super::{ELEMENT, Word};

/// In the language of the page. Whoever has kept a page of another version reads nothing where a word is new.
pub fn say(word: Word) -> &'static str {
    static LINES: OnceLock<Vec<&'static str>> = OnceLock::new();
    let lines = LINES.get_or_init(|| {
        let text = document().get_element_by_id(ELEMENT).and_then(|element| element.text_content());
        // Once, for as long as the page is there.
        text.unwrap_or_default().leak().lines().collect()
    });
    lines.get(word as usize).copied().unwrap_or_default()
}
