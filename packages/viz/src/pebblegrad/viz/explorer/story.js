/* What the page tells, and what is known at each step.
 *
 * Everything comes from the JSON that Python has put into the page. Nothing is computed
 * here: a number is looked up, by its place in `story.arrays`, and shown as it is. This
 * file touches the document only to read that JSON.
 */

const story = JSON.parse(document.getElementById("data").textContent);

// Which nodes read a node, for those who walk the graph downwards.
story.nodes.forEach((node) => { node.readers = []; });
story.nodes.forEach((node, number) => {
  for (const parent of new Set(node.parents)) story.nodes[parent].readers.push(number);
});

// The first step of the backward pass.
const turningPoint = story.steps.findIndex((step) => step.kind === "start");

/** Whether the value of a node has been computed when a step is done. */
function isComputed(number, at) {
  return story.nodes[number].knownAt <= at;
}

/** What has arrived of a node's gradient when a step is done; null if nothing has. */
function gradientAt(number, at) {
  const { arrivals } = story.nodes[number];
  let [count, end] = [0, arrivals.length]; // by halves: a shared value has thousands
  while (count < end) {
    const middle = (count + end) >> 1;
    if (arrivals[middle][0] <= at) count = middle + 1;
    else end = middle;
  }
  if (!count) return null;
  const [, array, short] = arrivals[count - 1];
  return { array, short, count, of: arrivals.length };
}

/** The nodes of which more, or less, is known after one step than after another. */
function changedBetween(from, to) {
  const changed = new Set();
  for (let i = Math.min(from, to) + 1; i <= Math.max(from, to); i += 1) {
    const { kind, node, parent } = story.steps[i];
    changed.add(kind === "gradient" ? parent : node);
  }
  return changed;
}

/** The step to go to for a node: in the pass that is being watched, if it is met there. */
function stepOf(number, at) {
  const { knownAt, arrivals } = story.nodes[number];
  if (at < turningPoint || !arrivals.length) return knownAt;
  return arrivals[arrivals.length - 1][0];
}

/** The nodes whose name, op or label contains a text. */
function search(text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  return story.nodes
    .map((node, number) => ({ node, number }))
    .filter(({ node }) => `${node.name} ${node.op ?? ""} ${node.kind}`.toLowerCase().includes(wanted))
    .map(({ number }) => number);
}

/** The scalar view of an element of what an op made; undefined if it has none. */
function elementOf(number, index) {
  return story.nodes[number].elements.find((element) => String(element.index) === String(index));
}

/** What a step is about, the most important first: the boxes that are to be in sight. */
function subjectOf({ kind, node, parent }) {
  return { given: [story.drawing.order[0]], gradient: [node, parent] }[kind] ?? [node];
}

/** An element's name, such as `w[0, 1]`; of a single number the name alone. */
function elementName(number, index) {
  const { name } = story.nodes[number];
  return index.length ? `${name}[${index.join(", ")}]` : name;
}
