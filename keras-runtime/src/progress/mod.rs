//! The progress line, as Keras prints it.

mod bar;
mod logger;

pub use bar::Progbar;
pub(crate) use logger::Logger;

/// A figure with four digits, or with an exponent where `size` is at most 1e-3: `0.9790`, `1.0000e-03`.
pub(crate) fn figure(value: f64, size: f64) -> String {
    if size > 1e-3 {
        return format!("{value:.4}");
    }
    if !value.is_finite() {
        return if value.is_nan() { "nan".into() } else { format!("{value}") };
    }
    // Rust writes exponents without sign and padding.
    let text = format!("{value:.4e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |e| ('-', e));
    format!("{digits}e{sign}{exponent:0>2}")
}
