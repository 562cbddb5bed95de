//! Steps and predictions allocate nothing after the first.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use keras_kernels::memory::Boxed;
use keras_runtime::callback::EarlyStopping;
use keras_runtime::loss::{CategoricalCrossentropy, MeanSquaredError, SparseCategoricalCrossentropy};
use keras_runtime::metric::{Accuracy, MeanAbsoluteError};
use keras_runtime::optimizer::{Adam, Sgd};
use keras_runtime::{Compile, Fit, Predict};

use crate::models::TwoHeads;
use crate::{Classifier, classifier, compiled, data};

struct Counting;

thread_local!(static COUNT: Cell<usize> = const { Cell::new(0) });

fn count() {
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's contract is that of `System`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of this thread while `f` runs.
fn allocations<T>(f: impl FnOnce() -> T) -> usize {
    let before = COUNT.get();
    let _result = f();
    COUNT.get() - before
}

#[test]
fn training_steps() {
    let (x, y) = data(40);
    let weights = [0.5; 40];
    let mut model = compiled(Adam::default());
    model.train_on_weighted_batch(&x, &y, &weights).unwrap();
    for n in [40, 1, 17, 40] {
        assert_eq!(allocations(|| model.train_on_batch(&x[..n], &y[..n]).unwrap().loss()), 0);
        assert_eq!(allocations(|| model.test_on_batch(&x[..n], &y[..n]).unwrap().loss()), 0);
        let step = || model.train_on_weighted_batch(&x[..n], &y[..n], &weights[..n]).unwrap().loss();
        assert_eq!(allocations(step), 0);
    }

    let labels: Vec<u8> = (0..40).map(|i| i % 3).collect();
    let loss = SparseCategoricalCrossentropy::default();
    let model: Boxed<Classifier> = keras_runtime::init(Some(1));
    let mut model = model.compile(Sgd::new(0.1).momentum(0.9).clipnorm(1.0), loss, (Accuracy::default(),)).unwrap();
    model.train_on_batch(&x, &labels).unwrap();
    assert_eq!(allocations(|| model.train_on_batch(&x, &labels).unwrap().get("accuracy")), 0);

    let model: Boxed<TwoHeads> = keras_runtime::init(Some(1));
    let losses = (CategoricalCrossentropy::default(), MeanSquaredError::default());
    let metrics = ((Accuracy::default(),), (MeanAbsoluteError::default(),));
    let mut model = model.compile(Adam::default(), losses, metrics).unwrap();
    let second = vec![[0.5; 2]; 40];
    model.train_on_batch(&x, (&y, &second)).unwrap();
    assert_eq!(allocations(|| model.train_on_batch(&x, (&y, &second)).unwrap().loss()), 0);
}

#[test]
fn predictions() {
    let (x, y) = data(300);
    let model = classifier();
    let mut to = y;
    model.predict_into(&x, &mut to).unwrap();
    assert_eq!(allocations(|| model.predict_into(&x, &mut to)), 0);
    assert_eq!(allocations(|| model.predict_one(&x[0])), 0);
    // The result, and nothing else.
    assert_eq!(allocations(|| model.predict(&x, 32).unwrap()), 1);
}

/// An epoch of many batches allocates no more than one of few.
#[test]
fn epochs() {
    let (x, y) = data(400);
    let mut model = compiled(Adam::default());
    let mut fit = |n: usize, batch_size: usize| {
        let stopping = EarlyStopping::new("val_loss").patience(9);
        let fit = Fit::epochs(1).batch_size(batch_size).validation_split(0.5).verbose(0).callback(stopping);
        allocations(|| model.fit(&x[..n], &y[..n], fit).unwrap())
    };
    fit(400, 4);
    assert_eq!(fit(400, 4), fit(8, 4));
}
