//! Weights of samples by their class.

use super::data::Part;
use super::feed::Steps;
use super::measure::positions;
use crate::model::Graph;
use crate::target::Targets;
use crate::{Error, Result};

/// The weight of each sample, if there are class weights.
pub(crate) fn of_samples(
    graph: &Graph,
    steps: &mut dyn Steps,
    part: &Part<'_>,
    weights: &[(u32, f32)],
) -> Result<Option<Vec<f32>>> {
    if weights.is_empty() {
        return Ok(None);
    }
    let refuse = |reason: &str| {
        Err(Error::Argument { argument: "class_weight", value: format!("{weights:?}"), reason: reason.into() })
    };
    if part.weights.is_some() {
        return refuse("sample_weight is given as well; multiply both into sample_weight");
    }
    let [output] = graph.outputs else {
        return refuse("the model has several outputs; give sample_weight instead");
    };
    let (n, places) = positions(graph, output.value);
    let mut staging = Vec::new();
    let of = |class: usize| weights.iter().rev().find(|(c, _)| *c as usize == class).map_or(1.0, |(_, weight)| *weight);
    steps.choose(part.set, part.rows.clone());
    let width = steps.width(0);
    Ok(Some(match steps.targets(0, &mut staging, n, 0..part.rows.len())? {
        _ if places != 1 => return refuse("each sample has several positions; give sample_weight instead"),
        Targets::Classes(classes) => classes.iter().map(|&class| of(class as usize)).collect(),
        Targets::Dense(t) if width == 1 => t.iter().map(|&class| of(class as usize)).collect(),
        Targets::Dense(t) => t.chunks_exact(width).map(|t| of(argmax(t))).collect(),
    }))
}

/// The index of the largest number, the first of equal ones.
fn argmax(t: &[f32]) -> usize {
    (0..t.len()).reduce(|best, i| if t[i] > t[best] { i } else { best }).unwrap_or(0)
}
