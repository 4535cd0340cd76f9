// Expressions (算式) over the answers of one submission, with three states besides values: missing, undefined, not asked.
//
// A gap spreads through arithmetic; `and` and `or` are three-valued; of two gaps the graver one stands for both. UNSAID is what this
// page cannot compute exactly: it is graver than all, and whatever rests on it is left to the import.

class Gap {
  constructor(name, gravity) {
    this.name = name;
    this.gravity = gravity;
  }
}
const NOT_ASKED = new Gap("not asked", 1);
const MISSING = new Gap("missing", 2);
const UNDEFINED = new Gap("undefined", 3);
const UNSAID = new Gap("unsaid", 4);

const isGap = (cell) => cell instanceof Gap;
const graver = (a, b) => (b.gravity > a.gravity ? b : a);
// What is wrong where several are needed; nothing where all are there.
const gapOf = (cells) => cells.filter(isGap).reduce((gap, cell) => (gap ? graver(gap, cell) : cell), null);

// Where fields, rows and columns are found: `cells` of the submission, `tables` with the rows of each, `row` inside of a table.
function evaluate(tree, where) {
  const [what, ...parts] = tree;
  const compute = OPERATIONS[what];
  return compute ? compute(where, ...parts) : strict(what, parts[0] ?? [], where);
}

const OPERATIONS = {
  number: (_, text) => Fraction.of(text),
  word: (_, word) => word,
  flag: (_, flag) => flag,
  day: (_, day) => dayOf(day),
  unsaid: () => UNSAID,
  field: (where, at) => where.cells[at],
  column: (where, at) => where.row[at],
  add: (where, a, b) => both(where, a, b, (a, b) => a.plus(b)),
  subtract: (where, a, b) => both(where, a, b, (a, b) => a.minus(b)),
  multiply: (where, a, b) => both(where, a, b, (a, b) => a.times(b)),
  divide: (where, a, b) => both(where, a, b, (a, b) => (b.isZero() ? UNDEFINED : a.dividedBy(b))),
  negate: (where, a) => {
    const cell = evaluate(a, where);
    return isGap(cell) ? cell : cell.negated();
  },
  compare: (where, sign, a, b) => both(where, a, b, (a, b) => holds(sign, order(a, b))),
  in: (where, what, list) => anyOf(list.map((item) => () => both(where, what, item, (a, b) => holds("==", order(a, b))))),
  all: (where, list) => not(anyOf(list.map((item) => () => not(evaluate(item, where))))),
  any: (where, list) => anyOf(list.map((item) => () => evaluate(item, where))),
  not: (where, of) => not(evaluate(of, where)),
  default: (where, first, second) => {
    const cell = evaluate(first, where);
    return isGap(cell) && cell !== UNSAID ? evaluate(second, where) : cell;
  },
  filled: (where, of) => {
    const cell = evaluate(of, where);
    return cell === UNSAID ? UNSAID : !isGap(cell);
  },
  choose: (where, cases, otherwise) => {
    for (const [when, then] of cases) {
      const holds = evaluate(when, where);
      if (isGap(holds)) return holds;
      if (holds) return evaluate(then, where);
    }
    return evaluate(otherwise, where);
  },
  of_list: (where, kind, list) => {
    const cells = list.map((item) => evaluate(item, where));
    if (kind === "count") return cells.includes(UNSAID) ? UNSAID : count(cells.filter((cell) => !isGap(cell) && cell !== false));
    const gap = gapOf(cells);
    if (gap) return gap;
    return cells.every((cell) => cell instanceof Fraction) ? statistic(kind, cells) : UNDEFINED;
  },
  of_rows: (where, kind, table, of, filter) => {
    const values = [];
    for (const row of where.tables[table]) {
      const inside = { ...where, row };
      // Whom the filter refuses is not left out but was never asked about; who has no value is left out.
      const wanted = filter ? evaluate(filter, inside) : true;
      const cell = evaluate(of, inside);
      if (wanted === false) continue;
      if (wanted === UNSAID || cell === UNSAID) return UNSAID;
      if (isGap(wanted) || isGap(cell)) continue;
      if (typeof cell === "boolean") values.push(cell ? ONE : ZERO);
      else values.push(kind !== "count" && cell instanceof Fraction ? cell : ONE);
    }
    return kind === "count" ? count(values.filter((value) => !value.isZero())) : statistic(kind, values);
  },
};

// What two cells come to, or why they come to nothing.
function both(where, a, b, compute) {
  const cells = [evaluate(a, where), evaluate(b, where)];
  return gapOf(cells) ?? compute(...cells);
}

function holds(sign, order) {
  switch (sign) {
    case "<": return order < 0;
    case "<=": return order <= 0;
    case "==": return order === 0;
    case "!=": return order !== 0;
    case ">=": return order >= 0;
    default: return order > 0;
  }
}

const not = (cell) => (isGap(cell) ? cell : !cell);

// Decided by one yes; else not known where one of them is not.
function anyOf(conditions) {
  let gap = null;
  for (const condition of conditions) {
    const cell = condition();
    if (cell === true) return true;
    if (isGap(cell)) gap = gap ? graver(gap, cell) : cell;
  }
  return gap ?? false;
}

// A function that needs all its arguments.
function strict(name, args, where) {
  const cells = args.map((arg) => evaluate(arg, where));
  return gapOf(cells) ?? FUNCTIONS[name](...cells);
}

const FUNCTIONS = {
  abs: (of) => of.abs(),
  floor: (of, places) => of.rounded("floor", placesOf(places)),
  ceil: (of, places) => of.rounded("ceil", placesOf(places)),
  round: (of, places) => of.rounded("round", placesOf(places)),
  year: (day) => new Fraction(BigInt(day.parts()[0])),
  days: (from, to) => new Fraction(BigInt(to.number - from.number)),
  years_after: (day, many) => after(many, 12n, (months) => day.afterMonths(months)),
  months_after: (day, many) => after(many, 1n, (months) => day.afterMonths(months)),
  days_after: (day, many) => after(many, 1n, (days) => new Day(day.number + days)),
};

// To how many decimals: a whole number from 0 to 30.
function placesOf(places) {
  const whole = places?.toWhole() ?? null;
  return whole === null || whole < 0n || whole > 0xffffffffn ? 0 : Math.min(30, Number(whole));
}

// The day so many later; a part of one does not count, and there are none outside the calendar.
function after(many, unit, day) {
  const steps = many.rounded("floor", 0).over * unit;
  if (steps > 1000000000n || steps < -1000000000n) return UNDEFINED;
  const found = day(Number(steps));
  return found.isKnown() ? found : UNDEFINED;
}

const count = (cells) => new Fraction(BigInt(cells.length));

function statistic(kind, values) {
  const sum = () => values.reduce((sum, value) => sum.plus(value), ZERO);
  const sorted = () => [...values].sort((a, b) => a.compare(b));
  if (kind === "sum") return sum();
  if (values.length === 0) return UNDEFINED;
  switch (kind) {
    case "mean": return sum().dividedBy(count(values));
    case "min": return sorted()[0];
    case "max": return sorted()[values.length - 1];
    case "share": return count(values.filter((value) => !value.isZero())).dividedBy(count(values));
    default: {
      const [low, high] = [sorted()[(values.length - 1) >> 1], sorted()[values.length >> 1]];
      return low.plus(high).dividedBy(count([1, 2]));
    }
  }
}
