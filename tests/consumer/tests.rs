//! The models of this crate run.

#[test]
fn forms() {
    assert!(consumer::forms::all().unwrap().is_finite());
}

#[test]
fn fragments() {
    assert_eq!(consumer::fragments::all(), [3, 6, 5, 2, 4, 8, 3]);
}

#[test]
fn names_change_nothing() {
    let predictions = consumer::names::predictions().unwrap();
    for (i, prediction) in predictions.iter().enumerate() {
        assert_eq!(prediction, &predictions[0], "model {i}");
    }
    assert!(consumer::names::inputs()[0].is_finite());
}

#[test]
fn shadows() {
    assert!(consumer::shadows::all().iter().all(|x| x.is_finite()));
}

#[test]
fn blocks() {
    assert_eq!(consumer::blocks::all(), [4, 4, 1]);
}
