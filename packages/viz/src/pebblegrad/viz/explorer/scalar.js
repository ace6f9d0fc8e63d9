/* The scalar view: the graph of one element of what an op made.
 *
 * It shows the elements of the op's inputs that it was made of, with the local derivative
 * by each, and what flows back to them, once the backward pass has come that far.
 */

/** Show the scalar view of one element of what an op made. */
function openElement(number, index, at, back) {
  const node = story.nodes[number];
  const element = elementOf(number, index);
  const again = () => openElement(number, index, at, back);
  const gradient = gradientAt(number, at);
  const flows = gradient !== null && gradient.count === gradient.of;
  const sources = make("div", { class: "sources" });
  for (const input of element.inputs) {
    for (const edge of input.edges) sources.append(elementCard(input, edge, flows, at, again));
    sources.append(...leftOut(input));
    if (input.isStill) {
      sources.append(make("p", { class: "note" },
        `${story.nodes[input.node].name} (its ${input.name}): every local derivative is 0, nothing flows there`));
    }
  }
  for (const input of element.constants) {
    for (const edge of input.edges) sources.append(constantCard(input, edge));
    sources.append(...leftOut(input));
  }
  const target = make("div", { class: "card target" },
    make("strong", {}, elementName(number, index)),
    make("span", { "data-role": "element-value" }, `value ${element.value ?? "gone"}`),
    make("span", { "data-role": "element-gradient" }, flows ? `g = ${element.gradient}` : "g not known yet"));
  const lines = shape("svg", { class: "edges", "aria-hidden": "true" });
  const op = make("p", { class: "op" }, node.op);
  const graph = make("div", { class: "scalar", "data-role": "scalar" }, lines, target, op, sources);
  const constants = node.inputs.filter((_, i) => node.formulas[i] === null)
    .map((name, i) => `${name} is a constant and gets none`);
  openDetails(elementName(number, index), [
    make("p", {}, `One element of what ${node.op} made, and the elements that it depends on. `
      + "Each of these gets the local derivative times g",
      constants.length ? `; ${constants.join(", ")}.` : ".",
      element.inputs.some(({ isStill, edges }) => isStill && edges.length) ? ""
        : " Elements whose local derivative is 0 are not drawn."),
    make("p", { class: "buttons" }, make("button", { type: "button", id: "scalar-back", onclick: back }, "Back")),
    graph,
  ], back);
  joinCards(graph, lines, { sources, op, target, flows });
}

/** How many elements take part that are not drawn. */
function leftOut({ node, more }) {
  const words = `${more.toLocaleString("en")} more elements of ${story.nodes[node].name} take part, not drawn`;
  return more ? [make("p", { class: "note" }, words)] : [];
}

/** One element of a constant: it takes part, and nothing flows back to it. */
function constantCard({ node }, [index, value]) {
  return make("div", { class: "card constant" },
    make("strong", {}, elementName(node, index)),
    make("span", { "data-role": "constant" }, `value ${value}`),
    make("span", {}, "a constant: gets none"));
}

/** One element that takes part; a button if it has a scalar view of its own. */
function elementCard(input, [index, value, local, flow], flows, at, back) {
  const { kind } = story.nodes[input.node];
  const hasView = elementOf(input.node, index) !== undefined;
  const content = [
    make("strong", {}, elementName(input.node, index)),
    make("span", {}, `value ${value ?? "gone"}`),
    make("span", { "data-role": "local" }, `local derivative ${local}`),
    flows ? make("span", { "data-role": "flow" }, `gets ${flow}`) : null,
  ];
  const go = () => openElement(input.node, index, at, back);
  return hasView
    ? make("button", { type: "button", class: `card ${kind}`, onclick: go }, ...content)
    : make("div", { class: `card ${kind}` }, ...content);
}

// The lines between the cards: one rail beside them, from which a branch leads to each.

const scalarLines = { redraw: () => {}, watch: new ResizeObserver(() => scalarLines.redraw()) };
details.addEventListener("scroll", () => scalarLines.redraw(), { passive: true });

/** Draw the lines, again whenever a card changes its place. */
function joinCards(graph, lines, { sources, op, target, flows }) {
  scalarLines.redraw = () => {
    const origin = graph.getBoundingClientRect();
    const place = (element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return {
        left: left - origin.left, right: right - origin.left, top: top - origin.top,
        bottom: bottom - origin.top, x: (left + right) / 2 - origin.left, y: (top + bottom) / 2 - origin.top,
      };
    };
    const [cards, made, result] = [place(sources), place(op), place(target)];
    const isBeside = cards.right < made.left;
    const [start, rail] = isBeside
      ? [made.left, (cards.right + made.left) / 2]
      : [made.right, origin.width - 7]; // on a phone the cards stand below the op
    lines.replaceChildren();
    for (const card of sources.querySelectorAll(".card")) {
      const { right, y } = place(card);
      lines.append(shape("path", { class: "branch", d: `M${start},${made.y}H${rail}V${y}H${right + 2}` }));
      if (flows && !card.classList.contains("constant")) lines.append(shape("path", { class: "tip", d: `M${right + 1},${y}l9,-5.5v11z` }));
    }
    // Between the op and what it made: towards it, or back from it once a gradient flows.
    const [x, y] = isBeside ? [result.left, result.y] : [result.x, result.bottom];
    lines.append(shape("path", {
      class: "branch", d: isBeside ? `M${made.right},${made.y}H${x}` : `M${x},${y}V${made.top}`,
    }));
    const tips = {
      "true true": `M${made.right + 1},${made.y}l9,-5.5v11z`, "true false": `M${x - 1},${made.y}l-9,-5.5v11z`,
      "false true": `M${x},${made.top - 1}l-5.5,-9h11z`, "false false": `M${x},${y + 1}l-5.5,9h11z`,
    };
    lines.append(shape("path", { class: "tip", d: tips[`${isBeside} ${flows}`] }));
    lines.classList.toggle("flows", flows);
  };
  scalarLines.redraw();
  scalarLines.watch.disconnect();
  scalarLines.watch.observe(graph);
}
