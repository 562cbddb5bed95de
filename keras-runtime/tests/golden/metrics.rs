use keras_kernels::Isa;
use keras_runtime::loss::Predictions;
use keras_runtime::metric::{
    Accuracy, AnyMetric, BinaryAccuracy, BinaryCrossentropy, CategoricalCrossentropy, Metric,
    SparseCategoricalCrossentropy, SparseTopKCategoricalAccuracy, TopKCategoricalAccuracy,
};
use keras_runtime::model::graph::Head;
use keras_runtime::target::Targets;

use crate::file::{Call, each_case};

fn metrics(call: &Call) -> Vec<AnyMetric> {
    let (logits, smoothing) = (call.truth("from_logits"), call.float("label_smoothing").unwrap_or(0.0));
    let k = call.get("k").map_or(5, |k| k.parse().unwrap());
    let mut all: Vec<AnyMetric> = vec![match call.class.as_str() {
        "BinaryAccuracy" => BinaryAccuracy::new(call.float("threshold").unwrap_or(0.5)).into(),
        "TopKCategoricalAccuracy" => TopKCategoricalAccuracy::new(k).into(),
        "SparseTopKCategoricalAccuracy" => SparseTopKCategoricalAccuracy::new(k).into(),
        "BinaryCrossentropy" => BinaryCrossentropy::default().from_logits(logits).label_smoothing(smoothing).into(),
        "CategoricalCrossentropy" => {
            CategoricalCrossentropy::default().from_logits(logits).label_smoothing(smoothing).into()
        }
        "SparseCategoricalCrossentropy" => SparseCategoricalCrossentropy::default().from_logits(logits).into(),
        by_name => by_name.parse().unwrap(),
    }];
    if call.arguments.is_empty() {
        all.push(call.class.parse().unwrap());
        if matches!(call.class.as_str(), "CategoricalAccuracy" | "SparseCategoricalAccuracy") {
            all.push(Accuracy::default().into());
        }
    }
    all
}

/// A metric chosen at run time takes whatever lengths it is given; these types stand for any.
type AsMetric<'a> = &'a mut dyn Metric<[f32; 1], [f32; 1]>;

#[test]
fn running_results() {
    let mut checked = 0;
    each_case("metrics", |case| {
        let call = case.call("keras.metrics.");
        if call.class == "Accuracy" {
            // That of Keras compares values for equality; ours is what the string "accuracy" means in Keras.
            return;
        }
        let mut all = metrics(&call);
        if case.name.starts_with("binary_accuracy") && case.shape("y_pred0")[1] == 1 {
            all.push(Accuracy::default().into());
        }
        for mut metric in all {
            let metric: AsMetric<'_> = &mut metric;
            for repetition in 0..2 {
                for batch in 0..3 {
                    let field = |name: &str| format!("{name}{batch}");
                    let (floats, labels) = (case.floats(&field("y_true")), case.labels(&field("y_true")));
                    let y = case.floats(&field("y_pred"));
                    let sparse = call.class.starts_with("Sparse");
                    let p = Predictions {
                        isa: Isa::best(),
                        n: *case.shape("y_pred0").last().unwrap(),
                        head: Head::Linear,
                        y: &y,
                        logits: &y,
                        targets: if sparse { Targets::Classes(&labels) } else { Targets::Dense(&floats) },
                    };
                    let weights = case.has("sample_weight0").then(|| case.floats(&field("sample_weight")));
                    metric.update(p, weights.as_deref());
                    case.check(&format!("in repetition {repetition}"), &field("result"), &[metric.result() as f32]);
                    checked += 1;
                }
                metric.reset();
                assert_eq!(metric.result(), 0.0);
            }
        }
    });
    assert!(checked > 300);
}
