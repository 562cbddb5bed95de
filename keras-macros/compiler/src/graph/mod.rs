//! A model as a graph of ops in single-assignment form.
//!
//! Values are results of ops and the model's inputs. A value can be an alias of another one: the same numbers under
//! another shape. Ops come in an order in which they can be computed.

pub(crate) mod code;
pub mod num;
pub mod ops;
pub mod precision;
pub mod shape;
pub mod site;

pub use num::Num;
pub use ops::Op;
pub use precision::Precision;
pub use shape::Shape;
pub use site::{Operand, Site};

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// Index of a value.
pub type ValueId = usize;
/// Index of a param.
pub type ParamId = usize;
/// Index of a layer.
pub type LayerId = usize;

/// A model after its layers were lowered.
pub struct Graph {
    /// What generated code says often.
    pub(crate) words: code::Words,
    /// The path of the facade crate.
    pub krate: TokenStream,
    /// The struct's name.
    pub name: Ident,
    /// Whether it was written as a chain.
    pub sequential: bool,
    /// The const generic of a chain without `Input`.
    pub generic: Option<Ident>,
    /// Inputs; value `i` is input `i`.
    pub inputs: Vec<Input>,
    /// Layers, in the order in which they were first called.
    pub layers: Vec<Layer>,
    /// Params, in the order of the block.
    pub params: Vec<Param>,
    /// Values.
    pub values: Vec<Value>,
    /// Ops.
    pub ops: Vec<Node>,
    /// Outputs: name and value.
    pub outputs: Vec<(String, ValueId)>,
    /// Penalties on activations.
    pub activity: Vec<(ValueId, TokenStream)>,
    /// Associated consts of [`Graph::sizes`] that sizes refer to.
    pub consts: Vec<TokenStream>,
    /// How those of them that stand for expressions of the user's are emitted, and what was written.
    pub written: Vec<(String, String)>,
    /// Const items that refuse sizes.
    pub checks: Vec<TokenStream>,
    /// What the rows of a batch carry to those of the next one, one behind the other.
    pub carried: Vec<Carried>,
    /// The kept workspaces of models that are layers, which live from the forward pass to the end of the step.
    pub regions: Vec<ValueId>,
}

/// An input.
pub struct Input {
    /// Its name in the generated code.
    pub name: Ident,
    /// Its numbers.
    pub dtype: Ident,
}

impl Input {
    /// Whether it is of floats, which kernels compute with.
    #[must_use]
    pub fn is_f32(&self) -> bool {
        self.dtype == "f32"
    }
}

/// A layer.
pub struct Layer {
    /// Its name, unique in the model or in its block: `dense_1`.
    pub name: String,
    /// What it is: `Dense`.
    pub class: String,
    /// The block that it is part of.
    pub parent: Option<LayerId>,
    /// Values taken and given by each call.
    pub calls: Vec<(Vec<ValueId>, Vec<ValueId>)>,
    /// Whether it is trained by default.
    pub trainable: bool,
    /// Where it was written.
    pub span: Span,
    /// Where its field in the struct is said to be: see [`crate::syntax::Call::place`].
    pub place: Span,
}

/// An array of weights.
pub struct Param {
    /// Whose it is.
    pub layer: LayerId,
    /// Its name in the layer: `kernel`.
    pub name: &'static str,
    /// Its dimensions.
    pub shape: Vec<Num>,
    /// Whether it is a weight and no state.
    pub trainable: bool,
    /// `Init` of the runtime's graph.
    pub init: TokenStream,
    /// `Penalty`, if it has one.
    pub regularizer: Option<TokenStream>,
    /// `Constraint`, if it has one.
    pub constraint: Option<TokenStream>,
    /// What its numbers are rounded to where a pass reads them.
    pub precision: Precision,
    /// What it is if it is all weights of a layer that the compiler does not know.
    pub part: Option<Part>,
}

/// A layer of the user's, or a model that is a layer: its weights are a struct of their own.
#[derive(Clone, Debug)]
pub struct Part {
    /// The struct of its weights.
    pub kind: TokenStream,
    /// The const that has its phases and its params.
    pub info: TokenStream,
    /// Whether it is a model.
    pub model: bool,
}

impl Param {
    /// How many weights it has.
    #[must_use]
    pub fn len(&self) -> Num {
        Num::product(&self.shape)
    }

    /// Whether it has no dimension.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shape.is_empty()
    }
}

/// A state that a layer keeps from batch to batch.
pub struct Carried {
    /// Whose it is: all calls of a layer go on from one state.
    pub layer: LayerId,
    /// Where it begins in what a row carries.
    pub at: Num,
    /// Its dimensions.
    pub shape: Shape,
    /// What the last call of the layer left, if it has been called.
    pub last: Option<ValueId>,
}

/// A value.
pub struct Value {
    /// Its name in the generated code.
    pub name: Ident,
    /// That of its gradient.
    pub gradient: Ident,
    /// Its dimensions.
    pub shape: Shape,
    /// The value whose numbers it is.
    pub alias: Option<ValueId>,
    /// Which of its steps count: a value of 1 or 0 for each of them, with its dimensions but the last, or fewer.
    pub mask: Option<ValueId>,
}

/// An op and what it is applied to.
#[derive(Clone)]
pub struct Node {
    /// What it computes.
    pub op: std::rc::Rc<dyn Op>,
    /// The layer that it comes from.
    pub layer: LayerId,
    /// What it takes.
    pub inputs: Vec<ValueId>,
    /// What it gives.
    pub output: ValueId,
    /// Weights that it uses.
    pub params: Vec<ParamId>,
}

impl Graph {
    /// How many floats a row carries to the next batch.
    #[must_use]
    pub fn carries(&self) -> Num {
        self.carried.last().map_or(Num::Lit(0), |last| last.at.add(&last.shape.len()))
    }

    /// A layer and the blocks that it is part of, from the outside.
    #[must_use]
    pub fn path(&self, layer: LayerId) -> Vec<&str> {
        let Layer { name, parent, .. } = &self.layers[layer];
        let mut path = parent.map_or_else(Vec::new, |parent| self.path(parent));
        path.push(name);
        path
    }

    /// The field of a layer's weights in the model.
    #[must_use]
    pub fn field(&self, layer: LayerId) -> TokenStream {
        let path = self.path(layer).into_iter().map(|name| Ident::new(name, Span::call_site()));
        quote!(#(#path).*)
    }

    /// The index of a param in `const GRAPH`: those of the layers that the compiler does not know come after its own.
    #[must_use]
    pub fn index(&self, param: ParamId) -> Num {
        let of = |part: bool| move |param: &&Param| param.part.is_some() == part;
        if self.params[param].part.is_none() {
            return Num::Lit(self.params[..param].iter().filter(of(false)).count());
        }
        let own = Num::Lit(self.params.iter().filter(of(false)).count());
        self.params[..param].iter().filter_map(|param| param.part.as_ref()).fold(own, |sum, part| {
            let info = &part.info;
            sum.add(&Num::Const(quote!(#info.params.len())))
        })
    }

    /// [`Graph::index`] of all params.
    #[must_use]
    pub fn indices(&self) -> Vec<Num> {
        let mut own = 0;
        let indices = self.params.iter().enumerate().map(|(id, param)| {
            if param.part.is_some() {
                return self.index(id);
            }
            own += 1;
            Num::Lit(own - 1)
        });
        indices.collect()
    }

    /// The name of the hidden type whose associated consts hold sizes that rustc works out.
    #[must_use]
    pub fn sizes(&self) -> Ident {
        quote::format_ident!("__{}Sizes", self.name)
    }

    /// Code that names hidden consts of the user's expressions, in the words of the model.
    #[must_use]
    pub fn in_words(&self, code: &str) -> String {
        let Some((first, _)) = self.written.first() else { return code.to_owned() };
        // `N12` is looked up by what stands before its number, which is the same for all, and by the number.
        let before = first.trim_end_matches(|c: char| c.is_ascii_digit());
        let mut parts = code.split(before);
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
            let name = &part[..part.len() - rest.len()];
            match self.written.iter().find(|(emitted, _)| emitted[before.len()..] == *name) {
                Some((_, written)) => text.push_str(written),
                None => text.extend([before, name]),
            }
            text.push_str(rest);
        }
        text
    }

    /// Whether a mistake hides the type of an input.
    #[must_use]
    pub fn broken_inputs(&self) -> bool {
        self.values.iter().take(self.inputs.len()).any(|value| value.shape.poison)
    }

    /// Whether a mistake hides the type of one of so many outputs.
    #[must_use]
    pub fn broken_outputs(&self, outputs: usize) -> bool {
        outputs == 0
            || self.outputs.len() < outputs
            || self.outputs.iter().any(|(_, value)| self.values[*value].shape.poison)
    }

    /// The value whose numbers `value` is, through all aliases.
    #[must_use]
    pub fn root(&self, mut value: ValueId) -> ValueId {
        while let Some(alias) = self.values[value].alias {
            value = alias;
        }
        value
    }

    /// Whether a value is an input of the model, under any shape.
    #[must_use]
    pub fn is_input(&self, value: ValueId) -> bool {
        self.root(value) < self.inputs.len()
    }

    /// Floats of a value, per sample.
    #[must_use]
    pub fn len(&self, value: ValueId) -> Num {
        self.values[value].shape.len()
    }

    /// The hidden type with the model's const generic, as it stands in expressions.
    #[must_use]
    pub fn sizes_path(&self) -> TokenStream {
        let sizes = self.sizes();
        match &self.generic {
            Some(generic) => quote!(<#sizes<#generic>>),
            None => quote!(#sizes),
        }
    }

    /// The index of a param's first float in the block.
    #[must_use]
    pub fn at(&self, param: ParamId) -> Num {
        let known =
            self.params[..param].iter().try_fold(0usize, |at, param| Some(at.saturating_add(param.len().known()?)));
        match known {
            Some(at) => Num::Lit(at),
            None => {
                let (path, i) = (self.sizes_path(), Num::Lit(param));
                let at = quote!(#path::PARAMS_AT[#i]);
                if self.generic.is_some() { Num::Generic(at) } else { Num::Const(at) }
            }
        }
    }

    /// [`Graph::at`] of all params.
    #[must_use]
    pub fn ats(&self) -> Vec<Num> {
        let mut next = Some(0usize);
        let ats = self.params.iter().enumerate().map(|(id, param)| match next {
            Some(at) => {
                next = param.len().known().map(|len| at.saturating_add(len));
                Num::Lit(at)
            }
            None => self.at(id),
        });
        ats.collect()
    }

    /// The const that [`Graph::at`] refers to where an offset is not known.
    #[must_use]
    pub fn offsets(&self) -> Option<TokenStream> {
        self.at(self.params.len()).known().is_none().then(|| {
            let (krate, n) = (&self.krate, Num::Lit(self.params.len()));
            let lens = self.params.iter().map(Param::len);
            quote!(const PARAMS_AT: [usize; #n] = #krate::__private::shapes::plan::behind(&[#(#lens),*]);)
        })
    }
}
