//! Every kernel at the edges of its operands: sizes of 0 and 1, floats that begin anywhere, forbidden pages on either
//! side. The bits are the same wherever the operands lie, and however their rows are shared out over calls.
//!
//! A kernel is a line or two in the file of its kind.
#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;

use common::fence::{Fenced, Side};
use common::{Guarded, Random};
use keras_kernels::Isa;
use keras_kernels::memory::{Out, Sink, Use};

/// Floats that a kernel gets.
#[derive(Clone, Copy, PartialEq)]
enum Operand {
    /// So many for each row.
    Rows(usize),
    /// Class numbers below `.1`, so many for each row.
    Labels(usize, usize),
    /// So many, whatever the number of rows.
    Whole(usize),
    /// Scratch, whose contents mean nothing afterwards.
    Scratch(usize),
}

use Operand::{Labels, Rows, Scratch, Whole};

impl Operand {
    fn len(self, rows: usize) -> usize {
        match self {
            Rows(len) | Labels(len, _) => len * rows,
            Whole(len) | Scratch(len) => len,
        }
    }

    fn values(self, random: &mut Random, rows: usize) -> Vec<f32> {
        let floats = random.floats(self.len(rows));
        match self {
            Labels(_, classes) => floats.iter().map(|_| f32::from_bits(random.below(classes) as u32)).collect(),
            _ => floats,
        }
    }
}

/// The rows of a call: the first one's number in the batch, and how many there are.
type Call = Box<dyn Fn(Isa, usize, usize, &mut [&mut [f32]])>;

/// A kernel with the sizes that it is called with.
struct Kernel {
    name: String,
    operands: Vec<Operand>,
    call: Call,
}

/// `kernel!(list, name, [operand: Rows(n), …], |isa, first, rows| call)`; the call sees each operand as `&mut [f32]`.
macro_rules! kernel {
    (
        $list:expr, $name:expr, [$($operand:ident: $kind:expr),*],
        |$isa:ident, $first:ident, $rows:ident| $body:expr
    ) => {
        $list.push(Kernel {
            name: $name.to_string(),
            operands: vec![$($kind),*],
            call: Box::new(move |$isa, $first, $rows, operands| {
                let _ = ($isa, $first, $rows);
                let [$($operand),*] = operands else { unreachable!() };
                $(let $operand: &mut [f32] = $operand;)*
                $body;
            }),
        })
    };
}

// Behind the macro that they use.
mod attention;
mod products;
mod recurrent;
mod rows;
mod windows;

/// Floats as what they were made of.
fn labels(x: &[f32]) -> &[u32] {
    // SAFETY: both kinds of number are four bytes of any bits.
    unsafe { std::slice::from_raw_parts(x.as_ptr().cast(), x.len()) }
}

/// Calls `f` with where the gradient of `w` goes.
fn stored(w: &mut [f32], dw: &mut [f32], f: impl FnOnce(Out<'_>)) {
    let len = w.len();
    let mut sink = Sink::store(w, dw, &[]);
    if let Some(out) = sink.param(0, 0, len, Use::Only) {
        f(out);
    }
}

/// All kernels, over rows of `n` elements.
fn kernels(n: usize) -> Vec<Kernel> {
    let mut all = Vec::new();
    rows::in_place(&mut all, n);
    rows::several(&mut all, n);
    rows::normalizations(&mut all, n);
    attention::attention(&mut all, n);
    products::einsum(&mut all, n);
    rows::spectral(&mut all, n);
    products::updates(&mut all, n);
    products::products(&mut all, n);
    products::ternary_products(&mut all, n);
    if (1..=65).contains(&n) {
        recurrent::cells(&mut all, n);
        recurrent::convolved_cells(&mut all, n);
    }
    windows::convolutions(&mut all, n);
    windows::pools(&mut all, n);
    all
}

/// Sizes of rows around those of vectors, of blocks of vectors, and where kernels change their way.
const WIDTHS: [usize; 15] = [0, 1, 2, 3, 10, 15, 16, 17, 23, 24, 33, 63, 64, 65, 130];
const ROWS: [usize; 5] = [0, 1, 2, 5, 9];

impl Kernel {
    fn values(&self, rows: usize) -> Vec<Vec<f32>> {
        let mut random = Random::new(31 + rows as u64);
        self.operands.iter().map(|operand| operand.values(&mut random, rows)).collect()
    }

    fn run(&self, isa: Isa, first: usize, rows: usize, mut operands: Vec<&mut [f32]>) {
        (self.call)(isa, first, rows, &mut operands);
    }

    /// What the operands are after a call, in vectors of their own.
    fn expected(&self, isa: Isa, values: &[Vec<f32>], rows: usize) -> Vec<Vec<f32>> {
        let mut expected = values.to_vec();
        self.run(isa, 0, rows, expected.iter_mut().map(|x| &mut x[..]).collect());
        expected
    }

    /// Asserts that an operand has these bits, or NaN for NaN.
    fn same(&self, how: &str, isa: Isa, operand: usize, got: &[f32], expected: &[f32]) {
        if matches!(self.operands[operand], Scratch(_)) {
            return;
        }
        for (i, (got, expected)) in got.iter().zip(expected).enumerate() {
            let same = got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan();
            assert!(same, "{isa:?} {}, {how}: element {i} of operand {operand} is {got}, not {expected}", self.name);
        }
    }
}

/// Calls `f` with every kernel, number of rows and instruction set, and what is to come out.
fn each(mut f: impl FnMut(&Kernel, Isa, usize, &[Vec<f32>], &[Vec<f32>])) {
    for kernel in WIDTHS.into_iter().flat_map(kernels) {
        let by_rows = kernel.operands.iter().any(|operand| matches!(operand, Rows(_)));
        for rows in if by_rows { &ROWS[..] } else { &[1] } {
            let values = kernel.values(*rows);
            for isa in Isa::available() {
                let expected = kernel.expected(isa, &values, *rows);
                f(&kernel, isa, *rows, &values, &expected);
            }
        }
    }
}

#[test]
fn nothing_beyond_the_operands_is_touched() {
    each(|kernel, isa, rows, values, expected| {
        for side in [Side::Before, Side::Behind] {
            let mut fenced: Vec<Fenced> = values.iter().map(|values| Fenced::new(values, side)).collect();
            kernel.run(isa, 0, rows, fenced.iter_mut().map(Fenced::get_mut).collect());
            for (i, fenced) in fenced.iter().enumerate() {
                kernel.same("between pages", isa, i, fenced.get(), &expected[i]);
            }
        }
    });
}

#[test]
fn operands_may_begin_anywhere() {
    each(|kernel, isa, rows, values, expected| {
        for shift in 1..4 {
            let guarded = values.iter().enumerate().map(|(i, values)| Guarded::new(values, (i + 1) * shift));
            let mut guarded: Vec<Guarded> = guarded.collect();
            kernel.run(isa, 0, rows, guarded.iter_mut().map(Guarded::get_mut).collect());
            for (i, guarded) in guarded.iter().enumerate() {
                kernel.same("moved", isa, i, guarded.get(), &expected[i]);
            }
        }
    });
}

#[test]
fn bits_do_not_depend_on_the_rows_of_a_call() {
    each(|kernel, isa, rows, values, expected| {
        if rows < 2 {
            return;
        }
        for each in [1, 2, 4] {
            let mut split = values.to_vec();
            for first in (0..rows).step_by(each) {
                let count = each.min(rows - first);
                let part = |(operand, x): (&Operand, &'_ mut Vec<f32>)| {
                    let at = match operand {
                        Rows(len) | Labels(len, _) => first * len..(first + count) * len,
                        Whole(len) | Scratch(len) => 0..*len,
                    };
                    // SAFETY: each vector gives one slice of itself, for this call.
                    unsafe { std::slice::from_raw_parts_mut(x[at.clone()].as_mut_ptr(), at.len()) }
                };
                let operands = kernel.operands.iter().zip(&mut split).map(part).collect();
                kernel.run(isa, first, count, operands);
            }
            for (i, split) in split.iter().enumerate() {
                kernel.same(&format!("{each} of {rows} rows"), isa, i, split, &expected[i]);
            }
        }
    });
}

/// A folder of `src` with a kernel in it is named here.
#[test]
fn every_kernel_is_listed() {
    let listed = [
        include_str!("attention.rs"),
        include_str!("products.rs"),
        include_str!("recurrent.rs"),
        include_str!("rows.rs"),
        include_str!("windows.rs"),
    ]
    .concat();
    let others = ["ad", "lanes", "math", "memory", "philox", "steps"];
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).expect("sources") {
        let path = entry.expect("sources").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_string();
        if path.is_dir() && !others.contains(&name.as_str()) {
            let call = if name == "gemm" { "gemm(".to_string() } else { format!("{name}::") };
            let is_called = |line: &str| !line.starts_with("use ") && line.contains(&call);
            assert!(listed.lines().any(is_called), "{name} is not among the kernels");
        }
    }
}
