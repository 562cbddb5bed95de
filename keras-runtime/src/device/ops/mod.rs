//! What each op launches: one file for an op, or for ops that share their kernels.

mod activation;
mod add;
mod dense;
mod dropout;
mod nested;
pub(super) mod softmax;

pub(super) use dense::put;

use super::builder::Site;
use crate::model::Graph;
use crate::model::graph::{OpKind, Penalty};

/// What an op launches.
struct Launches {
    forward: fn(&mut Site<'_, '_>),
    /// Adds the gradients of inputs and parameters, given that of the output.
    backward: fn(&mut Site<'_, '_>),
}

/// The launches of an op, if devices have kernels for it.
fn find(kind: &OpKind) -> Option<Launches> {
    Some(match kind {
        OpKind::Dense { .. } => Launches { forward: dense::forward, backward: dense::backward },
        OpKind::Bias { .. } => Launches { forward: dense::bias_forward, backward: dense::bias_backward },
        OpKind::Activation { .. } => Launches { forward: activation::forward, backward: activation::backward },
        OpKind::Softmax { .. } | OpKind::LogSoftmax { .. } => {
            Launches { forward: softmax::forward, backward: softmax::backward }
        }
        OpKind::Dropout { .. } => Launches { forward: dropout::forward, backward: dropout::backward },
        OpKind::Add => Launches { forward: add::forward, backward: add::backward },
        OpKind::Nested { .. } => Launches { forward: nested::forward, backward: nested::backward },
        _ => return None,
    })
}

/// Whether no gradient passes the op.
pub(crate) fn is_constant(kind: &OpKind) -> bool {
    matches!(kind, OpKind::Cast | OpKind::NotEqual { .. })
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let kind = site.kind();
    (find(&kind).unwrap_or_else(|| panic!("no kernels for {kind:?}")).forward)(site);
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let kind = site.kind();
    (find(&kind).unwrap_or_else(|| panic!("no kernels for {kind:?}")).backward)(site);
}

/// Layers of a graph that devices have no kernels for, by path and class.
pub(super) fn refused(graph: &Graph) -> Vec<String> {
    let mut refused = Vec::new();
    for param in graph.params.iter().filter(|param| param.constraint.is_some()) {
        refused.push(format!("`{}` (the constraint of `{}`)", graph.path(param.layer), param.name));
    }
    for op in graph.ops {
        let layer = || format!("`{}` ({})", graph.path(op.layer), graph.layers[op.layer].class);
        match op.kind {
            OpKind::Nested { graph: inner, .. } => refused.extend(self::refused(inner)),
            kind if find(&kind).is_none() => refused.push(layer()),
            _ => {}
        }
    }
    refused.dedup();
    refused
}

/// Where kernels want to know whether something is there.
pub(super) fn flag(yes: bool) -> &'static str {
    if yes { "true" } else { "false" }
}

/// A penalty's two factors.
pub(super) fn factors(penalty: Penalty) -> [f32; 2] {
    [penalty.l1, penalty.l2]
}
