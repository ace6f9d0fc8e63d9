/* The graph: boxes and lines, and what lights up at a step.
 *
 * Places come from Python. A box is a button: it can be focused, one at a time is in the
 * order of the Tab key, and Enter or a click opens it. From step to step only the boxes
 * of which something new is known are touched, however large the graph is.
 */

const drawing = {
  boxes: [], arrows: [], world: null, lit: null,
  at: null, hidden: [], marked: {}, offered: null,
};

/** Make an SVG element. */
function shape(tag, attributes = {}, ...children) {
  const made = document.createElementNS(canvas.namespaceURI, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Draw everything once; `open` is called with the number of a box that is chosen. */
function draw(open) {
  const { boxes, routes, arrows, forks } = story.drawing;
  drawing.world = shape("g", { id: "world" });
  drawing.lit = shape("g", { id: "lit" });
  const lines = shape("g", { "aria-hidden": "true" });
  drawing.arrows = arrows.map((end) => (end
    ? shape("path", { d: `M${end[0]},${end[1]}l-2.6,-6h5.2z`, class: "arrow" }) : null));
  lines.append(...routes.map((d) => shape("path", { d, class: "route" })), ...drawing.arrows.filter(Boolean));
  for (const [cx, cy] of forks) lines.append(shape("circle", { cx, cy, r: 2, class: "arrow" }));
  lines.append(drawing.lit);
  drawing.boxes = boxes.map((box, number) => drawBox(box, number, open));
  drawing.world.append(lines, ...drawing.boxes.map(({ group }) => group));
  canvas.append(drawing.world);
  letMove();
}

function drawBox({ x, y, width, height, lines, slots }, number, open) {
  const { kind } = story.nodes[number];
  const group = shape("g", { class: `box ${kind}`, role: "button", tabindex: "-1", "data-node": number });
  group.append(shape("rect", {
    x: x - width / 2, y: y - height / 2, width, height, rx: kind === "op" ? 7 : 0,
  }));
  for (const line of lines) {
    group.append(shape("text", {
      x, y: line.y, "font-size": line.size, class: line.bold ? "bold" : "",
    }, line.text), " "); // the space keeps the words apart where all is read as one text
  }
  // The number and the gradient of a single element, as micrograd's pictures have them.
  const numbers = slots.map(({ y: at, size }) => shape("text", { x, y: at, "font-size": size, class: "slot" }));
  for (const number of numbers) group.append(number, " ");
  group.addEventListener("click", () => { if (!view.wasMoved) open(number); });
  return { group, numbers };
}

/** Light what a step is about, and write what is known by then. */
function light(at) {
  const step = story.steps[at];
  mark("now", step.kind === "given" ? null : step.node);
  mark("to", step.parent ?? null);
  lightWays(step);
  const changed = drawing.at === null ? drawing.boxes.keys() : changedBetween(drawing.at, at);
  for (const number of changed) tell(number, at);
  drawing.at = at;
  if (!canvas.contains(document.activeElement)) offer(subjectOf(step)[0]);
  bringIntoView(subjectOf(step));
}

/** Give a class to one box, and take it from the one that had it. */
function mark(name, number) {
  const before = drawing.marked[name] ?? null;
  if (before !== null) drawing.boxes[before].group.classList.remove(name);
  if (number !== null) drawing.boxes[number].group.classList.add(name);
  drawing.marked[name] = number;
}

/** Write into a box, and say of it, what is known of it when a step is done. */
function tell(number, at) {
  const { group, numbers } = drawing.boxes[number];
  const known = isComputed(number, at);
  const gradient = gradientAt(number, at);
  const { shortValue } = story.nodes[number];
  group.classList.toggle("computed", known);
  group.classList.toggle("has-gradient", gradient !== null);
  if (numbers.length) {
    numbers[0].textContent = known && shortValue ? `value ${shortValue}` : "";
    if (numbers.length > 1) numbers[1].textContent = gradient ? `grad ${gradient.short}` : "";
  }
  group.setAttribute("aria-label", spoken(number, known, gradient));
}

/** What a screen reader says of a box: what stands in it, and what its colours tell. */
function spoken(number, known, gradient) {
  const { group } = drawing.boxes[number];
  const { kind } = story.nodes[number];
  const words = [...group.querySelectorAll("text")].map((text) => text.textContent).filter(Boolean);
  const told = [kind];
  if (kind === "op") told.push(known ? "computed" : "not computed yet");
  if (gradient) {
    told.push(gradient.count < gradient.of
      ? `${gradient.count} of ${gradient.of} parts of its gradient known` : "gradient known");
  }
  return `${words.join(" ")}; ${told.join(", ")}`;
}

// The lines of a step, with heads that point where its numbers go.

/** Light the lines that a step goes along.
 *
 * A lit line is drawn over the grey one, as a single path: the line of a value that is
 * read all along a deep graph has a thousand parts, and these are left alone.
 */
function lightWays(step) {
  for (const arrow of drawing.hidden) arrow.classList.remove("hidden");
  const backwards = step.kind === "gradient";
  const inputs = story.drawing.edges[step.node];
  const ways = { op: inputs, gradient: [inputs[step.way]] }[step.kind] ?? [];
  const direction = backwards ? "backwards" : "";
  drawing.hidden = ways.map((last) => drawing.arrows[last]);
  for (const arrow of drawing.hidden) arrow.classList.add("hidden");
  drawing.lit.replaceChildren(...ways.flatMap((last) => {
    const d = wayTo(last).map((i) => story.drawing.routes[i]).join("");
    const [x, y] = backwards ? d.match(/-?[\d.]+/g).slice(0, 2).map(Number) : story.drawing.arrows[last];
    // A gradient arrives at the lower edge of the box that the line comes from.
    const head = backwards ? `M${x},${y + 1}l-5,10h10z` : `M${x},${y - 1}l-5,-10h10z`;
    return [
      shape("path", { d, class: `route lit ${direction}` }),
      shape("path", { d: head, class: `head ${direction}` }),
    ];
  }));
}

/** The parts of the line that ends with a part, from the line's beginning. */
function wayTo(last) {
  const way = [];
  for (let i = last; i !== null; i = story.drawing.earlier[i]) way.push(i);
  return way.reverse();
}

// The focus

/** Make a box the one that the Tab key reaches. */
function offer(number) {
  if (drawing.offered !== null) drawing.boxes[drawing.offered].group.setAttribute("tabindex", "-1");
  drawing.boxes[number].group.setAttribute("tabindex", "0");
  drawing.offered = number;
}

/** Give a box the focus. */
function focusBox(number) {
  offer(number);
  bringIntoView([number]);
  drawing.boxes[number].group.focus({ preventScroll: true });
}

/** The number of the box that has the focus, or null. */
function focusedBox() {
  const group = document.activeElement?.closest?.("[data-node]");
  return group && canvas.contains(group) ? Number(group.dataset.node) : null;
}

/** The box before or after one, as the drawing is read: along a row, then the next. */
function besides(number, by) {
  const { order } = story.drawing;
  return order[order.indexOf(number) + by] ?? number;
}
