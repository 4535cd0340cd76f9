// The page (网页): shows the form, follows what is typed, keeps it, saves it to a file and opens it again.

const data = JSON.parse(document.getElementById("data").textContent);
const { form, words } = data;
// Pages of several subjects may lie in one folder.
const KEPT = `heng/${form.name}/${data.version ?? ""}${form.previous === undefined ? "" : `/${form.previous}`}`;

let entry = offered(form);
let judged = judge(form, entry);
// Fields that one has left, by their ids: only then it is said that nothing stands there.
let left = new Set();
let focused = null;
let patience = null;
let views = [];
const tableViews = [];

// An entry with what the form offers, as one types it best: `是`, also where the page says “yes”.
function offered(form) {
  const entry = emptyEntry(form);
  form.fields.forEach((field, at) => { entry.texts[at] = field.default ?? ""; });
  return tidied(form, entry);
}

// ---- What is seen of one field

class FieldView {
  // * whose: the form of the field, the entry and judgement that it belongs to, asked for anew each time.
  constructor(of, at, id, whose) {
    Object.assign(this, { of, at, id, whose, field: of.fields[at] });
    const { field } = this;
    const [before, behind] = field.sentence ?? [field.label, ""];
    this.told = h("ul", { class: "told", id: `${id}-told` });
    this.note = h("p", { class: "note", hidden: true });
    this.control = controlOf(field, {
      id,
      words,
      labelled: `${id}-label`,
      described: `${id}-hint ${id}-told${field.last ? ` ${id}-last` : ""}`,
      changed: (text) => this.changed(text),
      left: () => this.leave(),
    });
    // Whose last answers stand beside is settled.
    if (of.previous !== undefined && at === of.key) this.control.first.readOnly = true;
    this.hint = h("p", { class: "hint", id: `${id}-hint` }, this.hints(true));
    this.last = field.last && h("span", { class: "last", id: `${id}-last` }, h("span", { class: "lastname" }, words.last), " ", field.last);
    // A sentence is read as one, with the slot in it.
    const sentence = [before, h("span", { class: "spoken" }, ` … ${behind}`)];
    this.root = h("div", { class: `field ${field.kind.replace("/", "")}`, "data-field": field.name },
      h("div", { class: "label" },
        // A group is named, but who clicks its name chooses nothing.
        h(this.control.group ? "span" : "label", { id: `${id}-label`, for: this.control.group ? null : id }, field.sentence ? sentence : before),
        (field.required || at === of.key) && h("span", { class: "must" }, words.required),
        field.by && h("span", { class: "by" }, say(words, "by", field.by))),
      h("div", { class: "answer" },
        h("div", { class: "entry" }, this.control.root, field.unit && !behind && h("span", { class: "unit" }, field.unit), behind && h("span", { class: "behind", "aria-hidden": "true" }, behind), this.last),
        this.hint,
        this.note,
        this.told));
    this.root.addEventListener("focusin", () => { focused = this; });
    this.root.addEventListener("focusout", (event) => {
      // From one option to the next one is still there.
      if (this.root.contains(event.relatedTarget)) return;
      focused = null;
      this.leave();
    });
  }

  // * whose: whether what is known of the period before is of this subject.
  hints(whose) {
    const { field, of } = this;
    const left = !(whose && of.previous !== undefined) && of.fields.some((other) => other.made?.previous === this.at);
    return [field.takes, field.hint, left && words.previous, field.kind === "files" && words.files_note].filter(Boolean).join(words.hint_between);
  }

  changed(text) {
    this.whose().entry.texts[this.at] = text;
    clearTimeout(patience);
    patience = setTimeout(() => {
      patience = null;
      update();
    }, 1200);
    update();
  }

  leave() {
    clearTimeout(patience);
    patience = null;
    left.add(this.id);
    // A row that was taken away is left as well.
    const texts = this.whose().entry?.texts;
    if (!texts) return;
    texts[this.at] = tidy(this.field, texts[this.at]);
    this.control.show(texts[this.at]);
    update();
  }

  // Shows how things stand.
  refresh() {
    const { entry, judged } = this.whose();
    const { field, at } = this;
    const text = entry.texts[at];
    const filled = clean(text) !== "";
    const asked = judged.asked[at];
    const off = asked === false || asked === NOT_ASKED;
    const condition = this.of.words.conditions[at];
    if (focused !== this || !patience) this.control.show(text);
    if (field.depends) this.offer(entry, judged);
    if (this.of.previous !== undefined) {
      const whose = isWhose(this.of, judged.cells[this.of.key]);
      if (this.last) this.last.hidden = !whose;
      const hints = this.hints(whose);
      if (this.hint.textContent !== hints) this.hint.textContent = hints;
    }
    this.control.enable(!off || filled);
    this.root.classList.toggle("off", off);
    this.root.classList.toggle("nothing", off && !filled);
    this.root.classList.toggle("maybe", isGap(asked) && !off);
    this.note.hidden = asked === true;
    this.note.textContent = off ? `${words.not_asked}: ${say(words, "not_asked_why", condition)}` : say(words, "maybe_asked", condition);
    this.empty = judged.found.some((found) => found.field === at && found.empty);
    // Nobody is told in the middle of a word.
    const typing = focused === this && patience !== null;
    const speaksOf = (found) => found.field === at || (found.fields?.includes(at) && !(off && !filled));
    const isTime = (found) => (found.empty ? left.has(this.id) : !(typing && found.field === at));
    const told = judged.found.filter((found) => speaksOf(found) && isTime(found));
    this.wrong = told.some((found) => found.error);
    this.root.classList.toggle("wrong", this.wrong);
    // What breaks a rule together with others need not be wrong itself.
    this.root.classList.toggle("refused", told.some((found) => found.error && found.field === at));
    this.root.classList.toggle("doubtful", !this.wrong && told.length > 0);
    this.root.classList.toggle("filled", !off && filled && !told.length);
    const named = this.control.group ?? this.control.first;
    named.setAttribute("aria-invalid", String(this.wrong));
    if (field.kind !== "several") named.setAttribute("aria-required", String(!off && (Boolean(field.required) || at === this.of.key)));
    replaceIfNew(this.told, told.map(item));
  }

  offer(entry, judged) {
    const { on, options } = this.field.depends;
    const chosen = judged.cells[on];
    const leaves = options.find(([option]) => option === chosen)?.[1] ?? [];
    this.control.offer(leaves, isGap(chosen) ? say(words, "choose_first", this.of.fields[on].label) : undefined);
  }
}

// A finding as a line.
function item(found) {
  const help = found.help && h("span", { class: "help" }, `${words.help}: `, quoted(found.help));
  return h("li", { class: found.error ? "error" : "warning" }, h("span", {}, quoted(found.text)), help);
}

// Words in which what is quoted stands between backticks.
function quoted(text) {
  return text.split("`").map((piece, at) => (at % 2 ? h("b", { class: "quoted" }, piece) : piece));
}

// Puts other children in only if they say something else, so that nothing is read out twice.
function replaceIfNew(element, children) {
  const now = children.map((child) => child.outerHTML).join("");
  if (element.dataset.now === now) return;
  element.dataset.now = now;
  element.replaceChildren(...children);
}

// ---- What is seen of the rows of a table

class TableView {
  constructor(table, at) {
    Object.assign(this, { table, at });
    this.rows = h("div", { class: "rows" });
    this.none = h("p", { class: "hint" }, words.no_rows);
    this.add = h("button", { type: "button", class: "add", onclick: () => this.more() }, `＋ ${words.add_row}`);
    this.root = h("section", { class: "part table", id: `table${at}` },
      h("h2", {}, table.title, table.by && h("span", { class: "by" }, say(words, "by", table.by))), this.none, this.rows, this.add);
    this.build();
  }

  more() {
    entry.tables[this.at].push(offered(this.table.form));
    this.build();
    update();
    this.views.find((view) => view.row === entry.tables[this.at].length - 1)?.control.first.focus();
  }

  less(row) {
    if (!window.confirm(say(words, "remove_sure", row + 1))) return;
    entry.tables[this.at].splice(row, 1);
    left = new Set([...left].filter((id) => !id.startsWith(`t${this.at}r`)));
    this.build();
    update();
    this.add.focus();
  }

  build() {
    const { form } = this.table;
    const fields = form.parts.flatMap((part) => part.fields);
    this.views = [];
    this.checks = [];
    const rows = entry.tables[this.at].map((_, row) => {
      const whose = () => ({ entry: entry.tables[this.at][row], judged: judged.tables[this.at][row] });
      const views = fields.map((at) => Object.assign(new FieldView(form, at, `t${this.at}r${row}f${at}`, whose), { row }));
      const computed = form.computed.length ? computedList(form) : null;
      this.views.push(...views);
      this.checks.push({ computed, whose });
      const title = h("h3", { id: `t${this.at}r${row}` }, say(words, "row", row + 1));
      const remove = h("button", { type: "button", class: "remove", onclick: () => this.less(row) }, words.remove_row);
      return h("div", { class: "row", role: "group", "aria-labelledby": `t${this.at}r${row}` },
        h("div", { class: "rowhead" }, title, remove), h("div", { class: "rowfields" }, views.map((view) => view.root)), computed?.root);
    });
    this.rows.replaceChildren(...rows);
    this.none.hidden = rows.length > 0;
  }

  refresh() {
    this.views.forEach((view) => view.refresh());
    this.checks.forEach(({ computed, whose }) => computed?.refresh(whose().judged));
  }
}

// ---- Computed values

function computedList(form) {
  const values = form.computed.map(() => h("output", {}));
  const root = h("dl", { class: "computed" }, form.computed.map((computed, at) => h("div", {}, h("dt", {}, computed.title), h("dd", {}, values[at]))));
  const refresh = (judged) => form.computed.forEach((computed, at) => {
    const cell = judged.computed[at];
    const text = computed.unsaid && cell === UNSAID ? computed.unsaid : shownComputed(computed, cell);
    values[at].classList.toggle("gap", isGap(cell));
    if (values[at].textContent !== text) values[at].textContent = text;
  });
  return { root, refresh };
}

function shownComputed(computed, cell) {
  if (isGap(cell)) return cell === UNDEFINED ? words.undefined : cell === NOT_ASKED ? words.not_asked : words.not_computed;
  if (typeof cell === "boolean") return cell ? words.yes : words.no;
  if (!(cell instanceof Fraction)) return String(cell);
  const trimmed = (number, places) => number.show(places).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  return computed.share ? `${trimmed(cell.times(HUNDRED), 4)}%` : `${trimmed(cell, 6)}${computed.unit ? ` ${computed.unit}` : ""}`;
}

// ---- The whole page

const button = (key, does, name = "") => h("button", { type: "button", class: name, onclick: does, id: `do-${key}` }, words[key]);
const chooser = h("input", { type: "file", accept: ".json,application/json", hidden: true, onchange: () => openFile(chooser.files[0]) });
const notice = h("p", { class: "notice", role: "status", hidden: true });
const state = h("a", { class: "state", href: "#problems" });
const spoken = h("p", { class: "spoken", role: "status", "aria-live": "polite" });
const meter = h("progress", { max: 1, value: 0, "aria-label": words.progress });
const problems = h("ol", {});
const attention = h("details", { class: "attention", id: "problems", open: true, tabindex: -1 }, h("summary", {}, words.problems), problems);
const contents = h("nav", { class: "contents", "aria-label": words.contents });
const computed = computedList(form);
const parts = form.parts.map((part, at) => {
  const ofPart = part.fields.map((field) => new FieldView(form, field, `f${field}`, () => ({ entry, judged })));
  views.push(...ofPart);
  const badge = h("span", { class: "badge" });
  const link = h("a", { href: `#part${at}` }, part.title ?? data.title);
  const root = h("section", { class: "part", id: `part${at}` }, part.title && h("h2", {}, part.title, badge), ofPart.map((view) => view.root));
  return { views: ofPart, badge, root, link, mark: h("span", { class: "mark" }) };
});

function build() {
  form.tables.forEach((table, at) => tableViews.push(new TableView(table, at)));
  const computedPart = form.computed.length > 0 && h("section", { class: "part", id: "computed" },
    h("h2", {}, words.computed), h("p", { class: "hint" }, words.computed_note), computed.root);
  const links = [...parts.map((part) => h("li", {}, part.link, part.mark)),
    ...tableViews.map((view) => h("li", {}, h("a", { href: `#table${view.at}` }, view.table.title))),
    ...(computedPart ? [h("li", {}, h("a", { href: "#computed" }, words.computed))] : [])];
  contents.append(h("ul", {}, links));
  const onImport = leftToImport();
  document.getElementById("page").replaceChildren(
    h("header", { class: "head" }, h("div", {}, h("h1", {}, data.title), h("p", { class: "about" }, data.about.join("　"))),
      h("div", { class: "actions" }, button("open", () => chooser.click()), button("print", () => window.print()), button("clear", clear), chooser)),
    h("div", { class: "bar" }, h("div", { class: "standing" }, state, meter), button("export", exportFile, "main")),
    spoken,
    notice,
    h("div", { class: "columns" }, contents,
      h("main", { id: "form", tabindex: -1 }, attention, parts.map((part) => part.root), tableViews.map((view) => view.root), computedPart,
        onImport.length > 0 && h("section", { class: "part import" }, h("h2", {}, words.on_import), h("ul", {}, onImport.map((line) => h("li", {}, line)))))),
    h("footer", {}, h("p", {}, words.offline)));
  document.addEventListener("click", follow);
}

// What this page does not check.
function leftToImport() {
  const checks = form.checks.filter((check) => !check.said).map((check) => check.message);
  const patterns = form.fields.filter((field) => field.pattern !== undefined && !patternOf(field)).map((field) => say(words, "pattern_on_import", field.label));
  return [...checks, ...patterns];
}

// A link goes to the input itself, and opens what it is in.
function follow(event) {
  const target = event.target.closest?.("a[href^='#']")?.getAttribute("href").slice(1);
  const element = target && document.getElementById(target);
  if (!element) return;
  event.preventDefault();
  (element.closest(".field, .part") ?? element).scrollIntoView({ block: "start" });
  element.focus({ preventScroll: true });
}

// Everything that was found, with where: rows of tables too.
function allFound() {
  const of = (form, judged, prefix) => judged.found.map((found) => {
    const at = found.field ?? found.fields?.find((field) => field >= form.whose);
    return { ...found, id: at === undefined ? null : `${prefix}f${at}`, label: at === undefined ? "" : form.fields[at].label };
  });
  const rows = form.tables.flatMap((table, at) => judged.tables[at].flatMap((row, number) => {
    const place = `${table.title} ${say(words, "row", number + 1)}`;
    return of(table.form, row, `t${at}r${number}`).map((found) => ({ ...found, text: `${place}: ${found.text}`, label: `${place} ${found.label}` }));
  }));
  return [...of(form, judged, ""), ...rows];
}

function update() {
  judged = judge(form, entry);
  views.forEach((view) => view.refresh());
  tableViews.forEach((view) => view.refresh());
  computed.refresh(judged);
  const found = allFound();
  const typing = focused && patience !== null ? focused.id : null;
  const errors = found.filter((found) => found.error && !found.empty && !(found.id === typing && found.field !== null));
  const warnings = found.filter((found) => !found.error);
  const empty = found.filter((found) => found.empty);
  parts.forEach((part) => {
    const of = (found) => part.views.some((view) => view.id === found.id);
    showPart(part, errors.filter(of).length, empty.filter(of).length);
  });
  showStanding(errors, warnings, empty);
  keep();
}

function showPart({ views, badge, root, mark }, wrong, open) {
  const off = views.every((view) => view.root.classList.contains("off"));
  const done = !wrong && !open && views.every((view) => ["off", "filled"].some((name) => view.root.classList.contains(name)));
  root.classList.toggle("off", off);
  const standing = off ? words.not_asked_part : wrong ? say(words, "part_wrong", wrong) : open ? say(words, "part_left", open) : done ? words.part_done : "";
  badge.textContent = standing;
  badge.className = `badge ${off ? "off" : wrong ? "error" : open ? "open" : "done"}`;
  mark.textContent = off ? "–" : wrong ? "✗" : open ? String(open) : done ? "✓" : "";
  mark.className = `mark ${wrong ? "error" : open ? "open" : "done"}`;
}

let saying = null;

function showStanding(errors, warnings, empty) {
  const counts = [[errors, "errors"], [warnings, "warnings"], [empty, "empty"]].filter(([list]) => list.length);
  const text = counts.map(([list, key]) => say(words, key, list.length)).join(" · ") || words.complete;
  state.replaceChildren(...counts.map(([list, key]) => h("span", { class: `count ${key}` }, say(words, key, list.length))));
  if (!counts.length) state.append(h("span", { class: "count done" }, words.complete));
  // Of what must be filled in, how much is.
  const asked = views.filter((view) => (view.field.required || view.at === form.key) && !view.root.classList.contains("off"));
  meter.max = Math.max(1, asked.length);
  meter.value = asked.filter((view) => !view.empty).length;
  // Whoever listens is told once they pause.
  clearTimeout(saying);
  saying = setTimeout(() => { if (spoken.textContent !== text) spoken.textContent = text; }, 1000);
  const link = (found, words) => (found.id ? h("a", { href: `#${found.id}` }, words) : h("span", {}, words));
  const line = (found) => h("li", { class: found.error ? "error" : "warning" }, h("span", { class: "kind" }, found.error ? words.error : words.warning), link(found, quoted(found.text)));
  const missing = empty.length > 0 && h("li", { class: "open" }, h("span", { class: "kind" }, words.missing),
    h("span", { class: "links" }, empty.map((found) => link(found, found.label))));
  replaceIfNew(problems, [...errors.map(line), ...warnings.map(line), ...(missing ? [missing] : [])]);
  attention.hidden = !counts.length;
}

function tell(key, ...values) {
  notice.hidden = false;
  notice.textContent = say(words, key, ...values);
}

// ---- Kept, saved, opened, cleared

// Nothing is kept before what was kept is there again.
let started = false;
let kept = true;

function keep() {
  if (!started) return;
  try {
    localStorage.setItem(KEPT, JSON.stringify({ at: new Date().toISOString(), entry }));
  } catch {
    if (kept) tell("not_kept");
    kept = false;
  }
}

function restore() {
  let found = null;
  try {
    found = JSON.parse(localStorage.getItem(KEPT));
  } catch {
    return;
  }
  if (!isEntry(form, found?.entry)) return;
  if (JSON.stringify(found.entry) === JSON.stringify(offered(form))) return;
  take(found.entry);
  tell("restored", new Date(found.at).toLocaleString(document.documentElement.lang));
}

function take(other) {
  entry = tidied(form, other);
  if (form.previous !== undefined && !clean(entry.texts[form.key])) entry.texts[form.key] = form.previous;
  judged = judge(form, entry);
  tableViews.forEach((view) => view.build());
  update();
}

function exportFile() {
  document.activeElement?.blur?.();
  views.concat(...tableViews.map((view) => view.views)).forEach((view) => left.add(view.id));
  update();
  const wrong = allFound().filter((found) => found.error).length;
  const name = fileName(data, entry, wrong > 0);
  const link = h("a", { href: URL.createObjectURL(new Blob([fileOf(data, entry)], { type: "application/json" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  if (wrong) tell("exported_draft", name, wrong);
  else tell("exported", name);
}

async function openFile(file) {
  if (!file) return;
  const opened = entryOf(data, await file.text());
  chooser.value = "";
  if (!opened) return tell("not_opened", file.name);
  left = new Set();
  take(opened.entry);
  const notes = [say(words, "opened", file.name)];
  if (opened.of && opened.of !== form.name) notes.push(say(words, "opened_other", opened.of));
  if (opened.unknown.length) notes.push(say(words, "opened_unknown", opened.unknown.slice(0, 12).join(form.words.between)));
  if (form.previous !== undefined && !isWhose(form, judged.cells[form.key])) notes.push(say(words, "opened_whose", entry.texts[form.key], form.previous));
  if (opened.many > 1) notes.push(say(words, "opened_first", opened.many));
  notice.hidden = false;
  notice.textContent = notes.join(" ");
}

function clear() {
  if (!window.confirm(words.clear_sure)) return;
  left = new Set();
  take(offered(form));
  tell("cleared");
}

build();
take(entry);
restore();
started = true;
keep();
window.addEventListener("beforeunload", (event) => { if (!kept && JSON.stringify(entry) !== JSON.stringify(offered(form))) event.preventDefault(); });
