//! The equation of an `EinsumDense`: `"abc,cd->abd"`.

use syn::{Expr, Lit};

use super::lists::elements;
use super::values::{bare, shown, size};
use super::words;
use crate::graph::Num;

/// Which dimensions of the input, beside those that letters stand for, are passed on as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ellipsis {
    /// There are none.
    None,
    /// Those before the letters.
    Before,
    /// Those behind the letters.
    Behind,
}

/// An equation whose letters fit together.
#[derive(Clone, Debug)]
pub(super) struct Equation {
    pub(super) ellipsis: Ellipsis,
    /// The letters of the input, of the kernel, and of the output.
    pub(super) input: Vec<char>,
    pub(super) kernel: Vec<char>,
    pub(super) output: Vec<char>,
}

/// What a letter of the kernel stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A dimension of the input, the kernel and the output: each of its positions has a kernel of its own.
    Shared,
    /// One of the input and the kernel, which is summed along.
    Summed,
    /// One of the kernel and the output.
    New,
}

impl Equation {
    /// What a letter of the kernel stands for.
    pub(super) fn role(&self, letter: char) -> Role {
        match (self.input.contains(&letter), self.output.contains(&letter)) {
            (true, true) => Role::Shared,
            (true, false) => Role::Summed,
            (false, _) => Role::New,
        }
    }

    /// The letters of the kernel of a role, in its order.
    pub(super) fn letters(&self, role: Role) -> Vec<char> {
        self.kernel.iter().copied().filter(|&letter| self.role(letter) == role).collect()
    }

    /// The letters of the kernel whose positions have products of their own, and those that are summed along and new within
    /// such a product.
    pub(super) fn parts(&self) -> [Vec<char>; 3] {
        let each = if self.is_strided() { self.letters(Role::Shared) } else { self.kernel[..self.mixed()].to_vec() };
        let within = |role| self.letters(role).into_iter().filter(|letter| !each.contains(letter)).collect();
        let (summed, new) = (within(Role::Summed), within(Role::New));
        [each, summed, new]
    }

    /// The roles of some letters of the kernel, each run of one role once.
    fn runs(&self, letters: &[char]) -> Vec<Role> {
        let mut roles: Vec<Role> = letters.iter().map(|&letter| self.role(letter)).collect();
        roles.dedup();
        roles
    }

    /// Whether the letters of each role stand side by side in the kernel, and the shared ones not behind both others.
    fn is_strided(&self) -> bool {
        let roles = self.runs(&self.kernel);
        let apart = (1..roles.len()).any(|i| roles[..i].contains(&roles[i]));
        !apart && roles.get(2) != Some(&Role::Shared)
    }

    /// The fewest letters at the kernel's beginning behind which there are a run of each of the two other roles at the most.
    fn mixed(&self) -> usize {
        let plain = |from: &usize| {
            let roles = self.runs(&self.kernel[*from..]);
            roles.len() <= 2 && !roles.contains(&Role::Shared)
        };
        (0..self.kernel.len()).find(plain).unwrap_or(self.kernel.len())
    }
}

/// Reads an equation.
pub(super) fn equation(value: &Expr) -> syn::Result<Equation> {
    let fail = |message: String| Err(syn::Error::new_spanned(value, message));
    let Some(text) = literal(value) else {
        return fail(format!("must be an equation such as `\"abc,cd->abd\"`, found `{}`", shown(value)));
    };
    let parts = text.split_once("->").and_then(|(left, output)| {
        let (input, kernel) = left.split_once(',')?;
        Some([input, kernel, output])
    });
    let Some([input, kernel, output]) = parts else {
        return fail(format!("must have the form `input,kernel->output`, found `\"{text}\"`"));
    };
    let (ellipsis, [input, output]) = match [input, output].map(|part| part.strip_prefix("...")) {
        [Some(input), Some(output)] => (Ellipsis::Before, [input, output]),
        [None, None] => match [input, output].map(|part| part.strip_suffix("...")) {
            [Some(input), Some(output)] => (Ellipsis::Behind, [input, output]),
            [None, None] => (Ellipsis::None, [input, output]),
            _ => return fail("must have `...` in the input and in the output, or in neither".to_owned()),
        },
        _ => return fail("must have `...` at the same end of the input and of the output".to_owned()),
    };
    let mut terms = Vec::new();
    for (term, name) in [(input, "input"), (kernel, "kernel"), (output, "output")] {
        if let Some(other) = term.chars().find(|letter| !letter.is_ascii_alphabetic()) {
            return fail(format!("takes letters, and `...` at an end of input and output, found `{other}`"));
        }
        let letters: Vec<char> = term.chars().collect();
        if letters.is_empty() {
            return fail(format!("has no letters for the {name}"));
        }
        if let Some(twice) = (1..letters.len()).find(|&i| letters[..i].contains(&letters[i])) {
            return fail(format!("has `{}` twice in the {name}", letters[twice]));
        }
        terms.push(letters);
    }
    let [input, kernel, output] = <[Vec<char>; 3]>::try_from(terms).unwrap_or_default();
    let found = Equation { ellipsis, input, kernel, output };
    found.check().map_or_else(fail, |()| Ok(found))
}

impl Equation {
    /// Whether every letter is found where it must be.
    fn check(&self) -> Result<(), String> {
        let Equation { input, kernel, output, .. } = self;
        if let Some(letter) = output.iter().find(|letter| !input.contains(letter) && !kernel.contains(letter)) {
            return Err(format!("has `{letter}` in the output, but neither in the input nor in the kernel"));
        }
        if let Some(letter) = kernel.iter().find(|letter| !input.contains(letter) && !output.contains(letter)) {
            return Err(format!("has `{letter}` in the kernel, but neither in the input nor in the output"));
        }
        // With dots before the letters, the batch is among what they stand for.
        if self.ellipsis != Ellipsis::Before && (output[0] != input[0] || kernel.contains(&input[0])) {
            return Err(format!(
                "begins with the batch, `{}`, which must come first in the output too and not in the kernel",
                input[0]
            ));
        }
        Ok(())
    }
}

/// The text of a string literal.
fn literal(value: &Expr) -> Option<String> {
    match bare(value) {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// Letters in a string.
pub(super) fn letters(value: &Expr) -> syn::Result<Vec<char>> {
    let text =
        literal(value).filter(|text| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphabetic()));
    text.map(|text| text.chars().collect()).ok_or_else(|| {
        syn::Error::new_spanned(value, format!("must be letters such as `\"d\"`, found `{}`", shown(value)))
    })
}

/// A size, or sizes in parentheses of which some may be `None`.
pub(super) fn partial(value: &Expr) -> syn::Result<Vec<Option<Num>>> {
    let one = |value: &Expr| match words::word(bare(value)).as_deref() {
        Some("None") => Ok(None),
        _ => size(value, 1).map(Some),
    };
    match elements(value) {
        Some(list) => list.into_iter().map(one).collect(),
        None => Ok(vec![Some(size(value, 1)?)]),
    }
}
