//! Writes gradients, last to first.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};

use super::callee::Part;
use super::forward::{Writer, condition_name, kept_name, local, tuple};
use super::full::{pairs, part};
use super::shape::Dim;
use super::values::{Binary, Block, Id, Op, Product, Rows, Step};

/// The gradients of one block, as they are gathered.
struct Gathered {
    code: TokenStream,
    /// Values whose gradient has a variable.
    known: BTreeSet<Id>,
}

impl Writer<'_> {
    /// A block's values, then its gradients: the code, and the gradients of `wanted`. `seeds` are those of its results;
    /// nothing stands for zero.
    pub(super) fn reverse(
        &self,
        block: &Block,
        seeds: &[Option<TokenStream>],
        wanted: &[Id],
    ) -> (TokenStream, Vec<TokenStream>) {
        let mut gathered = Gathered { code: self.block(block, true), known: BTreeSet::new() };
        for (&id, seed) in block.results.iter().zip(seeds) {
            if let Some(seed) = seed {
                self.give(&mut gathered, id, seed);
            }
        }
        for step in block.steps.iter().rev() {
            match step {
                Step::Let(id, op) if gathered.known.contains(id) => self.operands(&mut gathered, *id, op),
                Step::Let(..) => {}
                Step::Gradient { .. } => self.second(&mut gathered, step),
                Step::If { number, branches, outs, .. } => self.branches(&mut gathered, *number, branches, outs),
                Step::For { .. } => self.turns(&mut gathered, step),
            }
        }
        let wanted = wanted.iter().map(|&id| self.gradient_or_zeros(&gathered, id)).collect();
        (gathered.code, wanted)
    }

    fn active(&self, id: Id) -> bool {
        self.program.values[id].active
    }

    fn gradient_or_zeros(&self, gathered: &Gathered, id: Id) -> TokenStream {
        if gathered.known.contains(&id) {
            let name = self.program.gradient(id);
            quote!(#name)
        } else {
            self.zeros(id)
        }
    }

    fn zeros(&self, id: Id) -> TokenStream {
        let (ad, kind) = (&self.ad, self.kind(id));
        quote!(#ad::zeros::<#kind>())
    }

    /// Adds to the gradient of a value.
    fn give(&self, gathered: &mut Gathered, id: Id, share: &TokenStream) {
        if !self.active(id) {
            return;
        }
        let (name, kind) = (self.program.gradient(id), self.kind(id));
        let share = if gathered.known.insert(id) {
            share.clone()
        } else {
            self.binary(id, Binary::Add, &quote!(#name), &quote!((#share)))
        };
        gathered.code.extend(quote!(let #name: #kind = #share;));
    }

    /// Adds to the gradient of a part of a value.
    fn give_part(&self, gathered: &mut Gathered, id: Id, at: &TokenStream, share: &TokenStream) {
        if !self.active(id) {
            return;
        }
        let (ad, name, kind) = (&self.ad, self.program.gradient(id), self.kind(id));
        let (all, before) = (local("all"), self.gradient_or_zeros(gathered, id));
        gathered.known.insert(id);
        gathered.code.extend(quote! {
            let #name: #kind = {
                let mut #all = #before;
                #ad::Tensor::add(&mut #all #at, #share);
                #all
            };
        });
    }

    /// The gradient of what a gradient gives: `seed` times it, and the second derivatives times the other seeds.
    fn second(&self, gathered: &mut Gathered, step: &Step) {
        let Step::Gradient { number, callee, args, outs, .. } = step else { return };
        if !outs.iter().any(|(_, out)| gathered.known.contains(out)) {
            return;
        }
        let (ad, number_kind) = (&self.ad, self.number);
        let dual = quote!(#ad::Dual<#number_kind>);
        let seed = |part: Part| {
            let out = outs.iter().find(|(of, out)| *of == part && gathered.known.contains(out))?;
            let name = self.program.gradient(out.1);
            Some(quote!(#name))
        };
        let moving = args.iter().enumerate().map(|(i, &arg)| {
            let (kind, value) = (self.kind(arg), self.used(arg));
            let direction = seed(Part::Share(i)).unwrap_or_else(|| self.zeros(arg));
            quote!(#ad::moving::<#kind, _, _>(&#value, &#direction))
        });
        let moving: Vec<TokenStream> = moving.collect();
        let name = format_ident!("second_{number}", span = Span::mixed_site());
        let (of_value, name) = (seed(Part::Value).unwrap_or_else(|| self.lift(&quote!(0.0))), quote!(#name));
        gathered.code.extend(self.full((callee, &dual), args, &pairs(&moving), [&quote!(_), &name]));
        for (i, &arg) in args.iter().enumerate() {
            let (kind, share) = (self.kind(arg), part(&name, i, args.len()));
            self.give(gathered, arg, &quote!(#ad::second::<#number_kind, _, #kind>(#of_value, &#share)));
        }
    }

    fn branches(&self, gathered: &mut Gathered, number: usize, branches: &[Block; 2], outs: &[Id]) {
        let seeds: Vec<Option<TokenStream>> = outs
            .iter()
            .map(|out| {
                let name = self.program.gradient(*out);
                gathered.known.contains(out).then(|| quote!(#name))
            })
            .collect();
        let free: BTreeSet<Id> = branches.iter().flat_map(Block::free).filter(|&id| self.active(id)).collect();
        let free: Vec<Id> = free.into_iter().collect();
        if free.is_empty() || seeds.iter().all(Option::is_none) {
            return;
        }
        let condition = condition_name(number);
        let [then, otherwise] = branches.each_ref().map(|branch| {
            let (code, shares) = self.reverse(branch, &seeds, &free);
            let shares = tuple(&shares);
            quote!({ #code #shares })
        });
        let names: Vec<TokenStream> = free.iter().map(|&id| self.share_name(id)).collect();
        let pattern = tuple(&names);
        gathered.code.extend(quote!(let #pattern = if #condition #then else #otherwise;));
        for (&id, name) in free.iter().zip(&names) {
            self.give(gathered, id, name);
        }
    }

    /// What a branch, or a function that is called, gives to the gradient of a value.
    pub(super) fn share_name(&self, id: Id) -> TokenStream {
        let name = format_ident!("share_{}", self.program.name(id), span = Span::mixed_site());
        quote!(#name)
    }

    fn turns(&self, gathered: &mut Gathered, step: &Step) {
        let Step::For { number, variable, range: (low, high), kept: (_, place), carried, body } = step else { return };
        if !carried.iter().any(|(_, _, after)| gathered.known.contains(after)) {
            return;
        }
        let ad = &self.ad;
        let inside: Vec<Id> = carried.iter().map(|carried| carried.1).collect();
        let flows: Vec<(Id, Id, Id)> = carried.iter().copied().filter(|&(_, inside, _)| self.active(inside)).collect();
        let free: Vec<Id> = body.free().into_iter().filter(|id| self.active(*id) && !inside.contains(id)).collect();
        let name = |id: Id| {
            let name = self.program.gradient(id);
            quote!(#name)
        };
        // Names of their own: the turn may have branches and loops that share out gradients of the same values.
        let total = |id: Id| {
            let name = format_ident!("total_{number}_{}", self.program.name(id), span = Span::mixed_site());
            quote!(#name)
        };
        let seed = |id: Id| {
            let name = format_ident!("seed_{}", self.program.name(id), span = Span::mixed_site());
            quote!(#name)
        };
        let mut code = TokenStream::new();
        for &(_, inside, after) in &flows {
            let (name, kind, first) = (name(inside), self.kind(inside), self.gradient_or_zeros(gathered, after));
            code.extend(quote!(let mut #name: #kind = #first;));
        }
        for &id in &free {
            let (name, zeros) = (total(id), self.zeros(id));
            code.extend(quote!(let mut #name = #zeros;));
        }
        let seeds: Vec<Option<TokenStream>> = inside.iter().map(|&id| self.active(id).then(|| seed(id))).collect();
        let seeded = flows.iter().map(|&(_, inside, _)| {
            let (seed, name) = (seed(inside), name(inside));
            quote!(let #seed = #name;)
        });
        let mut wanted: Vec<Id> = flows.iter().map(|flow| flow.1).collect();
        wanted.extend(&free);
        let (turn, shares) = self.reverse(body, &seeds, &wanted);
        let (next, shares) = shares.split_at(flows.len());
        let flowing: Vec<TokenStream> = flows.iter().map(|&(_, inside, _)| name(inside)).collect();
        let sums = free.iter().zip(shares).map(|(&id, share)| {
            let name = total(id);
            quote!(#ad::Tensor::add(&mut #name, #share);)
        });
        let kept = kept_name(*number);
        let now = tuple(&self.list(&inside));
        // The inner block gives a tuple, so that its variables, which may have the same names, do not hide those outside.
        let gradients = format_ident!("next_{number}", span = Span::mixed_site());
        let given = tuple(next);
        let pattern = tuple(&flowing);
        code.extend(quote! {
            for #variable in (#low..#high).rev() {
                let #now = #kept[#variable - #place];
                #(#seeded)*
                let #gradients = {
                    #turn
                    #(#sums)*
                    #given
                };
                #pattern = #gradients;
            }
        });
        gathered.code.extend(code);
        for &(before, inside, _) in &flows {
            self.give(gathered, before, &name(inside));
        }
        for &id in &free {
            self.give(gathered, id, &total(id));
        }
    }

    /// Hands the gradient of a value on to what it was computed from.
    fn operands(&self, gathered: &mut Gathered, id: Id, op: &Op) {
        let ad = &self.ad;
        let d = self.program.gradient(id);
        let (y, d) = (self.used(id), quote!(#d));
        match op {
            Op::Binary(op, a, b) => {
                let [da, db] = self.binary_rule(id, *op, &self.used(*a), &self.used(*b), &y, &d);
                self.give(gathered, *a, &da);
                self.give(gathered, *b, &db);
            }
            Op::Neg(a) => self.give(gathered, *a, &self.neg(id, &d)),
            Op::Unary(make, a) => {
                let x = self.used(*a);
                self.give(gathered, *a, &quote!(#ad::pull(#ad::unary::#make, #x, #y, #d)));
            }
            Op::Product(kind, left, right) => {
                let (a, b) = (self.used(*left), self.used(*right));
                let [da, db] = match kind {
                    Product::VV => [quote!(#ad::scale(#b, #d)), quote!(#ad::scale(#a, #d))],
                    Product::VM => [quote!(#ad::mv(#b, #d)), quote!(#ad::outer(#a, #d))],
                    Product::MV => [quote!(#ad::outer(#d, #b)), quote!(#ad::vm(#d, #a))],
                    Product::MM => [quote!(#ad::mmt(#d, #b)), quote!(#ad::mtm(#a, #d))],
                };
                self.give(gathered, *left, &da);
                self.give(gathered, *right, &db);
            }
            Op::Transpose(a) => self.give(gathered, *a, &quote!(#ad::transpose(#d))),
            Op::Broadcast(a) => self.give(gathered, *a, &self.gathered(&d, &self.shape(*a).0, &self.shape(id).0)),
            Op::Fit(a) => self.give(gathered, *a, &quote!(#ad::fit(#d))),
            Op::Sum(a) => {
                let kind = self.kind(*a);
                self.give(gathered, *a, &quote!(<#kind as #ad::Tensor>::fill(#d)));
            }
            Op::SumOver(axis, a) => {
                let size = self.shape(*a).0[*axis].tokens();
                self.give(gathered, *a, &spread(*axis, &d, size));
            }
            Op::Rows(function, of) => {
                let (of_what, pull) = match function {
                    Rows::Softmax => (y, quote!(#ad::softmax_pull)),
                    Rows::LogSoftmax => (y, quote!(#ad::log_softmax_pull)),
                    Rows::Sparsemax => (y, quote!(#ad::sparsemax_pull)),
                    Rows::Glu => (self.used(*of), quote!(#ad::glu_pull)),
                };
                let depth = self.shape(id).rank() - 1;
                self.give(gathered, *of, &self.pairs(depth, &of_what, &d, &pull));
            }
            Op::Index(at, a) => self.give_part(gathered, *a, &quote!([#at]), &d),
            Op::Replace { at, of, by } => {
                self.give(gathered, *by, &quote!(#d #([#at])*));
                let (all, zeros) = (local("all"), self.zeros(*by));
                self.give(gathered, *of, &quote!({ let mut #all = #d; #all #([#at])* = #zeros; #all }));
            }
            Op::Array(list) => {
                for (i, &element) in list.iter().enumerate() {
                    self.give(gathered, element, &quote!(#d[#i]));
                }
            }
            Op::Call(_, args, _) => {
                let shares = self.share_name(id);
                let count = args.len();
                for (i, &arg) in args.iter().enumerate() {
                    let share = part(&shares, i, count);
                    self.give(gathered, arg, &quote!(#ad::scale(#share, #d)));
                }
            }
        }
    }

    fn binary_rule(
        &self,
        id: Id,
        op: Binary,
        a: &TokenStream,
        b: &TokenStream,
        y: &TokenStream,
        d: &TokenStream,
    ) -> [TokenStream; 2] {
        let ad = &self.ad;
        match op {
            Binary::Add => [d.clone(), d.clone()],
            Binary::Sub => [d.clone(), self.neg(id, d)],
            Binary::Mul => [self.binary(id, Binary::Mul, d, b), self.binary(id, Binary::Mul, d, a)],
            Binary::Div => {
                let product = self.binary(id, Binary::Mul, d, y);
                let quotient = self.binary(id, Binary::Div, &quote!((#product)), b);
                [self.binary(id, Binary::Div, d, b), self.neg(id, &quote!((#quotient)))]
            }
            Binary::Max => [quote!(#ad::where_larger(#a, #b, #d)), quote!(#ad::where_larger(#b, #a, #d))],
            Binary::Min => [quote!(#ad::where_larger(#b, #a, #d)), quote!(#ad::where_larger(#a, #b, #d))],
            Binary::Pow => [quote!(#ad::pow_base(#a, #b, #d)), quote!(#ad::pow_exponent(#a, #y, #d))],
        }
    }

    /// The sum of a gradient over what was repeated from one shape to another.
    fn gathered(&self, d: &TokenStream, from: &[Dim], to: &[Dim]) -> TokenStream {
        let ad = &self.ad;
        let Some((first, rest)) = to.split_first() else { return d.clone() };
        if from.is_empty() {
            return quote!(#ad::sum(#d));
        }
        if from.len() < to.len() {
            return self.gathered(&quote!(#ad::sum_rows(#d)), from, rest);
        }
        if from.iter().zip(to).all(|(a, b)| a.equals(b) == Some(true)) {
            return d.clone();
        }
        if from[0].equals(first) == Some(true) {
            let inner = self.gathered(&quote!(row), &from[1..], rest);
            return quote!(#d.map(|row| #inner));
        }
        let inner = self.gathered(&quote!(#ad::sum_rows(#d)), &from[1..], rest);
        quote!([#inner])
    }

    /// A function of two tensors' parts that lie `depth` dimensions within them.
    fn pairs(&self, depth: usize, a: &TokenStream, b: &TokenStream, function: &TokenStream) -> TokenStream {
        let ad = &self.ad;
        match depth {
            0 => quote!(#function(#a, #b)),
            depth => {
                let inner = self.pairs(depth - 1, &quote!(y), &quote!(dy), function);
                quote!(#ad::zip(#a, #b, |y, dy| #inner))
            }
        }
    }
}

/// A tensor repeated along a new dimension.
fn spread(axis: usize, x: &TokenStream, size: &TokenStream) -> TokenStream {
    match axis {
        0 => quote!([#x; #size]),
        axis => {
            let inner = spread(axis - 1, &quote!(row), size);
            quote!(#x.map(|row| #inner))
        }
    }
}
