//! Weights of a file, placed in the program and checked against the model by the compiler.
//!
//! A safetensors file is eight bytes that say how long its header is, the header, which is JSON, and the numbers. This reads
//! it in const code: for each param of the model it looks up the entry of its name.

use keras_kernels::memory::Embedded;
use keras_shapes::Msg;

use super::graph::{Graph, Param};

/// The weights of a safetensors file as the block of the model with this description, for a `static`.
///
/// # Panics
/// If the file is damaged, lacks a weight of the model, or has one of another shape or type: that is an error of the
/// compiler where it is called for a `static`.
#[must_use]
#[track_caller]
pub const fn embed<const BYTES: usize>(file: &[u8], graph: &Graph) -> Embedded<BYTES> {
    let (header, numbers) = match parts(file) {
        Some(parts) => parts,
        None => panic!("this is no safetensors file: it is shorter than it says of itself"),
    };
    let mut block = Embedded::zeroed();
    let mut i = 0;
    while i < graph.params.len() {
        let param = &graph.params[i];
        let bytes = match tensor(header, numbers, graph, param) {
            Ok(bytes) => bytes,
            Err(message) => panic!("{}", message.as_str()),
        };
        block = block.with(param.at * size_of::<f32>(), bytes);
        i += 1;
    }
    block
}

/// The header, and the numbers behind it.
const fn parts(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let Some((len, rest)) = file.split_first_chunk::<8>() else { return None };
    let len = u64::from_le_bytes(*len);
    if len > rest.len() as u64 {
        return None;
    }
    Some(rest.split_at(len as usize))
}

/// The bytes of a param.
// Const code has no boxes.
#[allow(clippy::result_large_err)]
const fn tensor<'a>(header: &[u8], numbers: &'a [u8], graph: &Graph, param: &Param) -> Result<&'a [u8], Msg> {
    let what = name(Msg::new("`"), graph, param.layer).text("/").text(param.name).text("`: ");
    let Some(at) = find(header, graph, param) else {
        return Err(what.text("the file has no weight of this name"));
    };
    let Some(dtype) = field(header, at, b"\"dtype\"") else { return Err(what.text("the file says no dtype of it")) };
    if !starts(header, dtype, b"\"F32\"") {
        return Err(what.text("the numbers in the file are not F32"));
    }
    let shape = match field(header, at, b"\"shape\"") {
        Some(at) => list(header, at),
        None => None,
    };
    let Some((shape, rank)) = shape else { return Err(what.text("the file says no shape of it")) };
    let mut same = rank == param.shape.len();
    let (mut i, mut bytes) = (0, size_of::<f32>());
    while i < param.shape.len() {
        same = same && shape[i] == param.shape[i];
        bytes *= param.shape[i];
        i += 1;
    }
    if !same {
        let (found, _) = shape.split_at(rank);
        let (found, expected) = (keras_shapes::Shape::new(found), keras_shapes::Shape::new(param.shape));
        return Err(what.text("the model has it of shape ").shape(&expected).text(", the file of ").shape(&found));
    }
    let offsets = match field(header, at, b"\"data_offsets\"") {
        Some(at) => list(header, at),
        None => None,
    };
    match offsets {
        Some(([from, to, ..], 2)) if from <= to && to <= numbers.len() && to - from == bytes => {
            let (_, rest) = numbers.split_at(from);
            Ok(rest.split_at(to - from).0)
        }
        _ => Err(what.text("its place in the file makes no sense")),
    }
}

/// A layer's path, at the end of a message.
const fn name(message: Msg, graph: &Graph, layer: usize) -> Msg {
    match graph.layers[layer].parent {
        Some(parent) => name(message, graph, parent).text("/").text(graph.layers[layer].name),
        None => message.text(graph.layers[layer].name),
    }
}

/// Where the entry of a param begins, behind its key.
const fn find(header: &[u8], graph: &Graph, param: &Param) -> Option<usize> {
    let mut at = 0;
    while at < header.len() {
        if header[at] != b'"' {
            at += 1;
            continue;
        }
        if let Some(end) = path(header, at + 1, graph, param.layer)
            && starts(header, end, b"/")
            && starts(header, end + 1, param.name.as_bytes())
            && starts(header, end + 1 + param.name.len(), b"\"")
        {
            let next = skip(header, end + 2 + param.name.len());
            if starts(header, next, b":") {
                let next = skip(header, next + 1);
                if starts(header, next, b"{") {
                    return Some(next + 1);
                }
            }
        }
        at = behind_text(header, at);
    }
    None
}

/// Where a layer's path ends, if it stands at `at`.
const fn path(header: &[u8], at: usize, graph: &Graph, layer: usize) -> Option<usize> {
    let own = graph.layers[layer].name.as_bytes();
    let at = match graph.layers[layer].parent {
        None => at,
        Some(parent) => match path(header, at, graph, parent) {
            Some(at) if starts(header, at, b"/") => at + 1,
            _ => return None,
        },
    };
    if starts(header, at, own) { Some(at + own.len()) } else { None }
}

/// The place behind the text in quotation marks that begins at `at`.
const fn behind_text(header: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < header.len() && header[at] != b'"' {
        at += if header[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// Where the value of a field begins, in the object whose inside begins at `at`.
const fn field(header: &[u8], at: usize, key: &[u8]) -> Option<usize> {
    let mut at = at;
    while at < header.len() && header[at] != b'}' {
        if header[at] == b'"' {
            let next = skip(header, behind_text(header, at));
            if starts(header, at, key) && starts(header, next, b":") {
                return Some(skip(header, next + 1));
            }
            at = next;
        } else {
            at += 1;
        }
    }
    None
}

/// The numbers of a list, and how many there are; at most eight.
const fn list(header: &[u8], at: usize) -> Option<([usize; 8], usize)> {
    if !starts(header, at, b"[") {
        return None;
    }
    let (mut list, mut len, mut at) = ([0usize; 8], 0, skip(header, at + 1));
    while !starts(header, at, b"]") {
        let begin = at;
        while at < header.len() && header[at].is_ascii_digit() {
            if len == 8 {
                return None;
            }
            let Some(shifted) = list[len].checked_mul(10) else { return None };
            list[len] = shifted + (header[at] - b'0') as usize;
            at += 1;
        }
        if at == begin {
            return None;
        }
        len += 1;
        at = skip(header, at);
        if starts(header, at, b",") {
            at = skip(header, at + 1);
        }
    }
    Some((list, len))
}

/// The next place that is no space.
const fn skip(header: &[u8], at: usize) -> usize {
    let mut at = at;
    while at < header.len() && header[at].is_ascii_whitespace() {
        at += 1;
    }
    at
}

const fn starts(header: &[u8], at: usize, with: &[u8]) -> bool {
    if at > header.len() || header.len() - at < with.len() {
        return false;
    }
    let mut i = 0;
    while i < with.len() {
        if header[at + i] != with[i] {
            return false;
        }
        i += 1;
    }
    true
}
