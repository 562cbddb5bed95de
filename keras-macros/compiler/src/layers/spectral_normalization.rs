//! `SpectralNormalization(layer, power_iterations)`: a layer whose kernel is divided by its largest singular value while it is trained.

use std::rc::Rc;

use super::kinds::Arity;
use super::{Args, Kind, Layer, Lower, Masks, Spec};
use crate::graph::{Num, ParamId, Shape, ValueId, ops};

pub(super) struct SpectralNormalization;

/// Layers that are linear in their kernel, or table, and say where to divide.
const LINEAR: [&str; 5] = ["Dense", "Conv1D", "Conv2D", "Conv3D", "Embedding"];

impl Layer for SpectralNormalization {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "SpectralNormalization",
            inputs: Arity::One,
            args: &[("layer", Kind::Layer), ("power_iterations", Kind::One)],
        }
    }

    fn integers(&self) -> bool {
        true
    }

    fn masks(&self) -> Masks {
        Masks::Own
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let call = args.layer("layer")?;
        let inner = cx.inner(call, "", 0)?;
        if !LINEAR.contains(&inner.class()) {
            let list: Vec<String> = LINEAR.iter().map(|name| format!("`{name}`")).collect();
            let message = format!(
                "`SpectralNormalization`: `layer` must be one of {}, found `{}`",
                list.join(", "),
                inner.class()
            );
            cx.error(call.span(), message);
            return None;
        }
        if cx.shared {
            let message = "`SpectralNormalization` is called a second time, and can be called once: give each call a layer of \
                           its own";
            cx.error(args.span, message);
            return None;
        }
        for refused in ["kernel_regularizer", "embeddings_regularizer", "lora_rank"] {
            if inner.args.object(refused).is_some() || inner.args.size(refused).is_some() {
                let message = format!(
                    "`SpectralNormalization`: the `{}` within has `{refused}`, which does not go with a kernel that is divided \
                     by its norm: leave it out",
                    inner.class()
                );
                cx.error(inner.args.span_of(refused), message);
                return None;
            }
        }
        let iterations = args.size("power_iterations").unwrap_or(Num::Lit(1));
        // It lies before the weights of the layer within; how long it is, these will say.
        let u = cx.weight(args, "vector_u", vec![Num::Lit(1); 2], "TruncatedNormal(0.0,0.02)");
        cx.freeze(u);
        let outer = cx.spectral.replace(Normalizing { u, iterations });
        let results = cx.call_within(&inner, false, inputs[0]);
        cx.spectral = outer;
        results
    }
}

/// The wrapper around the layer at hand.
pub(super) struct Normalizing {
    u: ParamId,
    iterations: Num,
}

impl Lower<'_> {
    /// What `make` makes with these params, a kernel and maybe a bias, and is linear in the kernel. Where that is normalized,
    /// `make` is given the kernel alone, what it makes is divided, and then comes the bias.
    pub(super) fn linear(
        &mut self,
        params: Vec<ParamId>,
        make: impl FnOnce(&mut Self, Vec<ParamId>) -> ValueId,
    ) -> ValueId {
        let Some(normalizing) = self.spectral.take() else { return make(self, params) };
        let y = make(self, vec![params[0]]);
        self.over_norm(normalizing, y, params[0], params.get(1).copied())
    }

    /// What a kernel has made, divided by its largest singular value; and with the bias.
    fn over_norm(
        &mut self,
        Normalizing { u, iterations }: Normalizing,
        y: ValueId,
        kernel: ParamId,
        bias: Option<ParamId>,
    ) -> ValueId {
        let dims = self.graph.params[kernel].shape.clone();
        let (c, m) = (dims.last().cloned().unwrap_or(Num::Lit(1)), Num::product(&dims[..dims.len() - 1]));
        self.graph.params[u].shape[1] = c.clone();
        let own = self.value(Shape::new(vec![m.add(&c).add(&Num::Lit(1))]), None);
        self.graph.regions.push(own);
        let shape = self.shape(y);
        let op = ops::Spectral { m, c, iterations, own };
        let y = self.op(Rc::new(op), vec![y], vec![kernel, u], shape.clone());
        let Some(bias) = bias else { return y };
        let op = ops::Bias { outer: shape.outer(), n: shape.last() };
        self.op(Rc::new(op), vec![y], vec![bias], shape)
    }
}
