//! Fingerprints of texts (指纹): short, the same on every machine, and of no use against malice.

/// A number that differs, in all likelihood, where the texts differ (FNV-1a, 64 bits).
pub fn fingerprint<'t>(texts: impl IntoIterator<Item = &'t str>) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(PRIME);
    // Byte 0xFF, which is in no text, ends each.
    texts.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, text| step(text.bytes().fold(hash, step), 0xFF))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_apart() {
        assert_eq!(fingerprint(["a", "b"]), fingerprint(["a", "b"]));
        assert_ne!(fingerprint(["ab", ""]), fingerprint(["a", "b"]));
        assert_ne!(fingerprint(["在校生数"]), fingerprint(["在校生"]));
    }
}
