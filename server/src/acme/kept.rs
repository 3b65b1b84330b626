//! What outlives a restart: the certificate with its key, in one file so that they always belong together, and the account
//! at the authority.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use domain::Timestamp;

use super::Authority;

/// A certificate chain and its key in PEM, and when it is good.
#[derive(Clone)]
pub struct Kept {
    pem: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").field("not_after", &self.not_after).finish_non_exhaustive()
    }
}

impl Kept {
    /// `pem`: the chain, the server's own certificate first, and its key.
    pub fn parse(pem: String) -> anyhow::Result<Self> {
        let (_, first) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).context("this is no PEM")?;
        let validity = first.parse_x509().context("this is no certificate")?.validity().clone();
        let at = |time: x509_parser::time::ASN1Time| Timestamp(time.timestamp().saturating_mul(1000));
        Ok(Self { pem, not_before: at(validity.not_before), not_after: at(validity.not_after) })
    }

    /// None where none was kept.
    pub fn read(folder: &Path) -> anyhow::Result<Option<Self>> {
        match std::fs::read_to_string(certificate(folder)) {
            Ok(pem) => Self::parse(pem).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        replace_secret(&certificate(folder), &self.pem)
    }

    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// With a third of its life left (Let's Encrypt: 30 days of 90), so that an authority that fails for weeks harms nobody.
    pub fn renew_at(&self) -> Timestamp {
        let life = self.not_after.0.saturating_sub(self.not_before.0);
        Timestamp(self.not_after.0 - life / 3)
    }
}

/// Of one name at one authority: another one's account and certificates are another's.
pub fn folder(data_dir: &Path, authority: &Authority) -> PathBuf {
    let plain = |text: &str| text.replace(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')), "_");
    let directory = authority.directory.split_once("://").map_or(authority.directory.as_str(), |(_, rest)| rest);
    data_dir.join("acme").join(plain(directory)).join(plain(&authority.host))
}

fn certificate(folder: &Path) -> PathBuf {
    folder.join("certificate.pem")
}

pub fn account(folder: &Path) -> PathBuf {
    folder.join("account.json")
}

/// The old file or the new one stands there, whenever the machine stops.
pub fn replace_secret(file: &Path, text: &str) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    // Made with mode 0600.
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(text.as_bytes())?;
    new.as_file().sync_all()?;
    new.persist(file).map_err(|error| error.error)?;
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn self_signed() -> String {
        let mut parameters = rcgen::CertificateParams::new(["live.example.com".to_owned()]).unwrap();
        parameters.not_before = rcgen::date_time_ymd(2026, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2026, 4, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        parameters.self_signed(&key).unwrap().pem() + &key.serialize_pem()
    }

    #[test]
    fn it_is_renewed_with_a_third_of_its_life_left() {
        let kept = Kept::parse(self_signed()).unwrap();
        let day = 24 * 60 * 60 * 1000;
        assert_eq!(kept.not_after.0 - kept.not_before.0, 90 * day);
        assert_eq!(kept.not_after.0 - kept.renew_at().0, 30 * day);
    }

    #[test]
    fn it_is_kept_for_its_owner_only_and_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Kept::read(folder.path()).unwrap().is_none());
        Kept::parse(self_signed()).unwrap().write(folder.path()).unwrap();
        let second = Kept::parse(self_signed()).unwrap();
        second.write(folder.path()).unwrap();
        assert_eq!(Kept::read(folder.path()).unwrap().unwrap().pem(), second.pem());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(certificate(folder.path())).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_file_is_an_error_and_no_panic() {
        assert!(Kept::parse("nothing".into()).is_err());
        assert!(Kept::parse("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".into()).is_err());
    }
}
