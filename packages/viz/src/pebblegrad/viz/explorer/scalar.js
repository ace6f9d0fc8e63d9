/* What opens over the page: a box with all its numbers, and the scalar view.
 *
 * The scalar view is the graph of one element: the elements of the op's inputs that it
 * was made of, with the local derivative by each, and what flows back to them, once the
 * backward pass has come that far.
 */

const details = document.getElementById("details");

/** Show the dialog with a title and content; the focus goes to the title. */
function openDetails(title, ...content) {
  const heading = document.getElementById("details-title");
  heading.replaceChildren(title);
  document.getElementById("details-body").replaceChildren(...content);
  if (!details.open) details.showModal();
  details.scrollTop = 0;
  letScroll(details);
  heading.focus();
}

/** Show a value: its numbers, its gradient, and the steps where both come about.
 *
 * `at` is the present step: what comes later is not shown before its time. `go` is called
 * with the step to go to.
 */
function openBox(number, at, go) {
  const node = story.nodes[number];
  const again = () => openBox(number, at, go);
  const view = (index) => node.elements.find((element) => String(element.index) === String(index));
  const open = (index) => (view(index) ? () => openElement(number, index, at, again) : null);
  const leave = (step) => () => { details.close(); go(step); };
  const known = isComputed(number, at);
  const gradient = gradientAt(number, at);
  const steps = [];
  if (node.kind === "op") {
    steps.push(make("button", { type: "button", onclick: leave(node.knownAt) },
      `Go to step ${node.knownAt + 1}, which computes it`));
  }
  if (node.arrivals.length) {
    const [complete] = node.arrivals[node.arrivals.length - 1];
    steps.push(make("button", { type: "button", onclick: leave(complete) },
      `Go to step ${complete + 1}, which completes its gradient`));
  }
  const kinds = { op: `made by ${node.op}`, leaf: "a leaf: it requires a gradient", constant: "a constant: no gradient is wanted" };
  const content = [
    make("p", {}, `${kinds[node.kind]}${node.static ? ` (${node.static})` : ""}; shape ${node.shape}${node.dtype ? `, ${node.dtype}` : ""}`),
    make("p", { class: "buttons" }, ...steps),
    part(["value"], known
      ? arrayView(node.value, "value", "value", open)
      : make("p", {}, "not computed yet at this step")),
  ];
  if (node.elements.length && known) {
    const all = node.elements.length === 1 ? "the number" : "one of the underlined numbers";
    content.push(make("p", { class: "note" }, `Choose ${all} for its scalar view: its own small graph.`));
  }
  if (node.kind !== "constant") {
    const part_ = gradient && gradient.count < gradient.of ? `, ${gradient.count} of ${gradient.of} parts so far` : "";
    content.push(part([`gradient${part_}`], gradient
      ? arrayView(gradient.array, "gradient", "gradient")
      : make("p", {}, "not known yet at this step")));
  }
  openDetails(node.name, ...content);
}

/** Show the scalar view of one element of what an op made. */
function openElement(number, index, at, back) {
  const node = story.nodes[number];
  const element = node.elements.find((one) => String(one.index) === String(index));
  const again = () => openElement(number, index, at, back);
  const gradient = gradientAt(number, at);
  const flows = gradient !== null && gradient.count === gradient.of;
  const sources = make("div", { class: "sources" });
  for (const input of element.inputs) {
    for (const edge of input.edges) sources.append(elementCard(input, edge, flows, at, again));
    if (input.more) {
      sources.append(make("p", { class: "note" },
        `${input.more.toLocaleString("en")} more elements of ${story.nodes[input.node].name} take part, not drawn`));
    }
    if (!input.edges.length) {
      sources.append(make("p", { class: "note" },
        `no element of ${story.nodes[input.node].name} (its ${input.name}): every local derivative is 0, nothing flows there`));
    }
  }
  const target = make("div", { class: "card target" },
    make("strong", {}, elementName(number, index)),
    make("span", { "data-role": "element-value" }, `value ${element.value ?? "gone"}`),
    make("span", { "data-role": "element-gradient" }, flows ? `g = ${element.gradient}` : "g not known yet"));
  const lines = shape("svg", { class: "edges", "aria-hidden": "true" });
  const graph = make("div", { class: "scalar", "data-role": "scalar" }, lines, sources,
    make("p", { class: "op" }, node.op), target);
  const constants = node.inputs.filter((_, i) => node.formulas[i] === null)
    .map((name, i) => `${name} is a constant and gets none`);
  openDetails(elementName(number, index),
    make("p", {}, `One element of what ${node.op} made, and the elements that it depends on. `
      + "Each of these gets the local derivative times g",
      constants.length ? `; ${constants.join(", ")}.` : "."),
    make("p", { class: "buttons" }, make("button", { type: "button", id: "scalar-back", onclick: back }, "Back")),
    graph);
  joinCards(graph, lines, sources, target);
}

/** One element that takes part; a button if it has a scalar view of its own. */
function elementCard(input, [index, value, local, flow], flows, at, back) {
  const { elements } = story.nodes[input.node];
  const hasView = elements.some((one) => String(one.index) === String(index));
  const content = [
    make("strong", {}, elementName(input.node, index)),
    make("span", {}, `value ${value ?? "gone"}`),
    make("span", { "data-role": "local" }, `local derivative ${local}`),
    flows ? make("span", { "data-role": "flow" }, `gets ${flow}`) : null,
  ];
  const go = () => openElement(input.node, index, at, back);
  return hasView
    ? make("button", { type: "button", class: "card", onclick: go }, ...content)
    : make("div", { class: "card" }, ...content);
}

/** Draw the lines between the cards, again whenever their places change. */
function joinCards(graph, lines, sources, target) {
  const redraw = () => {
    const origin = graph.getBoundingClientRect();
    const end = target.getBoundingClientRect();
    lines.replaceChildren(...[...sources.querySelectorAll(".card")].map((card) => {
      const start = card.getBoundingClientRect();
      const below = end.top >= start.bottom; // on a phone the result stands below
      const [x1, y1] = below
        ? [start.left + start.width / 2, start.bottom]
        : [start.right, start.top + start.height / 2];
      const [x2, y2] = below
        ? [end.left + end.width / 2, end.top]
        : [end.left, end.top + end.height / 2];
      return shape("line", {
        x1: x1 - origin.left, y1: y1 - origin.top, x2: x2 - origin.left, y2: y2 - origin.top,
      });
    }));
  };
  redraw();
  new ResizeObserver(redraw).observe(graph);
}
