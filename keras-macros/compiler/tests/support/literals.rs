//! The texts in a source file that read like messages.

use proc_macro2::{TokenStream, TokenTree};

/// The literals of a file that are more than one word, but for documentation, attributes, and code that is quoted.
pub(crate) fn sentences(source: &str) -> Vec<String> {
    let mut list = Vec::new();
    collect(source.parse().expect("tokens"), &mut list);
    list
}

fn collect(tokens: TokenStream, list: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    let mut quoted = false;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                tokens.next_if(|next| matches!(next, TokenTree::Punct(mark) if mark.as_char() == '!'));
                tokens.next_if(|next| matches!(next, TokenTree::Group(_)));
            }
            TokenTree::Ident(word) if word == "quote" || word == "parse_quote" => quoted = true,
            TokenTree::Group(group) => {
                if !quoted {
                    collect(group.stream(), list);
                }
                quoted = false;
            }
            TokenTree::Literal(literal) => {
                let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).map(|text| text.value());
                if let Ok(text) = text
                    && pieces(&text).iter().any(|piece| piece.trim().contains(' '))
                {
                    list.push(text);
                }
            }
            TokenTree::Punct(mark) if quoted && mark.as_char() == '!' => {}
            _ => quoted = false,
        }
    }
}

/// What stands between the placeholders of a format string.
fn pieces(format: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        let double = (c == '{' || c == '}') && chars.next_if_eq(&c).is_some();
        if c == '{' && !double {
            chars.by_ref().find(|&c| c == '}');
            pieces.push(String::new());
        } else if let Some(last) = pieces.last_mut() {
            last.push(c);
        }
    }
    pieces
}

/// Whether a message may come from a format string.
pub(crate) fn occurs(format: &str, message: &str) -> bool {
    let mut rest = message;
    pieces(format).iter().all(|piece| match rest.find(piece.as_str()) {
        Some(at) => {
            rest = &rest[at + piece.len()..];
            true
        }
        None => false,
    })
}
