//! What was typed into a plain form that was refused, until its page shows it again. It would be in the page's address
//! otherwise, and addresses are written down: by proxies, in histories.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The browser is sent back at once.
const KEPT: Duration = Duration::from_secs(120);
/// Anybody may send a form: of more than so many the oldest is forgotten.
const MOST: usize = 500;

/// The name that stands in the address instead.
pub const AGAIN: &str = "again";

/// Cloning it gives another handle to the same.
#[derive(Debug, Clone, Default)]
pub struct TypedForms(Arc<Mutex<HashMap<String, (Instant, String)>>>);

impl TypedForms {
    /// Keeps a form, as `name=value&…`, and says under which name.
    pub fn keep(&self, form: String) -> String {
        let name = format!("{:032x}", rand::random::<u128>());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (since, _)| since.elapsed() < KEPT);
        if kept.len() >= MOST
            && let Some(oldest) = kept.iter().min_by_key(|(_, (since, _))| *since).map(|(name, _)| name.clone())
        {
            kept.remove(&oldest);
        }
        kept.insert(name.clone(), (Instant::now(), form));
        name
    }

    /// The form of that name, once.
    pub fn take(&self, name: &str) -> Option<String> {
        let (since, form) = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name)?;
        (since.elapsed() < KEPT).then_some(form)
    }
}

/// Of a page that shows a form again: its query with what was typed. The browser's half needs it when it takes the page
/// over, and reads it from the address.
#[derive(Debug, Clone)]
pub struct ShownAgain {
    /// As the address stands.
    pub short: String,
    pub full: String,
}

impl ShownAgain {
    /// From a query that names a form which was kept.
    pub fn of(query: &str, forms: &TypedForms) -> Option<Self> {
        let (others, named): (Vec<_>, Vec<_>) =
            query.split('&').partition(|pair| !pair.strip_prefix(AGAIN).is_some_and(|rest| rest.starts_with('=')));
        let form = forms.take(named.first()?.split_once('=')?.1)?;
        let full = others.into_iter().chain([form.trim_end_matches('&')]).collect::<Vec<_>>().join("&");
        Some(Self { short: query.to_owned(), full })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_shown_again_once() {
        let forms = TypedForms::default();
        let name = forms.keep("email=ada%40example.com&error=No.&".into());
        let query = format!("new&{AGAIN}={name}");
        let shown = ShownAgain::of(&query, &forms).unwrap();
        assert_eq!((shown.full.as_str(), shown.short), ("new&email=ada%40example.com&error=No.", query.clone()));
        assert!(ShownAgain::of(&query, &forms).is_none(), "once");
        for query in ["", "new", "again", "again=", "again=else", "againx=1"] {
            assert!(ShownAgain::of(query, &forms).is_none(), "{query}");
        }
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let forms = TypedForms::default();
        let first = forms.keep("a=1&".into());
        let names: Vec<_> = (0..MOST).map(|_| forms.keep("b=2&".into())).collect();
        assert_eq!(forms.0.lock().unwrap().len(), MOST);
        assert_eq!(forms.take(&first), None);
        assert!(names.iter().all(|name| forms.take(name).is_some()));
    }
}
