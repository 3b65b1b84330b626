//! Error bodies: problem details (RFC 9457), as RFC 9725 §4.1 suggests.

use std::fmt::Write as _;

/// The media type of [`Problem::to_json`].
pub const CONTENT_TYPE: &str = "application/problem+json";

/// A problem document. `type` is left out, which means `about:blank`: the status says the class, `detail` the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem<'a> {
    pub status: u16,
    /// The status in words, the same for every occurrence.
    pub title: &'a str,
    /// What to mend in this request.
    pub detail: Option<&'a str>,
}

impl Problem<'_> {
    pub fn to_json(&self) -> String {
        let mut json = String::from("{\"title\":");
        push_string(&mut json, self.title);
        json.push_str(",\"status\":");
        json.push_str(&self.status.to_string());
        if let Some(detail) = self.detail {
            json.push_str(",\"detail\":");
            push_string(&mut json, detail);
        }
        json.push('}');
        json
    }
}

/// A JSON string (RFC 8259 §7). Besides what must be escaped, `<`, `>` and `&` are, so that the text is harmless wherever
/// it is pasted.
fn push_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\0'..='\x1f' | '\x7f' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing into a String cannot fail.
                let _ = write!(json, "\\u{:04x}", u32::from(character));
            }
            _ => json.push(character),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s5_a_problem_is_written() {
        let problem = Problem { status: 422, title: "Unprocessable Content", detail: Some("Two video tracks") };
        assert_eq!(problem.to_json(), r#"{"title":"Unprocessable Content","status":422,"detail":"Two video tracks"}"#);
        let bare = Problem { status: 503, title: "Service Unavailable", detail: None };
        assert_eq!(bare.to_json(), r#"{"title":"Service Unavailable","status":503}"#);
    }

    #[test]
    fn s5_text_is_escaped() {
        let problem = Problem { status: 400, title: "a\"b\\c\n\u{1}", detail: Some("</script>\u{2028}é😀") };
        assert_eq!(
            problem.to_json(),
            "{\"title\":\"a\\\"b\\\\c\\n\\u0001\",\"status\":400,\"detail\":\"\\u003c/script\\u003e\\u2028é😀\"}"
        );
    }
}
