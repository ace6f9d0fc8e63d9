/* The graph: boxes and lines, what lights up, and how it is moved about.
 *
 * Places come from Python. A box is a button: it can be focused, one at a time is in the
 * order of the Tab key, and Enter or a click opens it.
 */

const canvas = document.getElementById("graph");
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
const drawing = { boxes: [], routes: [], lit: new Set(), view: { x: 0, y: 0, scale: 1 } };

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
  const world = shape("g", { id: "world" });
  const lines = shape("g", { "aria-hidden": "true" });
  drawing.routes = routes.map((d) => shape("path", { d, class: "route" }));
  lines.append(...drawing.routes);
  for (const [x, y] of arrows) {
    lines.append(shape("path", { d: `M${x},${y}l-2.6,-6h5.2z`, class: "arrow" }));
  }
  for (const [cx, cy] of forks) lines.append(shape("circle", { cx, cy, r: 2, class: "arrow" }));
  drawing.boxes = boxes.map((box, number) => drawBox(box, number, open));
  world.append(lines, ...drawing.boxes.map(({ group }) => group));
  canvas.append(world);
  drawing.world = world;
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
  const numbers = slots.map((at) => shape("text", { x, y: at, "font-size": 7.5, class: "slot" }));
  for (const number of numbers) group.append(number, " ");
  group.addEventListener("click", () => { if (!drawing.wasMoved) open(number); });
  return { group, numbers, x, y };
}

/** Light what a step is about, and write what is known by then. */
function light(at) {
  const step = story.steps[at];
  for (const i of drawing.lit) drawing.routes[i].classList.remove("lit", "backwards");
  drawing.lit = litWays(step);
  for (const i of drawing.lit) {
    drawing.routes[i].classList.add("lit");
    drawing.routes[i].classList.toggle("backwards", step.kind === "gradient");
  }
  drawing.boxes.forEach((box, number) => {
    const { group, numbers } = box;
    const known = isComputed(number, at);
    const gradient = gradientAt(number, at);
    group.classList.toggle("now", step.kind !== "given" && number === step.node);
    group.classList.toggle("to", number === step.parent);
    // Most boxes stay as they are: of a large graph only the others are written anew.
    const told = `${known} ${gradient?.count}`;
    if (told === box.told) return;
    box.told = told;
    group.classList.toggle("computed", known);
    group.classList.toggle("has-gradient", gradient !== null);
    const { shortValue } = story.nodes[number];
    if (numbers.length) {
      numbers[0].textContent = known && shortValue ? `value ${shortValue}` : "";
      numbers[1].textContent = gradient ? `grad ${gradient.short}` : "";
    }
    group.setAttribute("aria-label", spoken(number, known, gradient));
  });
  if (!canvas.contains(document.activeElement)) offer(step.node);
  const subject = { given: [0], gradient: [step.node, step.parent] }[step.kind] ?? [step.node];
  bringIntoView(subject);
}

/** What a screen reader says of a box: what stands in it, and what its colours tell. */
function spoken(number, known, gradient) {
  const { group } = drawing.boxes[number];
  const { kind } = story.nodes[number];
  const words = [...group.querySelectorAll("text")].map((text) => text.textContent).filter(Boolean);
  const told = [`${kind} ${number}`];
  if (kind === "op") told.push(known ? "computed" : "not computed yet");
  if (gradient) {
    told.push(gradient.count < gradient.of
      ? `${gradient.count} of ${gradient.of} parts of its gradient known` : "gradient known");
  }
  return `${words.join(" ")}; ${told.join(", ")}`;
}

/** The lines that a step goes along. */
function litWays(step) {
  const { edges } = story.drawing;
  if (step.kind === "op") return new Set(edges[step.node].flat());
  if (step.kind === "gradient") return new Set(edges[step.node][step.way]);
  return new Set();
}

/** Make a box the one that the Tab key reaches. */
function offer(number) {
  drawing.boxes.forEach(({ group }, i) => group.setAttribute("tabindex", i === number ? "0" : "-1"));
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

// Moving and zooming. `view` says where the world's (0, 0) is, in pixels, and its scale.

function move(to, smooth = true) {
  Object.assign(drawing.view, to);
  const { x, y, scale } = drawing.view;
  drawing.world.classList.toggle("smooth", smooth && !calm.matches);
  drawing.world.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
}

/** Show the whole graph. */
function fit(smooth = true) {
  const { width, height } = story.drawing;
  const room = canvas.getBoundingClientRect();
  const scale = Math.min((room.width - 24) / width, (room.height - 24) / height, 2.5);
  move({ scale, x: (room.width - width * scale) / 2, y: (room.height - height * scale) / 2 }, smooth);
}

/** Zoom about a point of the screen, by default the middle of the graph. */
function zoom(factor, clientX, clientY) {
  const room = canvas.getBoundingClientRect();
  const x = (clientX ?? room.left + room.width / 2) - room.left;
  const y = (clientY ?? room.top + room.height / 2) - room.top;
  const { view } = drawing;
  const scale = Math.min(8, Math.max(0.05, view.scale * factor));
  const grown = scale / view.scale;
  move({ scale, x: x - (x - view.x) * grown, y: y - (y - view.y) * grown }, clientX === undefined);
}

/** Move the graph if one of these boxes is not to be seen. */
function bringIntoView(numbers) {
  const room = canvas.getBoundingClientRect();
  const { x, y, scale } = drawing.view;
  const edges = (boxes) => ({
    left: Math.min(...boxes.map((box) => box.x - box.width / 2)) * scale,
    right: Math.max(...boxes.map((box) => box.x + box.width / 2)) * scale,
    top: Math.min(...boxes.map((box) => box.y - box.height / 2)) * scale,
    bottom: Math.max(...boxes.map((box) => box.y + box.height / 2)) * scale,
  });
  const boxes = numbers.map((number) => story.drawing.boxes[number]);
  let { left, right, top, bottom } = edges(boxes);
  if (x + left >= 4 && x + right <= room.width - 4 && y + top >= 4 && y + bottom <= room.height - 4) return;
  if (right - left > room.width || bottom - top > room.height) {
    ({ left, right, top, bottom } = edges(boxes.slice(0, 1))); // not all fit: the first
  }
  move({ x: (room.width - left - right) / 2, y: (room.height - top - bottom) / 2 });
}

/** Show the whole, or, where its text would be too small to read, a part that is not. */
function showAtFirst() {
  fit(false);
  const readable = 0.9;
  if (drawing.view.scale < readable) {
    const { x, y } = story.drawing.boxes[0];
    const room = canvas.getBoundingClientRect();
    move({ scale: readable, x: room.width / 2 - x * readable, y: 30 - (y - 20) * readable }, false);
  }
}

/** Let the graph be dragged by mouse or finger, pinched, and zoomed by the wheel. */
function letMove() {
  const pointers = new Map();
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, size: Math.hypot(a.x - b.x, a.y - b.y) };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (!pointers.size) drawing.wasMoved = false;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, from: [event.clientX, event.clientY] });
  });
  window.addEventListener("pointermove", (event) => {
    const pointer = pointers.get(event.pointerId);
    if (!pointer) return;
    const before = pointers.size === 2 ? spread() : null;
    const [dx, dy] = [event.clientX - pointer.x, event.clientY - pointer.y];
    // A finger that taps moves a little: that is not a drag yet.
    const far = Math.hypot(event.clientX - pointer.from[0], event.clientY - pointer.from[1]) > 6;
    if (!drawing.wasMoved && !far) return;
    drawing.wasMoved = true;
    Object.assign(pointer, { x: event.clientX, y: event.clientY });
    if (before) {
      const after = spread();
      zoom(after.size / Math.max(before.size, 1), after.x, after.y);
      move({ x: drawing.view.x + after.x - before.x, y: drawing.view.y + after.y - before.y }, false);
    } else if (pointers.size === 1) {
      move({ x: drawing.view.x + dx, y: drawing.view.y + dy }, false);
    }
  });
  for (const type of ["pointerup", "pointercancel"]) {
    window.addEventListener(type, (event) => pointers.delete(event.pointerId));
  }
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
  }, { passive: false });
}
