//! Projections of weights after each update.

use super::builder::{Builder, len};
use super::launch::Launch;
use super::loss_scale::left_out;
use super::memory::{Now, Region, Span};
use crate::constraint::{self, along};
use crate::model::Graph;
use crate::model::graph::Constraint;

/// Launches the constraints of all weights that are trained.
pub(super) fn launch(b: &mut Builder<'_>, graph: &Graph) {
    for (param, frozen) in graph.params.iter().zip(b.frozen) {
        if let Some(constraint) = param.constraint
            && !frozen
        {
            let (w, shape) = (Region::Weights.span(param.at, len(param.shape)), param.shape);
            b.launch(project(constraint, shape, w).means(move |memory| {
                if !left_out(memory) {
                    constraint::project(&constraint, shape, memory.f32_mut(w));
                }
            }));
        }
    }
}

/// The kernel of a constraint.
fn project(constraint: Constraint, shape: &[usize], w: Span) -> Launch {
    let now = Region::Now.span(0, Now::LEN);
    let (axis, [min, max, rate]) = match constraint {
        Constraint::NonNeg => {
            return Launch::new("constraint", "non_negative").over(w.len).out(w).reads(now).int(w.len);
        }
        Constraint::MaxNorm { max_value, axis } => (axis, [0.0, max_value, 1.0]),
        Constraint::MinMaxNorm { min_value, max_value, rate, axis } => (axis, [min_value, max_value, rate]),
        Constraint::UnitNorm { axis } => (axis, [1.0, 1.0, 1.0]),
    };
    let [of_norm, others] = along(shape, axis);
    let launch = Launch::new("constraint", "to_norms").over(others.len() * 32);
    let dims = [of_norm, others].map(|strides| {
        let dims: Vec<String> = strides.dims().iter().map(|(len, stride)| format!("{len}, {stride}")).collect();
        format!("Strides<{}>", dims.join(", "))
    });
    [min, max, rate].into_iter().fold(launch.of(dims).out(w).reads(now), Launch::float)
}
