//! The block of a `model!` as Rust: each `let` binds its name, so that an editor finds where it comes from.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprCall, Pat, Stmt};

use super::anchors::{Words, unplaced};
use crate::Errors;
use crate::layers::values::bare;
use crate::syntax::call::argument;
use crate::syntax::{Argument, Call, Callee};

/// The statements of a block with these inputs.
#[must_use]
pub fn block(krate: &TokenStream, inputs: &[Ident], block: &Block) -> TokenStream {
    within(Words::new(krate), inputs, block)
}

/// The same, where some names stand for something already.
#[must_use]
pub fn within(words: Words, inputs: &[Ident], block: &Block) -> TokenStream {
    let mut walk = Walk { words };
    walk.words.locals.extend(inputs.iter().map(ToString::to_string));
    block.stmts.iter().map(|statement| walk.statement(statement)).collect()
}

struct Walk {
    words: Words,
}

impl Walk {
    fn statement(&mut self, statement: &Stmt) -> TokenStream {
        match statement {
            Stmt::Local(local) => {
                let value = local.init.as_ref().map(|init| self.value(&init.expr));
                self.bind(&local.pat, value.unwrap_or_else(|| self.result()))
            }
            Stmt::Expr(value, _) => {
                let value = self.value(value);
                quote!(let _ = #value;)
            }
            _ => TokenStream::new(),
        }
    }

    fn bind(&mut self, pat: &Pat, value: TokenStream) -> TokenStream {
        match pat {
            Pat::Ident(name) => {
                self.words.locals.insert(name.ident.to_string());
                let name = &name.ident;
                quote!(let #name = #value;)
            }
            Pat::Tuple(tuple) => {
                let each: TokenStream = tuple.elems.iter().map(|pat| self.bind(pat, self.result())).collect();
                quote!(let _ = #value; #each)
            }
            Pat::Type(typed) => self.bind(&typed.pat, value),
            _ => quote!(let _ = #value;),
        }
    }

    fn result(&self) -> TokenStream {
        let editor = &self.words.editor;
        quote!(#editor::Value)
    }

    /// Whether an expression is a word that begins like the name of a value.
    fn local(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Path(path) if path.path.get_ident().is_some_and(|word| {
            self.words.locals.contains(&word.to_string()) || !word.to_string().starts_with(char::is_uppercase)
        }))
    }

    /// What a word stands for; one that stands for nothing may become the name of a layer yet.
    fn name(&self, expr: &Expr) -> TokenStream {
        let editor = &self.words.editor;
        let known = matches!(expr, Expr::Path(path) if path.path.get_ident().is_some_and(|word| {
            self.words.locals.contains(&word.to_string())
        }));
        if known { quote!(#expr) } else { quote!({ use #editor::layers::*; #expr }) }
    }

    fn value(&self, expr: &Expr) -> TokenStream {
        let expr = bare(expr);
        match expr {
            Expr::Path(_) if self.local(expr) => self.name(expr),
            Expr::Path(_) | Expr::Macro(_) => self.layer(expr),
            Expr::Call(call) => self.call(call),
            Expr::Binary(sum) => self.used([&*sum.left, &*sum.right]),
            Expr::Tuple(list) => self.used(&list.elems),
            Expr::Array(list) => self.used(&list.elems),
            _ => self.result(),
        }
    }

    /// What comes of these values.
    fn used<'a>(&self, values: impl IntoIterator<Item = &'a Expr>) -> TokenStream {
        let (values, result) = (values.into_iter().map(|value| self.value(value)), self.result());
        quote!({ #(let _ = &#values;)* #result })
    }

    /// A layer applied to values, or the call that makes a layer.
    fn call(&self, call: &ExprCall) -> TokenStream {
        let func = bare(&call.func);
        let layer = match func {
            Expr::Path(_) if !self.local(func) => return self.layer(&Expr::Call(call.clone())),
            _ => self.value(func),
        };
        let given = call.args.iter().filter_map(|arg| match argument(arg) {
            Ok(Argument { keyword: None, value }) => Some(self.value(&value)),
            _ => None,
        });
        let result = self.result();
        // At the place of the call, whose type an editor may show.
        let all = quote::quote_spanned!(call.span()=> { let _ = &#layer; #(let _ = &#given;)* #result });
        quote!(#all)
    }

    fn layer(&self, expr: &Expr) -> TokenStream {
        let editor = &self.words.editor;
        let Some(call) = Call::from_expr(expr, &mut Errors::default()) else { return quote!(#editor::any::<()>()) };
        let words = self.words.call(&call);
        let kind = match &call.callee {
            Callee::Word(word) => {
                let word = unplaced(word);
                quote!(#editor::layers::#word)
            }
            Callee::Path(_) | Callee::Block(_) => quote!(#editor::Own),
        };
        quote!({ #words #editor::any::<#kind>() })
    }
}
