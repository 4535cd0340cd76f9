//! Sums of natural logarithms in canonical form.
//!
//! `Σ eⱼ ln aⱼ` with rational `eⱼ` and positive rational `aⱼ` is either zero or transcendental (Baker 1966; for one
//! term Lindemann). Zero is found without guessing: over a coprime base of all numerators and denominators, the sum
//! becomes `Σ fᵦ ln b` with independent logarithms, and is zero exactly when every `fᵦ` is. Only divisions and greatest
//! common divisors are needed (factor refinement: Bach, Driscoll and Shallit 1993), and those only when the number is
//! already known to be very close to zero.

use std::collections::BTreeMap;

use dashu_base::Gcd;
use dashu_int::UBig;

use super::enclosure::{Enclosure, Logarithms};
use super::exact::Exact;

/// `scale · Σ coefficient · ln argument`.
///
/// INVARIANT: arguments are above 1, coefficients and scale are not zero.
#[derive(Clone, Debug, Default)]
pub(super) struct Logs {
    /// Common factor, kept apart: an index over a whole province has thousands of terms, and each would carry its digits.
    scale: Exact,
    terms: BTreeMap<Exact, Exact>,
}

/// Bits at which a sum is first looked at; a sum below that is checked for being zero.
const GLANCE: usize = 64;

impl Logs {
    /// `scale · Σ coefficient · ln argument`, zero terms dropped; `None` when an argument is not positive.
    pub(super) fn new(scale: Exact, terms: impl IntoIterator<Item = (Exact, Exact)>) -> Option<Logs> {
        let mut logs = Logs { scale, terms: BTreeMap::new() };
        for (coefficient, argument) in terms {
            logs.add_term(coefficient, argument)?;
        }
        logs.settle();
        Some(logs)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    fn add_term(&mut self, coefficient: Exact, argument: Exact) -> Option<()> {
        if !argument.is_positive() {
            return None;
        }
        // ln(1/a) = −ln a, so that both are one term.
        if argument < Exact::ONE {
            *self.terms.entry(Exact::ONE.checked_div(&argument)?).or_default() -= coefficient;
        } else {
            *self.terms.entry(argument).or_default() += coefficient;
        }
        Some(())
    }

    /// Restores the invariant, and drops a sum that is zero in disguise.
    fn settle(&mut self) {
        self.terms.retain(|argument, coefficient| *argument != Exact::ONE && !coefficient.is_zero());
        if self.scale.is_zero() || (self.unscaled(GLANCE).sign().is_none_or(|sign| sign == 0) && self.vanishes()) {
            self.terms.clear();
        }
    }

    /// Adds `factor` times another sum.
    pub(super) fn add_scaled(&mut self, other: &Logs, factor: &Exact) {
        let factor = &other.scale * factor;
        if other.is_empty() || factor.is_zero() {
            return;
        }
        if self.is_empty() {
            *self = Logs { scale: factor, terms: other.terms.clone() };
            return;
        }
        let Some(factor) = factor.checked_div(&self.scale) else {
            return;
        };
        for (argument, coefficient) in &other.terms {
            *self.terms.entry(argument.clone()).or_default() += coefficient * &factor;
        }
        self.settle();
    }

    pub(super) fn enclose(&self, bits: usize) -> Enclosure {
        if self.is_empty() {
            return Enclosure::ZERO;
        }
        self.unscaled(bits).times(&self.scale)
    }

    fn unscaled(&self, bits: usize) -> Enclosure {
        if self.is_empty() {
            return Enclosure::ZERO;
        }
        let argument_bits = self.terms.keys().map(Exact::bits).max().unwrap_or(0);
        let logarithms = Logarithms::new(bits, argument_bits);
        self.terms
            .iter()
            .map(|(argument, coefficient)| logarithms.enclose(argument).times(coefficient))
            .fold(Enclosure::ZERO, Enclosure::plus)
    }

    /// Whether the sum is exactly zero.
    fn vanishes(&self) -> bool {
        // Every logarithm of a fraction is a difference of logarithms of whole numbers.
        let mut wholes: BTreeMap<UBig, Exact> = BTreeMap::new();
        for (argument, coefficient) in &self.terms {
            *wholes.entry(argument.numerator().into_parts().1).or_default() += coefficient;
            *wholes.entry(argument.denominator()).or_default() -= coefficient;
        }
        wholes.retain(|whole, coefficient| !whole.is_one() && !coefficient.is_zero());
        let mut exponents: BTreeMap<u64, Exact> = BTreeMap::new();
        let rest = divide_out_small_primes(wholes, &mut exponents);
        exponents.values().all(Exact::is_zero) && exponents_vanish(&rest)
    }
}

/// Trial division stops here: what is left below its square is prime, which is the rule for numbers of pupils and books.
const TRIAL: u64 = 1 << 12;

/// Moves the small prime factors of every number into `exponents`; returns the rest.
fn divide_out_small_primes(wholes: BTreeMap<UBig, Exact>, exponents: &mut BTreeMap<u64, Exact>) -> BTreeMap<UBig, Exact> {
    let primes: Vec<u64> = (2..TRIAL).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0)).collect();
    let mut rest: BTreeMap<UBig, Exact> = BTreeMap::new();
    for (mut whole, coefficient) in wholes {
        for prime in &primes {
            // What is left is prime once the trial passes its root.
            if u64::try_from(&whole).is_ok_and(|word| prime * prime > word) {
                break;
            }
            let times = remove_prime(&mut whole, *prime);
            if times > 0 {
                *exponents.entry(*prime).or_default() += Exact::from(times) * &coefficient;
            }
        }
        match u64::try_from(&whole) {
            Ok(1) => {}
            Ok(prime) if prime < TRIAL => *exponents.entry(prime).or_default() += coefficient,
            _ => *rest.entry(whole).or_default() += coefficient,
        }
    }
    rest.retain(|_, coefficient| !coefficient.is_zero());
    rest
}

/// Divides a small prime out as often as it goes; most do not go at all.
fn remove_prime(whole: &mut UBig, prime: u64) -> usize {
    let rest: u64 = &*whole % prime;
    if rest == 0 { remove(whole, &UBig::from(prime)) } else { 0 }
}

/// Divides `factor` out as often as it goes.
fn remove(whole: &mut UBig, factor: &UBig) -> usize {
    whole.remove(factor).unwrap_or(0)
}

/// Whether `Σ coefficient · ln whole` is zero, by factor refinement.
fn exponents_vanish(wholes: &BTreeMap<UBig, Exact>) -> bool {
    let is_prime = |whole: &UBig| *whole < UBig::from(TRIAL * TRIAL);
    let mut base: Vec<UBig> = Vec::new();
    let mut waiting: Vec<UBig> = wholes.keys().cloned().collect();
    while let Some(mut new) = waiting.pop() {
        let mut kept = Vec::with_capacity(base.len() + 1);
        for mut old in base {
            // Two primes are coprime or the same.
            let common = if is_prime(&old) && is_prime(&new) { if old == new { new.clone() } else { UBig::ONE } } else { (&old).gcd(&new) };
            if common.is_one() {
                kept.push(old);
                continue;
            }
            remove(&mut new, &common);
            remove(&mut old, &common);
            waiting.extend([common, old].into_iter().filter(|part| !part.is_one()));
        }
        if !new.is_one() {
            kept.push(new);
        }
        base = kept;
    }
    base.iter().all(|factor| {
        let exponent = wholes.iter().map(|(whole, coefficient)| {
            let mut whole = whole.clone();
            Exact::from(remove(&mut whole, factor)) * coefficient
        });
        exponent.sum::<Exact>().is_zero()
    })
}
