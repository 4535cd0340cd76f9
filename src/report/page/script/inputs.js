// What one fills in with (填写控件), one for each kind of field.
//
// A control has `root`, the element to stand in the page; `first`, where the focus goes; `group`, of several inputs what holds them;
// `show(text)`, which shows an answer; `enable(flag)`; and where its options depend on another answer, `offer(options, why)`.

// An element with attributes, `on…` listeners and children.
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

// Words of the page with what they speak of.
function say(words, key, ...values) {
  let at = 0;
  return words[key].replaceAll("{}", () => values[at++] ?? "");
}

const FEW_OPTIONS = 5;
const FEW_LETTERS = 28;
const LONG_TEXT = 60;

// * context: `{ id, words, labelled, described, changed(text), left() }`.
function controlOf(field, context) {
  switch (field.kind) {
    case "yes/no": {
      const { yes, no } = context.words;
      return oneOf([["是", yes], ["否", no]], context);
    }
    case "choice": {
      const few = field.options.length <= FEW_OPTIONS && field.options.join("").length <= FEW_LETTERS && !field.depends;
      return few ? oneOf(field.options.map((option) => [option, option]), context) : list(field, context);
    }
    case "several": return someOf(field, context);
    case "files": return files(field, context);
    case "date": return day(field, context);
    default: return line(field, context);
  }
}

function line(field, context) {
  const long = field.kind === "text" && (field.length?.[1] ?? 0) > LONG_TEXT;
  const whole = field.kind === "integer" && Number(field.least?.split("/")[0] ?? -1) >= 0;
  const mode = field.kind === "text" ? null : whole ? "numeric" : field.kind === "integer" ? "text" : "decimal";
  const input = h(long ? "textarea" : "input", {
    ...common(context),
    type: long ? null : "text",
    rows: long ? 3 : null,
    inputmode: mode,
    class: field.kind === "text" ? "text" : "number",
    oninput: () => context.changed(input.value),
    onchange: context.left,
  });
  return {
    root: input,
    first: input,
    show: (text) => { if (input.value !== text) input.value = text; },
    enable: (flag) => { input.disabled = !flag; },
  };
}

const common = ({ id, described }) => ({ id, "aria-describedby": described, autocomplete: "off", spellcheck: "false" });

// A day as one types it, with the calendar of the browser beside it.
function day(field, context) {
  const text = line(field, context);
  text.first.classList.replace("number", "day");
  text.first.placeholder = "2024-09-01";
  const calendar = h("input", {
    type: "date",
    class: "calendar",
    tabindex: -1,
    "aria-hidden": "true",
    min: field.least,
    max: field.greatest,
    onchange: () => {
      context.changed(calendar.value);
      context.left();
    },
  });
  const button = h("button", {
    type: "button",
    class: "icon",
    "aria-label": context.words.pick_day,
    title: context.words.pick_day,
    onclick: () => {
      calendar.value = /^\d{4}-\d\d-\d\d$/.test(text.first.value) ? text.first.value : "";
      if (calendar.showPicker) calendar.showPicker();
      else calendar.focus();
    },
  }, "▦");
  return { ...text, root: h("span", { class: "withbutton" }, text.first, button, calendar), enable: (flag) => {
    text.enable(flag);
    button.disabled = !flag;
  } };
}

// Radio buttons; what was chosen can be taken back.
function oneOf(options, context) {
  const choose = (value) => {
    context.changed(value);
    context.left();
  };
  const radios = options.map(([value], at) => h("input", {
    type: "radio", name: context.id, id: at ? `${context.id}-${at}` : context.id, value, onchange: () => choose(value),
  }));
  const unset = h("button", { type: "button", class: "unset", onclick: () => {
    choose("");
    radios[0].focus();
  } }, context.words.unset);
  const choices = radios.map((radio, at) => h("label", { class: "option" }, radio, h("span", {}, options[at][1])));
  const group = h("div", { class: "options", role: "radiogroup", "aria-labelledby": context.labelled, "aria-describedby": context.described }, choices, unset);
  return {
    root: group,
    group,
    first: radios[0],
    show: (text) => {
      radios.forEach((radio) => { radio.checked = radio.value === text; });
      unset.hidden = !radios.some((radio) => radio.checked);
    },
    enable: (flag) => [...radios, unset].forEach((element) => { element.disabled = !flag; }),
  };
}

// A list to choose from. What is no option is shown all the same, so that nothing that was read gets lost.
function list(field, context) {
  const select = h("select", { ...common(context), onchange: () => {
    context.changed(select.value);
    context.left();
  } });
  let shown = "";
  const offer = (options, empty = context.words.choose) => {
    const wanted = [["", empty], ...options.map((option) => [option, option])];
    if (shown && !options.includes(shown)) wanted.push([shown, `⚠ ${shown}`]);
    const now = wanted.map((pair) => pair.join("\u0000")).join("\u0001");
    if (select.dataset.offer !== now) {
      select.dataset.offer = now;
      select.replaceChildren(...wanted.map(([value, words]) => h("option", { value }, words)));
    }
    select.value = shown;
  };
  return {
    root: select,
    first: select,
    offer,
    show: (text) => {
      shown = text;
      if (!field.depends) offer(field.options);
    },
    enable: (flag) => { select.disabled = !flag; },
  };
}

// Boxes to tick, and one for nothing.
function someOf(field, context) {
  const box = (value, at) => h("input", { type: "checkbox", id: at ? `${context.id}-${at}` : context.id, value, onchange: (event) => tick(event.target) });
  const options = [...field.options, ...(field.options.includes(NOTHING_CHOSEN) ? [] : [NOTHING_CHOSEN])];
  const boxes = options.map(box);
  const tick = (ticked) => {
    const none = boxes.find((box) => box.value === NOTHING_CHOSEN);
    if (ticked === none && none.checked) boxes.forEach((box) => { box.checked = box === none; });
    else if (ticked.checked) none.checked = false;
    context.changed(boxes.filter((box) => box.checked).map((box) => box.value).join("、"));
    context.left();
  };
  const labels = boxes.map((box) => h("label", { class: "option" }, box, h("span", {}, box.value === NOTHING_CHOSEN ? context.words.none : box.value)));
  const group = h("div", { class: "options", role: "group", "aria-labelledby": context.labelled, "aria-describedby": context.described }, labels);
  return {
    root: group,
    group,
    first: boxes[0],
    show: (text) => {
      const chosen = read(field, text);
      const options = chosen instanceof Chosen ? chosen.options : [];
      boxes.forEach((box) => { box.checked = box.value === NOTHING_CHOSEN ? chosen instanceof Chosen && !options.length : options.includes(box.value); });
    },
    enable: (flag) => boxes.forEach((box) => { box.disabled = !flag; }),
  };
}

// Names of files: typed, or taken from files that one chooses. The files themselves stay where they are.
function files(field, context) {
  const text = line({ ...field, kind: "text" }, context);
  const chooser = h("input", {
    type: "file",
    multiple: field.attach.files !== 1,
    accept: field.attach.accept.map((ending) => `.${ending}`).join(",") || null,
    hidden: true,
    onchange: () => {
      context.changed([...chooser.files].map((file) => file.name).join("、"));
      context.left();
    },
  });
  const button = h("button", { type: "button", onclick: () => chooser.click() }, context.words.pick_files);
  return { ...text, root: h("span", { class: "withbutton" }, text.first, button, chooser), enable: (flag) => {
    text.enable(flag);
    button.disabled = !flag;
  } };
}
