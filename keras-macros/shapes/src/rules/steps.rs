//! Sequences, and the states of what goes through them.

use crate::{Inferred, Msg, Shape};

/// What the states of recurrent layers, and those of cells that are called by themselves, are given by.
pub const STATES: [&str; 2] = ["`initial_state`", "`states`"];

/// A state of a recurrent layer before its first step, given by [`STATES`]`[word]`.
pub const fn initial_state(x: Shape, expected: Shape, word: usize) -> Inferred {
    if x.is_poison() || expected.is_poison() || x.same(&expected) {
        return Ok(x);
    }
    Err(Msg::new(STATES[word])
        .text(": expected values of shape ")
        .shape(&expected)
        .text(", one for each state, found ")
        .shape(&x))
}

/// How many states a cell of the user's has, and how many a model has for it: given to it if `word` is 0, and otherwise
/// names for those that come out.
pub const fn cell_states(found: usize, given: usize, word: usize, name: &str) -> Inferred {
    if found == given {
        return Ok(Shape::new(&[]));
    }
    let msg = Msg::new(name).text(if found == 1 { ": the cell has 1 state, " } else { ": the cell has " });
    let msg = if found == 1 { msg } else { msg.num(found).text(" states, ") };
    if word == 0 {
        return Err(msg.num(given).text(if given == 1 { " is given" } else { " are given" }));
    }
    Err(msg.text("there are names for ").num(given).text(" behind the output"))
}

/// The mask of a sequence: a number for each step.
pub const fn step_mask(x: Shape, expected: Shape) -> Inferred {
    if x.is_poison() || x.same(&expected) {
        return Ok(x);
    }
    Err(Msg::new("`mask`: expected a value of shape ")
        .shape(&expected)
        .text(", one number for each step, found ")
        .shape(&x))
}
