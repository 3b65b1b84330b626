//! Random names in the shapes that the providers use.

use rand::Rng as _;

fn from(alphabet: &[u8], length: usize) -> String {
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(alphabet[rng.random_range(0..alphabet.len())])).collect()
}

/// Lower-case hexadecimal digits: everything of Cloudflare's.
pub(crate) fn hex(length: usize) -> String {
    from(b"0123456789abcdef", length)
}

/// Letters and digits: ids of Mux, keys.
pub(crate) fn alphanumeric(length: usize) -> String {
    from(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", length)
}

/// A version 4 UUID: Mux's stream keys and event ids.
pub(crate) fn uuid() -> String {
    let variant = from(b"89ab", 1);
    format!("{}-{}-4{}-{variant}{}-{}", hex(8), hex(4), hex(3), hex(3), hex(12))
}
