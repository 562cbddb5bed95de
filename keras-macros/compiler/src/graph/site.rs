//! Where an op's kernel call stands: it hands out the names of what the call reads and writes, and remembers them.
//!
//! What a call has asked for is all that the passes know of it: which values a backward pass needs, how long each buffer
//! lives, which slices the expansion has to take from the workspace.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::{Graph, Node, Num, ValueId};

/// A value or its gradient, in the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operand {
    /// The numbers of a value.
    Value(ValueId),
    /// The gradient of the loss by a value.
    Grad(ValueId),
}

/// The place of one kernel call.
pub struct Site<'g> {
    graph: &'g Graph,
    node: &'g Node,
    memory: &'g dyn Fn(Operand) -> Operand,
    /// What the call reads, without the model's inputs.
    pub reads: Vec<Operand>,
    /// What the call writes.
    pub writes: Vec<Operand>,
    /// Whether it adds to what it writes.
    pub accumulate: bool,
    /// Whether it uses scratch.
    pub scratch: bool,
    /// Whether it asks for the index of its first row.
    pub first: bool,
    /// Whether it asks for the number of rows in the whole batch.
    pub batch: bool,
    /// Whether this is inference, where nothing is kept.
    pub inference: bool,
    /// Whether the gradient of the input is wanted in every step.
    pub wanted: bool,
    /// The workspace of a model that is a layer.
    pub region: Option<Region>,
}

/// The workspace of a model that is a layer: parts of the areas, and how they are laid out.
#[derive(Clone)]
pub struct Region {
    /// The part of the kept area; none in inference.
    pub kept: Option<Operand>,
    /// The part of the temporary area, for phases by rows.
    pub temp: Option<Operand>,
    /// Its own `Layout`.
    pub layout: TokenStream,
}

impl<'g> Site<'g> {
    /// The place of a call of `node`. `memory` says which operands share memory by standing for the same one.
    #[must_use]
    pub fn new(graph: &'g Graph, node: &'g Node, memory: &'g dyn Fn(Operand) -> Operand) -> Site<'g> {
        Site {
            graph,
            node,
            memory,
            reads: Vec::new(),
            writes: Vec::new(),
            accumulate: false,
            scratch: false,
            first: false,
            batch: false,
            inference: false,
            wanted: false,
            region: None,
        }
    }

    fn read(&mut self, operand: Operand) -> TokenStream {
        let operand = (self.memory)(operand);
        if let Operand::Value(value) = operand
            && self.graph.is_input(value)
        {
            let name = &self.graph.inputs[value].name;
            return quote!(#name);
        }
        if !self.reads.contains(&operand) {
            self.reads.push(operand);
        }
        let name = name(self.graph, operand);
        quote!(#name)
    }

    fn write(&mut self, operand: Operand) -> TokenStream {
        let operand = (self.memory)(operand);
        if !self.writes.contains(&operand) {
            self.writes.push(operand);
        }
        let name = name(self.graph, operand);
        quote!(#name)
    }

    /// The output, to be written.
    pub fn y(&mut self) -> TokenStream {
        self.write(Operand::Value(self.node.output))
    }

    /// The output as the forward pass left it.
    pub fn saved_y(&mut self) -> TokenStream {
        self.read(Operand::Value(self.node.output))
    }

    /// Input `i`.
    pub fn x(&mut self, i: usize) -> TokenStream {
        self.read(Operand::Value(self.node.inputs[i]))
    }

    /// Output and input of an op that can work in place: the input is `None` if it does.
    pub fn y_of_x(&mut self) -> (TokenStream, TokenStream) {
        let (y, x) = (Operand::Value(self.node.output), Operand::Value(self.node.inputs[0]));
        if (self.memory)(y) == (self.memory)(x) {
            return (self.y(), quote!(None));
        }
        let x = self.x(0);
        (self.y(), quote!(Some(#x)))
    }

    /// The gradient of the output.
    pub fn dy(&mut self) -> TokenStream {
        self.read(Operand::Grad(self.node.output))
    }

    /// The gradient of the output, to be changed in place.
    pub fn dy_mut(&mut self) -> TokenStream {
        self.write(Operand::Grad(self.node.output))
    }

    /// The gradient of input `i`, to be written.
    pub fn dx(&mut self, i: usize) -> TokenStream {
        self.write(Operand::Grad(self.node.inputs[i]))
    }

    /// The gradients of the input and of the output of an op that can work in place: that of the output is `None` if it
    /// does.
    pub fn dx_of_dy(&mut self) -> (TokenStream, TokenStream) {
        let (dx, dy) = (Operand::Grad(self.node.inputs[0]), Operand::Grad(self.node.output));
        if (self.memory)(dx) == (self.memory)(dy) {
            return (self.dx(0), quote!(None));
        }
        let dy = self.dy();
        (self.dx(0), quote!(Some(#dy)))
    }

    /// Whether the gradient is added to what is there: `true` or `false`.
    #[must_use]
    pub fn acc(&self) -> TokenStream {
        let acc = Ident::new(if self.accumulate { "true" } else { "false" }, Span::call_site());
        quote!(#acc)
    }

    /// A value that belongs to the op and is neither its input nor its output, to be written.
    pub fn own_mut(&mut self, value: ValueId) -> TokenStream {
        self.write(Operand::Value(value))
    }

    /// A value that belongs to the op and is neither its input nor its output.
    pub fn own(&mut self, value: ValueId) -> TokenStream {
        self.read(Operand::Value(value))
    }

    /// The workspace of a model that is a layer, which the call then has as `ws`.
    pub fn region(&mut self, kept: Option<ValueId>, temp: Option<ValueId>, layout: TokenStream) {
        let [kept, temp] = [kept, temp].map(|value| value.map(Operand::Value));
        self.region = Some(Region { kept, temp, layout });
    }

    /// The weights of a layer that the compiler does not know.
    #[must_use]
    pub fn part(&self) -> TokenStream {
        let layer = self.graph.field(self.graph.params[self.node.params[0]].layer);
        quote!(&self.#layer)
    }

    /// Param `i` as a flat slice.
    #[must_use]
    pub fn weight(&self, i: usize) -> TokenStream {
        let param = &self.graph.params[self.node.params[i]];
        let layer = self.graph.field(param.layer);
        let field = Ident::new(param.name, Span::call_site());
        match param.shape.len() {
            0 | 1 => quote!(&self.#layer.#field),
            _ => quote!(flat(&self.#layer.#field)),
        }
    }

    /// Scratch memory of the thread.
    pub fn tmp(&mut self) -> TokenStream {
        self.scratch = true;
        quote!(tmp)
    }

    /// The index of the first row within the batch.
    pub fn first(&mut self) -> TokenStream {
        self.first = true;
        quote!(first)
    }

    /// How many rows the whole batch has.
    pub fn batch(&mut self) -> TokenStream {
        self.batch = true;
        quote!(n)
    }

    /// Rows of the batch times `outer`.
    #[must_use]
    pub fn rows(&self, outer: &Num) -> TokenStream {
        match outer {
            Num::Lit(1) => quote!(m),
            outer => quote!(m * #outer),
        }
    }

    /// Floats per sample of input `i`.
    #[must_use]
    pub fn len_x(&self, i: usize) -> Num {
        self.graph.len(self.node.inputs[i])
    }
}

/// The name of an operand in the generated code.
#[must_use]
pub fn name(graph: &Graph, operand: Operand) -> Ident {
    match operand {
        Operand::Value(value) => graph.values[value].name.clone(),
        Operand::Grad(value) => format_ident!("d_{}", graph.values[value].name),
    }
}
