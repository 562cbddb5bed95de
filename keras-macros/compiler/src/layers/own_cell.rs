//! A cell of the user's: in an `RNN`, or by itself.
//!
//! As with layers of the user's (see [`parts`](super::parts)), the generated code has one const that names the trait, and
//! what the compiler has to know it asks of that const. How many states there are is not for it to know: it takes as many as
//! the model has names for, and the const says whether that is right.

use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Path;
use syn::spanned::Spanned;

use super::Lower;
use super::build::located;
use super::cells::ONCE;
use super::given::require;
use super::parts::{Written, construction, is_function, kind};
use super::recurrent::{Course, Way};
use crate::graph::{LayerId, Num, Shape, ValueId, ops};
use crate::syntax::{Call, Node};

/// A cell of the user's.
pub(super) struct OwnCell {
    /// The layer that has its weights.
    pub(super) id: LayerId,
    kind: TokenStream,
    value: TokenStream,
    pub(super) class: String,
    /// Where it is named.
    span: Span,
    /// The shape of the output of a step, if it was written.
    output: Option<Vec<Num>>,
}

/// A sequence whose steps a cell or another layer takes.
pub(super) struct Sequence {
    /// All steps.
    pub(super) x: ValueId,
    /// How many there are.
    pub(super) steps: Num,
    /// The shape of each.
    pub(super) each: Shape,
}

/// Where states come from, as the rule of their number has it.
const INITIAL: usize = 0;
const RETURNED: usize = 1;

impl OwnCell {
    /// What a path names or makes, whose weights are those of layer `id`.
    pub(super) fn new(path: &Path, written: Written, id: LayerId) -> OwnCell {
        // A path by itself is a value: `self::Minimal::<8>`.
        let value = match written.args.is_empty() && !is_function(path) {
            true => quote!(#path),
            false => construction(path, &written.args),
        };
        let kind = kind(path, &written);
        OwnCell {
            id,
            kind: located(quote!(#kind), path.span()),
            value,
            class: super::fields::class(path),
            span: path.span(),
            output: written.output,
        }
    }
}

impl Lower<'_> {
    /// The cell of the user's that an argument of the layer at hand makes, its part number `nth`. Nothing after a mistake.
    pub(super) fn own_cell(&mut self, path: &Path, call: &Call, nth: usize) -> Option<OwnCell> {
        let first = !self.shared;
        let written = self.written(call, first)?;
        let class = super::fields::class(path);
        if !self.own_policy(path.span(), &class, &written, self.precision) {
            return None;
        }
        let id = self.placed(call, &class, written.name.as_deref(), "", nth, written.trainable);
        Some(OwnCell::new(path, written, id))
    }

    /// The sequence that the layer of this name is given. Nothing after a mistake.
    pub(super) fn sequence(&mut self, span: Span, layer: &str, x: ValueId) -> Option<Sequence> {
        let shape = self.shape(x);
        if shape.opaque.is_some() {
            self.rank_unknown(span, layer);
            return None;
        }
        if shape.rank() < 2 {
            let message =
                format!("`{layer}` needs an input of 2 or more dimensions (steps, …), found one of {}", shape.rank());
            self.error(span, message);
            return None;
        }
        Some(Sequence { x, steps: shape.dims[0].clone(), each: shape.with_dims(shape.dims[1..].to_vec()) })
    }

    /// Lowers a call of a cell by itself, as a sequence of one step: its output, and its states. Nothing after a mistake.
    pub(super) fn own_step(
        &mut self,
        node: &Node,
        cell: &OwnCell,
        x: ValueId,
        states: &[ValueId],
    ) -> Option<Vec<ValueId>> {
        let sequence = Sequence { x, steps: Num::Lit(1), each: self.shape(x) };
        self.built_for(node.span, &cell.class, cell.id, &sequence)?;
        let way = Way { initial: states.to_vec(), ..Way::default() };
        self.own_steps(node.span, cell, &sequence, &way, ONCE, node.results.saturating_sub(1))
    }

    /// Lowers the steps of a cell: its output, and so many states if they come out. Nothing after a mistake.
    pub(super) fn own_steps(
        &mut self,
        span: Span,
        cell: &OwnCell,
        sequence: &Sequence,
        way: &Way,
        course: Course,
        states: usize,
    ) -> Option<Vec<ValueId>> {
        let Sequence { x, steps, each, .. } = sequence;
        let krate = self.krate().clone();
        let cells = quote!(#krate::__private::cell);
        let (kind, sample) = (&cell.kind, located(each.array(&krate, &quote!(f32)), cell.span));
        let value = self.hidden(kind, &cell.value);
        let output = Ident::new(&format!("{:?}", course.output), Span::call_site());
        let (returned, Course { backwards, zero_masked, .. }) = (course.gives_states(), course);
        let course_of = quote!(#cells::Course {
            steps: #steps,
            output: #cells::Output::#output,
            states: #returned,
            backwards: #backwards,
            zero_masked: #zero_masked,
        });
        let info = self
            .hidden(&quote!(#cells::Steps<#kind, #sample>), &located(quote!(#cells::Steps::of(#course_of)), cell.span));
        self.states_fit(span, cell, &info, way, course.gives_states().then_some(states))?;
        let state = |i| Shape::opaque(quote!(#info.state(#i)));
        let states: Vec<Shape> = (0..states).map(Num::Lit).map(state).collect();
        let of_step = self.given(cell.span, &cell.class, quote!(#info.each), cell.output.clone())?;
        let out = if course.output == ops::Output::Last { of_step } else { of_step.with_first(steps.clone()) };
        let weighing = quote!(#krate::__private::layer::Weighing<{ #info.weights }>);
        let weights = located(quote!(<#weighing as #cells::Weighs<#kind, #sample>>::Weights), cell.span);
        let shared = self.shared;
        let (op, param, given) = self.within_id(cell.id, shared, |cx| {
            let given =
                if course.stateful && way.initial.is_empty() { cx.recalled(&states) } else { way.initial.clone() };
            let param = cx.weights(&info, weights, false);
            let mut room = |len: TokenStream| cx.value(Shape::new(vec![Num::Const(len)]), None);
            let (held, saved) = (room(quote!(#info.held)), room(quote!(#info.saved)));
            let (carried, dx) = (room(quote!(#info.carried)), cx.value(Shape::new(vec![steps.mul(&each.len())]), None));
            let (initial, mask, stream) = (given.len(), way.mask.is_some(), cx.stream());
            let (cell, info, steps) = (value, info.clone(), steps.clone());
            (ops::OwnCell { cell, info, steps, initial, mask, states: held, saved, carried, dx, stream }, param, given)
        });
        let inputs: Vec<ValueId> = [*x].into_iter().chain(given).chain(way.mask).collect();
        if !course.gives_states() {
            return Some(vec![self.op(Rc::new(op), inputs, vec![param], out)]);
        }
        let shapes: Vec<Shape> = [out].into_iter().chain(states).collect();
        let len = shapes.iter().fold(Num::Lit(0), |len, shape| len.add(&shape.len()));
        let all = self.op(Rc::new(op), inputs, vec![param], Shape::new(vec![len]));
        let mut at = Num::Lit(0);
        let mut results = Vec::new();
        for shape in shapes {
            let len = shape.len();
            results.push(self.piece(all, &at, shape));
            at = at.add(&len);
        }
        if course.stateful {
            self.within_id(cell.id, shared, |cx| cx.carry(&results[1..]));
        }
        if !course.states {
            results.truncate(1);
        }
        Some(results)
    }

    /// Whether the states that are given are those of the cell, and as many come out. Nothing after a mistake.
    fn states_fit(
        &mut self,
        span: Span,
        cell: &OwnCell,
        info: &TokenStream,
        way: &Way,
        returned: Option<usize>,
    ) -> Option<()> {
        let found = Num::Const(quote!(#info.states.len()));
        let given = Some(way.initial.len()).filter(|&given| given > 0);
        for (given, word) in [(given, INITIAL), (returned, RETURNED)] {
            if let Some(given) = given {
                require!(self, span, cell_states(found, given, word, cell.class.clone()))?;
            }
        }
        for (i, &state) in way.initial.iter().enumerate() {
            let (i, shape) = (Num::Lit(i), self.shape(state));
            let expected = Shape::opaque(quote!(#info.state(#i)));
            require!(self, span, initial_state(shape, expected, 0))?;
        }
        Some(())
    }

    /// Whether a layer that was called before is given steps of the shape that it was first given: the sequence is the input
    /// of the layer of the model that it is, or is within. Nothing after a mistake.
    pub(super) fn built_for(&mut self, span: Span, class: &str, id: LayerId, sequence: &Sequence) -> Option<()> {
        let first = self.graph.layers[self.root(id)].calls.first().map(|call| call.0[0]);
        if let (Some(first), true) = (first, self.shared) {
            // Of a cell by itself, the input is a step.
            let outer = self.shape(sequence.x).rank() - sequence.each.rank();
            let (each, first) = (sequence.each.clone(), self.shape(first));
            let first = first.with_dims(first.dims.iter().skip(outer).cloned().collect());
            require!(self, span, again(each, first, class.to_owned()))?;
        }
        Some(())
    }
}
