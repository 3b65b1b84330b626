//! A door to the FLV parser for the fuzz target, with what must hold for any bytes.

use crate::flv::FlvReader;

/// However the bytes are cut into reads, what is found is the same.
///
/// # Panics
/// When it is not.
pub fn flv(bytes: &[u8], cut: usize) {
    let read = |pieces: &[&[u8]]| {
        let (mut reader, mut found) = (FlvReader::default(), Vec::new());
        for piece in pieces {
            reader.push(piece);
            loop {
                match reader.next_tag() {
                    Ok(Some(tag)) => found.push(tag),
                    Ok(None) => break,
                    Err(error) => return (found, Some(error)),
                }
            }
        }
        (found, None)
    };
    let (first, second) = bytes.split_at(cut.min(bytes.len()));
    assert_eq!(read(&[bytes]), read(&[first, second]));
}
