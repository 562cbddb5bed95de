//! Equations that no `EinsumDense` can compute.
use keras::sequential;

sequential! { struct Form< Input((4, 8)), EinsumDense("abc,cd", (None, 5)) >; }

sequential! { struct Letter< Input((4, 8)), EinsumDense("abc,cd->abe", (None, 5)) >; }

sequential! { struct Dots< Input((4, 8)), EinsumDense("...c,cd->abd", (None, 5)) >; }

sequential! { struct Batch< Input((4, 8)), EinsumDense("abc,cd->bad", (None, 5)) >; }

sequential! { struct Rank< Input((4, 8)), EinsumDense("ab,bc->ac", 5) >; }

fn main() {}
