//! Where an op's kernel call stands: it hands out the names of what the call reads and writes, and remembers them.
//!
//! What a call has asked for is all that the passes know of it: which values a backward pass needs, how long each buffer
//! lives, which buffers the expansion has to name.

use proc_macro2::{Delimiter, Ident, Span, TokenStream};
use quote::quote;

use super::code::{Call, Code, Write};
use super::{Graph, Node, Num, ParamId, ValueId};

/// A value or its gradient, in the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operand {
    /// The numbers of a value.
    Value(ValueId),
    /// The gradient of the loss by a value.
    Grad(ValueId),
}

impl Operand {
    /// A number that no other operand has.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Operand::Value(value) => 2 * value,
            Operand::Grad(value) => 2 * value + 1,
        }
    }
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
    /// Whether this is inference, where nothing is kept.
    pub inference: bool,
    /// Whether the gradient of the input is wanted in every step.
    pub wanted: bool,
    /// Where the gradient of a param goes, in the phase of the weight gradients.
    pub to: Option<To>,
    /// What it takes as slices, if it is not a step of keras-kernels but the call of a layer that the compiler does not
    /// know.
    pub slices: Option<Slices>,
}

/// The weights whose gradient a call computes.
#[derive(Clone)]
pub struct To {
    /// `only`, `first`, `middle` or `last` of the contributions.
    pub uses: &'static str,
    /// The param's index in `const GRAPH`.
    pub index: Num,
    /// The index of its first float in the block.
    pub at: Num,
    /// How many weights there are.
    pub len: Num,
}

impl Write for To {
    fn write(&self, code: &mut Code<'_>) {
        code.word(&Ident::new(self.uses, Span::call_site()));
        code.group(Delimiter::Parenthesis, |code| {
            code.num(&self.index);
            code.arg(&self.at);
        });
    }
}

/// What the call of a layer that the compiler does not know takes as slices.
#[derive(Clone, Default)]
pub struct Slices {
    /// The model's inputs among what it reads.
    pub inputs: Vec<Ident>,
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
            inference: false,
            wanted: false,
            to: None,
            slices: None,
        }
    }

    fn read(&mut self, operand: Operand) -> Ident {
        let operand = (self.memory)(operand);
        if let Operand::Value(value) = operand
            && self.graph.is_input(value)
        {
            let input = &self.graph.inputs[value];
            if let Some(slices) =
                self.slices.as_mut().filter(|slices| input.is_f32() && !slices.inputs.contains(&input.name))
            {
                slices.inputs.push(input.name.clone());
            }
            return input.name.clone();
        }
        if !self.reads.contains(&operand) {
            self.reads.push(operand);
        }
        name(self.graph, operand)
    }

    fn write(&mut self, operand: Operand) -> Ident {
        let operand = (self.memory)(operand);
        if !self.writes.contains(&operand) {
            self.writes.push(operand);
        }
        name(self.graph, operand)
    }

    /// The output, to be written.
    pub fn y(&mut self) -> Ident {
        self.write(Operand::Value(self.node.output))
    }

    /// The output as the forward pass left it.
    pub fn saved_y(&mut self) -> Ident {
        self.read(Operand::Value(self.node.output))
    }

    /// Input `i`.
    pub fn x(&mut self, i: usize) -> Ident {
        self.read(Operand::Value(self.node.inputs[i]))
    }

    /// No buffer, where a call reads one of which it needs nothing.
    #[must_use]
    pub fn nothing(&self) -> Ident {
        self.graph.words.nothing.clone()
    }

    /// The gradient of the output.
    pub fn dy(&mut self) -> Ident {
        self.read(Operand::Grad(self.node.output))
    }

    /// The gradient of the output, to be changed in place.
    pub fn dy_mut(&mut self) -> Ident {
        self.write(Operand::Grad(self.node.output))
    }

    /// The gradient of input `i`, to be written.
    pub fn dx(&mut self, i: usize) -> Ident {
        self.write(Operand::Grad(self.node.inputs[i]))
    }

    /// Whether the gradient is added to what is there: `true` or `false`.
    #[must_use]
    pub fn acc(&self) -> Ident {
        let words = &self.graph.words;
        if self.accumulate { words.yes.clone() } else { words.no.clone() }
    }

    /// A value that belongs to the op and is neither its input nor its output, to be written.
    pub fn own_mut(&mut self, value: ValueId) -> Ident {
        self.write(Operand::Value(value))
    }

    /// A value that belongs to the op and is neither its input nor its output.
    pub fn own(&mut self, value: ValueId) -> Ident {
        self.read(Operand::Value(value))
    }

    /// The call takes slices: see [`Site::slices`]. To be said before anything is asked for.
    pub fn as_slices(&mut self) {
        self.slices = Some(Slices::default());
    }

    /// The workspace of a model that is a layer, which the call then has as `ws`.
    pub fn region(&mut self, kept: Option<ValueId>, temp: Option<ValueId>, layout: TokenStream) {
        let [kept, temp] = [kept, temp].map(|value| value.map(Operand::Value));
        self.slices.get_or_insert_default().region = Some(Region { kept, temp, layout });
    }

    /// Where the gradient goes: the argument of a call for the gradient of a param.
    ///
    /// # Panics
    /// If the call is another one.
    #[must_use]
    pub fn to(&self) -> &To {
        self.to.as_ref().expect("a call for the gradient of a param")
    }

    /// The weights of a layer that the compiler does not know.
    #[must_use]
    pub fn part(&self) -> TokenStream {
        let layer = self.graph.field(self.graph.params[self.node.params[0]].layer);
        quote!(&self.#layer)
    }

    /// The index of param `i` in `const GRAPH`.
    #[must_use]
    pub fn index(&self, i: usize) -> Num {
        self.graph.index(self.node.params[i])
    }

    /// Param `i` as a flat slice.
    #[must_use]
    pub fn weight(&self, i: usize) -> TokenStream {
        let param = self.node.params[i];
        let mut code = Code::new(&self.graph.words);
        match self.graph.params[param].shape.len() {
            0 | 1 => self.field(param, &mut code),
            _ => {
                code.word(&code.words.flat);
                code.group(Delimiter::Parenthesis, |code| self.field(param, code));
            }
        }
        code.finish()
    }

    /// Whether param `i` has no dimensions.
    #[must_use]
    pub fn is_number(&self, i: usize) -> bool {
        self.graph.params[self.node.params[i]].is_empty()
    }

    /// Param `i` as the nested array that it is.
    #[must_use]
    pub fn array(&self, i: usize) -> TokenStream {
        let mut code = Code::new(&self.graph.words);
        self.field(self.node.params[i], &mut code);
        code.finish()
    }

    /// `&self.dense.kernel`
    fn field(&self, param: ParamId, code: &mut Code<'_>) {
        let (param, words) = (&self.graph.params[param], code.words);
        code.sign(&words.and);
        code.word(&words.self_);
        for name in self.graph.path(param.layer).into_iter().chain([param.name]) {
            code.sign(&words.dot);
            code.word(&Ident::new(name, Span::call_site()));
        }
    }

    /// The call of a step, which takes the pass before the arguments that are written. See
    /// [`call!`](super::code::call).
    pub(crate) fn call(&self, module: &str, function: &str, args: impl FnOnce(&mut Code<'g>)) -> Call {
        let mut code = Code::new(&self.graph.words);
        code.word(&Ident::new(module, Span::call_site()));
        code.path();
        code.word(&Ident::new(function, Span::call_site()));
        code.group(Delimiter::Parenthesis, |code| {
            code.word(&code.words.pass);
            args(code);
        });
        code.into_call()
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
        Operand::Grad(value) => graph.values[value].gradient.clone(),
    }
}
