//! What is one launch of what ops do for each element.

use std::sync::{Arc, Mutex};

use keras::device::{Device, Host, Lens, Program, Watch};
use keras::prelude::*;

use crate::models::Numbers;

model! {
    struct Residual(x: [8]) {
        let h = Dense(8)(x);
        let h = Dropout(0.5)(Activation(tanh)(h + x));
        Dense(3, softmax)(h)
    }
}

/// The elementwise launches of the programs that are loaded: the names of their steps.
#[derive(Clone, Default)]
struct Chains(Arc<Mutex<Vec<Vec<Vec<String>>>>>);

impl Watch for Chains {
    fn load(&mut self, program: &Program, _: &Lens) {
        let chains = program.launches.iter().filter(|launch| launch.name == "elementwise");
        let name = |step: &String| step.trim_start_matches("step::").split('<').next().unwrap().to_owned();
        self.0.lock().unwrap().push(chains.map(|chain| chain.constants.iter().map(name).collect()).collect());
    }
}

#[test]
fn what_follows_each_other_is_one_launch() {
    let chains = Chains::default();
    let (mut numbers, n) = (Numbers(1), 6);
    let (x, y) = (numbers.rows::<8>(n), numbers.classes(n, 3));
    let model = Residual::new().compile(Sgd::new(0.1), SparseCategoricalCrossentropy::default(), ()).unwrap();
    let mut model = model.on(Device::with_engine(Box::new(Host::new(chains.clone())))).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(n).verbose(0)).unwrap();
    let programs = chains.0.lock().unwrap();
    // Forwards the sum stays in registers, since the slope of tanh needs what tanh gives. Backwards nobody asks for the gradient of x.
    assert_eq!(
        programs[..],
        [[
            &["Read", "Read", "Sum", "Activate", "Drop", "Write", "Write"][..],
            &["Read", "Drop", "Read", "ActivateBackward", "Write"],
        ]]
    );
}
