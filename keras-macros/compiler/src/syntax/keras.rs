//! `keras! { … }`: makes `sequential!< … >` legal.
//!
//! Rust's grammar wants a delimiter after `!`, so `sequential!< Dense(64, relu) >` is refused before any macro runs. Within
//! the tokens of another macro it may stand, and here it is rewritten: `type Name = sequential!< … >;` to the item form,
//! anything else to `sequential!(< … >)`.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use super::split_crate;

/// Rewrites all of them, in groups too.
#[must_use]
pub fn rewrite(tokens: TokenStream) -> TokenStream {
    let (krate, tokens) = split_crate(tokens);
    inner(&krate, tokens)
}

fn inner(krate: &TokenStream, tokens: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut out: Vec<TokenTree> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        if let Some((layers, next)) = chain(&tokens[i..]) {
            i += next;
            match alias(&mut out) {
                Some(head) => {
                    if punct(tokens.get(i), ';') {
                        i += 1;
                    }
                    out.extend(quote!(#krate::sequential! { #head #layers ; }));
                }
                None => out.extend(quote!(#krate::sequential!(#layers))),
            }
            continue;
        }
        match &tokens[i] {
            TokenTree::Group(group) => {
                let mut new = Group::new(group.delimiter(), inner(krate, group.stream()));
                new.set_span(group.span());
                out.push(TokenTree::Group(new));
            }
            other => out.push(other.clone()),
        }
        i += 1;
    }
    out.into_iter().collect()
}

fn punct(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == mark)
}

fn word(token: Option<&TokenTree>, text: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(word)) if word == text)
}

/// The `< … >` of `sequential!< … >` at the front, and how many tokens all of it takes.
fn chain(tokens: &[TokenTree]) -> Option<(TokenStream, usize)> {
    if !(word(tokens.first(), "sequential") && punct(tokens.get(1), '!') && punct(tokens.get(2), '<')) {
        return None;
    }
    let mut depth = 0usize;
    let mut end = tokens.len();
    for (i, token) in tokens.iter().enumerate().skip(2) {
        if punct(Some(token), '<') {
            depth += 1;
        } else if punct(Some(token), '>') {
            depth -= 1;
            if depth == 0 {
                return Some((tokens[2..=i].iter().cloned().collect(), i + 1));
            }
        } else if punct(Some(token), ';') {
            end = i;
            break;
        }
    }
    // Not closed: `sequential!` will say so.
    Some((tokens[2..end].iter().cloned().collect(), end))
}

/// Takes `attrs vis type Name =` off the end of `out`, if that is how it ends: the head of the item form.
fn alias(out: &mut Vec<TokenTree>) -> Option<TokenStream> {
    let n = out.len();
    if n < 3 || !punct(out.get(n - 1), '=') || !word(out.get(n - 3), "type") {
        return None;
    }
    let mut start = n - 3;
    loop {
        let before = start.checked_sub(1).and_then(|i| out.get(i));
        let restricted = matches!(before, Some(TokenTree::Group(g)) if g.delimiter() == Delimiter::Parenthesis)
            && word(start.checked_sub(2).and_then(|i| out.get(i)), "pub");
        let attribute = matches!(before, Some(TokenTree::Group(g)) if g.delimiter() == Delimiter::Bracket)
            && punct(start.checked_sub(2).and_then(|i| out.get(i)), '#');
        if word(before, "pub") {
            start -= 1;
        } else if restricted || attribute {
            start -= 2;
        } else {
            break;
        }
    }
    let mut head: Vec<TokenTree> = out.drain(start..).collect();
    head.pop();
    Some(head.into_iter().collect())
}
