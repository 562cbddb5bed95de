//! The words of one layer's call, in code that gives them a meaning.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Expr, ExprCall, Path};

use crate::layers::args::COMMON;
use crate::layers::objects::{self, Named, Object};
use crate::layers::values::{argument_list, bare, emitted};
use crate::layers::{Kind, find, words};
use crate::syntax::{Argument, Call, Callee};

/// Gives words their meaning.
#[derive(Clone)]
pub struct Words {
    /// The path of the module with the items: see [`super::words`].
    pub editor: TokenStream,
    /// Names that stand for something of the user's, whatever else is called so.
    pub locals: HashSet<String>,
}

/// Where the words lie that an argument takes.
fn family(kind: Option<Kind>) -> Family {
    match kind {
        Some(Kind::Activation | Kind::RequiredActivation) => Family::Of("activations"),
        Some(Kind::Initializer(_)) => Family::Of("initializers"),
        Some(Kind::Regularizer) => Family::Of("regularizers"),
        Some(Kind::Constraint) => Family::Of("constraints"),
        Some(Kind::DataFormat) => Family::Of("data_formats"),
        Some(Kind::Name) => Family::Name,
        _ => Family::Value,
    }
}

#[derive(Clone, Copy)]
enum Family {
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
        "activations" => words::activations().collect(),
        "initializers" => objects::all(Object::Initializer).collect(),
        "regularizers" => objects::all(Object::Regularizer).collect(),
        "constraints" => objects::all(Object::Constraint).collect(),
        _ => Vec::new(),
    }
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
        let fields = args.iter().enumerate().map(|(i, argument)| {
            let place = match (&argument.keyword, name.as_str()) {
                (Some(keyword), _) => known.iter().find(|(name, _)| keyword == name),
                // All of them are dimensions.
                (None, "Input") => None,
                (None, _) => known[..positional].get(i),
            };
            let family = match &argument.keyword {
                Some(keyword) if name == "Input" && keyword == "dtype" => Family::Of("dtypes"),
                _ => family(place.and_then(|(_, kind)| *kind)),
            };
            let within = argument.keyword.is_none().then_some(word);
            let field = place.map(|(name, _)| *name);
            (argument.keyword.clone(), field, self.value(family, &argument.value, within))
        });
        let layer = Ident::new(&name, Span::call_site());
        out.extend(self.record(&quote!(#editor::layers::#layer), fields));
        out
    }

    /// A struct with these fields: their names as written or as known, and their values.
    fn record(
        &self,
        of: &TokenStream,
        fields: impl Iterator<Item = (Option<Ident>, Option<&'static str>, TokenStream)>,
    ) -> TokenStream {
        let editor = &self.editor;
        let (mut inside, mut beside, mut taken) = (TokenStream::new(), TokenStream::new(), HashSet::new());
        for (written, known, value) in fields {
            let field = written.or_else(|| known.map(|name| Ident::new(name, Span::call_site())));
            match field {
                Some(field) if taken.insert(field.to_string()) => inside.extend(quote!(#field: #editor::to(#value),)),
                _ => beside.extend(quote!(let _ = #value;)),
            }
        }
        if inside.is_empty() { beside } else { quote!(#beside let _ = #of { #inside ..#editor::any() };) }
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
        let fields = args.filter(|argument| argument.keyword.is_some()).map(|argument| {
            let name = argument.keyword.as_ref().is_some_and(|word| word == "name");
            let family = if name { Family::Name } else { Family::Value };
            (argument.keyword.clone(), None, self.value(family, &argument.value, None))
        });
        self.record(&quote!(#editor::Own), fields)
    }

    fn block(&self, path: &Path, args: &[Argument]) -> TokenStream {
        let common =
            |argument: &&Argument| argument.keyword.as_ref().is_some_and(|word| word == "name" || word == "trainable");
        let fields = args
            .iter()
            .filter(|argument| !common(argument))
            .map(|argument| (argument.keyword.clone(), None, self.any_word(&argument.value)));
        let arguments = self.record(&quote!(#path), fields);
        let keywords = self.keywords(args.iter().filter(common));
        quote!(let _ = ::core::option::Option::<#path>::None; #arguments #keywords)
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
        let layer = within.map(|layer| Ident::new(&layer.to_string(), Span::call_site()));
        match (family, self.word(value), bare(value)) {
            (Family::Name, ..) | (_, _, Expr::Lit(_)) => nothing,
            (_, Some(word), _) if word == "None" => nothing,
            (Family::Of(module), Some(word), _) => {
                let module = Ident::new(module, Span::call_site());
                match layer {
                    Some(layer) => quote!({
                        mod words {
                            pub use #editor::keywords::#layer::*;
                            pub use #editor::#module::*;
                        }
                        words::#word
                    }),
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
        let fields = args.iter().enumerate().map(|(i, argument)| {
            let value = self.value(Family::Value, &argument.value, None);
            (argument.keyword.clone(), places.get(i).copied(), value)
        });
        let module = Ident::new(module, Span::call_site());
        let kind = quote!(#editor::#module::arguments::#word);
        let again = Ident::new(&name, Span::call_site());
        let record = self.record(&quote!(#editor::#module::arguments::#again), fields);
        Some(quote!({ let _ = ::core::option::Option::<#kind>::None; #record }))
    }
}
