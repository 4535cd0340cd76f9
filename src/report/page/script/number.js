// Exact numbers (精确数): fractions of whole numbers of any size, in lowest terms, the denominator above zero.

class Fraction {
  constructor(over, under = 1n) {
    const common = greatestDivisor(over < 0n ? -over : over, under < 0n ? -under : under) || 1n;
    const sign = under < 0n ? -1n : 1n;
    this.over = (sign * over) / common;
    this.under = (sign * under) / common;
  }

  // A number as the engine prints it: `4.505` or `1/3`.
  static of(text) {
    const [over, under] = text.split("/");
    if (under !== undefined) return new Fraction(BigInt(over), BigInt(under));
    const [whole, decimals = ""] = over.split(".");
    return new Fraction(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
  }

  plus(other) {
    return new Fraction(this.over * other.under + other.over * this.under, this.under * other.under);
  }
  minus(other) {
    return this.plus(other.negated());
  }
  times(other) {
    return new Fraction(this.over * other.over, this.under * other.under);
  }
  // By a number that is not zero.
  dividedBy(other) {
    return new Fraction(this.over * other.under, this.under * other.over);
  }
  negated() {
    return new Fraction(-this.over, this.under);
  }
  abs() {
    return this.over < 0n ? this.negated() : this;
  }
  isZero() {
    return this.over === 0n;
  }
  // Below zero, zero or above, as the first is below, equal, above.
  compare(other) {
    const difference = this.over * other.under - other.over * this.under;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  // The whole number, where there is no fraction and it fits 64 bits.
  toWhole() {
    return this.under === 1n && BigInt.asIntN(64, this.over) === this.over ? this.over : null;
  }

  // Rounded to decimals: `round` half away from zero (四舍五入), `floor` (去尾), `ceil` (进一).
  rounded(how, places) {
    if (this.under === 1n) return this;
    const power = 10n ** BigInt(places);
    return new Fraction(wholePart(this.over * power, this.under, how), power);
  }

  // How many decimals the shortest exact decimal has; none where they never end.
  decimals() {
    let [rest, twos, fives] = [this.under, 0, 0];
    for (; rest % 2n === 0n; rest /= 2n) twos += 1;
    for (; rest % 5n === 0n; rest /= 5n) fives += 1;
    return rest === 1n ? Math.max(twos, fives) : null;
  }

  // With so many decimals, rounded half away from zero.
  show(places) {
    const scaled = wholePart(this.over * 10n ** BigInt(places), this.under, "round");
    const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(places + 1, "0");
    const sign = scaled < 0n ? "-" : "";
    return places ? `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}` : sign + digits;
  }

  // As the engine prints it.
  toString() {
    const places = this.decimals();
    return places === null ? `${this.over}/${this.under}` : this.show(places);
  }
}

function greatestDivisor(a, b) {
  while (b) [a, b] = [b, a % b];
  return a;
}

// over / under as a whole number; under is above zero.
function wholePart(over, under, how) {
  const negative = over < 0n;
  const size = negative ? -over : over;
  const [cut, rest] = [size / under, size % under];
  const away = rest > 0n && (how === "round" ? rest * 2n >= under : how === "ceil" ? !negative : negative);
  const whole = away ? cut + 1n : cut;
  return negative ? -whole : whole;
}

const ZERO = new Fraction(0n);
const ONE = new Fraction(1n);
const HUNDRED = new Fraction(100n);

// Days (日期) as numbers of days since 1970-01-01, in the calendar that goes on to both sides for ever.
class Day {
  constructor(number) {
    this.number = number;
  }

  // The day of the calendar; none where it has no such day.
  static of(year, month, day) {
    if (month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return null;
    // Years begin in March, so that the leap day is the last one.
    const [y, m] = month > 2 ? [year, month - 3] : [year - 1, month + 9];
    const era = Math.floor(y / 400);
    const ofEra = y - era * 400;
    const ofYear = Math.floor((153 * m + 2) / 5) + day - 1;
    return new Day(era * 146097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719468);
  }

  // Year, month and day.
  parts() {
    const days = this.number + 719468;
    const era = Math.floor(days / 146097);
    const ofEra = days - era * 146097;
    const years = Math.floor((ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36524) - Math.floor(ofEra / 146096)) / 365);
    const ofYear = ofEra - (365 * years + Math.floor(years / 4) - Math.floor(years / 100));
    const m = Math.floor((5 * ofYear + 2) / 153);
    const month = m < 10 ? m + 3 : m - 9;
    return [years + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - Math.floor((153 * m + 2) / 5) + 1];
  }

  // So many months later, or earlier; the last day of a shorter month.
  afterMonths(many) {
    const [year, month, day] = this.parts();
    const months = year * 12 + month - 1 + many;
    const [y, m] = [Math.floor(months / 12), (((months % 12) + 12) % 12) + 1];
    return Day.of(y, m, Math.min(day, daysOfMonth(y, m)));
  }

  // Whether it is a day that the engine knows.
  isKnown() {
    const [year] = this.parts();
    return year >= -262143 && year <= 262142;
  }

  toString() {
    const [year, month, day] = this.parts();
    const two = (number) => String(number).padStart(2, "0");
    const size = String(Math.abs(year)).padStart(4, "0");
    const sign = year < 0 ? "-" : year > 9999 ? "+" : "";
    return `${sign}${size}-${two(month)}-${two(day)}`;
  }
}

function daysOfMonth(year, month) {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

// A day as the form's texts have it, `2024-09-01`.
function dayOf(text) {
  const [year, month, day] = text.split("-").map(Number);
  return Day.of(year, month, day);
}
