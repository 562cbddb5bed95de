//! Code as it is written, token by token.
//!
//! Users' procedural macros are built without optimisation. What is written for each op, buffer or weight of a model goes
//! into one list here, its words made once; `quote!` makes each word anew and copies the tokens of what it is given.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;

use super::Num;

/// The words and signs that are written often.
pub(crate) struct Words {
    pub(crate) none: Ident,
    pub(crate) some: Ident,
    pub(crate) yes: Ident,
    pub(crate) no: Ident,
    pub(crate) kept: Ident,
    pub(crate) temp: Ident,
    pub(crate) let_: Ident,
    pub(crate) pass: Ident,
    pub(crate) nothing: Ident,
    pub(crate) flat: Ident,
    pub(crate) self_: Ident,
    pub(crate) act: Ident,
    pub(crate) doc: Ident,
    pub(crate) public: Ident,
    pub(crate) f32: Ident,
    pub(crate) hash: Punct,
    pub(crate) comma: Punct,
    pub(crate) and: Punct,
    pub(crate) colon: Punct,
    pub(crate) joint: Punct,
    pub(crate) dot: Punct,
    pub(crate) equals: Punct,
    pub(crate) end: Punct,
}

impl Words {
    pub(crate) fn new() -> Words {
        let word = |word| Ident::new(word, Span::call_site());
        let sign = |sign| Punct::new(sign, Spacing::Alone);
        Words {
            none: word("None"),
            some: word("Some"),
            yes: word("true"),
            no: word("false"),
            kept: word("kept"),
            temp: word("temp"),
            let_: word("let"),
            pass: word("pass"),
            nothing: word("NOTHING"),
            flat: word("flat"),
            self_: word("self"),
            act: word("Act"),
            doc: word("doc"),
            public: word("pub"),
            f32: word("f32"),
            hash: sign('#'),
            comma: sign(','),
            and: sign('&'),
            colon: sign(':'),
            joint: Punct::new(':', Spacing::Joint),
            dot: sign('.'),
            equals: sign('='),
            end: sign(';'),
        }
    }
}

/// Tokens, one after the other.
pub(crate) struct Code<'w> {
    pub(crate) words: &'w Words,
    trees: Vec<TokenTree>,
}

impl<'w> Code<'w> {
    pub(crate) fn new(words: &'w Words) -> Code<'w> {
        Code { words, trees: Vec::with_capacity(16) }
    }

    pub(crate) fn word(&mut self, word: &Ident) {
        self.trees.push(TokenTree::Ident(word.clone()));
    }

    pub(crate) fn sign(&mut self, sign: &Punct) {
        self.trees.push(TokenTree::Punct(sign.clone()));
    }

    /// `::`
    pub(crate) fn path(&mut self) {
        self.sign(&self.words.joint);
        self.sign(&self.words.colon);
    }

    pub(crate) fn comma(&mut self) {
        self.sign(&self.words.comma);
    }

    pub(crate) fn number(&mut self, n: usize) {
        self.trees.push(TokenTree::Literal(Literal::usize_unsuffixed(n)));
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.trees.push(TokenTree::Literal(Literal::string(text)));
    }

    pub(crate) fn flag(&mut self, on: bool) {
        self.word(if on { &self.words.yes } else { &self.words.no });
    }

    pub(crate) fn tokens(&mut self, tokens: &impl ToTokens) {
        self.trees.extend(tokens.to_token_stream());
    }

    pub(crate) fn num(&mut self, num: &Num) {
        match num {
            Num::Lit(n) => self.number(*n),
            num => self.tokens(num),
        }
    }

    /// A size as one token: in parentheses if it is an expression.
    pub(crate) fn one(&mut self, num: &Num) {
        match num {
            Num::Lit(n) => self.number(*n),
            num => self.group(Delimiter::Parenthesis, |code| code.tokens(num)),
        }
    }

    /// `None`, or `Some` of it in parentheses: one token.
    pub(crate) fn option(&mut self, value: Option<&impl ToTokens>) {
        let Some(value) = value else { return self.word(&self.words.none) };
        self.group(Delimiter::Parenthesis, |code| {
            code.word(&code.words.some);
            code.group(Delimiter::Parenthesis, |code| code.tokens(value));
        });
    }

    pub(crate) fn group(&mut self, delimiter: Delimiter, inner: impl FnOnce(&mut Code<'w>)) {
        let mut code = Code::new(self.words);
        inner(&mut code);
        self.trees.push(TokenTree::Group(Group::new(delimiter, code.finish())));
    }

    /// `[a, b]`
    pub(crate) fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut item: impl FnMut(&mut Code<'w>, T)) {
        self.group(Delimiter::Bracket, |code| {
            for (i, each) in items.into_iter().enumerate() {
                if i > 0 {
                    code.comma();
                }
                item(code, each);
            }
        });
    }

    /// `[2, 3]`
    pub(crate) fn indices(&mut self, indices: &[usize]) {
        self.list(indices, |code, i| code.number(*i));
    }

    /// An argument and the comma before it.
    pub(crate) fn arg(&mut self, arg: &(impl Write + ?Sized)) {
        self.comma();
        arg.write(self);
    }

    /// The tokens of a call.
    pub(crate) fn call(&mut self, call: &Call) {
        self.trees.extend_from_slice(&call.0);
    }

    pub(crate) fn into_call(self) -> Call {
        Call(self.trees)
    }

    pub(crate) fn finish(self) -> TokenStream {
        self.trees.into_iter().collect()
    }
}

/// A call as it was written: tokens that are copied into a phase one by one.
#[derive(Clone, Default)]
pub struct Call(Vec<TokenTree>);

impl From<TokenStream> for Call {
    fn from(tokens: TokenStream) -> Call {
        Call(tokens.into_iter().collect())
    }
}

impl ToTokens for Call {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().cloned());
    }
}

/// What can be written as an argument of a kernel.
pub(crate) trait Write {
    fn write(&self, code: &mut Code<'_>);
}

impl<T: Write + ?Sized> Write for &T {
    fn write(&self, code: &mut Code<'_>) {
        (*self).write(code);
    }
}

impl Write for Ident {
    fn write(&self, code: &mut Code<'_>) {
        code.word(self);
    }
}

impl Write for Num {
    fn write(&self, code: &mut Code<'_>) {
        code.num(self);
    }
}

impl Write for TokenStream {
    fn write(&self, code: &mut Code<'_>) {
        code.tokens(self);
    }
}

impl Write for bool {
    fn write(&self, code: &mut Code<'_>) {
        code.flag(*self);
    }
}

impl<T: Write> Write for Option<T> {
    fn write(&self, code: &mut Code<'_>) {
        let Some(value) = self else { return code.word(&code.words.none) };
        code.word(&code.words.some);
        code.group(Delimiter::Parenthesis, |code| value.write(code));
    }
}

/// A list: `[a, b]`.
impl<T: Write> Write for [T] {
    fn write(&self, code: &mut Code<'_>) {
        code.list(self, |code, item| item.write(code));
    }
}

/// A borrowed list: `&[a, b]`.
pub(crate) struct Ref<'a, T>(pub(crate) &'a [T]);

impl<T: Write> Write for Ref<'_, T> {
    fn write(&self, code: &mut Code<'_>) {
        code.sign(&code.words.and);
        self.0.write(code);
    }
}

/// `call!(site, dense::forward(y, x))`: the call of a step, which takes the pass before the arguments given.
macro_rules! call {
    ($site:expr, $module:ident::$function:ident($($arg:expr),* $(,)?)) => {
        $site.call(stringify!($module), stringify!($function), |code| {
            $(code.arg(&$arg);)*
        })
    };
}
pub(crate) use call;
