//! What several examples need beside keras.

use std::path::PathBuf;

/// The text of a file: in the folder that the first argument names, or else in `folder` of `$KERAS_TEST_DATA`. If there is
/// none, says so and gives nothing.
pub(crate) fn text(folder: &str, file: &str) -> Option<String> {
    let given = std::env::args().nth(1).map(PathBuf::from);
    let folder = given.or_else(|| Some(PathBuf::from(std::env::var_os("KERAS_TEST_DATA")?).join(folder)));
    let text = folder.and_then(|folder| std::fs::read_to_string(folder.join(file)).ok());
    if text.is_none() {
        println!("skipped: there is no {file}; give its folder as an argument, or set KERAS_TEST_DATA");
    }
    text
}

/// A linear congruential generator.
#[allow(dead_code, reason = "not every example draws")]
pub(crate) struct Random(pub(crate) u32);

#[allow(dead_code, reason = "not every example draws")]
impl Random {
    /// The place of one of the shares, each as likely as it says.
    pub(crate) fn among(&mut self, shares: &[f32]) -> u8 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mut rest = (self.0 >> 8) as f32 / (1 << 24) as f32;
        let place = shares.iter().position(|share| {
            rest -= share;
            rest < 0.0
        });
        place.unwrap_or(shares.len() - 1) as u8
    }
}
