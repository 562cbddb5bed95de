//! Second and third derivatives: functions that call gradients.

use super::*;

mod closed {
    use super::*;

    gradient! {
        fn f(x: f64, y: f64) -> f64 {
            x.powi(3) * y + (x * y).sin()
        }

        fn slope(x: f64, y: f64) -> f64 {
            let (_, (dx, _)) = f_grad(x, y);
            dx
        }

        fn bend(x: f64, y: f64) -> f64 {
            slope_grad(x, y).1.0
        }
    }

    #[test]
    fn derivatives_of_a_product_and_a_sine() {
        let (x, y) = (0.7f64, -1.3f64);
        let (value, (dxx, dxy)) = slope_grad(&x, &y);
        assert!((value - (3.0 * x * x * y + y * (x * y).cos())).abs() < 1e-14);
        assert!((dxx - (6.0 * x * y - y * y * (x * y).sin())).abs() < 1e-14);
        assert!((dxy - (3.0 * x * x + (x * y).cos() - x * y * (x * y).sin())).abs() < 1e-14);
        let (value, (dxxx, dxxy)) = bend_grad(&x, &y);
        assert_eq!(value, dxx);
        assert!((dxxx - (6.0 * y - y * y * y * (x * y).cos())).abs() < 1e-13);
        assert!((dxxy - (6.0 * x - 2.0 * y * (x * y).sin() - x * y * y * (x * y).cos())).abs() < 1e-13);
        assert_eq!(bend(x, y), dxx);
    }
}
