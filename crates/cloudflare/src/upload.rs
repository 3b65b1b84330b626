//! Uploads by [tus 1.0](https://tus.io/protocols/resumable-upload): in chunks, and continued where they broke off
//! ([Cloudflare's rules](https://developers.cloudflare.com/stream/uploading-videos/resumable-uploads/)).

use crate::{Client, INSTALLATION, MARK};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use outbound::{
    Failure, FilePart, HeaderName, HeaderValue, Method, Request, Response,
    resume::{Next, Resume},
};
use secrecy::{ExposeSecret as _, SecretString};
use std::{path::Path, time::Duration};

/// A multiple of 256 KiB, from 5 MiB to 200 MiB: the documents' recommendation for a reliable connection.
const CHUNK: u64 = 52_428_800;
/// The slowest uplink, in bytes a second, at which a chunk is still waited for.
const SLOWEST: u64 = 64 << 10;

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const OFFSET: &str = "upload-offset";

#[derive(Debug, Clone)]
pub struct NewUpload {
    pub name: String,
    /// Our stream's id.
    pub mark: String,
    pub installation: String,
    pub require_signed_urls: bool,
}

/// An upload that has begun. Kept, it can be continued after a restart.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The video's id.
    pub uid: String,
    /// Whoever has this address can write to the upload.
    pub address: SecretString,
    /// Bytes.
    pub len: u64,
}

impl NewUpload {
    /// `key base64,key base64`
    fn metadata(&self) -> String {
        let pair = |key: &str, value: &str| format!("{key} {}", STANDARD.encode(value));
        let mut pairs = vec![pair("name", &self.name), pair(MARK, &self.mark), pair(INSTALLATION, &self.installation)];
        if self.require_signed_urls {
            pairs.push("requiresignedurls".to_owned());
        }
        pairs.join(",")
    }
}

/// The chunk that follows `offset`.
fn chunk(offset: u64, len: u64) -> u64 {
    (len - offset).min(CHUNK)
}

/// The offset that an answer names, if it can be one.
fn offset(response: &Response, len: u64) -> Result<u64, Failure> {
    let named = response.header(OFFSET).and_then(|text| text.parse().ok()).filter(|offset| *offset <= len);
    named.ok_or_else(|| response.garbled(format!("`{OFFSET}` is missing, or beyond the end")))
}

fn resumable(request: Request) -> Request {
    request.header(RESUMABLE, HeaderValue::from_static("1.0.0"))
}

impl Client {
    /// Begins an upload of `len` bytes.
    ///
    /// # Errors
    /// [`Failure`]. After [`Failure::outcome_unknown`] look with [`Self::find_videos`]: what is found cannot be continued,
    /// but deleted.
    pub async fn create_upload(&self, new: &NewUpload, len: u64) -> Result<Upload, Failure> {
        const WHAT: &str = "begin an upload";
        let request = resumable(self.stream(WHAT, Method::POST, &[])?).empty();
        // Base64, spaces and commas: what a header field may hold.
        let metadata = HeaderValue::from_str(&new.metadata()).map_err(|_| Failure::NotSent {
            call: self.api.call(WHAT),
            why: "the metadata cannot be sent".to_owned(),
        })?;
        let request = request.header(HeaderName::from_static("upload-length"), len.into());
        let request = request.header(HeaderName::from_static("upload-metadata"), metadata);
        let response = self.api.send(&request).await?;
        let address =
            response.header("location").ok_or_else(|| response.garbled("`location` is missing".to_owned()))?;
        // The address need not contain the video's id: this field is for that.
        let uid = response.header("stream-media-id");
        let uid = uid.ok_or_else(|| response.garbled("`stream-media-id` is missing".to_owned()))?;
        Ok(Upload { uid: uid.to_owned(), address: SecretString::from(address), len })
    }

    /// How many bytes have arrived.
    ///
    /// # Errors
    /// [`Failure`]; [`Failure::is_not_found`] if the upload is over or has expired.
    pub async fn upload_offset(&self, upload: &Upload) -> Result<u64, Failure> {
        let request =
            self.media.request_to("ask how far an upload is", Method::HEAD, upload.address.expose_secret())?;
        offset(&self.media.send(&resumable(request)).await?, upload.len)
    }

    /// Sends what is missing of the file, from wherever the upload is, and goes on after failures. `progress` is told
    /// how many bytes have arrived.
    ///
    /// # Errors
    /// The last [`Failure`], when several came in a row. The upload may be continued later.
    pub async fn continue_upload(
        &self,
        upload: &Upload,
        file: &Path,
        mut progress: impl FnMut(u64) + Send,
    ) -> Result<(), Failure> {
        let mut resume = Resume::continuing(upload.len);
        loop {
            let result = match resume.next() {
                Next::Ask => self.upload_offset(upload).await,
                Next::Send { from } => self.send_chunk(upload, file, from).await,
                Next::Done => return Ok(()),
            };
            let before = resume.arrived();
            let wait = resume.take(self.media.call("upload"), result)?;
            if resume.arrived() > before {
                progress(resume.arrived());
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Uploads a file as a new video and returns its id. The video is ready some time later.
    ///
    /// # Errors
    /// [`Failure`], as in [`Self::create_upload`] and [`Self::continue_upload`].
    pub async fn upload(&self, file: &Path, new: &NewUpload) -> Result<String, Failure> {
        let unreadable = |error: std::io::Error| Failure::NotSent {
            call: self.media.call("upload"),
            why: format!("the file cannot be read: {error}"),
        };
        let len = tokio::fs::metadata(file).await.map_err(unreadable)?.len();
        let upload = self.create_upload(new, len).await?;
        self.continue_upload(&upload, file, |_| {}).await?;
        Ok(upload.uid)
    }

    async fn send_chunk(&self, upload: &Upload, file: &Path, at: u64) -> Result<u64, Failure> {
        let len = chunk(at, upload.len);
        let request = self.media.request_to("upload", Method::PATCH, upload.address.expose_secret())?;
        let request = resumable(request)
            .header(
                HeaderName::from_static("content-type"),
                HeaderValue::from_static("application/offset+octet-stream"),
            )
            .header(HeaderName::from_static(OFFSET), at.into())
            .timeout(Duration::from_secs(30 + len / SLOWEST))
            .file(FilePart { path: file.to_owned(), offset: at, len });
        offset(&self.media.send(&request).await?, upload.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_as_documented() {
        assert_eq!(CHUNK % (256 << 10), 0);
        assert!((5_242_880..=209_715_200).contains(&CHUNK));
        let len = 2 * CHUNK + 7;
        assert_eq!([0, CHUNK, 2 * CHUNK].map(|at| chunk(at, len)), [CHUNK, CHUNK, 7]);
    }

    #[test]
    fn metadata_cannot_break_its_header() {
        let new = NewUpload {
            name: "Ann, Bob\r\nX: y".into(),
            mark: "m".into(),
            installation: "i".into(),
            require_signed_urls: true,
        };
        let metadata = new.metadata();
        assert_eq!(
            metadata,
            "name QW5uLCBCb2INClg6IHk=,everlightStream bQ==,everlightInstallation aQ==,requiresignedurls"
        );
    }
}
