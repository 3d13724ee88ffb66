//! Unique identifiers under the root 2.25 (PS3.5 B.2): a UUID written as one decimal number, at most 44 characters.

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// A new identifier that no other object has.
pub fn fresh() -> String {
    text(Uuid::new_v4())
}

/// The identifier of a content: the same parts give the same identifier, on every machine.
///
/// Parts are hashed with their lengths, so that ("ab", "c") and ("a", "bc") differ.
pub fn from_content<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let digest = hasher.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    // Version 8 of RFC 9562: a UUID whose bits the application chose.
    text(Builder::from_custom_bytes(bytes).into_uuid())
}

/// True for what PS3.5 9.1 allows: at most 64 digits and dots, no empty component, no leading zeros.
pub fn is_valid(uid: &str) -> bool {
    let component =
        |c: &str| !c.is_empty() && c.bytes().all(|b| b.is_ascii_digit()) && (c.len() == 1 || !c.starts_with('0'));
    uid.len() <= 64 && uid.contains('.') && uid.split('.').all(component)
}

fn text(uuid: Uuid) -> String {
    format!("2.25.{}", uuid.as_u128())
}

/// Bytes as lower-case hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
