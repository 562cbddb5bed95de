//! Writes values, first to last.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::callee::Part;
use super::full::part;
use super::shape::Shape;
use super::values::{Binary, Block, Condition, Id, Op, Product, Program, Rows, Step};

/// What code is written with.
pub(super) struct Writer<'a> {
    /// The path of the functions on small tensors.
    pub(super) ad: TokenStream,
    pub(super) program: &'a Program,
    /// The type of its numbers.
    pub(super) number: &'a TokenStream,
    /// Whether that is a generic one, which constants are turned into.
    pub(super) lifted: bool,
    /// Whether rustc shall check the arguments of other functions here. It does so once, so that a mistake is told once.
    pub(super) checked: bool,
}

/// Several as one: themselves if there is one, else a tuple.
pub(super) fn tuple(list: &[TokenStream]) -> TokenStream {
    match list {
        [one] => one.clone(),
        list => quote!((#(#list),*)),
    }
}

/// A variable that no word of the user's can mean.
pub(super) fn local(word: &str) -> Ident {
    Ident::new(word, Span::mixed_site())
}

pub(super) fn condition_name(number: usize) -> Ident {
    format_ident!("condition_{number}", span = Span::mixed_site())
}

pub(super) fn gradient_name(number: usize) -> Ident {
    format_ident!("gradient_{number}", span = Span::mixed_site())
}

pub(super) fn kept_name(number: usize) -> Ident {
    format_ident!("kept_{number}", span = Span::mixed_site())
}

impl Writer<'_> {
    pub(super) fn used(&self, id: Id) -> TokenStream {
        match &self.program.values[id].constant {
            Some(constant) => self.lift(constant),
            None => {
                let name = self.program.name(id);
                quote!(#name)
            }
        }
    }

    /// A constant as a number of the function's kind.
    pub(super) fn lift(&self, constant: &TokenStream) -> TokenStream {
        let (ad, number) = (&self.ad, self.number);
        if self.lifted { quote!((<#number as #ad::Number>::lift(#constant))) } else { constant.clone() }
    }

    pub(super) fn shape(&self, id: Id) -> &Shape {
        &self.program.values[id].shape
    }

    pub(super) fn kind(&self, id: Id) -> TokenStream {
        self.shape(id).kind(self.number)
    }

    pub(super) fn list(&self, ids: &[Id]) -> Vec<TokenStream> {
        ids.iter().map(|&id| self.used(id)).collect()
    }

    /// A block's values. With `keep`, loops keep what the reverse pass reads.
    pub(super) fn block(&self, block: &Block, keep: bool) -> TokenStream {
        block.steps.iter().map(|step| self.step(step, keep)).collect()
    }

    fn step(&self, step: &Step, keep: bool) -> TokenStream {
        match step {
            Step::Let(id, Op::Call(callee, args, _)) if keep => {
                let (name, shares) = (self.used(*id), self.share_name(*id));
                self.full_of(callee, args, [&name, &shares])
            }
            Step::Let(id, op) => {
                let (name, kind, value) = (self.program.name(*id), self.kind(*id), self.value(*id, op));
                quote!(let #name: #kind = #value;)
            }
            Step::Gradient { number, callee, args, spans, shares, outs } => {
                let (ad, name) = (&self.ad, gradient_name(*number));
                if !self.checked && (self.lifted || !callee.known) {
                    let (value, shares) = (local("value"), quote!(#name));
                    let code = self.full_of(callee, args, [&quote!(#value), &shares]);
                    let parts = outs.iter().map(|&(of, out)| {
                        let (out, kind) = (self.program.name(out), self.kind(out));
                        match of {
                            Part::Value => quote!(let #out: #kind = #value;),
                            Part::Share(i) => {
                                let share = part(&shares, i, args.len());
                                quote!(let #out: #kind = #share;)
                            }
                        }
                    });
                    return quote!(#code #(#parts)*);
                }
                let list = args.iter().zip(spans).map(|(&arg, &span)| {
                    let arg = self.spanned(arg, span);
                    quote_spanned!(span=> &#arg)
                });
                let kind = match shares {
                    Some(shares) if self.checked => {
                        // Only how many gradients there are: of their sizes the arguments speak.
                        let number = self.number;
                        let any =
                            |arg: &Id| self.shape(*arg).0.iter().fold(number.clone(), |inner, _| quote!([#inner; _]));
                        let kinds: Vec<TokenStream> = args[..*shares].iter().map(any).collect();
                        let kinds = tuple(&kinds);
                        quote!((#number, #kinds))
                    }
                    _ => quote!(_),
                };
                let parts = outs.iter().map(|&(part, out)| {
                    let (out, kind) = (self.program.name(out), self.kind(out));
                    match part {
                        Part::Value => quote!(let #out: #kind = #name.0;),
                        Part::Share(_) if *shares == Some(1) => quote!(let #out: #kind = #ad::coerce(&#name.1);),
                        Part::Share(i) => {
                            let i = syn::Index::from(i);
                            quote!(let #out: #kind = #ad::coerce(&#name.1.#i);)
                        }
                    }
                });
                let (function, list) = (callee.gradient(), quote_spanned!(callee.parens=> (#(#list),*)));
                quote!(let #name: #kind = #function #list; #(#parts)*)
            }
            Step::If { number, condition, branches, outs } => {
                let name = condition_name(*number);
                let condition = self.condition(condition);
                let outs = tuple(&self.list(outs));
                let [then, otherwise] = branches.each_ref().map(|branch| {
                    // What a branch would keep, the reverse pass computes again.
                    let (steps, results) = (self.block(branch, false), tuple(&self.list(&branch.results)));
                    quote!({ #steps #results })
                });
                quote! {
                    let #name: bool = #condition;
                    let #outs = if #name #then else #otherwise;
                }
            }
            Step::For { number, variable, range: (low, high), kept: (size, place), carried, body } => {
                let first = carried.iter().map(|&(before, inside, _)| {
                    let (name, kind, before) = (self.used(inside), self.kind(inside), self.used(before));
                    quote!(let mut #name: #kind = #before;)
                });
                let inside: Vec<Id> = carried.iter().map(|carried| carried.1).collect();
                let inside = self.list(&inside);
                let (now, next) = (tuple(&inside), tuple(&self.list(&body.results)));
                let last = carried.iter().map(|&(_, inside, after)| {
                    let (inside, after) = (self.used(inside), self.used(after));
                    quote!(let #after = #inside;)
                });
                let steps = self.block(body, false);
                let kept = kept_name(*number);
                let (declare, store) = if keep {
                    (quote!(let mut #kept = [#now; #size];), quote!(#kept[#variable - #place] = #now;))
                } else {
                    (quote!(), quote!())
                };
                quote! {
                    #(#first)*
                    #declare
                    for #variable in #low..#high {
                        #store
                        #steps
                        #now = #next;
                    }
                    #(#last)*
                }
            }
        }
    }

    fn condition(&self, condition: &Condition) -> TokenStream {
        match condition {
            Condition::Compare(a, op, b) => {
                let (a, b) = (self.used(*a), self.used(*b));
                quote!(#a #op #b)
            }
            Condition::Both(a, op, b) => {
                let (a, b) = (self.condition(a), self.condition(b));
                quote!((#a) #op (#b))
            }
            Condition::Not(a) => {
                let a = self.condition(a);
                quote!(!(#a))
            }
            Condition::Words(words) => words.clone(),
        }
    }

    /// Two tensors of the shape of `id`, element by element. Both are single tokens or in parentheses.
    pub(super) fn binary(&self, id: Id, op: Binary, a: &TokenStream, b: &TokenStream) -> TokenStream {
        let ad = &self.ad;
        let scalar = self.shape(id).is_scalar();
        match op {
            Binary::Add if scalar => quote!(#a + #b),
            Binary::Sub if scalar => quote!(#a - #b),
            Binary::Mul if scalar => quote!(#a * #b),
            Binary::Div if scalar => quote!(#a / #b),
            Binary::Add => quote!(#ad::add(#a, #b)),
            Binary::Sub => quote!(#ad::sub(#a, #b)),
            Binary::Mul => quote!(#ad::mul(#a, #b)),
            Binary::Div => quote!(#ad::div(#a, #b)),
            Binary::Max => quote!(#ad::max(#a, #b)),
            Binary::Min => quote!(#ad::min(#a, #b)),
            Binary::Pow => quote!(#ad::pow(#a, #b)),
        }
    }

    pub(super) fn neg(&self, id: Id, a: &TokenStream) -> TokenStream {
        let ad = &self.ad;
        if self.shape(id).is_scalar() { quote!(-#a) } else { quote!(#ad::neg(#a)) }
    }

    fn value(&self, id: Id, op: &Op) -> TokenStream {
        let ad = &self.ad;
        match op {
            Op::Binary(op, a, b) => self.binary(id, *op, &self.used(*a), &self.used(*b)),
            Op::Neg(a) => self.neg(id, &self.used(*a)),
            Op::Unary(make, a) => {
                let a = self.used(*a);
                quote!(#ad::map(#ad::unary::#make, #a))
            }
            Op::Product(kind, a, b) => {
                let (a, b) = (self.used(*a), self.used(*b));
                match kind {
                    Product::VV => quote!(#ad::vv(#a, #b)),
                    Product::VM => quote!(#ad::vm(#a, #b)),
                    Product::MV => quote!(#ad::mv(#a, #b)),
                    Product::MM => quote!(#ad::mm(#a, #b)),
                }
            }
            Op::Transpose(a) => {
                let a = self.used(*a);
                quote!(#ad::transpose(#a))
            }
            Op::Broadcast(a) => repeat(&self.used(*a), &self.shape(*a).0, &self.shape(id).0),
            Op::Fit(a) => {
                let a = self.used(*a);
                quote!(#ad::fit(#a))
            }
            Op::Sum(a) => {
                let a = self.used(*a);
                quote!(#ad::sum(#a))
            }
            Op::SumOver(axis, a) => rows(*axis, &self.used(*a), &quote!(#ad::sum_rows)),
            Op::Rows(function, of) => {
                let function = match function {
                    Rows::Softmax => quote!(#ad::softmax),
                    Rows::LogSoftmax => quote!(#ad::log_softmax),
                    Rows::Sparsemax => quote!(#ad::sparsemax),
                    Rows::Glu => quote!(#ad::glu),
                };
                rows(self.shape(id).rank() - 1, &self.used(*of), &function)
            }
            Op::Index(at, a) => {
                let a = self.used(*a);
                quote!(#a[#at])
            }
            Op::Replace { at, of, by } => {
                let (of, by) = (self.used(*of), self.used(*by));
                let all = local("all");
                quote!({ let mut #all = #of; #all #([#at])* = #by; #all })
            }
            Op::Array(list) => {
                let list = self.list(list);
                quote!([#(#list),*])
            }
            Op::Call(callee, args, spans) if self.checked || (callee.known && !self.lifted) => {
                let function = callee.function();
                let args = args.iter().zip(spans).map(|(&arg, span)| self.spanned(arg, *span));
                let args = quote_spanned!(callee.parens=> (#(#args),*));
                quote!(#function #args)
            }
            Op::Call(callee, args, _) => {
                let (value, shares) = (local("value"), local("shares"));
                let code = self.full_of(callee, args, [&quote!(#value), &quote!(#shares)]);
                quote!({ #code #value })
            }
        }
    }

    /// A value with the place where it was written, for what rustc says of it.
    fn spanned(&self, id: Id, span: Span) -> TokenStream {
        match &self.program.values[id].constant {
            Some(constant) => constant.clone(),
            None => {
                let mut name = self.program.name(id);
                name.set_span(name.span().located_at(span));
                quote!(#name)
            }
        }
    }
}

/// A tensor repeated from one shape to another.
fn repeat(x: &TokenStream, from: &[super::shape::Dim], to: &[super::shape::Dim]) -> TokenStream {
    let Some((first, rest)) = to.split_first() else { return x.clone() };
    let size = first.tokens();
    if from.len() < to.len() {
        let inner = repeat(x, from, rest);
        return quote!([#inner; #size]);
    }
    if from[0].equals(first) == Some(true) {
        let same = from.iter().zip(to).all(|(a, b)| a.equals(b) == Some(true));
        let inner = repeat(&quote!(row), &from[1..], rest);
        return if same { x.clone() } else { quote!(#x.map(|row| #inner)) };
    }
    let inner = repeat(&quote!(#x[0]), &from[1..], rest);
    quote!([#inner; #size])
}

/// A function of the parts that lie `depth` dimensions within a tensor.
fn rows(depth: usize, x: &TokenStream, function: &TokenStream) -> TokenStream {
    match depth {
        0 => quote!(#function(#x)),
        depth => {
            let inner = rows(depth - 1, &quote!(row), function);
            quote!(#x.map(|row| #inner))
        }
    }
}
