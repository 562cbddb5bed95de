//! Convolutions.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Act, Geometry, Op, Saves, Scratch, Windows};
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};

/// act(x ∗ kernel + bias), or that of the transposed convolution. Params: kernel, and bias if it has one.
#[derive(Clone)]
pub struct Conv {
    /// Whether it is the transpose of the convolution that the sizes are of.
    pub transposed: bool,
    /// Its windows.
    pub windows: Windows,
    /// Features of the input.
    pub cin: Num,
    /// Features of the output.
    pub cout: Num,
    /// How many groups the features are divided into.
    pub groups: Num,
    /// Whether there is a bias.
    pub bias: bool,
    /// The activation that is part of it.
    pub act: Act,
}

impl Conv {
    fn sizes(&self) -> Geometry {
        let Conv { windows, cin, cout, groups, .. } = self;
        Geometry { windows: windows.clone(), cin: cin.clone(), cout: cout.clone(), groups: groups.clone() }
    }

    fn geometry(&self) -> TokenStream {
        self.sizes().quoted()
    }
}

/// A call of the step of this name of the one or the other.
macro_rules! step {
    ($conv:expr, $site:expr, $name:ident($($arg:expr),*)) => {
        if $conv.transposed {
            call!($site, conv_transpose::$name($($arg),*))
        } else {
            call!($site, conv::$name($($arg),*))
        }
    };
}

impl Op for Conv {
    fn kind(&self) -> Option<TokenStream> {
        let (geometry, act) = (self.geometry(), self.act.path());
        let kind = if self.transposed { quote!(ConvTranspose) } else { quote!(Conv) };
        Some(quote!(#kind { geometry: #geometry, act: #act }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, w) = (site.y(), site.x(0), site.weight(0));
        let b = self.bias.then(|| site.weight(1));
        let (act, geometry) = (&self.act, self.geometry());
        Some(step!(self, site, forward(y, x, w, b, act, quote!(&#geometry))))
    }

    fn prepare(&self, site: &mut Site<'_>) -> Option<Call> {
        if self.act.is_linear() {
            return None;
        }
        let (dy, act) = (site.dy_mut(), &self.act);
        let y = if act.saves() == Saves::Nothing { site.nothing() } else { site.saved_y() };
        Some(call!(site, activation::backward(dy, dy, y, act, false)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, w, acc) = (site.dx(i), site.dy(), site.weight(0), site.acc());
        let geometry = self.geometry();
        step!(self, site, backward_data(dx, dy, w, quote!(&#geometry), acc))
    }

    fn backward_param(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (to, geometry) = (site.to().clone(), self.geometry());
        if i == 1 {
            let dy = site.dy();
            return step!(self, site, backward_bias(to, dy, quote!(&#geometry)));
        }
        let (x, dy) = (site.x(0), site.dy());
        step!(self, site, backward_kernel(to, x, dy, quote!(&#geometry)))
    }

    fn with_activation(&self, act: Act) -> Option<Rc<dyn Op>> {
        self.act.is_linear().then(|| Rc::new(Conv { act, ..self.clone() }) as Rc<dyn Op>)
    }

    fn with_maxima(&self, pool: &Windows) -> Option<Rc<dyn Op>> {
        let fits = !self.transposed && keras_shapes::windows::pools(&self.sizes().known()?, &pool.known()?);
        fits.then(|| Rc::new(Pooled { conv: self.clone(), pool: pool.clone() }) as Rc<dyn Op>)
    }

    fn scratch(&self) -> Option<Scratch> {
        let (known, geometry) =
            (self.sizes().known().map(|g| keras_shapes::windows::conv_scratch(&g)), self.geometry());
        Some(Scratch { function: "conv_scratch", args: vec![Num::Const(quote!(&#geometry))], known })
    }
}

/// A convolution and the maximum pool behind it, in inference. All sizes are known.
struct Pooled {
    conv: Conv,
    pool: Windows,
}

impl Op for Pooled {
    fn kind(&self) -> Option<TokenStream> {
        self.conv.kind()
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, w) = (site.y(), site.x(0), site.weight(0));
        let b = self.conv.bias.then(|| site.weight(1));
        let (act, geometry, pool) = (&self.conv.act, self.conv.geometry(), self.pool.quoted());
        Some(call!(site, conv::forward_pooled(y, x, w, b, act, quote!(&#geometry), quote!(&#pool))))
    }

    /// Inference has no gradients.
    fn backward_data(&self, _: usize, _: &mut Site<'_>) -> Call {
        Call::default()
    }

    fn scratch(&self) -> Option<Scratch> {
        let known = self.conv.sizes().known().zip(self.pool.known());
        let known = known.map(|(g, pool)| keras_shapes::windows::pooled_scratch(&g, &pool));
        let (geometry, pool) = (self.conv.geometry(), self.pool.quoted());
        let args = vec![Num::Const(quote!(&#geometry)), Num::Const(quote!(&#pool))];
        Some(Scratch { function: "pooled_scratch", args, known })
    }
}
