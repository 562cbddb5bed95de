//! A block without its `!`, and a layer with one.

use keras::prelude::*;

layer! { pub struct Head(classes) < Dense(classes, softmax) >; }

sequential! { pub struct Net< Input(8), self::Head(3) >; }
sequential! { pub struct Other< Input(8), Dense!(3) >; }

fn main() {}
