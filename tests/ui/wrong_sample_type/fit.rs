use keras::prelude::*;

sequential! { pub struct Net< Input(784), Dense(64, relu), Dense(10, softmax) >; }

fn main() -> keras::Result<()> {
    let mut model = Net::seeded(1).compile(Sgd::new(0.1), CategoricalCrossentropy::default(), (Accuracy::default(),))?;
    model.fit(&[[0.5; 783]; 4], &[[0.1; 10]; 4], Fit::epochs(1))?;
    Ok(())
}
