//! Sums of square roots in canonical form.
//!
//! INVARIANT: every term is `c√n` with `c ≠ 0` and `n > 1` no perfect square, and no product of two radicands is a
//! perfect square. Then 1 and the roots are linearly independent over the rationals (Besicovitch 1940), so a sum of
//! rational and roots is zero only if it has no terms at all: no search for hidden cancellation is ever needed.

use dashu_base::{Gcd, SquareRootRem};
use dashu_int::{IBig, UBig};

use super::enclosure::Enclosure;
use super::exact::Exact;

/// `coefficient · √radicand`.
#[derive(Clone, Debug)]
struct Term {
    coefficient: Exact,
    radicand: UBig,
    characters: Characters,
}

/// A sum of square roots, see the module for its form.
#[derive(Clone, Debug, Default)]
pub(super) struct Roots {
    terms: Vec<Term>,
}

impl Roots {
    /// `√value` for `value ≥ 0`, as a rational part and roots, one of which is empty.
    pub(super) fn sqrt(value: &Exact) -> (Exact, Roots) {
        let (numerator, denominator) = (value.numerator().into_parts().1, value.denominator());
        // A variance has a square denominator: taking its root out halves the radicand.
        let (coefficient, radicand) = match (exact_sqrt(&numerator), exact_sqrt(&denominator)) {
            (Some(up), Some(down)) => return (ratio(up, down), Roots::default()),
            (None, Some(down)) => (ratio(UBig::ONE, down), numerator),
            (Some(up), None) => (ratio(up, denominator.clone()), denominator),
            (None, None) => (ratio(UBig::ONE, denominator.clone()), numerator * denominator),
        };
        let mut roots = Roots::default();
        let rational = roots.add_term(coefficient, radicand);
        (rational, roots)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Adds `coefficient · √radicand`; what turns out to be rational is returned instead.
    #[must_use]
    fn add_term(&mut self, coefficient: Exact, radicand: UBig) -> Exact {
        if coefficient.is_zero() || radicand.is_zero() {
            return Exact::ZERO;
        }
        if let Some(root) = exact_sqrt(&radicand) {
            return coefficient * ratio(root, UBig::ONE);
        }
        let characters = Characters::of(&radicand);
        let like = self.terms.iter_mut().find_map(|term| {
            // √n = s/m·√m when n·m = s².
            let factor = if term.radicand == radicand {
                Exact::ONE
            } else if term.characters.may_be_like(characters) {
                ratio(exact_sqrt(&(&term.radicand * &radicand))?, term.radicand.clone())
            } else {
                return None;
            };
            Some((term, factor))
        });
        match like {
            Some((term, factor)) => term.coefficient += factor * coefficient,
            None => self.terms.push(Term { coefficient, radicand, characters }),
        }
        self.terms.retain(|term| !term.coefficient.is_zero());
        Exact::ZERO
    }

    /// Adds `factor` times other roots. Roots of different square classes never cancel into a rational.
    pub(super) fn add_scaled(&mut self, other: &Roots, factor: &Exact) {
        for term in &other.terms {
            // The radicands are no squares, so nothing rational comes back.
            let _zero = self.add_term(&term.coefficient * factor, term.radicand.clone());
        }
    }

    /// The product of two sums, as its rational part and its roots.
    pub(super) fn product(&self, other: &Roots) -> (Exact, Roots) {
        let mut rational = Exact::ZERO;
        let mut roots = Roots::default();
        for one in &self.terms {
            for two in &other.terms {
                // √m·√n = g·√(m/g · n/g) keeps radicands from growing where they share factors.
                let common = (&one.radicand).gcd(&two.radicand);
                let radicand = (&one.radicand / &common) * (&two.radicand / &common);
                let coefficient = &one.coefficient * &two.coefficient * ratio(common, UBig::ONE);
                rational += roots.add_term(coefficient, radicand);
            }
        }
        (rational, roots)
    }

    /// The square of a single root, which is rational; `None` unless there is exactly one.
    pub(super) fn square_of_single(&self) -> Option<Exact> {
        match self.terms.as_slice() {
            [one] => Some(&one.coefficient * &one.coefficient * ratio(one.radicand.clone(), UBig::ONE)),
            _ => None,
        }
    }

    pub(super) fn enclose(&self, bits: usize) -> Enclosure {
        self.terms.iter().map(|term| Enclosure::of_root(&term.coefficient, &term.radicand, bits)).fold(Enclosure::ZERO, Enclosure::plus)
    }
}

/// Quadratic characters (Legendre symbols) of a radicand modulo some primes, one bit each.
///
/// If `n·m` is a square, `n` and `m` are residues modulo the same primes. Radicands are thousands of digits long and
/// unlike ones differ at every second prime, so this spares nearly all the square roots of products.
#[derive(Clone, Copy, Debug)]
struct Characters {
    residue: u32,
    /// Primes that divide the radicand say nothing.
    divides: u32,
}

/// As many primes as bits; their size hardly matters.
const PRIMES: [u32; 32] = [
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199, 211, 223, 227, 229, 233, 239,
    241, 251, 257, 263, 269,
];

impl Characters {
    fn of(radicand: &UBig) -> Characters {
        let mut characters = Characters { residue: 0, divides: 0 };
        for (bit, prime) in PRIMES.iter().enumerate() {
            // Euler: n^((p − 1)/2) is 0, 1 or −1 modulo p.
            match power_modulo(radicand % *prime, (prime - 1) / 2, *prime) {
                0 => characters.divides |= 1 << bit,
                1 => characters.residue |= 1 << bit,
                _ => {}
            }
        }
        characters
    }

    /// Whether the product of two radicands can be a square; `false` is certain.
    fn may_be_like(self, other: Characters) -> bool {
        (self.residue ^ other.residue) & !(self.divides | other.divides) == 0
    }
}

/// `base^exponent` modulo a small prime.
fn power_modulo(mut base: u32, mut exponent: u32, prime: u32) -> u32 {
    let mut power = 1;
    while exponent > 0 {
        if exponent % 2 == 1 {
            power = power * base % prime;
        }
        base = base * base % prime;
        exponent /= 2;
    }
    power
}

/// The root of a perfect square.
fn exact_sqrt(square: &UBig) -> Option<UBig> {
    // Squares are 0, 1, 4, 9, 16, 17, 25, 33, 36, 41, 49 or 57 modulo 64: three of four other numbers stop here.
    const SQUARES_MODULO_64: u64 = 0x0202_0212_0203_0213;
    let residue: u64 = square % 64u64;
    if (SQUARES_MODULO_64 >> residue) & 1 == 0 {
        return None;
    }
    let (root, rest) = square.sqrt_rem();
    rest.is_zero().then_some(root)
}

fn ratio(numerator: UBig, denominator: UBig) -> Exact {
    Exact::from_parts(IBig::from(numerator), denominator).unwrap_or_default()
}
