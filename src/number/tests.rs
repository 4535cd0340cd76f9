//! Tests of the numbers as a whole: against integers of any size, against known digits, at the edges of the small form.

use std::cmp::Ordering;
use std::hash::{BuildHasher, RandomState};

use dashu_base::SquareRoot;
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::enclosure::{Enclosure, Logarithms};
use super::*;

fn exact(text: &str) -> Exact {
    match text.split_once('/') {
        Some((up, down)) => exact(up).checked_div(&exact(down)).unwrap(),
        None => Exact::parse(text).unwrap(),
    }
}

fn sqrt(text: &str) -> Real {
    Real::sqrt(&exact(text)).unwrap()
}

fn ln(text: &str) -> Real {
    Real::ln(&exact(text)).unwrap()
}

fn real(text: &str) -> Real {
    Real::from(exact(text))
}

#[test]
fn sizes_stay_small() {
    assert!(size_of::<Exact>() <= 16);
    assert!(size_of::<Real>() <= 24);
}

#[test]
fn arithmetic_is_exact() {
    assert_eq!(exact("0.85") * exact("4.2"), exact("3.57"));
    assert_eq!(exact("1/3") * exact("3"), Exact::ONE);
    assert_eq!(exact("0.1") + exact("0.2"), exact("0.3"));
    assert_eq!(exact("-7/2").floor(), exact("-4"));
    assert_eq!(exact("-7/2").ceil(), exact("-3"));
    assert_eq!(exact("-7/2").trunc(), exact("-3"));
    assert_eq!(exact("2/3").pow(3), exact("8/27"));
    assert_eq!(exact("-10").pow(41), -exact("10").pow(41));
    assert_eq!(exact("5").pow(0), Exact::ONE);
    assert_eq!(exact("5").checked_div(&Exact::ZERO), None);
    assert_eq!(Exact::from_ratio(6, -4), Some(exact("-1.5")));
    assert_eq!(Exact::from_ratio(1, 0), None);
    assert_eq!(exact("-3.5").to_f64(), -3.5);
    assert_eq!(exact("12").to_i64(), Some(12));
    assert_eq!(exact("12.5").to_i64(), None);
}

#[test]
fn edges_of_the_small_form() {
    let (max, min) = (Exact::from(i64::MAX), Exact::from(i64::MIN));
    let above = &max + &Exact::ONE;
    assert_eq!(above.to_string(), "9223372036854775808");
    assert_eq!(above.to_i64(), None);
    assert_eq!(&above - &Exact::ONE, max);
    assert_eq!((&above - &Exact::ONE).to_i64(), Some(i64::MAX));
    assert_eq!(-&min, above);
    assert_eq!(-&above, min);
    assert_eq!((-&above).to_i64(), Some(i64::MIN));
    assert_eq!(min.abs(), above);
    assert_eq!(Exact::from(u64::MAX).to_string(), u64::MAX.to_string());
    assert_eq!(min.checked_div(&exact("-1")), Some(above.clone()));
    assert_eq!(Exact::ONE.checked_div(&min).unwrap().to_string(), (-Exact::ONE.checked_div(&above).unwrap()).to_string());
    assert_eq!(Exact::ONE.checked_div(&min).unwrap() * &min, Exact::ONE);
    assert!(max < above && min < max && -&above < max);
    assert_eq!(max.bits(), 64);
}

#[test]
fn parsing_takes_plain_decimals_only() {
    for (text, shown) in [
        ("0", "0"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("007", "7"),
        ("+4.50", "4.5"),
        ("1e3", "1000"),
        ("1.5E-3", "0.0015"),
        ("1e+2", "100"),
        ("0e999", "0"),
        ("0.1000", "0.1"),
        ("-12345678901234567890.5", "-12345678901234567890.5"),
        ("1e39", "1000000000000000000000000000000000000000"),
        ("1e-40", "0.0000000000000000000000000000000000000001"),
    ] {
        assert_eq!(exact(text).to_string(), shown, "{text}");
    }
    assert_eq!(Exact::parse(""), Err(ParseError::Empty));
    for text in [" 1", "1 ", "+", "-", ".", "1.", ".5", "e5", "1e", "1e+", "1,000", "1.2.3", "--1", "0x10", "１", "NaN", "1/2", "1e5.0"] {
        assert_eq!(Exact::parse(text), Err(ParseError::NotANumber), "{text}");
    }
    let nines = "9".repeat(40);
    assert_eq!(exact(&nines).to_string(), nines);
    for text in ["1e400", "1e40", "1e-41", "1e9999999", &"9".repeat(41), &format!("0.{}1", "0".repeat(40))] {
        assert_eq!(Exact::parse(text), Err(ParseError::TooLong), "{text}");
    }
}

#[test]
fn rounding_modes() {
    use Rounding::{Ceiling, Floor, HalfEven, HalfUp};
    let cases = [
        ("2.5", 0, HalfUp, "3"),
        ("-2.5", 0, HalfUp, "-3"),
        ("2.5", 0, HalfEven, "2"),
        ("3.5", 0, HalfEven, "4"),
        ("-2.5", 0, HalfEven, "-2"),
        ("2.1", 0, Ceiling, "3"),
        ("-2.9", 0, Ceiling, "-2"),
        ("2.9", 0, Floor, "2"),
        ("-2.1", 0, Floor, "-3"),
        ("2", 0, Ceiling, "2"),
        ("0.5614999", 3, HalfUp, "0.561"),
        ("1/3", 30, HalfUp, "0.333333333333333333333333333333"),
        ("2/3", 2, HalfUp, "0.67"),
        ("2/3", 25, Floor, "0.6666666666666666666666666"),
        // GB/T 8170—2008, 3.2: the examples of the standard.
        ("12.1498", 1, HalfEven, "12.1"),
        ("12.1498", 0, HalfEven, "12"),
        ("10.5002", 0, HalfEven, "11"),
        ("1.050", 1, HalfEven, "1"),
        ("0.35", 1, HalfEven, "0.4"),
        ("-0.0365", 3, HalfEven, "-0.036"),
        ("15.4546", 0, HalfEven, "15"),
        ("-15.4546", 0, HalfEven, "-15"),
        ("16.5203", 0, HalfEven, "17"),
        ("17.5000", 0, HalfEven, "18"),
    ];
    for (number, places, rounding, expected) in cases {
        assert_eq!(exact(number).round(rounding, places).to_string(), expected, "{number} {rounding:?}");
    }
}

#[test]
fn showing() {
    for (number, places, shown) in [
        ("4.505", 2, "4.51"),
        ("-4.505", 2, "-4.51"),
        ("4.5049", 2, "4.50"),
        ("-0.004", 2, "0.00"),
        ("-0.005", 2, "-0.01"),
        ("0", 3, "0.000"),
        ("12", 0, "12"),
        ("999.995", 2, "1000.00"),
        ("1/3", 6, "0.333333"),
        ("0.05", 1, "0.1"),
        ("123456789012345678901234567890.125", 2, "123456789012345678901234567890.13"),
        ("1", 20, "1.00000000000000000000"),
    ] {
        assert_eq!(exact(number).show(places), shown);
    }
    assert_eq!(exact("4.500").show_trimmed(6), "4.5");
    assert_eq!(exact("100").show_trimmed(6), "100");
    assert_eq!(exact("100").show_trimmed(0), "100");
    assert_eq!(exact("-0.0000001").show_trimmed(6), "0");
    assert_eq!(exact("-1/3").to_string(), "-1/3");
    assert_eq!(format!("{:>6}", exact("0.5")), "   0.5");
    assert_eq!(serde_json::to_string(&exact("0.5")).unwrap(), "\"0.5\"");
    assert_eq!(serde_json::to_string(&sqrt("2")).unwrap(), "\"1.414213562373\"");
}

#[test]
fn script_decimals() {
    assert_eq!(exact("-12.50").to_decimal(), Some(Decimal::new(-125, 1)));
    assert_eq!(Exact::from_decimal(&Decimal::new(-1250, 2)), exact("-12.5"));
    assert_eq!(exact("1/3").to_decimal(), None);
    assert_eq!(exact("1e-28").to_decimal(), Some(Decimal::new(1, 28)));
    assert_eq!(exact("1e-29").to_decimal(), None);
    assert_eq!(exact("79228162514264337593543950335").to_decimal(), Some(Decimal::MAX));
    assert_eq!(exact("79228162514264337593543950336").to_decimal(), None);
    assert_eq!(Exact::from_decimal(&Decimal::MIN), exact("-79228162514264337593543950335"));
}

#[test]
fn roots_merge_and_multiply() {
    assert_eq!(sqrt("2").checked_mul(&sqrt("8")).unwrap().as_exact(), Some(&exact("4")));
    assert_eq!(&sqrt("2") + &sqrt("8"), sqrt("2").checked_mul(&real("3")).unwrap());
    assert_eq!(&sqrt("2") + &sqrt("8"), sqrt("18"));
    assert!((&sqrt("18") - &(&sqrt("2") + &sqrt("8"))).is_exact());
    assert_eq!(sqrt("2.25").as_exact(), Some(&exact("1.5")));
    assert_eq!(sqrt("1/2"), sqrt("2").checked_div(&real("2")).unwrap());
    assert_eq!(sqrt("2/9").checked_mul(&sqrt("2")), Some(real("2/3")));
    assert_eq!(Real::sqrt(&exact("-1")), None);
    assert_eq!(sqrt("0").as_exact(), Some(&Exact::ZERO));
    // (1 + √2)(1 − √2) = −1, and 1/(1 + √2) = √2 − 1.
    let (one, two) = (&real("1") + &sqrt("2"), &real("1") - &sqrt("2"));
    assert_eq!(one.checked_mul(&two), Some(real("-1")));
    assert_eq!(real("1").checked_div(&one), Ok(-two));
    assert_eq!(sqrt("6").checked_div(&sqrt("2")), Ok(sqrt("3")));
    let three = &sqrt("2") + &sqrt("3");
    assert_eq!(three.checked_mul(&three).unwrap(), &real("5") + &sqrt("24"));
    assert_eq!(real("1").checked_div(&three), Err(DivError::Irrational));
    assert_eq!(three.checked_div(&Real::ZERO), Err(DivError::ByZero));
    // √2 + √3 and √(5 + 2√6) agree; a neighbour that differs in the 30th digit does not.
    let near = three.round(Rounding::Floor, 30);
    assert_eq!(three.cmp(&Real::from(near)), Ordering::Greater);
    assert_eq!(three.floor(), exact("3"));
    assert_eq!(three.ceil(), exact("4"));
    assert_eq!((-&three).floor(), exact("-4"));
    assert_eq!((-&three).abs(), three);
    assert!((three.to_f64() - 3.146_264_369_941_972_6).abs() < 1e-15);
}

#[test]
fn sums_and_comparisons_with_rationals() {
    let parts = [sqrt("2"), real("1/3"), ln("2"), sqrt("8"), ln("1/2"), real("2/3")];
    let sum: Real = parts.iter().sum();
    assert_eq!(sum, &real("1") + &sqrt("18"));
    assert_eq!(parts.into_iter().sum::<Real>(), sum);
    assert!(sum > exact("5.2426") && sum < exact("5.2427") && sum != exact("5.2426"));
    assert!(sqrt("0.2025") == exact("0.45") && sqrt("0.2025") <= exact("0.45"));
    // Radicands that share large factors, and primes used to tell radicands apart.
    for factor in ["101", "269", "7", "10403", "123456789012345678901234567890"] {
        let square = exact(factor) * exact(factor) * exact("14");
        let sum = &Real::sqrt(&square).unwrap() - &sqrt("14").checked_mul(&real(factor)).unwrap();
        assert_eq!(sum.as_exact(), Some(&Exact::ZERO), "{factor}");
        let product = Real::sqrt(&(exact(factor) * exact("6"))).unwrap();
        assert_eq!(product, sqrt(factor).checked_mul(&sqrt("6")).unwrap());
    }
}

#[test]
fn logarithms_cancel_exactly() {
    assert_eq!((&(&ln("2") + &ln("3")) - &ln("6")).as_exact(), Some(&Exact::ZERO));
    assert_eq!(ln("1").as_exact(), Some(&Exact::ZERO));
    assert_eq!(ln("1/8"), ln("2").checked_mul(&real("-3")).unwrap());
    assert_eq!(ln("9/8"), &ln("3").checked_mul(&real("2")).unwrap() - &ln("2").checked_mul(&real("3")).unwrap());
    // Large primes and their products, beyond trial division.
    let (p, q) = ("1000000007", "998244353");
    let product = (exact(p) * exact(q)).to_string();
    assert_eq!(&ln(p) + &ln(q), ln(&product));
    assert_eq!(&(&ln(&product) - &ln(p)) - &ln(q), Real::ZERO);
    assert!(ln("1000000008/1000000007") > Real::ZERO);
    assert_eq!(Real::ln(&Exact::ZERO), None);
    assert_eq!(ln("2").checked_mul(&ln("3")), None);
    assert_eq!(ln("2").checked_mul(&sqrt("3")), None);
    assert_eq!(ln("2").checked_mul(&Real::ZERO), Some(Real::ZERO));
    assert_eq!(ln("2").checked_div(&sqrt("2")), Err(DivError::Irrational));
    assert_eq!(real("1").checked_div(&ln("2")), Err(DivError::Irrational));
    // Nearly equal powers: 2^1054 and 3^665 differ by 0.05 %, so their logarithms by that of 730.
    let close = &ln("2").checked_mul(&real("1054")).unwrap() - &ln("3").checked_mul(&real("665")).unwrap();
    assert_eq!(close.show(3), "0.000");
    assert_eq!(close.signum(), if exact("2").pow(1054) > exact("3").pow(665) { 1 } else { -1 });
}

#[test]
fn known_digits() {
    assert_eq!(sqrt("2").show(38), "1.41421356237309504880168872420969807857");
    assert_eq!(ln("2").show(36), "0.693147180559945309417232121458176568");
    assert_eq!(ln("10").show(36), "2.302585092994045684017991454684364208");
    assert_eq!(ln("1/3").show(36), "-1.098612288668109691395245236922525705");
    assert_eq!(ln("1e39").checked_div(&real("39")).unwrap(), ln("10"));
    assert_eq!((&ln("2") + &sqrt("2")).show(15), "2.107360742933040");
    assert_eq!(sqrt("0.25").show_trimmed(4), "0.5");
    assert_eq!(sqrt("1e-40").to_f64(), 1e-20);
    assert!((ln("1000000000001/1000000000000").to_f64() - 1e-12).abs() < 1e-23);
}

/// Numbers around both edges of the small form, as text of two integers.
fn edgy() -> impl Strategy<Value = (IBig, UBig)> {
    let word = || prop_oneof![any::<i64>(), (i64::MAX - 3)..=i64::MAX, i64::MIN..=(i64::MIN + 3), -9i64..=9, (-1i64 << 32)..(1i64 << 32),];
    let numerator = (word(), word(), any::<bool>()).prop_map(
        |(a, b, wide)| {
            if wide { IBig::from(a) * IBig::from(b) + IBig::ONE } else { IBig::from(a) }
        },
    );
    let denominator = (word(), word(), any::<bool>()).prop_map(|(a, b, wide)| {
        let magnitude = UBig::from(a.unsigned_abs()).max(UBig::ONE);
        if wide { magnitude * UBig::from(b.unsigned_abs()).max(UBig::ONE) } else { magnitude }
    });
    (numerator, denominator)
}

fn both((numerator, denominator): (IBig, UBig)) -> (Exact, RBig) {
    (Exact::from_parts(numerator.clone(), denominator.clone()).unwrap(), RBig::from_parts(numerator, denominator))
}

fn same(exact: &Exact, ratio: &RBig) -> bool {
    exact.numerator() == *ratio.numerator()
        && exact.denominator() == *ratio.denominator()
        // Canonical: built afresh it is the same representation.
        && *exact == Exact::from_parts(ratio.numerator().clone(), ratio.denominator().clone()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arithmetic_agrees_with_wide_ratios(a in edgy(), b in edgy()) {
        let ((a, a_wide), (b, b_wide)) = (both(a), both(b));
        prop_assert!(same(&(&a + &b), &(&a_wide + &b_wide)));
        prop_assert!(same(&(&a - &b), &(&a_wide - &b_wide)));
        prop_assert!(same(&(&a * &b), &(&a_wide * &b_wide)));
        prop_assert!(same(&-&a, &-a_wide.clone()));
        prop_assert_eq!(a.cmp(&b), a_wide.cmp(&b_wide));
        prop_assert_eq!(a == b, a_wide == b_wide);
        prop_assert_eq!(a.floor().numerator(), a_wide.floor());
        prop_assert_eq!(a.ceil().numerator(), a_wide.ceil());
        prop_assert_eq!(a.trunc().numerator(), a_wide.trunc());
        if !b.is_zero() {
            let quotient = a.checked_div(&b).unwrap();
            prop_assert!(same(&quotient, &(&a_wide / &b_wide)));
            let hasher = RandomState::new();
            prop_assert_eq!(hasher.hash_one(&(quotient * &b)), hasher.hash_one(&a));
        }
        prop_assert_eq!(sum_exact([&a, &b, &a]), &a + &b + &a);
        let parts = i64::try_from(a.numerator()).ok().zip(i64::try_from(IBig::from(a.denominator())).ok());
        prop_assert_eq!(a.machine(), parts);
        prop_assert_eq!(a.split().0.checked_div(&a.split().1), Some(a));
    }

    #[test]
    fn rounding_agrees_with_its_definition(a in edgy(), places in 0u32..25) {
        let (a, _) = both(a);
        let power = exact("10").pow(places);
        let scaled = &a * &power;
        let (low, high) = (scaled.floor(), scaled.ceil());
        let check = |rounding, expected: &Exact| a.round(rounding, places) * &power == *expected;
        prop_assert!(check(Rounding::Floor, &low) && check(Rounding::Ceiling, &high));
        let outward = if a.is_negative() { &low } else { &high };
        let half_even = |end: &Exact| end.checked_div(&exact("2")).unwrap().is_integer();
        match (&scaled - &low).cmp(&(&high - &scaled)) {
            Ordering::Less => prop_assert!(check(Rounding::HalfUp, &low) && check(Rounding::HalfEven, &low)),
            Ordering::Greater => prop_assert!(check(Rounding::HalfUp, &high) && check(Rounding::HalfEven, &high)),
            Ordering::Equal => {
                prop_assert!(check(Rounding::HalfUp, outward));
                let even = if half_even(&low) { &low } else { &high };
                prop_assert!(check(Rounding::HalfEven, even));
            }
        }
        prop_assert_eq!(exact_long(&a.show(places)), a.round(Rounding::HalfUp, places));
    }

    #[test]
    fn long_sums(parts in prop::collection::vec((any::<i64>(), 1i64..5000), 0..60)) {
        let values: Vec<Exact> = parts.iter().map(|(n, d)| Exact::from_ratio(*n, *d).unwrap()).collect();
        let one_by_one = values.iter().fold(Exact::ZERO, |sum, value| sum + value);
        prop_assert_eq!(sum_exact(&values), one_by_one.clone());
        prop_assert_eq!(values.into_iter().sum::<Exact>(), one_by_one);
    }

    #[test]
    fn parsing_reads_what_is_shown(digits in "-?[0-9]{1,30}(\\.[0-9]{1,10})?(e[+-]?[0-9])?") {
        if let Ok(value) = Exact::parse(&digits) {
            prop_assert_eq!(Exact::parse(&value.to_string()), Ok(value));
        }
    }

    /// Sums of roots against 400 bits of each root, computed apart.
    #[test]
    fn order_of_roots(
        one in prop::collection::vec((-6i64..=6, 0u32..=50), 0..4),
        two in prop::collection::vec((-6i64..=6, 0u32..=50), 0..4),
        shift in -3i64..=3,
    ) {
        let value = |terms: &[(i64, u32)]| terms.iter().fold(Real::ZERO, |sum, (c, n)| {
            let root = Real::sqrt(&Exact::from(*n)).unwrap();
            &sum + &root.checked_mul(&Real::from(Exact::from(*c))).unwrap()
        });
        let digits = |terms: &[(i64, u32)]| terms.iter().fold(IBig::ZERO, |sum, (c, n)| {
            sum + IBig::from(*c) * IBig::from((UBig::from(*n) << 800usize).sqrt())
        });
        let a = &value(&one) + &Real::from(Exact::from(shift));
        let b = value(&two);
        let difference = digits(&one) - digits(&two) + (IBig::from(shift) << 400usize);
        // Each root is short by less than a unit; a true difference of such sums is far larger.
        let expected = if difference.clone().into_parts().1 < UBig::from(100u8) {
            Ordering::Equal
        } else {
            difference.cmp(&IBig::ZERO)
        };
        prop_assert_eq!(a.cmp(&b), expected);
        prop_assert_eq!(&a - &b == Real::ZERO, expected == Ordering::Equal);
        prop_assert_eq!((&a - &b).is_exact() && a.is_exact(), a.is_exact() && b.is_exact());
        // (a + b)(a − b) = a² − b².
        let product = (&a + &b).checked_mul(&(&a - &b)).unwrap();
        prop_assert_eq!(product, &a.checked_mul(&a).unwrap() - &b.checked_mul(&b).unwrap());
        prop_assert!((a.to_f64() - b.to_f64()) * f64::from((&a - &b).signum()) >= -1e-12);
    }

    /// More bits only narrow an enclosure, and it is narrow to begin with.
    #[test]
    fn enclosures_are_nested_and_narrow(argument in edgy(), coefficient in edgy()) {
        let (argument, coefficient) = (both(argument).0.abs(), both(coefficient).0);
        prop_assume!(!argument.is_zero() && !coefficient.is_zero());
        let radicand = argument.numerator().into_parts().1;
        let root = |bits| Enclosure::of_root(&coefficient, &radicand, bits);
        let log = |bits| Logarithms::new(bits, argument.bits()).enclose(&argument);
        let rational = |bits| Enclosure::of_exact(&coefficient, bits);
        for (wide, narrow) in [(root(64), root(512)), (log(64), log(512)), (rational(64), rational(512))] {
            prop_assert!(wide.low.clone() << 448usize <= narrow.low && narrow.high <= wide.high.clone() << 448usize);
            prop_assert!(narrow.low <= narrow.high && wide.high - wide.low <= IBig::from(2));
        }
    }

    /// Logarithms against double precision, and a sum of them against the logarithm of the product.
    #[test]
    fn logarithms_of_products(parts in prop::collection::vec((-3i64..=3, 1i64..4000, 1i64..4000), 1..5)) {
        let mut product = Exact::ONE;
        let mut sum = Real::ZERO;
        let mut double = 0.0;
        for (times, up, down) in parts {
            let argument = Exact::from_ratio(up, down).unwrap();
            let power = argument.pow(u32::try_from(times.abs()).unwrap());
            product = if times < 0 { product.checked_div(&power).unwrap() } else { product * power };
            double += argument.to_f64().ln() * Exact::from(times).to_f64();
            sum = &sum + &Real::ln(&argument).unwrap().checked_mul(&Real::from(Exact::from(times))).unwrap();
        }
        prop_assert_eq!(&sum, &Real::ln(&product).unwrap());
        prop_assert_eq!(sum.is_exact(), product == Exact::ONE);
        prop_assert!((sum.to_f64() - double).abs() < 1e-9);
    }
}

/// As parsing, without its limit of digits.
fn exact_long(text: &str) -> Exact {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let numerator: IBig = format!("{whole}{fraction}").parse().unwrap();
    Exact::from_parts(numerator, UBig::from(10u8).pow(fraction.len())).unwrap()
}
