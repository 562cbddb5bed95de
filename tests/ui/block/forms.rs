//! Forms that a block does not have.

use keras::prelude::*;

layer! { pub Head(classes) < Dense(classes) >; }
layer! { pub struct NoInputs { Dense(3)(x) } }
layer! { pub struct NoLayers(classes); }
layer! { pub struct Typed(classes: usize) < Dense(classes) >; }
layer! { pub struct Two(a) < Dense(a) >; struct Second < Dense(3) >; }
layer! { pub struct TwoGraphs(a)(x) { Dense(a)(x) } struct Second(x) { x } }
layer! { pub struct NoOutput(a)(x) { let h = Dense(a)(x); } }
layer! { pub struct NotUsed(a)(x, y) { Dense(a)(x) } }
layer! { pub struct Unclosed(a) < Dense(a) }

fn main() {}
