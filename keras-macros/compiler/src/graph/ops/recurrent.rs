//! A cell that goes through time.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::dropout::{key, some_or_none};
use super::{Geometry, Op, Scratch};
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site, ValueId};

/// Which cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// One activation.
    Simple,
    /// Long short-term memory.
    Lstm,
    /// Gated recurrent unit, and whether its reset gate comes after the product.
    Gru(bool),
}

/// What comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// The state after the last step that is taken.
    Last,
    /// That after each step, in the order in which steps are taken.
    Sequence,
    /// That after each step, in the order of time.
    InTime,
}

impl Cell {
    /// How many gates there are.
    #[must_use]
    pub fn gates(self) -> usize {
        match self {
            Cell::Simple => 1,
            Cell::Lstm => 4,
            Cell::Gru(_) => 3,
        }
    }

    /// How many states there are.
    #[must_use]
    pub fn states(self) -> usize {
        if self == Cell::Lstm { 2 } else { 1 }
    }

    /// The value in keras-kernels.
    #[must_use]
    pub fn path(self) -> TokenStream {
        match self {
            Cell::Simple => quote!(recurrent::Cell::Simple),
            Cell::Lstm => quote!(recurrent::Cell::Lstm),
            Cell::Gru(reset_after) => quote!(recurrent::Cell::Gru { reset_after: #reset_after }),
        }
    }
}

impl Output {
    /// The value in keras-kernels.
    #[must_use]
    pub fn path(self) -> TokenStream {
        let word = Ident::new(&format!("{self:?}"), Span::call_site());
        quote!(recurrent::Output::#word)
    }
}

/// A recurrent layer. Params: kernel, recurrent kernel, and bias if it has one.
#[derive(Clone)]
pub struct Recurrent {
    /// The const that has what keras-kernels knows of it.
    pub layer: TokenStream,
    /// The cell.
    pub cell: Cell,
    /// Features of a step.
    pub k: Num,
    /// Elements of a state.
    pub units: Num,
    /// Whether there is a bias.
    pub bias: bool,
    /// Whether the initial h, the initial c, and a mask are given. Those that are follow x among the inputs.
    pub given: [bool; 3],
    /// The rate of the dropout of h, an `f32` expression.
    pub rate: Option<TokenStream>,
    /// Which stream of random numbers that draws from.
    pub stream: u32,
    /// An own seed, a `u64` expression.
    pub seed: Option<TokenStream>,
    /// What its products are if they are convolutions: those of the input and of the state.
    pub convolutions: Option<[Geometry; 2]>,
    /// What it keeps: `recurrent::Saved` of keras-kernels, in its order.
    pub saved: [Option<ValueId>; 9],
}

/// A call of the step of this name of the one or the other.
macro_rules! step {
    ($op:expr, $site:expr, $name:ident($($args:tt)*)) => {
        if $op.convolutions.is_some() {
            call!($site, conv_recurrent::$name($($args)*))
        } else {
            call!($site, recurrent::$name($($args)*))
        }
    };
}

/// The gates among what it keeps.
const GATES: usize = 0;
/// What is multiplied by the recurrent kernel.
const MULTIPLIED: usize = 1;
/// What a cell keeps besides.
const AUX: usize = 2;
/// The states.
const STATE: usize = 6;

impl Recurrent {
    /// Which input an argument is, if it is given: the initial h, the initial c, a mask.
    fn input(&self, which: usize) -> Option<usize> {
        self.given[which].then(|| 1 + self.given[..which].iter().filter(|given| **given).count())
    }

    fn argument(&self, which: usize, site: &mut Site<'_>) -> Ident {
        match self.input(which) {
            Some(input) => site.x(input),
            None => site.nothing(),
        }
    }

    fn saved(&self, site: &mut Site<'_>) -> Vec<Ident> {
        let place = |saved: &Option<ValueId>| match *saved {
            Some(value) => site.own_mut(value),
            None => site.nothing(),
        };
        self.saved.iter().map(place).collect()
    }

    fn own(&self, i: usize, site: &mut Site<'_>) -> Ident {
        match self.saved[i] {
            Some(value) => site.own(value),
            None => site.nothing(),
        }
    }

    fn layer(&self) -> TokenStream {
        let layer = &self.layer;
        quote!(&#layer)
    }
}

impl Op for Recurrent {
    fn kind(&self) -> Option<TokenStream> {
        let Recurrent { layer, given: [h, c, mask], rate, stream, seed, .. } = self;
        let (seed, none) = (some_or_none(seed.as_ref()), quote!(0.0));
        let rate = rate.as_ref().unwrap_or(&none);
        let (kind, layer) = match self.convolutions {
            Some(_) => (quote!(ConvRecurrent), quote!(&#layer)),
            None => (quote!(Recurrent), layer.clone()),
        };
        Some(quote!(#kind {
            layer: #layer, given: [#h, #c, #mask], rate: #rate, stream: #stream, seed: #seed
        }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (layer, y, x) = (self.layer(), site.y(), site.x(0));
        let given = [0, 1, 2].map(|which| self.argument(which, site));
        let kernels = [site.weight(0), site.weight(1)];
        let bias = self.bias.then(|| site.weight(2));
        let drop = self.rate.as_ref().map(|rate| {
            let key = key(self.stream, self.seed.as_ref());
            quote!((#rate, #key))
        });
        let saved = self.saved(site);
        Some(step!(self, site, forward(layer, y, x, given[..], kernels[..], bias, drop, saved[..])))
    }

    fn prepare(&self, site: &mut Site<'_>) -> Option<Call> {
        let (layer, dy, u) = (self.layer(), site.dy(), site.weight(1));
        let mask = self.argument(2, site);
        let saved = self.saved(site);
        Some(step!(self, site, backward(layer, dy, mask, u, saved[..])))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (layer, dx, acc) = (self.layer(), site.dx(i), site.acc());
        if i == 0 {
            let (gates, mask, w) = (self.own(GATES, site), self.argument(2, site), site.weight(0));
            return step!(self, site, backward_data(layer, dx, gates, mask, w, acc));
        }
        let state = self.own(STATE, site);
        match (0..3).find(|&which| self.input(which) == Some(i)) {
            Some(which @ (0 | 1)) => {
                let which = Num::Lit(which);
                step!(self, site, backward_state(layer, which, dx, state, acc))
            }
            _ => call!(site, constant::backward(dx, acc)),
        }
    }

    fn backward_param(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (to, layer) = (site.to().clone(), self.layer());
        match i {
            0 => {
                let (x, gates, mask) = (site.x(0), self.own(GATES, site), self.argument(2, site));
                step!(self, site, backward_kernel(to, layer, x, gates, mask))
            }
            1 => {
                let own = [MULTIPLIED, GATES, AUX].map(|which| self.own(which, site));
                let mask = self.argument(2, site);
                step!(self, site, backward_recurrent(to, layer, own[..], mask))
            }
            _ => {
                let (gates, aux) = (self.own(GATES, site), self.own(AUX, site));
                step!(self, site, backward_bias(to, layer, gates, aux))
            }
        }
    }

    fn scratch(&self) -> Option<Scratch> {
        if let Some([input, state]) = &self.convolutions {
            let known = match (input.known(), state.known()) {
                (Some(input), Some(state)) => Some(keras_shapes::plan::conv_recurrent_scratch(&input, &state)),
                _ => None,
            };
            let args = [input, state].map(|geometry| {
                let geometry = geometry.quoted();
                Num::Const(quote!(&#geometry))
            });
            return Some(Scratch { function: "conv_recurrent_scratch", args: args.into(), known });
        }
        let n = self.units.mul(&Num::Lit(self.cell.gates()));
        let (function, floats): (_, fn(usize, usize, usize) -> usize) = match self.given {
            [.., true] => ("masked_recurrent_scratch", keras_shapes::plan::masked_recurrent_scratch),
            _ => ("recurrent_scratch", keras_shapes::plan::recurrent_scratch),
        };
        let known = match (self.k.known(), self.units.known(), n.known()) {
            (Some(k), Some(u), Some(n)) => Some(floats(k, u, n)),
            _ => None,
        };
        Some(Scratch { function, args: vec![self.k.clone(), self.units.clone(), n], known })
    }
}
