use crate::Client;
use outbound::{Failure, Method};
use serde::de::DeserializeOwned;

/// The most that a page lists.
const LIMIT: usize = 100;

impl Client {
    /// All of a list, page by page; `filter` is one query parameter.
    pub(crate) async fn pages<T: DeserializeOwned>(
        &self,
        what: &'static str,
        list: &str,
        filter: Option<(&str, &str)>,
        id: impl Fn(&T) -> &str + Send,
    ) -> Result<Vec<T>, Failure> {
        let mut all: Vec<T> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for number in 1u32.. {
            let mut request = self.video(what, Method::GET, &[list])?;
            if let Some((name, value)) = filter {
                request = request.query(name, value);
            }
            let request = request.query("limit", &LIMIT.to_string()).query("page", &number.to_string());
            let page: Vec<T> = self.data(&request).await?;
            let full = page.len() >= LIMIT;
            let known = all.len();
            // What is created meanwhile moves everything on by one.
            all.extend(page.into_iter().filter(|item| seen.insert(id(item).to_owned())));
            if !full || all.len() == known {
                break;
            }
        }
        Ok(all)
    }
}
