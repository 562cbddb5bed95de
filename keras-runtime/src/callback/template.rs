//! File names with figures in them.

use super::{Logs, python};

/// Replaces `{epoch}`, `{val_loss:.2f}` and the like. Whole numbers are `epoch` and `batch`.
///
/// Of Python's formats there are a width, with `0` before it for zeros in front, digits behind the point, and the kinds
/// `d`, `f` and `e`.
pub(super) fn fill(template: &str, whole: &[(&str, usize)], logs: &Logs) -> Result<String, String> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..];
        if let Some(escaped) = ["{{", "}}"].iter().find(|b| brace.starts_with(**b)) {
            text.push_str(&escaped[1..]);
            rest = &brace[2..];
            continue;
        }
        let Some((field, behind)) = brace.strip_prefix('{').and_then(|field| field.split_once('}')) else {
            return Err("a brace without its other half; a brace that is meant is doubled".into());
        };
        let (name, format) = field.split_once(':').unwrap_or((field, ""));
        let value = match whole.iter().find(|(known, _)| *known == name) {
            Some(&(_, value)) => Value::Whole(value),
            None => Value::Figure(*logs.get(name).ok_or_else(|| {
                let known = whole.iter().map(|(name, _)| *name).chain(logs.keys().map(String::as_str));
                format!("there is no `{name}`; there are {}", known.collect::<Vec<_>>().join(", "))
            })?),
        };
        text.push_str(&value.format(format).ok_or_else(|| format!("`{{{field}}}` has an unknown format"))?);
        rest = behind;
    }
    text.push_str(rest);
    Ok(text)
}

enum Value {
    Whole(usize),
    Figure(f64),
}

impl Value {
    fn format(&self, format: &str) -> Option<String> {
        let kind = format.chars().last().filter(char::is_ascii_alphabetic);
        let format = &format[..format.len() - kind.map_or(0, char::len_utf8)];
        // More than any file name can hold is refused.
        let number = |digits: &str| digits.parse::<usize>().ok().filter(|&n| n <= 255);
        let (width, digits) = match format.split_once('.') {
            Some((width, digits)) => (width, Some(number(digits)?)),
            None => (format, None),
        };
        let zeros = width.starts_with('0');
        let width = if width.is_empty() { 0 } else { number(width)? };
        let text = match (self, kind, digits) {
            (Value::Whole(n), None | Some('d'), None) => n.to_string(),
            (Value::Whole(n), Some('f' | 'e'), _) => {
                return Value::Figure(*n as f64).format(&format!("{format}{}", kind?));
            }
            (Value::Figure(v), None, None) => python(*v),
            (Value::Figure(v), Some('f'), digits) => format!("{v:.*}", digits.unwrap_or(6)),
            (Value::Figure(v), Some('e'), digits) => {
                let text = format!("{v:.*e}", digits.unwrap_or(6));
                let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                format!("{mantissa}e{:+03}", exponent.parse::<i32>().ok()?)
            }
            _ => return None,
        };
        let fill = width.saturating_sub(text.len());
        Some(match (zeros, text.strip_prefix('-')) {
            (true, Some(positive)) => format!("-{}{positive}", "0".repeat(fill)),
            (true, None) => "0".repeat(fill) + &text,
            (false, _) => " ".repeat(fill) + &text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected texts are what Python's `str.format` gives.
    #[test]
    fn formats_as_python_does() {
        let logs = Logs::from([("val_loss".into(), 0.30517), ("loss".into(), -2e-7), ("one".into(), 1.0)]);
        let whole = [("epoch", 7), ("batch", 1200)];
        for (template, expected) in [
            ("plain", "plain"),
            ("{epoch}-{batch}", "7-1200"),
            ("{epoch:02d}-{val_loss:.2f}", "07-0.31"),
            ("{epoch:3}|{epoch:03}|{epoch:.1f}", "  7|007|7.0"),
            ("{val_loss:08.3f}|{val_loss:8.3f}|{val_loss:f}", "0000.305|   0.305|0.305170"),
            ("{loss}|{loss:.1e}|{loss:09.1e}|{one}", "-2e-07|-2.0e-07|-02.0e-07|1.0"),
            ("{{epoch}}", "{epoch}"),
        ] {
            assert_eq!(fill(template, &whole, &logs).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let logs = Logs::from([("loss".into(), 0.5)]);
        let fails = |template: &str| fill(template, &[("epoch", 1)], &logs).unwrap_err();
        assert_eq!(fails("{val_loss}"), "there is no `val_loss`; there are epoch, loss");
        assert!(fails("{epoch").contains("brace"));
        assert!(fails("epoch}").contains("brace"));
        assert!(fails("{loss:d}").contains("`{loss:d}`"));
        assert!(fails("{epoch:x}").contains("`{epoch:x}`"));
        assert!(fails("{loss:.70000f}").contains("unknown format"));
        assert!(fails("{loss:70000f}").contains("unknown format"));
    }
}
