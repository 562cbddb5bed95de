//! `layer! { … }`: a block of layers with arguments.
//!
//! ```text
//! layer := attrs vis "struct" Ident ("(" parameters ")")? (chain ";"? | "(" names ")" block)
//! chain := "<" layer ("," layer)* ","? ">"
//! block := as in `model!`
//! parameters := (Ident ("=" default)?),*
//! ```
//!
//! Macros cannot see each other's tokens, so a block becomes a `macro_rules!` of its own name, which hands its definition to
//! the macro that asks for it: see [`super::inline`].

use std::sync::atomic::{AtomicUsize, Ordering};

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Block, Token, Visibility};

use super::model::Reader;
use super::sequential::{chain_of, linked, unwrap_angles};
use super::{Call, Callee, Input, Node, split_commas, split_crate};
use crate::Errors;

/// A block as it was written.
pub struct Definition {
    /// Its attributes.
    pub attrs: Vec<Attribute>,
    /// Its visibility.
    pub vis: Visibility,
    /// Its name.
    pub name: Ident,
    /// Its parameters, with their defaults.
    pub parameters: Vec<(Ident, Option<TokenStream>)>,
    /// What it is made of.
    pub body: Body,
    /// The crate that it is of, which paths with `$crate` begin in.
    pub krate: String,
}

/// What a block is made of, as tokens, in which arguments can be put.
pub enum Body {
    /// A chain.
    Chain(TokenStream),
    /// A graph, with the names of its inputs.
    Graph(Vec<Ident>, TokenStream),
}

/// A block with its arguments in their places.
pub struct Parts {
    /// Its layers.
    pub layers: Vec<Call>,
    /// Its calls; results are numbered from the inputs on.
    pub calls: Vec<Node>,
    /// How many inputs it has.
    pub inputs: usize,
    /// Which results it gives.
    pub outputs: Vec<usize>,
}

/// Expands `layer! { … }`. The first token is `[path]`, the path of the facade crate.
#[must_use]
pub fn expand(tokens: TokenStream, errors: &mut Errors) -> TokenStream {
    let (_, tokens) = split_crate(tokens);
    let definition = match read.parse2(tokens.clone()) {
        Ok(definition) => definition,
        Err(error) => {
            errors.push(error);
            return TokenStream::new();
        }
    };
    definition.check(errors);
    let Definition { attrs, vis, name, .. } = &definition;
    // Exported macros of a crate share one namespace whatever module they are in, and a macro of the user's can make
    // several blocks from one place.
    static BLOCKS: AtomicUsize = AtomicUsize::new(0);
    let hidden = format_ident!("__keras_{}_{}", name, BLOCKS.fetch_add(1, Ordering::Relaxed));
    let (told, given) = if errors.is_empty() {
        (None, TokenTree::Group(Group::new(Delimiter::Brace, handed(tokens))).to_token_stream())
    } else {
        let mistakes = std::mem::take(errors).into_tokens();
        let told = quote! {
            #[doc(hidden)]
            #vis struct #name;
            impl #name {
                #[doc(hidden)]
                pub const MISTAKES: usize = { #mistakes };
            }
        };
        (Some(told), quote!({}))
    };
    let exported = matches!(vis, Visibility::Public(_))
        .then(|| quote!(#[doc(hidden)] #[allow(non_local_definitions)] #[macro_export]));
    let message = format!("`{name}` is a block of layers: it stands among the layers of `sequential!` or `model!`");
    quote! {
        #told

        #(#attrs)*
        #exported
        macro_rules! #hidden {
            (@keras [$($back:tt)*] { $($head:tt)* } { $($rest:tt)* }) => {
                $($back)* ! { $($head)* #given $($rest)* }
            };
            ($($tokens:tt)*) => { ::core::compile_error!(#message) };
        }
        #[allow(unused_imports)]
        #vis use #hidden as #name;
    }
}

/// What is handed over of a definition: its crate, and all but its attributes and its visibility.
fn handed(tokens: TokenStream) -> TokenStream {
    let bare = tokens.into_iter().skip_while(|token| !matches!(token, TokenTree::Ident(word) if word == "struct"));
    let variable = |name| std::env::var(name).unwrap_or_default();
    let krate = ["CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_CRATE_NAME"].map(variable).join(" ");
    let krate = TokenTree::Literal(Literal::string(&krate));
    [krate].into_iter().chain(absolute(bare.collect())).collect()
}

/// The tokens with `$crate` for `crate`, so that they mean the same wherever the block is used.
fn absolute(tokens: TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    for token in tokens {
        match token {
            TokenTree::Ident(word) if word == "crate" => {
                let mut dollar = Punct::new('$', Spacing::Alone);
                dollar.set_span(word.span());
                out.extend([TokenTree::Punct(dollar), TokenTree::Ident(word)]);
            }
            TokenTree::Group(group) => {
                let mut new = Group::new(group.delimiter(), absolute(group.stream()));
                new.set_span(group.span());
                out.extend([TokenTree::Group(new)]);
            }
            other => out.extend([other]),
        }
    }
    out
}

/// Reads the definition of a block, as it was written or as it is handed over.
///
/// # Errors
/// If its head is not one.
pub fn read(input: ParseStream<'_>) -> syn::Result<Definition> {
    let krate = input.parse::<Option<syn::LitStr>>()?.map_or_else(String::new, |krate| krate.value());
    let attrs = input.call(Attribute::parse_outer)?;
    let vis: Visibility = input.parse()?;
    if !input.peek(Token![struct]) {
        return Err(input.error("expected `struct Name(arguments) < … >;` or `struct Name(arguments)(x) { … }`"));
    }
    let _: Token![struct] = input.parse()?;
    let name: Ident = input.parse()?;
    let mut groups = Vec::new();
    while input.peek(syn::token::Paren) {
        let content;
        syn::parenthesized!(content in input);
        groups.push(content.parse::<TokenStream>()?);
    }
    if input.peek(syn::token::Brace) {
        let (Some(names), true) = (groups.pop(), groups.len() < 2) else {
            return Err(input.error(format!("expected the names of the inputs: `struct {name}(units)(x) {{ … }}`")));
        };
        let body: TokenTree = input.parse()?;
        if !input.is_empty() {
            return Err(input.error("expected nothing after the block: one for each `layer!`"));
        }
        let mut inputs = Vec::new();
        for (part, _) in split_commas(names) {
            let mistake = syn::Error::new_spanned(&part, "expected the name of an input; a block takes any shape");
            inputs.push(syn::parse2::<Ident>(part).map_err(|_| mistake)?);
        }
        let parameters = parameters(groups.pop())?;
        return Ok(Definition { attrs, vis, name, parameters, body: Body::Graph(inputs, body.into()), krate });
    }
    if groups.len() > 1 || !input.peek(Token![<]) {
        let message = format!("expected layers in `<…>`, or inputs and a block: `struct {name}(units)(x) {{ … }}`");
        return Err(input.error(message));
    }
    let mut list: Vec<TokenTree> = input.parse::<TokenStream>()?.into_iter().collect();
    if matches!(list.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == ';') {
        list.pop();
    }
    let parameters = parameters(groups.pop())?;
    Ok(Definition { attrs, vis, name, parameters, body: Body::Chain(list.into_iter().collect()), krate })
}

fn parameters(list: Option<TokenStream>) -> syn::Result<Vec<(Ident, Option<TokenStream>)>> {
    let mut parameters: Vec<(Ident, Option<TokenStream>)> = Vec::new();
    for (part, _) in split_commas(list.unwrap_or_default()) {
        let one = |input: ParseStream<'_>| {
            let name: Ident = input.parse()?;
            if input.is_empty() {
                return Ok((name, None));
            }
            if !input.peek(Token![=]) {
                return Err(input.error("an argument of a block is a name, or a name and a default: `rate = 0.1`"));
            }
            let _: Token![=] = input.parse()?;
            Ok((name, Some(input.parse::<TokenStream>()?)))
        };
        let (name, default) = one.parse2(part)?;
        if parameters.iter().any(|(other, _)| *other == name) {
            return Err(syn::Error::new(name.span(), format!("two arguments are named `{name}`")));
        }
        parameters.push((name, default));
    }
    Ok(parameters)
}

impl Definition {
    /// The block with these arguments in the places of its parameters. All that is the block's own is located at `span`,
    /// where it is used.
    pub fn with(&self, arguments: &[(String, TokenStream)], span: Option<Span>, errors: &mut Errors) -> Parts {
        let put = |tokens: &TokenStream| substitute(tokens.clone(), arguments, span);
        match &self.body {
            Body::Chain(list) => {
                let (layers, calls, last) = linked(chain_of(unwrap_angles(put(list), errors), errors));
                Parts { layers, calls, inputs: 1, outputs: vec![last] }
            }
            Body::Graph(names, body) => {
                let inputs: Vec<Input> = names
                    .iter()
                    .map(|name| Input { name: Some(name.clone()), dims: Vec::new(), dtype: None, span: name.span() })
                    .collect();
                let block = errors.take(syn::parse2::<Block>(put(body)));
                let (layers, calls, outputs) = match &block {
                    Some(block) => Reader::read(&inputs, block, errors),
                    None => (Vec::new(), Vec::new(), Vec::new()),
                };
                Parts { layers, calls, inputs: inputs.len(), outputs }
            }
        }
    }

    /// Finds a parameter that would stand for something else too.
    fn check_name(&self, name: &Ident, errors: &mut Errors) {
        if super::inline::COMMON.iter().any(|common| name == common) {
            errors.at(name.span(), format!("every block has an argument `{name}` already; choose another name"));
        } else if let Body::Graph(inputs, body) = &self.body
            && (inputs.contains(name) || binds(body.clone(), name))
        {
            errors.at(name.span(), format!("an argument and a value of the block are both named `{name}`"));
        }
    }

    /// Finds mistakes that need no arguments.
    pub(crate) fn check(&self, errors: &mut Errors) {
        let (Body::Chain(body) | Body::Graph(_, body)) = &self.body;
        relative(body.clone(), errors);
        for (name, default) in &self.parameters {
            relative(default.clone().unwrap_or_default(), errors);
            self.check_name(name, errors);
        }
        let parts = self.with(&[], None, errors);
        if parts.layers.is_empty() && errors.is_empty() {
            errors.at(self.name.span(), "a block needs at least one layer");
        }
        for call in &parts.layers {
            match &call.callee {
                Callee::Word(word) if word == "Input" => {
                    errors.at(word.span(), "a block has no `Input`: it takes what it is called with");
                }
                Callee::Word(word) if crate::layers::find(&word.to_string()).is_none() => {
                    // Paths of a block begin with `crate`.
                    errors.at(word.span(), crate::layers::unknown(&word.to_string()).replace("`self::", "`crate::"));
                }
                _ => {}
            }
        }
        if errors.is_empty() {
            for (name, _) in self.parameters.iter().filter(|(name, _)| !mentions(body.clone(), name)) {
                errors.at(name.span(), format!("the argument `{name}` is not used; leave it out or use it"));
            }
        }
    }
}

/// Tells paths that would mean something else where the block is used.
fn relative(tokens: TokenStream, errors: &mut Errors) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Group(group) => relative(group.stream(), errors),
            TokenTree::Ident(word)
                if (word == "self" || word == "super")
                    && matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':') =>
            {
                let message = format!(
                    "`{word}::` means another module where the block is used: write the whole path, `crate::…`"
                );
                errors.at(word.span(), message);
            }
            _ => {}
        }
    }
}

/// Whether there is a `let` for this name.
fn binds(tokens: TokenStream, name: &Ident) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.iter().enumerate().any(|(i, token)| match token {
        TokenTree::Group(group) => binds(group.stream(), name),
        TokenTree::Ident(word) if word == "let" => match tokens.get(i + 1) {
            Some(TokenTree::Ident(bound)) => bound == name,
            Some(TokenTree::Group(pattern)) => mentions(pattern.stream(), name),
            _ => false,
        },
        _ => false,
    })
}

fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Ident(word) => word == *name,
        _ => false,
    })
}

/// Puts arguments in the places of parameters: of each word that is one, but for keywords (`units = …`), fields and parts
/// of paths.
fn substitute(tokens: TokenStream, arguments: &[(String, TokenStream)], span: Option<Span>) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mark = |i: usize| match tokens.get(i) {
        Some(TokenTree::Punct(punct)) => (punct.as_char(), punct.spacing()),
        _ => (' ', Spacing::Alone),
    };
    let mut out = TokenStream::new();
    for (i, token) in tokens.iter().enumerate() {
        let mut token = token.clone();
        if let Some(span) = span {
            token.set_span(token.span().located_at(span));
        }
        match token {
            TokenTree::Group(group) => {
                let mut new = Group::new(group.delimiter(), substitute(group.stream(), arguments, span));
                new.set_span(group.span());
                out.extend([TokenTree::Group(new)]);
            }
            TokenTree::Ident(word) => {
                let keyword = mark(i + 1) == ('=', Spacing::Alone);
                let field = i > 0 && mark(i - 1).0 == '.' && (i < 2 || mark(i - 2) != ('.', Spacing::Joint));
                let path = i > 0 && mark(i - 1).0 == ':' || mark(i + 1).0 == ':';
                // `!` by itself calls a macro; `!=` compares.
                let part = field || path || mark(i + 1) == ('!', Spacing::Alone);
                match arguments.iter().find(|(name, _)| word == name).filter(|_| !keyword && !part) {
                    Some((_, value)) => out.extend(together(value.clone())),
                    None => out.extend([TokenTree::Ident(word)]),
                }
            }
            other => out.extend([other]),
        }
    }
    out
}

/// Tokens that stay one operand wherever they are put.
fn together(tokens: TokenStream) -> TokenStream {
    if tokens.clone().into_iter().count() < 2 {
        return tokens;
    }
    TokenTree::Group(Group::new(Delimiter::None, tokens)).into()
}
