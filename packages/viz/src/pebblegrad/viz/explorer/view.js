/* How the graph is moved about: by mouse, finger, wheel, buttons and keys.
 *
 * `view` says where the graph's (0, 0) is, in pixels of the screen, and its scale.
 */

const canvas = document.getElementById("graph");
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
// `wasMoved`: by the pointer that is down; `isReaders`: the reader has chosen what is seen.
const view = { x: 0, y: 0, scale: 1, wasMoved: false, isReaders: false, room: null };
// Text of 7.5 points is 13 pixels then. A graph is not shown whole if it had to be smaller.
const READABLE = 1.75;
const MARGIN = 12;
const GLIDING = 400; // boxes; more of them take a browser too long to glide

/** The size of the part of the screen that the graph has for itself: not under the buttons.
 *
 * It is measured once, since measuring makes the browser place everything anew.
 */
function room() {
  if (!view.room) {
    const { left, height, right } = canvas.getBoundingClientRect();
    const buttons = document.getElementById("zoom").getBoundingClientRect();
    view.room = { height, width: (buttons.width ? buttons.left : right) - left };
  }
  return view.room;
}

/** Move the graph, but never out of sight. */
function move(to, smooth = true) {
  Object.assign(view, to);
  const { width, height } = room();
  const within = (at, size, space) => Math.max(40 - size * view.scale, Math.min(space - 40, at));
  view.x = within(view.x, story.drawing.width, width);
  view.y = within(view.y, story.drawing.height, height);
  drawing.world.classList.toggle("smooth", smooth && !calm.matches && drawing.boxes.length <= GLIDING);
  drawing.world.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
}

/** Move the graph by some pixels. */
function pan(dx, dy) {
  view.isReaders = true;
  move({ x: view.x + dx, y: view.y + dy });
}

/** Show the whole graph, because the reader wants to see it. */
function fitForReader() {
  view.isReaders = true;
  fit();
}

function fit(smooth = true) {
  const { width, height } = story.drawing;
  const space = room();
  const scale = Math.min((space.width - 2 * MARGIN) / width, (space.height - 2 * MARGIN) / height, 2.5);
  move({ scale, x: (space.width - width * scale) / 2, y: (space.height - height * scale) / 2 }, smooth);
}

/** Zoom about a point of the screen, by default the middle of the graph. */
function zoom(factor, clientX, clientY) {
  view.isReaders = true;
  const space = room();
  const { left, top } = canvas.getBoundingClientRect();
  const x = clientX === undefined ? space.width / 2 : clientX - left;
  const y = clientY === undefined ? space.height / 2 : clientY - top;
  const scale = Math.min(8, Math.max(0.05, view.scale * factor));
  const grown = scale / view.scale;
  move({ scale, x: x - (x - view.x) * grown, y: y - (y - view.y) * grown }, clientX === undefined);
}

/** Move the graph if one of these boxes is not to be seen. */
function bringIntoView(numbers, smooth = true) {
  const space = room();
  const { x, y, scale } = view;
  const edges = (boxes) => ({
    left: Math.min(...boxes.map((box) => box.x - box.width / 2)) * scale,
    right: Math.max(...boxes.map((box) => box.x + box.width / 2)) * scale,
    top: Math.min(...boxes.map((box) => box.y - box.height / 2)) * scale,
    bottom: Math.max(...boxes.map((box) => box.y + box.height / 2)) * scale,
  });
  const boxes = numbers.map((number) => story.drawing.boxes[number]);
  let { left, right, top, bottom } = edges(boxes);
  if (x + left >= 4 && x + right <= space.width - 4 && y + top >= 4 && y + bottom <= space.height - 4) return;
  if (right - left > space.width || bottom - top > space.height) {
    ({ left, right, top, bottom } = edges(boxes.slice(0, 1))); // not all fit: the first
  }
  move({ x: (space.width - left - right) / 2, y: (space.height - top - bottom) / 2 }, smooth);
}

/** Show the whole, or, where its text would be too small to read, its beginning. */
function showAtFirst() {
  fit(false);
  if (view.scale >= READABLE) return;
  const first = story.drawing.boxes[story.drawing.order[0]];
  const space = room();
  const [wide, high] = [story.drawing.width * READABLE, story.drawing.height * READABLE];
  move({
    scale: READABLE,
    x: wide <= space.width ? (space.width - wide) / 2 : Math.min(MARGIN, space.width / 2 - first.x * READABLE),
    y: high <= space.height ? (space.height - high) / 2 : MARGIN,
  }, false);
}

/** Show a step in a window of another size: as at first, unless the reader has moved it. */
function showAgain(step) {
  view.room = null;
  if (!view.isReaders) showAtFirst();
  bringIntoView(subjectOf(step), false);
}

/** Whether the page itself scrolls, because the screen is too low for all its parts. */
function pageScrolls() {
  return document.documentElement.scrollHeight > window.innerHeight + 1;
}

/** Let the graph be dragged by mouse or finger, pinched, and zoomed by the wheel. */
function letMove() {
  const pointers = new Map();
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, size: Math.hypot(a.x - b.x, a.y - b.y) };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (!pointers.size) view.wasMoved = false;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, from: [event.clientX, event.clientY] });
  });
  window.addEventListener("pointermove", (event) => {
    const pointer = pointers.get(event.pointerId);
    if (!pointer) return;
    const before = pointers.size === 2 ? spread() : null;
    const [dx, dy] = [event.clientX - pointer.x, event.clientY - pointer.y];
    // A finger that taps moves a little: that is not a drag yet.
    const far = Math.hypot(event.clientX - pointer.from[0], event.clientY - pointer.from[1]) > 6;
    if (!view.wasMoved && !far) return;
    view.wasMoved = view.isReaders = true;
    Object.assign(pointer, { x: event.clientX, y: event.clientY });
    if (before) {
      const after = spread();
      zoom(after.size / Math.max(before.size, 1), after.x, after.y);
      move({ x: view.x + after.x - before.x, y: view.y + after.y - before.y }, false);
    } else if (pointers.size === 1) {
      move({ x: view.x + dx, y: view.y + dy }, false);
    }
  });
  for (const type of ["pointerup", "pointercancel"]) {
    window.addEventListener(type, (event) => pointers.delete(event.pointerId));
  }
  canvas.addEventListener("wheel", (event) => {
    if (pageScrolls() && !event.ctrlKey) return; // the wheel is needed for the page
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
  }, { passive: false });
}

/** On paper the whole graph is shown, as large as the paper allows. */
window.matchMedia("print").addEventListener("change", ({ matches }) => {
  const { width, height } = story.drawing;
  if (matches) canvas.setAttribute("viewBox", `-4 -4 ${width + 8} ${height + 8}`);
  else canvas.removeAttribute("viewBox");
});
