//! Mistakes that only the run time can see.

use keras::prelude::*;

sequential! { struct Binary< Input(3), Dense(1, sigmoid) >; }

const X: [[f32; 3]; 4] = [[0.5; 3]; 4];

#[test]
fn classes_on_an_output_of_one() -> keras::Result<()> {
    let mut model = Binary::seeded(1).compile(Sgd::default(), SparseCategoricalCrossentropy::default(), ())?;
    let error = model.train_on_batch(&X, &[1u8; 4]).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("use a binary loss"), "{error}");
    let metrics = (SparseCategoricalAccuracy::default(),);
    let mut model = Binary::seeded(1).compile(Sgd::default(), BinaryCrossentropy::default(), metrics)?;
    assert!(model.train_on_batch(&X, &[1u8; 4]).is_err());
    Ok(())
}

#[test]
fn state_before_the_first_step_and_of_another_optimizer() -> keras::Result<()> {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("state_{}.safetensors", std::process::id()));
    let mut adam = Binary::seeded(1).compile(Adam::default(), BinaryCrossentropy::default(), ())?;
    adam.save(&path)?;
    adam.load(&path)?;
    adam.train_on_batch(&X, &[[1.0f32]; 4])?;
    adam.save(&path)?;
    adam.load(&path)?;
    let mut sgd = Binary::seeded(1).compile(Sgd::default(), BinaryCrossentropy::default(), ())?;
    let error = sgd.load(&path).unwrap_err().to_string();
    std::fs::remove_file(&path).ok();
    assert!(error.contains("no state of this optimizer"), "{error}");
    Ok(())
}
