//! From a graph to the launches that compute it.

use std::collections::BTreeMap;

use super::elementwise::fuse;
use super::launch::Launch;
use super::math::{Gives, Math, Products};
use super::memory::{Region, Span};
use super::ops;
use super::program::Program;
use crate::model::Graph;
use crate::model::graph::{Op, OpKind, Param, Precision};

/// A program that is being built: launches so far, and the buffers that they use.
pub(crate) struct Builder<'a> {
    /// Rows of a batch.
    pub(crate) rows: usize,
    /// Whether layers behave as while training.
    pub(crate) training: bool,
    /// Whether there is a backward pass.
    pub(crate) gradients: bool,
    /// Whether gradients are those of a scaled loss.
    pub(crate) scaled: bool,
    /// What products multiply.
    products: Products,
    /// By parameter of the outermost graph: whether it stays as it is.
    pub(crate) frozen: &'a [bool],
    /// By parameter of the outermost graph: whether its gradient has been written.
    pub(crate) written: Vec<bool>,
    /// By parameter of the outermost graph: what a pass reads in its place, if that is rounded.
    weighed: Vec<Option<Span>>,
    lens: Vec<usize>,
    /// By buffer: what all that has been written to it is rounded to, if anything has.
    precisions: Vec<Option<Precision>>,
    kept: Vec<usize>,
    launches: Vec<Launch>,
    late: Vec<Launch>,
    /// By the first parameter of a layer: what sets its state anew.
    states: BTreeMap<usize, Vec<Launch>>,
}

/// A graph's place in the outermost one.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// The index of its first parameter among those of the outermost graph.
    pub(crate) params: usize,
    /// By how much its parameters lie further on than its own description says.
    pub(crate) shift: usize,
    /// Whether the layers that it is are trained, as the models around it declare them.
    pub(crate) trainable: bool,
}

impl Place {
    /// That of the outermost graph.
    pub(crate) const OUTERMOST: Place = Place { params: 0, shift: 0, trainable: true };
}

/// A graph that a program computes, the model's own or that of a model within it: where its values lie.
pub(crate) struct Frame {
    pub(crate) graph: &'static Graph,
    /// What random layers draw by.
    pub(crate) seed: u64,
    /// Where it is in the outermost graph.
    pub(crate) place: Place,
    /// Where what its rows carry from batch to batch begins in what rows carry in all, and how many floats that is.
    pub(crate) carried: (usize, usize),
    /// By value; those that are aliases have what they are aliases of.
    values: Vec<Option<Span>>,
    grads: Vec<Option<Span>>,
    /// By value: whether the gradient is wanted.
    pub(crate) wanted: Vec<bool>,
    /// By op: the frame of the model that it is.
    within: Vec<Option<Box<Frame>>>,
    /// By op: buffers of its own.
    own: Vec<Vec<Option<Span>>>,
}

/// An op whose launches are being written.
pub(crate) struct Site<'s, 'a> {
    pub(crate) b: &'s mut Builder<'a>,
    pub(crate) frame: &'s mut Frame,
    /// Index of the op.
    pub(crate) op: usize,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(rows: usize, training: bool, frozen: &'a [bool], products: Products) -> Builder<'a> {
        Builder {
            rows,
            training,
            gradients: training,
            scaled: false,
            products,
            frozen,
            written: vec![false; frozen.len()],
            weighed: vec![None; frozen.len()],
            lens: Vec::new(),
            precisions: Vec::new(),
            kept: Vec::new(),
            launches: Vec::new(),
            late: Vec::new(),
            states: BTreeMap::new(),
        }
    }

    /// Adds a launch.
    pub(crate) fn launch(&mut self, launch: Launch) {
        match (&launch.chain, &launch.gives) {
            (Some(chain), _) => {
                for (span, given) in chain.precisions(|span| self.precision(span)) {
                    self.note(span, given);
                }
            }
            (None, Gives::Any) => launch.outputs().for_each(|span| self.note(span, Precision::Float32)),
            (None, Gives::From(spans)) => {
                let mut all = spans.iter().map(|span| self.precision(*span));
                let first = all.next().unwrap_or(Precision::Float32);
                let given = if all.all(|next| next == first) { first } else { Precision::Float32 };
                launch.outputs().for_each(|span| self.note(span, given));
            }
        }
        self.launches.push(launch);
    }

    /// Notes that numbers of this precision are written.
    fn note(&mut self, to: Span, given: Precision) {
        if let Region::Work(buffer) = to.region {
            let known = self.precisions[buffer].get_or_insert(given);
            if *known != given {
                *known = Precision::Float32;
            }
        }
    }

    /// What the numbers of a span are known to be rounded to, by the launches so far.
    fn precision(&self, span: Span) -> Precision {
        match span.region {
            Region::Work(buffer) => self.precisions[buffer].unwrap_or(Precision::Float32),
            _ => Precision::Float32,
        }
    }

    /// What a product of these factors, as they are by now, multiplies.
    pub(crate) fn math(&self, factors: [Span; 2]) -> Math {
        self.products.of(factors.map(|factor| self.precision(factor)))
    }

    /// Adds a launch that comes behind all others: it writes state that a step reads as the one before has left it.
    pub(crate) fn launch_late(&mut self, launch: Launch) {
        self.late.push(launch);
    }

    /// Adds launches behind all others that set anew the state of the layer whose first parameter is this one. The last call
    /// of a layer does so, whose gradients come first: what others ask for is left out.
    pub(crate) fn launch_state(&mut self, first: usize, launches: Vec<Launch>) {
        self.states.entry(first).or_insert(launches);
    }

    /// Rounds the weights of layers under mixed policies, for the passes to read.
    pub(crate) fn weigh(&mut self, graph: &Graph) {
        for (i, param) in graph.params.iter().enumerate().filter(|(_, param)| param.precision != Precision::Float32) {
            let weights = Region::Weights.span(param.at, len(param.shape));
            let rounded = self.buffer(weights.len);
            self.launch(ops::round(rounded, weights, param.precision, false));
            self.weighed[i] = Some(rounded);
        }
    }

    /// A new buffer of so many floats.
    pub(crate) fn buffer(&mut self, len: usize) -> Span {
        self.lens.push(len);
        self.precisions.push(None);
        Region::Work(self.lens.len() - 1).span(0, len)
    }

    /// Says that a buffer is read when the program has run.
    pub(crate) fn keep(&mut self, span: Span) {
        if let Region::Work(buffer) = span.region {
            self.kept.push(buffer);
        }
    }

    /// Adds the launches that come behind all others so far.
    pub(crate) fn settle(&mut self) {
        self.launches.append(&mut self.late);
        self.launches.extend(std::mem::take(&mut self.states).into_values().flatten());
    }

    /// The program.
    pub(crate) fn finish(mut self) -> Program {
        self.settle();
        Program::new(self.rows, fuse(self.launches, &self.kept), &self.lens, &self.kept)
    }
}

/// How many elements an array of these dimensions has.
pub(crate) fn len(shape: &[usize]) -> usize {
    shape.iter().product()
}

impl Frame {
    /// A graph whose inputs lie there.
    ///
    /// `wanted` has the inputs whose gradients are.
    pub(crate) fn new(
        b: &Builder<'_>,
        graph: &'static Graph,
        seed: u64,
        place: Place,
        inputs: &[Span],
        wanted: &[bool],
    ) -> Frame {
        let mut values = vec![None; graph.values.len()];
        for (value, &input) in values.iter_mut().zip(inputs) {
            *value = Some(input);
        }
        let mut frame = Frame {
            graph,
            seed,
            place,
            carried: (0, graph.carried),
            values,
            grads: vec![None; graph.values.len()],
            wanted: vec![false; graph.values.len()],
            within: graph.ops.iter().map(|_| None).collect(),
            own: vec![Vec::new(); graph.ops.len()],
        };
        frame.wanted[..wanted.len()].copy_from_slice(wanted);
        if b.gradients {
            frame.want(b);
        }
        frame
    }

    /// Finds out which values depend on a weight that is trained.
    fn want(&mut self, b: &Builder<'_>) {
        for op in self.graph.ops {
            let trained = |param: &usize| !b.frozen[self.place.params + param];
            let own = match op.kind {
                OpKind::Nested { graph, first, .. } => (first..first + graph.params.len()).any(|p| trained(&p)),
                OpKind::Own { .. } => self.sets_state(op) || self.graph.own(op).any(|p| trained(&p)),
                _ => op.params.iter().any(trained),
            };
            let wanted = own || op.inputs.iter().any(|&input| self.wanted[self.graph.root(input)]);
            self.wanted[self.graph.root(op.output)] |= wanted && !ops::is_constant(&op.kind);
        }
    }

    /// Whether a layer of one's own has state, and sets it anew while it is trained: as the model declares it, so that it goes on when
    /// the layer is frozen later.
    pub(crate) fn sets_state(&self, op: &Op) -> bool {
        let is_state = |param: usize| !self.graph.params[param].trainable;
        self.place.trainable && self.graph.is_trainable(op.layer) && self.graph.own(op).any(is_state)
    }

    /// Where a value lies.
    pub(crate) fn value(&self, value: usize) -> Span {
        let root = self.graph.root(value);
        self.values[root]
            .unwrap_or_else(|| panic!("value {value} of `{}` is read before it is written", self.graph.name))
    }

    /// Where a value will lie.
    fn placed(&mut self, b: &mut Builder<'_>, value: usize) -> Span {
        let root = self.graph.root(value);
        let len = b.rows * len(self.graph.values[root].shape);
        *self.values[root].get_or_insert_with(|| b.buffer(len))
    }

    /// The gradient of a value, if anything has written to it.
    pub(crate) fn grad(&self, value: usize) -> Option<Span> {
        self.grads[self.graph.root(value)]
    }

    /// Where the gradient of a value is written, and whether it is added to what is there.
    pub(crate) fn grad_mut(&mut self, b: &mut Builder<'_>, value: usize) -> (Span, bool) {
        let root = self.graph.root(value);
        if let Some(span) = self.grads[root] {
            return (span, true);
        }
        let span = b.buffer(b.rows * len(self.graph.values[root].shape));
        self.grads[root] = Some(span);
        (span, false)
    }

    /// Says where the gradient of a value lies, which nothing has written yet.
    pub(crate) fn set_grad(&mut self, value: usize, span: Span) {
        self.grads[self.graph.root(value)] = Some(span);
    }

    /// The launches of the forward pass.
    pub(crate) fn forward(&mut self, b: &mut Builder<'_>) {
        for op in 0..self.graph.ops.len() {
            ops::forward(&mut Site { b, frame: self, op });
        }
    }

    /// The launches of the backward pass, from the gradients that the losses have written. A head that a loss is fused with
    /// has none, since the loss gives the gradient of what it reads.
    pub(crate) fn backward(&mut self, b: &mut Builder<'_>) {
        for op in (0..self.graph.ops.len()).rev() {
            if self.grad(self.graph.ops[op].output).is_some() {
                ops::backward(&mut Site { b, frame: self, op });
            }
        }
    }

    /// The frame of the model that an op is.
    pub(crate) fn within_mut(&mut self, op: usize) -> Option<&mut Frame> {
        self.within[op].as_deref_mut()
    }

    /// Where a parameter of this graph lies.
    pub(crate) fn param(&self, region: Region, param: usize) -> Span {
        let Param { at, shape, .. } = &self.graph.params[param];
        region.span(self.place.shift + at, len(shape))
    }
}

impl Site<'_, '_> {
    /// What the op computes.
    pub(crate) fn kind(&self) -> OpKind {
        self.frame.graph.ops[self.op].kind
    }

    /// How many inputs the op has.
    pub(crate) fn inputs(&self) -> usize {
        self.frame.graph.ops[self.op].inputs.len()
    }

    /// Input `i`.
    pub(crate) fn x(&self, i: usize) -> Span {
        self.frame.value(self.frame.graph.ops[self.op].inputs[i])
    }

    /// The output.
    pub(crate) fn y(&mut self) -> Span {
        let output = self.frame.graph.ops[self.op].output;
        self.frame.placed(self.b, output)
    }

    /// Says that the output lies there already.
    pub(crate) fn set_y(&mut self, y: Span) {
        let root = self.frame.graph.root(self.frame.graph.ops[self.op].output);
        self.frame.values[root] = Some(y);
    }

    /// The gradient of the output.
    pub(crate) fn dy(&self) -> Span {
        let output = self.frame.graph.ops[self.op].output;
        self.frame.grad(output).unwrap_or_else(|| panic!("no gradient of value {output}"))
    }

    /// Whether the gradient of input `i` is wanted.
    pub(crate) fn wants(&self, i: usize) -> bool {
        self.frame.wanted[self.frame.graph.root(self.frame.graph.ops[self.op].inputs[i])]
    }

    /// Where the gradient of input `i` goes and whether it is added to what is there, if it is wanted.
    pub(crate) fn dx(&mut self, i: usize) -> Option<(Span, bool)> {
        let input = self.frame.graph.ops[self.op].inputs[i];
        self.wants(i).then(|| self.frame.grad_mut(self.b, input))
    }

    /// Parameter `i` as a pass reads it, if there are so many.
    pub(crate) fn w_if(&self, i: usize) -> Option<Span> {
        let param = self.frame.graph.ops[self.op].params.get(i)?;
        let rounded = self.b.weighed[self.frame.place.params + param];
        Some(rounded.unwrap_or_else(|| self.frame.param(Region::Weights, *param)))
    }

    /// Parameter `i`.
    pub(crate) fn w(&self, i: usize) -> Span {
        self.w_if(i).unwrap_or_else(|| panic!("no parameter {i} of {:?}", self.kind()))
    }

    /// Whether parameter `i` stays as it is.
    pub(crate) fn is_frozen(&self, i: usize) -> bool {
        self.b.frozen[self.frame.place.params + self.frame.graph.ops[self.op].params[i]]
    }

    /// Whether the op's layer is one that is trained, as the model declares it.
    pub(crate) fn is_trainable(&self) -> bool {
        self.frame.graph.is_trainable(self.frame.graph.ops[self.op].layer)
    }

    /// Where the gradient of parameter `i` goes and whether it is added to what is there, if there is such a parameter and it
    /// is trained.
    pub(crate) fn dw(&mut self, i: usize) -> Option<(Span, bool)> {
        let param = *self.frame.graph.ops[self.op].params.get(i)?;
        self.dw_of(param)
    }

    /// The same of a parameter by its index in the graph.
    pub(crate) fn dw_of(&mut self, param: usize) -> Option<(Span, bool)> {
        let index = self.frame.place.params + param;
        if self.b.frozen[index] {
            return None;
        }
        let added = std::mem::replace(&mut self.b.written[index], true);
        Some((self.frame.param(Region::Grads, param), added))
    }

    /// Buffer `i` of the op's own, of so many floats: what the forward pass leaves there, the backward pass finds.
    pub(crate) fn own(&mut self, i: usize, len: usize) -> Span {
        let own = &mut self.frame.own[self.op];
        own.resize(own.len().max(i + 1), None);
        *own[i].get_or_insert_with(|| self.b.buffer(len))
    }

    /// Keeps the frame of the model that the op is, for the backward pass.
    pub(crate) fn set_within(&mut self, frame: Frame) {
        self.frame.within[self.op] = Some(Box::new(frame));
    }

    /// The frame that the forward pass kept.
    pub(crate) fn within(&mut self) -> Option<Box<Frame>> {
        self.frame.within[self.op].take()
    }

    /// Adds a launch.
    pub(crate) fn launch(&mut self, launch: Launch) {
        self.b.launch(launch);
    }
}
