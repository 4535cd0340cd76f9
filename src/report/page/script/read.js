// One answer (填报值): from the text that was typed to the value that its field asks for, by the habits of the reader of data files.
//
// `read(field, text)` gives a value, `null` where nothing is filled in, or what is wrong: a `Wrong` with its key in the words.

class Wrong {
  constructor(key, thing = "", number = "") {
    this.key = key;
    this.thing = thing;
    this.number = number;
  }
}

// A text that is no number, no day and no option is a string; several choices are their list.
class Chosen {
  constructor(options) {
    this.options = options;
  }
}

const NOTHING_CHOSEN = "无";
const BLANK = "\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const BLANKS = new RegExp(`[${BLANK}]`, "gu");
const AROUND = new RegExp(`^[${BLANK}\\u200b\\ufeff]+|[${BLANK}\\u200b\\ufeff]+$`, "gu");
const TRIMMED = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, "gu");
const TRIMMED_START = new RegExp(`^[${BLANK}]+`, "u");
const TRIMMED_END = new RegExp(`[${BLANK}]+$`, "u");

// Without the blanks around it, and without the `="…"` that keeps spreadsheets from shortening a long code.
function clean(text) {
  const trimmed = text.replace(AROUND, "");
  const quoted = trimmed.length >= 3 && trimmed.startsWith('="') && trimmed.endsWith('"');
  return quoted ? trimmed.slice(2, -1).replace(AROUND, "") : trimmed;
}

const TWINS = { "、": ",", "【": "[", "】": "]", "−": "-", "×": "*", "÷": "/", "\u3000": " ", "\u00a0": " " };

// Full-width characters as their ASCII twins.
function fold(text) {
  return text.replace(/[、【】−×÷\u3000\u00a0！-～]/gu, (c) => TWINS[c] ?? String.fromCharCode(c.charCodeAt(0) - 0xfee0));
}

// For comparing names: folded, without blanks, in lower case.
function loose(text) {
  return [...fold(clean(text)).replace(BLANKS, "")].map((c) => c.toLowerCase()).join("");
}

const lengthOf = (text) => [...text].length;

// What a message shows of a text: 40 characters in one line.
function short(text) {
  const characters = [...text];
  const line = characters.slice(0, 40).join("").replace(/[\n\r\t]/g, " ");
  return characters.length > 40 ? `${line}…` : line;
}

const ERROR_VALUES = "#N/A #DIV/0! #VALUE! #REF! #NAME? #NUM! #NULL! #GETTING_DATA #SPILL! #CALC!".split(" ");
const LONGEST = 32767;

function read(field, text) {
  if (lengthOf(text) > LONGEST) return new Wrong("too_long", String(lengthOf(text)));
  const written = clean(text);
  if (written === "") return null;
  if (/^[#＃]/.test(written) && ERROR_VALUES.includes(fold(written).toUpperCase())) return new Wrong("error_value");
  const value = READERS[field.kind](field, written);
  return value instanceof Wrong ? value : withinRange(field, value);
}

const READERS = {
  integer: readNumber,
  decimal: readNumber,
  percent: readNumber,
  text: readText,
  date: (_, written) => readDay(written),
  "yes/no": readYesNo,
  choice: (field, written) => optionOf(field, written) ?? new Wrong("no_such_option"),
  several: readSeveral,
  files: readFiles,
};

function readNumber(field, written) {
  let digits = fold(written);
  if (field.kind === "percent" && digits.endsWith("%")) digits = digits.slice(0, -1).replace(TRIMMED_END, "");
  const number = decimalOf(field, digits);
  if (number instanceof Wrong) return number;
  const decimals = number.decimals();
  if (field.kind === "integer" && decimals > 0) return new Wrong("not_whole");
  if (field.places !== undefined && decimals > field.places) return new Wrong("too_many_decimals", String(decimals));
  if (field.kind === "percent") return number.dividedBy(HUNDRED);
  // What is asked in another unit is kept in its own.
  return field.factor ? number.times(Fraction.of(field.factor)) : number;
}

// The decimal that is written, with or without thousands separators.
function decimalOf(field, text) {
  const plain = plainDecimal(text);
  if (plain instanceof Fraction) return plain;
  if (plain === "too long") return new Wrong("too_many_digits");
  if (text.includes(",") && /^[0-9,.+-]*$/.test(text)) {
    const number = plainDecimal(text.replaceAll(",", ""));
    if (number instanceof Fraction && isGrouped(text)) return number;
    return new Wrong(number === "too long" ? "too_many_digits" : "grouping");
  }
  // What is a number but for what stands around it is told as such: most often a unit.
  const bare = text.replace(/^[¥￥$约]+/u, "").replace(TRIMMED_START, "");
  const end = bare.search(/[^0-9.,+-]/u);
  const [number, rest] = end < 0 ? [bare, ""] : [bare.slice(0, end), bare.slice(end)];
  const alone = number.replaceAll(",", "");
  if (!(plainDecimal(alone) instanceof Fraction)) return new Wrong("not_a_number");
  const around = (rest || text.slice(0, text.length - bare.length)).replace(TRIMMED, "");
  return new Wrong(around === (field.unit ?? "") ? "trailing_unit" : "trailing", around, alone);
}

const MOST_DIGITS = 40;

// `12`, `-3.50`, `1.5e-3`; "too long" beyond 40 digits, "no number" for anything else.
function plainDecimal(text) {
  const unsigned = text.replace(/^-|^\+/, "");
  const [, mantissa, power] = /^([^eE]*)(?:[eE](.*))?$/su.exec(unsigned);
  let exponent = 0;
  if (power !== undefined) {
    const digits = power.replace(/^[+-]/, "");
    if (!/^[0-9]+$/.test(digits)) return "no number";
    if (digits.length > 3) return "too long";
    exponent = Number(power);
  }
  const parts = /^([0-9]+)(?:\.([0-9]+))?$/.exec(mantissa);
  if (!parts) return "no number";
  const [whole, decimals] = [parts[1], parts[2] ?? ""];
  const written = whole + decimals;
  const stripped = written.replace(/0+$/, "");
  const digits = stripped.replace(/^0+/, "");
  if (digits === "") return ZERO;
  const shift = written.length - stripped.length - decimals.length + exponent;
  const [places, zeros] = [Math.max(0, -shift), Math.max(0, shift)];
  if (digits.length > MOST_DIGITS || places > MOST_DIGITS || digits.length + zeros > MOST_DIGITS) return "too long";
  const size = BigInt(digits) * 10n ** BigInt(zeros);
  return new Fraction(text.startsWith("-") ? -size : size, 10n ** BigInt(places));
}

// Whether commas stand between groups of three digits: `1,234,567.8`.
function isGrouped(text) {
  const [whole, ...decimals] = text.replace(/^[+-]/, "").split(".");
  const [first, ...groups] = whole.split(",");
  const ofThree = groups.every((group) => group.length === 3);
  return first.length >= 1 && first.length <= 3 && ofThree && !decimals.join(".").includes(",");
}

function readText(field, written) {
  const length = lengthOf(written);
  const [least, most] = field.length ?? [];
  if ((least != null && length < least) || (most != null && length > most)) return new Wrong("length", String(length));
  const han = /[\u{3400}-\u{9fff}\u{f900}-\u{faff}\u{20000}-\u{3ffff}]/u;
  if (field.han && !han.test(written)) return new Wrong("no_han");
  const text = field.identifies ? fold(written) : written;
  const pattern = patternOf(field);
  if (!pattern || pattern.test(text)) return text;
  // A number typed with a Chinese input method is the number that the pattern asks for.
  const folded = fold(written);
  return pattern.test(folded) ? folded : new Wrong("pattern");
}

const patterns = new Map();

// The pattern of a field; none where it has none, or one that is left to the import.
function patternOf(field) {
  if (!field.pattern) return null;
  if (!patterns.has(field.pattern)) {
    let pattern = null;
    try {
      pattern = new RegExp(`^(?:${field.pattern})$`, "u");
    } catch {
      // The import knows it.
    }
    patterns.set(field.pattern, pattern);
  }
  return patterns.get(field.pattern);
}

function readYesNo(_, written) {
  const word = fold(written).toLowerCase();
  if (["是", "有", "yes", "true", "y", "1"].includes(word)) return true;
  if (["否", "无", "no", "false", "n", "0"].includes(word)) return false;
  return new Wrong("not_yes_no");
}

function optionOf(field, written) {
  if (field.options.includes(written)) return written;
  const same = (text) => loose(text) === loose(written);
  // Of two that are written alike the later one, as the reader has it.
  const code = () => field.codes?.filter(([code]) => code === loose(written)).pop()?.[1];
  return field.options.filter(same).pop() ?? code();
}

// The items of an answer that is a list.
function itemsOf(written) {
  return written.split(/[、，,；;|\n\r]/u).map(clean).filter((item) => item !== "");
}

function readSeveral(field, written) {
  if (written === NOTHING_CHOSEN) return new Chosen([]);
  const chosen = new Set();
  for (const item of itemsOf(written)) {
    const option = optionOf(field, item);
    if (option === undefined) return new Wrong("not_among", item);
    chosen.add(option);
  }
  return new Chosen(field.options.filter((option) => chosen.has(option)));
}

// The number of files named; which there are, the import looks at.
function readFiles(field, written) {
  const files = itemsOf(written);
  if (!files.length) return null;
  const { accept, files: most } = field.attach;
  if (most != null && files.length > most) return new Wrong("too_many_files", String(files.length));
  for (const name of files) {
    const ending = name.includes(".") ? name.slice(name.lastIndexOf(".") + 1).toLowerCase() : "";
    if (accept.length && !accept.includes(ending)) return new Wrong("file_kind", name);
    if (name.startsWith("/") || /[\\:]/.test(name) || name.split("/").includes("..")) return new Wrong("file_outside", name);
  }
  return new Fraction(BigInt(files.length));
}

// `2024-09-01`, `2024/9/1`, `2024.9.1`, `20240901`, `2024年9月1日`, `二〇二四年九月一日`; midnight behind it means nothing. Five digits
// are a day as spreadsheets count them.
function readDay(written) {
  let folded = fold(written);
  if (folded.includes("年")) folded = folded.replace("日", "日 ").replaceAll("年 ", "年").replaceAll("月 ", "月");
  folded = folded.replace(TRIMMED_END, "");
  const [, before, time = ""] = /^([^ T]*)(?:[ T](.*))?$/su.exec(folded);
  if (/[^0:. ]/u.test(time)) return new Wrong("not_a_date");
  const serial = before.endsWith(".0") ? before.slice(0, -2) : before;
  if (/^[1-9][0-9]{4}$/.test(serial)) return new Day(Number(serial) + Day.of(1899, 12, 30).number);
  let day = (inDigits(before) ?? before).replace(/[日号]$/u, "");
  if (/^[0-9]{8}$/.test(day)) day = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
  const parts = day.split(/[-/.年月]/u).map((part) => part.replace(TRIMMED, ""));
  const [y, m, d] = parts;
  if (parts.length !== 3 || !/^[0-9]{4}$/.test(y) || !/^[0-9]{1,2}$/.test(m) || !/^[0-9]{1,2}$/.test(d)) return new Wrong("not_a_date");
  return Day.of(Number(y), Number(m), Number(d)) ?? new Wrong("no_such_day");
}

// A day in Chinese numerals, in digits; none where it is none.
function inDigits(day) {
  const parts = /^([^年]*)年([^月]*)月(.*)[日号]$/su.exec(day);
  if (!parts) return null;
  const digit = (c) => "零一二三四五六七八九".indexOf("〇○".includes(c) ? "零" : c);
  const one = (text, none) => (text === "" ? none : lengthOf(text) === 1 ? digit(text) : -1);
  const number = (text) => {
    const at = text.indexOf("十");
    if (at < 0) return one(text, -1);
    const [tens, ones] = [one(text.slice(0, at), 1), one(text.slice(at + 1), 0)];
    return tens < 0 || ones < 0 ? -1 : tens * 10 + ones;
  };
  const year = [...parts[1]].map(digit);
  const [month, last] = [number(parts[2]), number(parts[3])];
  return year.includes(-1) || month < 0 || last < 0 ? null : `${year.join("")}-${month}-${last}`;
}

function withinRange(field, value) {
  const bound = field.kind === "date" ? dayOf : Fraction.of;
  if (field.kind === "files" || !(value instanceof Fraction || value instanceof Day)) return value;
  const low = field.least !== undefined && order(value, bound(field.least)) < 0;
  const high = field.greatest !== undefined && order(value, bound(field.greatest)) > 0;
  return low || high ? new Wrong("out_of_range") : value;
}

// How two values of one type stand to each other; undefined of others.
function order(a, b) {
  if (a instanceof Fraction && b instanceof Fraction) return a.compare(b);
  if (a instanceof Day && b instanceof Day) return Math.sign(a.number - b.number);
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (typeof a === "string" && typeof b === "string") return a === b ? 0 : byCharacters(a, b);
  return undefined;
}

function byCharacters(a, b) {
  const [left, right] = [[...a], [...b]].map((text) => text.map((c) => c.codePointAt(0)));
  const at = left.findIndex((c, at) => c !== right[at]);
  return at < 0 ? -1 : Math.sign(left[at] - (right[at] ?? -1));
}

// A value as it is typed best: what the input shows once one has left it.
function typed(field, value) {
  if (value instanceof Fraction) {
    if (field.kind === "percent") return value.times(HUNDRED).toString();
    return (field.factor ? value.dividedBy(Fraction.of(field.factor)) : value).toString();
  }
  if (value instanceof Chosen) return value.options.join("、") || NOTHING_CHOSEN;
  if (typeof value === "boolean") return value ? "是" : "否";
  return String(value);
}
