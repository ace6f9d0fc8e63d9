/* The panel: what happens at the present step, from what comes in to what goes out. */

/** Where in the walk a step is, in words. */
function progressText(at) {
  const phase = at < turningPoint ? "forward" : "backward";
  return `Step ${at + 1} of ${story.steps.length}, ${phase}`;
}

/** Fill the panel for a step; `open` is called with the number of a box to open. */
function showStep(at, open) {
  const step = story.steps[at];
  const panel = document.getElementById("panel");
  const content = document.getElementById("step");
  const hadFocus = content.contains(document.activeElement);
  panel.dataset.phase = at < turningPoint ? "forward" : "backward";
  document.getElementById("progress").textContent = progressText(at);
  document.getElementById("sentence").textContent = step.sentence;
  const show = { given: showGiven, op: showForward, start: showStart, gradient: showGradient }[step.kind];
  content.replaceChildren(...show(step, open));
  mark("meant", null); // its name has gone
  if (hadFocus) panel.focus({ preventScroll: true }); // what had it is gone
  panel.scrollTop = 0;
  letScroll(panel);
}

/** A button that opens the box of a value, and marks it in the graph while pointed at. */
function nameButton(number, open) {
  const point = () => mark("meant", number);
  const leave = () => { // the mouse may leave one name while the keyboard is on another
    const other = document.querySelector("#step .name:hover, #step .name:focus");
    mark("meant", other && Number(other.dataset.number));
  };
  return make("button", {
    type: "button", class: "name", "data-number": number, onclick: () => open(number),
    onmouseenter: point, onfocus: point, onmouseleave: leave, onblur: leave,
  }, story.nodes[number].name);
}

/** A part of a step: a heading, and what belongs under it. */
function part(heading, ...children) {
  return make("section", { class: "part" }, make("h3", {}, ...heading), ...children);
}

/** A formula, and how each function of the engine's own in it is called and what it does. */
function formulaView(text) {
  const length = text.includes("\n") ? "formula long" : "formula";
  const formula = make("pre", { class: length, "data-role": "formula" }, make("code", {}, text));
  const called = Object.entries(story.helpers)
    .filter(([name]) => text.split(/[^\p{L}\p{N}_.]+/u).includes(name));
  if (!called.length) return formula;
  const list = make("dl", { class: "pairs", "data-role": "helpers" });
  for (const [, { signature, sentence }] of called) {
    list.append(make("dt", {}, make("code", {}, signature)), make("dd", {}, ...prose(sentence)));
  }
  return make("div", {}, formula, list);
}

/** The operands of a formula, each with its name there and the value that it is. */
function operandViews(operands, open) {
  return operands.map(({ name, node, array, text, parts }) => {
    const heading = [make("code", {}, name)];
    if (node !== null) heading.push(", which is ", nameButton(node, open));
    if (text === null) return part(heading, arrayView(array, "operand", name));
    return part(heading, make("p", { class: "number", "data-role": "operand" }, text), ...partViews(parts));
  });
}

/** The arrays inside of what is none itself, such as an index. */
function partViews(parts) {
  return parts.map(({ name, array }) => part([make("code", {}, name)], arrayView(array, "inside", name)));
}

function showGiven(step, open) {
  if (!step.given.length) return [];
  return step.given.map((number) => {
    const { kind, value } = story.nodes[number];
    const what = kind === "leaf" ? "requires a gradient" : "a constant";
    return part([nameButton(number, open), `, ${what}`], arrayView(value, "given", story.nodes[number].name));
  });
}

function showForward(step, open) {
  return [
    formulaView(step.formula),
    ...operandViews(step.operands, open),
    part(["makes ", nameButton(step.node, open)], arrayView(step.result, "result", "result")),
  ];
}

function showStart(step, open) {
  return [
    part(["gradient of ", nameButton(step.node, open)], arrayView(step.result, "result", "gradient")),
  ];
}

function showGradient(step, open) {
  const parent = () => nameButton(step.parent, open);
  const parts = [
    make("p", { class: "for" }, "gradient for ", make("code", {}, step.input), ", which is ", parent(), ":",
      step.returned ? make("span", { "data-role": "returned" }, ` ${step.returned}`) : ""),
    formulaView(step.formula),
    part([make("code", {}, "g"), ", the gradient that comes in at ", nameButton(step.node, open)],
      step.hooked ? make("p", { class: "note" }, "A hook has changed it.") : null,
      arrayView(step.g, "g", "g")),
    ...operandViews(step.operands, open),
  ];
  if (step.axes) {
    parts.push(part(["the formula gives"], arrayView(step.raw, "raw", "what the formula gives")));
    const heading = `summed back over ${step.axes}, which broadcasting made`;
    parts.push(part([heading], arrayView(step.result, "result", "gradient")));
  } else {
    parts.push(part(["the formula gives"], arrayView(step.result, "result", "gradient")));
  }
  parts.push(...showSum(step, parent));
  if (typeof step.hook === "number") {
    parts.push(part(["what a hook of ", parent(), " makes of it"], arrayView(step.hook, "hook", "hook")));
  }
  return parts;
}

/** How a gradient is put together where several paths meet. */
function showSum(step, parent) {
  if (step.of === 1) {
    return [part(["this is the gradient of ", parent(), ": no other path leads there"])];
  }
  const turn = `path ${step.turn} of ${step.of} to `;
  if (step.before === null) {
    return [part([turn, parent(), ": the first part of its gradient"])];
  }
  return [
    part([turn, parent(), ", added to what came before:"], arrayView(step.before, "before", "before")),
    part([step.turn === step.of ? "the sum, its whole gradient" : "the sum so far"],
      arrayView(step.total, "total", "sum")),
  ];
}
