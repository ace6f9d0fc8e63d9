/* What opens over the page: a box with all its numbers. */

const details = document.getElementById("details");
let wayBack = null; // what the Esc key does, if not to close the dialog

/** Show the dialog with a title and content; the focus goes to the title.
 *
 * `back` is called by the Esc key; without it the key closes the dialog.
 */
function openDetails(title, content, back = null) {
  wayBack = back;
  const heading = document.getElementById("details-title");
  heading.replaceChildren(title);
  document.getElementById("details-body").replaceChildren(...content);
  if (!details.open) details.showModal();
  details.scrollTop = 0;
  letScroll(details);
  heading.focus();
}

details.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !wayBack) return;
  event.preventDefault();
  wayBack();
});

/** Show a value: its numbers, its gradient, and the steps where both come about.
 *
 * `at` is the present step: what comes later is not shown before its time. `go` is called
 * with the step to go to.
 */
function openBox(number, at, go) {
  const node = story.nodes[number];
  const again = () => openBox(number, at, go);
  const open = (index) => (elementOf(number, index) ? () => openElement(number, index, at, again) : null);
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
    make("p", {}, `${kinds[node.kind]}; shape ${node.shape}${node.dtype ? `, ${node.dtype}` : ""}`),
    make("p", { class: "buttons" }, ...steps),
    ...parametersView(node),
    part(["value"], known
      ? arrayView(node.value, "value", "value", open)
      : make("p", {}, "not computed yet at this step")),
  ];
  if (node.elements.length && known) {
    const [views, all] = [node.elements.length, node.size];
    const which = all === 1 ? "the number" : "one of the underlined numbers";
    const cut = views < all
      ? ` ${views.toLocaleString("en")} of ${all.toLocaleString("en")} elements have one on this page.` : "";
    content.push(make("p", { class: "note" },
      `Choose ${which} for its scalar view: its own small graph.${cut}`),
    ...furtherElements(number, open));
  }
  if (node.kind !== "constant") {
    const part_ = gradient && gradient.count < gradient.of ? `, ${gradient.count} of ${gradient.of} parts so far` : "";
    content.push(part([`gradient${part_}`], gradient
      ? arrayView(gradient.array, "gradient", "gradient")
      : make("p", {}, "not known yet at this step")));
  }
  openDetails(node.name, content);
}

/** Buttons for the elements that have a scalar view and stand outside of the table. */
function furtherElements(number, open) {
  const { elements, value } = story.nodes[number];
  const { block } = story.arrays[value];
  const outside = elements.filter(({ index }) => index.some((place, axis) => place >= block[axis]));
  return outside.length ? [make("p", { class: "buttons", "data-role": "further" },
    "and further on:", ...outside.map(({ index, value: text }) => make("button",
      { type: "button", class: "cell", onclick: open(index) },
      `${elementName(number, index)} = ${text}`)))] : [];
}

/** The static parameters of an op, whole, and the arrays in them. */
function parametersView({ parameters }) {
  if (!parameters.length) return [];
  const list = make("dl", { class: "pairs", "data-role": "parameters" });
  for (const { name, text, parts } of parameters) {
    list.append(make("dt", {}, make("code", {}, name)), make("dd", {},
      make("span", { class: "number" }, text), ...partViews(parts)));
  }
  return [part(["static parameters"], list)];
}
