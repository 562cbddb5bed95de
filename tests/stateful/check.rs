//! What is checked of each of them.

use keras::prelude::*;
use keras::{Outputs, Samples};

use crate::support::close32;
use crate::support::count::allocations;
use crate::support::golden;
use crate::support::layer_test::set_weights;

/// Tests of a stateful model: `stateful_test!(name, model, "golden case");`
///
/// - finite differences in f64 check the interpreter's gradients, with states that an earlier batch has left,
/// - the interpreter checks generated code and the states that it leaves, on every instruction set, for batches of 1, 2 and 7,
///   on 1, 2 and 7 threads and in rounds of two rows,
/// - predictions and training allocate nothing, weights survive a file,
/// - real Keras checks three batches one after the other, and the gradients of the second.
macro_rules! stateful_test {
    ($name:ident, $model:expr $(, $case:literal)?) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            fn model() -> keras::Boxed<impl keras::Model<Input: $crate::support::fill::Fill + keras::Outputs>> {
                $model
            }

            #[test]
            fn gradients_are_differences() {
                $crate::support::layer_test::differences_but(&model(), "");
            }
            #[test]
            fn code_is_what_the_graph_says() {
                $crate::support::layer_test::generated(&model());
            }
            #[test]
            fn allocates_nothing() {
                $crate::support::layer_test::allocates_nothing_in_training(&model());
                $crate::check::sessions_allocate_nothing(&model());
            }
            #[test]
            fn survives_a_file() {
                $crate::support::layer_test::survives_a_file(model(), concat!("stateful_", stringify!($name)));
            }
            $(#[test]
            fn keras_agrees() {
                $crate::check::keras_agrees(model(), $case);
            })?
        }
    };
}
pub(super) use stateful_test;

/// As in the tests of other layers.
const TOLERANCE: f64 = 1e-5;

/// A batch of these inputs.
fn view<M: Model<Input: Outputs>>(inputs: &[Vec<f32>]) -> <M::Input as Samples>::Batch<'_> {
    M::Input::view(|i| &inputs[i])
}

/// Three batches that real Keras has computed one after the other, and the gradients of the second.
pub(super) fn keras_agrees<M: Model<Input: Outputs>>(mut model: Boxed<M>, name: &str) {
    let case = golden::case("stateful", name);
    set_weights(&mut model, case);
    let [first, second, dy] = ["first", "x", "dy"].map(|field| {
        let list = case.list(field);
        list.iter().map(|data| data.iter().map(|&x| x as f32).collect()).collect::<Vec<Vec<f32>>>()
    });
    let n = case.rows();
    let same = |what: &str, ours: <M::Output as Samples>::Batch<'_>, field: &str| {
        for (i, expected) in case.list(field).iter().enumerate() {
            close32(&format!("{name}: {what}, output {i}"), M::Output::part(ours, i), expected, TOLERANCE);
        }
    };
    let mut session = model.session();
    for again in ["", ", after a reset"] {
        for (x, field) in [(&first, "y_first"), (&second, "y"), (&first, "y_third")] {
            let y = session.predict(view::<M>(x), n).unwrap();
            same(&format!("prediction {field}{again}"), M::Output::batch(&y), field);
        }
        session.reset_state();
    }
    // One batch after the other in one call.
    let join = |(first, second): (&Vec<f32>, &Vec<f32>)| [&first[..], second].concat();
    let twice: Vec<Vec<f32>> = first.iter().zip(&second).map(join).collect();
    let y = session.predict(view::<M>(&twice), n).unwrap();
    same("the second half of a prediction", M::Output::slice(M::Output::batch(&y), n..2 * n), "y");

    let mut tape = GradientTape::<M>::new().watch_inputs(true);
    for again in ["", ", after a reset"] {
        same(&format!("first{again}"), tape.forward(&mut model, view::<M>(&first)).unwrap().output(), "y_first");
        let pass = tape.forward(&mut model, view::<M>(&second)).unwrap();
        same(&format!("second{again}"), pass.output(), "y");
        let grads = pass.gradient(M::Output::view(|i| &dy[i])).unwrap();
        for param in M::GRAPH.params {
            let field = format!("g/{}/{}", M::GRAPH.path(param.layer), param.name);
            let range = param.at..param.at + param.shape.iter().product::<usize>();
            let what = format!("{name}: {field}{again}");
            close32(&what, &grads.as_slice()[range], &case.tensor(&field), TOLERANCE);
        }
        let dx = grads.inputs().unwrap();
        for (i, expected) in case.list("dx").iter().enumerate() {
            close32(&format!("{name}: gradient of input {i}{again}"), M::Input::part(dx, i), expected, TOLERANCE);
        }
        same(&format!("third{again}"), tape.forward(&mut model, view::<M>(&first)).unwrap().output(), "y_third");
        tape.reset_state();
    }
}

/// Predictions of a session, counted.
pub(super) fn sessions_allocate_nothing<M: Model>(model: &Boxed<M>) {
    let (x, one) = (M::Input::zeros(5), M::Input::zero());
    let x = M::Input::batch(&x);
    let mut y = M::Output::zeros(5);
    let mut session = model.session();
    session.predict_into(x, M::Output::batch_mut(&mut y)).unwrap();
    assert_eq!(allocations(|| session.predict_into(x, M::Output::batch_mut(&mut y)).unwrap()), 0, "predict_into");
    session.reset_state();
    assert_eq!(allocations(|| session.predict_one(&one).map(|_| ()).unwrap()), 0, "predict_one");
}
