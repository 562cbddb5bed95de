//! Weights from files.

use std::collections::BTreeSet;
use std::path::Path;

use keras_formats::safetensors::{Dtype, SafeTensors, TensorView};

use super::{DYNAMIC_SCALE, ITERATION, LEARNING_RATE, STEP_COUNTER, file, slot_tensor, tensor};
use crate::Result;
use crate::error::Error;
use crate::model::Graph;
use crate::optimizer::LossScale;

/// How weights are loaded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
    skip_mismatch: bool,
}

impl Load {
    /// All weights of the model must be in the file, and nothing else.
    #[must_use]
    pub fn new() -> Load {
        Load::default()
    }

    /// Whether weights that are missing or have another shape stay as they are, and others in the file are left out.
    #[must_use]
    pub fn skip_mismatch(mut self, skip_mismatch: bool) -> Load {
        self.skip_mismatch = skip_mismatch;
        self
    }
}

/// Loads the weights of a model, state included, from a file. Gives what was skipped, if that is allowed, one line each.
///
/// # Errors
/// If the file cannot be read, is damaged, or does not fit the model: the error names the tensors, the shapes that the
/// model has, and those in the file. Then all weights are as they were.
///
/// # Panics
/// If `weights` is not the parameter block of the graph's model.
pub fn load(graph: &Graph, weights: &mut [f32], path: impl AsRef<Path>, options: Load) -> Result<Vec<String>> {
    let path = path.as_ref();
    let bytes = file::read(path)?;
    let tensors = file::parse(path, &bytes)?;
    let wanted: Vec<Wanted> = graph
        .params
        .iter()
        .map(|param| Wanted { name: tensor(graph, param), shape: param.shape, at: param.at })
        .collect();
    let mut mismatches = Vec::new();
    let found = find(&tensors, &wanted, &mut mismatches);
    let known: BTreeSet<&str> = wanted.iter().map(|wanted| wanted.name.as_str()).collect();
    let mut names = tensors.names();
    names.sort_unstable();
    for name in names {
        if !known.contains(name) && !name.starts_with("optimizer/") {
            mismatches.push(format!("tensor `{name}` of the file has no place in the model"));
        }
    }
    if !options.skip_mismatch {
        refuse(path, &mismatches, "to load what fits, use `skip_mismatch`")?;
    }
    for (wanted, view) in found {
        copy(&view, &mut weights[wanted.at..]);
    }
    Ok(mismatches)
}

/// Loads the state of an optimizer: each slot, a block of the weights' layout, by its name. Gives how many steps there
/// have been, and the learning rate. A scale of the loss that follows the gradients goes on from what it was.
///
/// # Errors
/// As [`load`]; and if there is no state in the file, or that of another optimizer.
///
/// # Panics
/// If a slot is not a block of the graph's model.
pub fn load_optimizer(
    graph: &Graph,
    slots: &mut [(&str, &mut [f32])],
    loss_scale: Option<&mut LossScale>,
    path: impl AsRef<Path>,
) -> Result<(u64, f32)> {
    let path = path.as_ref();
    let bytes = file::read(path)?;
    let tensors = file::parse(path, &bytes)?;
    let loss_scale = loss_scale.filter(|scale| scale.is_dynamic());
    let names =
        [(ITERATION, Dtype::U64), (LEARNING_RATE, Dtype::F32), (DYNAMIC_SCALE, Dtype::F32), (STEP_COUNTER, Dtype::U64)];
    let names = &names[..if loss_scale.is_some() { 4 } else { 2 }];
    let mut scalars = [[0; 8]; 4];
    for (scalar, &(name, dtype)) in scalars.iter_mut().zip(names) {
        match tensors.tensor(name) {
            Ok(view) if view.dtype() == dtype && view.shape().is_empty() => {
                scalar[..view.data().len()].copy_from_slice(view.data());
            }
            Ok(view) => {
                let found = format!("{:?} of shape {:?}", view.dtype(), view.shape());
                let reason = format!("tensor `{name}`: expected one {dtype:?}, found {found}");
                return Err(Error::File { path: path.to_owned(), reason });
            }
            Err(_) => {
                let hint = if [DYNAMIC_SCALE, STEP_COUNTER].contains(&name) {
                    "; it was saved where the loss was not scaled, as `auto_scale_loss(false)` has it here"
                } else {
                    ""
                };
                let reason = format!("the state of an optimizer is missing: there is no tensor `{name}`{hint}");
                return Err(Error::File { path: path.to_owned(), reason });
            }
        }
    }
    let mut mismatches = Vec::new();
    let mut found = Vec::new();
    let params = || graph.params.iter().filter(|param| param.trainable);
    let wanted: Vec<Vec<Wanted>> = slots
        .iter()
        .map(|(slot, _)| {
            let name = |param| slot_tensor(graph, slot, param);
            params().map(|param| Wanted { name: name(param), shape: param.shape, at: param.at }).collect()
        })
        .collect();
    for wanted in &wanted {
        found.push(find(&tensors, wanted, &mut mismatches));
    }
    let known = |name: &str| {
        names.iter().any(|(scalar, _)| *scalar == name) || wanted.iter().flatten().any(|wanted| wanted.name == name)
    };
    for name in tensors.names() {
        if name.starts_with("optimizer/") && !known(name) {
            let hint = if name == DYNAMIC_SCALE { ", unless it is put into a `LossScaleOptimizer`" } else { "" };
            mismatches.push(format!("tensor `{name}` of the file is no state of this optimizer{hint}"));
        }
    }
    refuse(path, &mismatches, "the file was saved with another optimizer or model")?;
    let float = |[a, b, c, d, ..]: [u8; 8]| f32::from_le_bytes([a, b, c, d]);
    let [iteration, learning_rate, scale, counter] = scalars;
    if loss_scale.is_some() && !(float(scale) > 0.0 && float(scale).is_finite()) {
        let reason = format!(
            "tensor `{DYNAMIC_SCALE}`: expected a number above 0, found {}; load an earlier file, or the weights alone",
            float(scale)
        );
        return Err(Error::File { path: path.to_owned(), reason });
    }
    for ((_, slot), found) in slots.iter_mut().zip(found) {
        for (wanted, view) in found {
            copy(&view, &mut slot[wanted.at..]);
        }
    }
    if let Some(loss_scale) = loss_scale {
        (loss_scale.scale, loss_scale.step_counter) = (float(scale), u64::from_le_bytes(counter));
    }
    Ok((u64::from_le_bytes(iteration), float(learning_rate)))
}

/// A tensor that should be in a file.
struct Wanted<'a> {
    name: String,
    shape: &'a [usize],
    /// Where its values go.
    at: usize,
}

/// The tensors that are there; what is wrong with the others is added to `mismatches`.
fn find<'w, 'f>(
    tensors: &SafeTensors<'f>,
    wanted: &'w [Wanted<'w>],
    mismatches: &mut Vec<String>,
) -> Vec<(&'w Wanted<'w>, TensorView<'f>)> {
    let mut found = Vec::new();
    for wanted in wanted {
        let (name, shape) = (&wanted.name, wanted.shape);
        match tensors.tensor(name) {
            Err(_) => mismatches.push(missing(name, shape, &tensors.names())),
            Ok(view) if view.shape() != shape => mismatches.push(format!(
                "tensor `{name}`: the model expects the shape {shape:?}, the file has {:?}",
                view.shape()
            )),
            Ok(view) if width(view.dtype()).is_none() => mismatches
                .push(format!("tensor `{name}`: expected numbers F32, F64 or BF16, the file has {:?}", view.dtype())),
            Ok(view) => found.push((wanted, view)),
        }
    }
    found
}

fn missing(name: &str, shape: &[usize], there: &[&str]) -> String {
    let similar = |other: &&&str| strsim::jaro_winkler(name, other);
    let nearest = there.iter().filter(|other| similar(other) > 0.85).max_by(|a, b| similar(a).total_cmp(&similar(b)));
    let hint = nearest.map_or(String::new(), |nearest| format!("; it has `{nearest}`"));
    format!("tensor `{name}` of shape {shape:?} is not in the file{hint}")
}

/// How many mismatches an error lists.
const LISTED: usize = 8;

fn refuse(path: &Path, mismatches: &[String], hint: &str) -> Result<()> {
    if mismatches.is_empty() {
        return Ok(());
    }
    let mut reason = mismatches[..mismatches.len().min(LISTED)].join("\n  ");
    if mismatches.len() > LISTED {
        reason.push_str(&format!("\n  and {} more", mismatches.len() - LISTED));
    }
    Err(Error::File { path: path.to_owned(), reason: format!("{reason}\n{hint}") })
}

/// Bytes of a number, if it can be converted.
fn width(dtype: Dtype) -> Option<usize> {
    match dtype {
        Dtype::F32 => Some(4),
        Dtype::F64 => Some(8),
        Dtype::BF16 => Some(2),
        _ => None,
    }
}

/// Converts a tensor's numbers, of which there are not more than `to` is long.
fn copy(view: &TensorView<'_>, to: &mut [f32]) {
    let width = width(view.dtype()).unwrap_or(1);
    for (to, bytes) in to.iter_mut().zip(view.data().chunks_exact(width)) {
        *to = match *bytes {
            [a, b, c, d] => f32::from_le_bytes([a, b, c, d]),
            [a, b, c, d, e, f, g, h] => f64::from_le_bytes([a, b, c, d, e, f, g, h]) as f32,
            // The upper half of an f32.
            [a, b] => f32::from_le_bytes([0, 0, a, b]),
            _ => *to,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_numbers_are_converted() {
        let double: Vec<u8> = [1.5f64, -2.25].iter().flat_map(|v| v.to_le_bytes()).collect();
        let half: Vec<u8> = [1.5f32, -2.25].iter().flat_map(|v| [v.to_le_bytes()[2], v.to_le_bytes()[3]]).collect();
        for (dtype, bytes) in [(Dtype::F64, double), (Dtype::BF16, half)] {
            let mut to = [0.0; 3];
            copy(&TensorView::new(dtype, vec![2], &bytes).unwrap(), &mut to);
            assert_eq!(to, [1.5, -2.25, 0.0]);
        }
    }
}
