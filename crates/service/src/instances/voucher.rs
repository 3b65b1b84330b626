//! A request that one instance passes on to another carries a voucher: who asked, and that it comes from an instance with the
//! same secret key. Nobody else can say for whom they ask, and a request is passed on once only.

use std::{net::IpAddr, time::Duration};

use domain::Timestamp;
use subtle::ConstantTimeEq as _;

use crate::Everlight;

/// The clocks of the machines may differ by so much, and no voucher is good for longer.
const GOOD_FOR: Duration = Duration::from_secs(120);

/// Of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voucher {
    /// Whose request it is.
    pub asker: IpAddr,
}

impl Everlight {
    /// For a request with this method and path, as the header has it.
    pub fn vouch(&self, Voucher { asker }: Voucher, method: &str, path: &str) -> String {
        let at = self.now().millis();
        format!("{at} {asker} {}", self.seal(at, asker, method, path))
    }

    /// What the header of a request says, if it is genuine.
    pub fn vouched(&self, header: &str, method: &str, path: &str) -> Option<Voucher> {
        let mut words = header.split(' ');
        let (at, asker) = (words.next()?.parse::<i64>().ok()?, words.next()?.parse().ok()?);
        let (seal, None) = (words.next()?, words.next()) else { return None };
        let genuine: bool = self.seal(at, asker, method, path).as_bytes().ct_eq(seal.as_bytes()).into();
        let (at, now) = (Timestamp(at), self.now());
        (genuine && now.since(at) < GOOD_FOR && at.since(now) < GOOD_FOR).then_some(Voucher { asker })
    }

    fn seal(&self, at: i64, asker: IpAddr, method: &str, path: &str) -> String {
        self.keys.forwarded(&format!("{at}\0{asker}\0{method}\0{path}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Installation;

    #[tokio::test]
    async fn a_voucher_is_for_one_request_for_a_while_and_made_with_the_key() {
        let at = Installation::new().await;
        let voucher = Voucher { asker: [192, 0, 2, 1].into() };
        let header = at.running.vouch(voucher, "POST", "/whip/x");
        assert_eq!(at.running.vouched(&header, "POST", "/whip/x"), Some(voucher));
        assert_eq!(at.running.vouched(&header, "GET", "/whip/x"), None);
        assert_eq!(at.running.vouched(&header, "POST", "/whip/y"), None);
        assert_eq!(at.running.vouched(&header.replace("192.0.2.1", "192.0.2.2"), "POST", "/whip/x"), None);
        for nonsense in ["", "1", "1 192.0.2.1", "1 192.0.2.1 00", &format!("{header} x")] {
            assert_eq!(at.running.vouched(nonsense, "POST", "/whip/x"), None, "{nonsense}");
        }
        at.pass(GOOD_FOR);
        assert_eq!(at.running.vouched(&header, "POST", "/whip/x"), None);
    }
}
