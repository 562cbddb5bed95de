//! All mistakes of one invocation, told together.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// Mistakes found so far.
#[derive(Default, Debug)]
pub struct Errors {
    list: Vec<syn::Error>,
    /// The block of layers that is looked at, which messages begin with.
    pub within: Option<String>,
}

impl Errors {
    /// Adds a mistake on the token at `span`.
    pub fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Adds a mistake that spans `tokens`.
    pub fn on(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds a mistake that the parser found.
    pub fn push(&mut self, error: syn::Error) {
        self.list.push(match &self.within {
            Some(block) => syn::Error::new(error.span(), format!("in `{block}`: {error}")),
            None => error,
        });
    }

    /// The result, or nothing after its mistake was added.
    pub fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Forgets all but the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.list.truncate(len);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// The mistakes, in the order in which they were written.
    #[must_use]
    pub fn sorted(&self) -> Vec<syn::Error> {
        let mut list: Vec<syn::Error> = self.list.iter().flat_map(|error| error.clone()).collect();
        list.sort_by_key(|error| {
            let start = error.span().start();
            (start.line, start.column)
        });
        list
    }

    /// The texts, in order; what unit tests look at.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        self.sorted().iter().map(ToString::to_string).collect()
    }

    /// `compile_error!` for each mistake.
    #[must_use]
    pub fn into_tokens(self) -> TokenStream {
        self.sorted().into_iter().map(|error| error.to_compile_error()).collect()
    }
}

/// The candidate that was probably meant by `word`, if one is near enough.
///
/// Nearness is the larger of the Jaro-Winkler and the normalized Damerau-Levenshtein similarity, with case and `_`
/// folded; 0.82 keeps `rleu` → `relu` and refuses unrelated words.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |s: &str| s.to_lowercase().replace('_', "");
    let word = fold(word);
    candidates
        .into_iter()
        .map(|candidate| {
            let folded = fold(candidate);
            let near = strsim::jaro_winkler(&word, &folded).max(strsim::normalized_damerau_levenshtein(&word, &folded));
            (near, candidate)
        })
        .filter(|(near, _)| *near >= 0.82)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// `; did you mean …?`, or nothing.
#[must_use]
pub fn suggestion<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    did_you_mean(word, candidates).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}
