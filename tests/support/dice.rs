//! What tests draw at random, the same on every machine; `HENG_SEED` and `HENG_CASES` choose other cases and how many.

/// Numbers without order, the same for the same seed.
pub struct Dice(pub u64);

impl Dice {
    /// From 0 up to, but not including, `sides`; 0 of none.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }
}

/// A number from the environment.
pub fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}
