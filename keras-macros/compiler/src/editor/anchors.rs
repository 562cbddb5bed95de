//! The words of one layer's call, in code that gives them a meaning.

use std::collections::HashSet;

use proc_macro2::{Group, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::quote;
use syn::{Expr, ExprCall, Path};

use crate::layers::kinds::COMMON;
use crate::layers::objects::{self, Named, Object};
use crate::layers::values::{argument_list, bare, emitted};
use crate::layers::{Kind, activations, find};
use crate::syntax::{Argument, Call, Callee, inline};

/// Gives words their meaning.
#[derive(Clone)]
pub struct Words {
    /// The path of the module with the items: see [`super::words`].
    pub editor: TokenStream,
    /// Names that stand for something of the user's, whatever else is called so.
    pub locals: HashSet<String>,
}

/// Where the words lie that an argument takes.
pub(super) fn family(kind: Option<Kind>) -> Family {
    match kind {
        Some(Kind::Activation | Kind::ActivationOr(_) | Kind::RequiredActivation) => Family::Of("activations"),
        Some(Kind::Initializer(_)) => Family::Of("initializers"),
        Some(Kind::Regularizer) => Family::Of("regularizers"),
        Some(Kind::Constraint) => Family::Of("constraints"),
        Some(Kind::Channels) => Family::Of("data_formats"),
        Some(Kind::Padding | Kind::CausalPadding) => Family::Of("paddings"),
        Some(Kind::Name | Kind::MergeMode | Kind::ScoreMode | Kind::Interpolation | Kind::Policy) => Family::Name,
        Some(Kind::Layer | Kind::OptionalLayer | Kind::Cell | Kind::Cells) => Family::Name,
        _ => Family::Value,
    }
}

/// The kinds of words that arguments take.
#[derive(Clone, Copy)]
pub(super) enum Family {
    /// Words of this module.
    Of(&'static str),
    /// Any word.
    Name,
    /// An expression of the user's.
    Value,
}

/// The activations, initializers and so on of a module.
fn members(module: &str) -> Vec<Named> {
    match module {
        "activations" => activations::all().collect(),
        "initializers" => objects::all(Object::Initializer).collect(),
        "regularizers" => objects::all(Object::Regularizer).collect(),
        "constraints" => objects::all(Object::Constraint).collect(),
        _ => Vec::new(),
    }
}

/// What stands where a word is still to be written. To complete one, an editor expands the macro with a word at the cursor
/// and without it, and looks up in the second what the first has around the word; so both must be alike.
pub const NEXT: &str = "__next";

/// That word.
fn next_word() -> Expr {
    let word = Ident::new(NEXT, Span::call_site());
    syn::parse_quote!(#word)
}

/// The same word where no editor looks for it.
pub(super) fn unplaced(word: &Ident) -> Ident {
    let mut word = word.clone();
    word.set_span(Span::call_site());
    word
}

/// The tokens with [`NEXT`] after each `=` that nothing follows.
#[must_use]
pub fn completed(tokens: TokenStream) -> TokenStream {
    let mut tokens = tokens.into_iter().peekable();
    let mut out = TokenStream::new();
    while let Some(token) = tokens.next() {
        let equals =
            matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '=' && punct.spacing() == Spacing::Alone);
        let ends = |next: Option<&TokenTree>| match next {
            None => true,
            Some(TokenTree::Punct(punct)) => matches!(punct.as_char(), ',' | ';'),
            Some(_) => false,
        };
        match token {
            TokenTree::Group(group) => {
                let mut new = Group::new(group.delimiter(), completed(group.stream()));
                new.set_span(group.span());
                out.extend([TokenTree::Group(new)]);
            }
            other => out.extend([other]),
        }
        if equals && ends(tokens.peek()) {
            out.extend([TokenTree::Ident(Ident::new(NEXT, Span::call_site()))]);
        }
    }
    out
}

impl Words {
    /// Nothing is local yet.
    #[must_use]
    pub fn new(krate: &TokenStream) -> Words {
        Words { editor: quote!(#krate::__private::editor), locals: HashSet::new() }
    }

    /// The words of a call that makes a layer, as statements.
    #[must_use]
    pub fn call(&self, call: &Call) -> TokenStream {
        match &call.callee {
            Callee::Word(word) => self.built_in(word, &call.args),
            Callee::Path(path) => self.own(path, &call.args),
            Callee::Block(path) => self.block(path, &call.args),
        }
    }

    /// Where one more layer would be.
    #[must_use]
    pub fn next_layer(&self) -> TokenStream {
        let (editor, next) = (&self.editor, Ident::new(NEXT, Span::call_site()));
        quote!(let _ = ::core::option::Option::<#editor::layers::#next>::None;)
    }

    /// Sizes, as statements.
    #[must_use]
    pub fn sizes(&self, sizes: &[Expr]) -> TokenStream {
        let sizes = sizes.iter().map(|size| self.value(Family::Value, size, None));
        quote!(#(let _ = #sizes;)*)
    }

    fn built_in(&self, word: &Ident, args: &[Argument]) -> TokenStream {
        const INPUT: &[(&str, Option<Kind>)] = &[("shape", None), ("dtype", None)];
        let editor = &self.editor;
        let mut out = quote!(let _ = ::core::option::Option::<#editor::layers::#word>::None;);
        let name = word.to_string();
        let known: Vec<(&str, Option<Kind>)> = match find(&name) {
            Some(layer) => layer.spec().args.iter().chain(COMMON).map(|(name, kind)| (*name, Some(*kind))).collect(),
            None if name == "Input" => INPUT.to_vec(),
            None => {
                for argument in args {
                    let value = self.value(Family::Value, &argument.value, None);
                    out.extend(quote!(let _ = #value;));
                }
                return out;
            }
        };
        let positional = known.len() - if name == "Input" { 0 } else { COMMON.len() };
        let place = |i: usize| if name == "Input" { None } else { known[..positional].get(i) };
        let (mut written, mut taken) = (Vec::new(), Vec::new());
        for (i, argument) in args.iter().enumerate() {
            if let Some(keyword) = &argument.keyword {
                let kind = known.iter().find(|(name, _)| keyword == name).and_then(|(_, kind)| *kind);
                let dtype = name == "Input" && keyword == "dtype";
                let family = if dtype { Family::Of("dtypes") } else { family(kind) };
                written.push((keyword.clone(), self.value(family, &argument.value, None)));
                continue;
            }
            let value = self.value(family(place(i).and_then(|(_, kind)| *kind)), &argument.value, Some(word));
            out.extend(quote!(let _ = #value;));
            taken.extend(place(i).map(|(name, _)| *name));
        }
        let next = family(place(args.len()).and_then(|(_, kind)| *kind));
        let next = self.value(next, &next_word(), Some(word));
        out.extend(quote!(let _ = #next;));
        let layer = unplaced(word);
        out.extend(self.record(&quote!(#editor::layers::#layer), &written, &taken));
        out
    }

    /// A struct with the fields that were written, and with others that are given by position.
    fn record(&self, of: &TokenStream, written: &[(Ident, TokenStream)], taken: &[&str]) -> TokenStream {
        let editor = &self.editor;
        let (mut inside, mut beside, mut names) = (TokenStream::new(), TokenStream::new(), HashSet::new());
        for (field, value) in written {
            if names.insert(field.to_string()) {
                inside.extend(quote!(#field: #editor::to(#value),));
            } else {
                beside.extend(quote!(let _ = #value;));
            }
        }
        if inside.is_empty() {
            return beside;
        }
        let taken = taken.iter().filter(|name| !names.contains(**name)).map(|name| Ident::new(name, Span::call_site()));
        quote!(#beside let _ = #of { #inside #(#taken: #editor::any(),)* ..#editor::any() };)
    }

    fn own(&self, path: &Path, args: &[Argument]) -> TokenStream {
        let values: Vec<TokenStream> =
            args.iter().filter(|arg| arg.keyword.is_none()).map(|arg| emitted(&arg.value)).collect();
        let keywords = self.keywords(args.iter());
        let function = path.segments.last().is_some_and(|last| last.ident.to_string().starts_with(char::is_lowercase));
        match (values.is_empty(), function) {
            (true, false) => quote!(let _ = ::core::option::Option::<#path>::None; #keywords),
            (true, true) => quote!(let _ = #path; #keywords),
            (false, _) => quote!(let _ = #path(#(#values),*); #keywords),
        }
    }

    /// What every layer takes, one of the user's too.
    fn keywords<'a>(&self, args: impl Iterator<Item = &'a Argument>) -> TokenStream {
        let editor = &self.editor;
        let fields: Vec<_> = args
            .filter_map(|argument| {
                let keyword = argument.keyword.clone()?;
                let family = if keyword == "name" { Family::Name } else { Family::Value };
                Some((keyword, self.value(family, &argument.value, None)))
            })
            .collect();
        self.record(&quote!(#editor::Own), &fields, &[])
    }

    fn block(&self, path: &Path, args: &[Argument]) -> TokenStream {
        let common = |argument: &&Argument| {
            argument.keyword.as_ref().is_some_and(|word| inline::COMMON.iter().any(|common| word == common))
        };
        let (mut values, mut fields) = (TokenStream::new(), Vec::new());
        for argument in args.iter().filter(|argument| !common(argument)) {
            let value = self.any_word(&argument.value);
            match &argument.keyword {
                Some(keyword) => fields.push((keyword.clone(), value)),
                None => values.extend(quote!(let _ = #value;)),
            }
        }
        let arguments = self.record(&quote!(#path), &fields, &[]);
        let keywords = self.keywords(args.iter().filter(common));
        quote!(let _ = ::core::option::Option::<#path>::None; #values #arguments #keywords)
    }

    /// An argument of a block, which can be whatever a layer takes.
    fn any_word(&self, value: &Expr) -> TokenStream {
        let editor = &self.editor;
        match self.word(value) {
            Some(word) => {
                let modules = ["activations", "initializers", "regularizers", "constraints"];
                match modules.into_iter().find(|module| {
                    members(module).iter().any(|named| word == named.name || named.alias.iter().any(|a| word == a))
                }) {
                    Some(module) => {
                        let module = Ident::new(module, Span::call_site());
                        quote!(#editor::#module::#word)
                    }
                    None => quote!(#word),
                }
            }
            None if matches!(bare(value), Expr::Call(_)) => quote!(#editor::any::<()>()),
            None => self.value(Family::Value, value, None),
        }
    }

    /// The single word that an expression is, unless it stands for something of the user's.
    fn word<'a>(&self, value: &'a Expr) -> Option<&'a Ident> {
        match bare(value) {
            Expr::Path(path) if path.qself.is_none() => {
                path.path.get_ident().filter(|word| !self.locals.contains(&word.to_string()))
            }
            _ => None,
        }
    }

    /// An argument's value. A word by position may become a keyword yet: it is offered those of the layer `within`.
    fn value(&self, family: Family, value: &Expr, within: Option<&Ident>) -> TokenStream {
        let editor = &self.editor;
        let nothing = quote!(#editor::any::<()>());
        let layer = within.map(unplaced);
        match (family, self.word(value), bare(value)) {
            (Family::Name, ..) | (_, _, Expr::Lit(_)) => nothing,
            (_, Some(word), _) if word == "None" => nothing,
            (Family::Of(module), Some(word), _) => {
                let module = Ident::new(module, Span::call_site());
                match layer {
                    Some(layer) => quote!(#editor::positions::#layer::#module::#word),
                    None => quote!(#editor::#module::#word),
                }
            }
            (Family::Of(module), None, Expr::Call(call)) => self.object(module, call).unwrap_or(nothing),
            (Family::Value, Some(word), _) => match layer {
                Some(layer) => quote!({ use #editor::keywords::#layer::*; #word }),
                None => quote!(#word),
            },
            _ => emitted(value),
        }
    }

    /// `L2(0.01)`, `HeNormal(seed = 1)`.
    fn object(&self, module: &'static str, call: &ExprCall) -> Option<TokenStream> {
        let editor = &self.editor;
        let word = self.word(&call.func)?;
        let name = word.to_string();
        let named = members(module).into_iter().find(|named| named.name == name || named.alias.contains(&name));
        let places = named.map(|named| named.fields).unwrap_or_default();
        let args = argument_list(call).ok()?;
        let (mut values, mut fields, mut taken) = (TokenStream::new(), Vec::new(), Vec::new());
        for (i, argument) in args.iter().enumerate() {
            let value = self.value(Family::Value, &argument.value, None);
            match &argument.keyword {
                Some(keyword) => fields.push((keyword.clone(), value)),
                None => {
                    values.extend(quote!(let _ = #value;));
                    taken.extend(places.get(i).copied());
                }
            }
        }
        let module = Ident::new(module, Span::call_site());
        let kind = quote!(#editor::#module::arguments::#word);
        let again = unplaced(word);
        let record = self.record(&quote!(#editor::#module::arguments::#again), &fields, &taken);
        Some(quote!({ let _ = ::core::option::Option::<#kind>::None; #values #record }))
    }
}
