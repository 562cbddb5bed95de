//! Things that are chosen by name at run time.

use crate::error::Error;

/// Whether a name that a user wrote means `snake`: `MeanSquaredError` and `mean_squared_error` are one name.
pub(crate) fn means(written: &str, snake: &str) -> bool {
    let letters = |s: &str| s.chars().filter(|&c| c != '_').map(|c| c.to_ascii_lowercase()).collect::<String>();
    letters(written) == letters(snake)
}

/// The error for a name that is not among `known`, with the one that was probably meant.
pub(crate) fn unknown(argument: &'static str, written: &str, known: &[&str]) -> Error {
    let lower = written.to_ascii_lowercase();
    let nearest = known
        .iter()
        .map(|name| (strsim::jaro_winkler(&lower, name), name))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let all = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let reason = match nearest {
        Some((_, name)) => format!("there is none of this name; did you mean `{name}`? There are {all}"),
        None => format!("there is none of this name; there are {all}"),
    };
    Error::Argument { argument, value: format!("{written:?}"), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        assert!(means("MeanSquaredError", "mean_squared_error") && means("SGD", "sgd"));
        assert!(!means("mean_error", "mean_squared_error"));
    }

    #[test]
    fn a_near_miss_is_mended() {
        let text = |written| unknown("optimizer", written, &["sgd", "adam"]).to_string();
        assert_eq!(
            text("adma"),
            "optimizer = \"adma\": there is none of this name; did you mean `adam`? There are `sgd`, `adam`"
        );
        assert_eq!(text("zzz"), "optimizer = \"zzz\": there is none of this name; there are `sgd`, `adam`");
    }
}
