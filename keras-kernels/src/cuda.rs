//! Sources.
/// Sources.
pub const SOURCES: &[(&str, &str)] = &[];
