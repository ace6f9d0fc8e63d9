/* The controls: buttons, keys, search, playing, light and dark. It starts here. */

const controls = Object.fromEntries(
  ["first", "back", "play", "next", "last", "jump", "speed", "search", "found", "theme"]
    .map((id) => [id, document.getElementById(id)]),
);
const state = { at: 0, timer: null };

/** Go to a step, and show it. */
function go(to) {
  const last = story.steps.length - 1;
  state.at = Math.min(Math.max(to, 0), last);
  light(state.at);
  showStep(state.at, open);
  controls.jump.value = state.at + 1;
  controls.jump.setAttribute("aria-valuetext", `step ${state.at + 1} of ${last + 1}`);
  // Not `disabled`: a button that is being used must not lose the focus.
  for (const name of ["first", "back"]) controls[name].setAttribute("aria-disabled", state.at === 0);
  for (const name of ["next", "last"]) controls[name].setAttribute("aria-disabled", state.at === last);
  if (state.at === last) pause();
}

function open(number) {
  pause();
  openBox(number, state.at, (step) => { go(step); focusBox(number); });
}

function pause() {
  clearInterval(state.timer);
  state.timer = null;
  controls.play.textContent = "Play";
}

function play() {
  if (state.at === story.steps.length - 1) go(0);
  clearInterval(state.timer);
  state.timer = setInterval(() => go(state.at + 1), Number(controls.speed.value));
  controls.play.textContent = "Pause";
}

const toggle = () => (state.timer === null ? play() : pause());
const step = (by) => { pause(); go(state.at + by); };
const jump = (to) => { pause(); go(to); };

// Search

function showFound() {
  const numbers = search(controls.search.value);
  const asked = controls.search.value.trim() !== "";
  controls.found.hidden = !asked;
  const items = numbers.slice(0, 50).map((number) => {
    const { name, op, kind } = story.nodes[number];
    const text = name.startsWith(`${op ?? kind} #`) ? name : `${name}, ${op ?? kind}`;
    return make("li", {}, make("button", { type: "button", onclick: () => choose(number) }, text));
  });
  const words = numbers.length > 50 ? `${numbers.length} found, the first 50 are listed` : `${numbers.length} found`;
  document.getElementById("found-count").textContent = asked ? words : "";
  document.getElementById("found-list").replaceChildren(...items);
}

function choose(number) {
  controls.search.value = "";
  showFound();
  jump(stepOf(number, state.at));
  focusBox(number);
}

// Light and dark: what the system says, until the reader says otherwise.

const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme
  ? document.documentElement.dataset.theme === "dark" : systemIsDark.matches);
const nameTheme = () => { controls.theme.textContent = isDark() ? "Light" : "Dark"; };

function switchTheme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  nameTheme();
}

// Keys

const help = document.getElementById("help");
function openHelp() {
  pause();
  help.showModal();
  document.getElementById("help-title").focus();
}

const keys = {
  ArrowRight: () => step(1),
  ArrowLeft: () => step(-1),
  Home: () => jump(0),
  End: () => jump(story.steps.length - 1),
  " ": toggle,
  f: () => controls.search.focus(),
  "/": () => controls.search.focus(),
  "+": () => zoom(1.3),
  "=": () => zoom(1.3),
  "-": () => zoom(1 / 1.3),
  0: () => fit(),
  t: switchTheme,
  "?": openHelp,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || details.open || help.open) return;
  const { target, key } = event;
  const box = focusedBox();
  if (key === "Escape" && !controls.found.hidden) {
    controls.search.value = "";
    showFound();
    controls.search.focus();
    return;
  }
  if (target.closest("input, select")) return; // these have keys of their own
  if (box !== null && (key === "Enter" || key === " ")) {
    event.preventDefault();
    open(box);
  } else if (box !== null && (key === "ArrowUp" || key === "ArrowDown")) {
    event.preventDefault();
    const to = box + (key === "ArrowUp" ? -1 : 1);
    if (story.nodes[to]) focusBox(to);
  } else if (target.closest("button") && (key === "Enter" || key === " ")) {
    // The button's own.
  } else if (key === "Enter") {
    open(story.steps[state.at].node);
  } else if (keys[key] && !(target.closest(".scroll, pre") && key.startsWith("Arrow"))) {
    event.preventDefault();
    keys[key]();
  }
});

controls.first.addEventListener("click", () => jump(0));
controls.back.addEventListener("click", () => step(-1));
controls.play.addEventListener("click", toggle);
controls.next.addEventListener("click", () => step(1));
controls.last.addEventListener("click", () => jump(story.steps.length - 1));
controls.jump.max = story.steps.length;
controls.jump.addEventListener("input", () => jump(Number(controls.jump.value) - 1));
controls.speed.addEventListener("change", () => { if (state.timer !== null) play(); });
controls.search.addEventListener("input", showFound);
document.getElementById("search-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const [number] = search(controls.search.value);
  if (number !== undefined) choose(number);
});
controls.theme.addEventListener("click", switchTheme);
systemIsDark.addEventListener("change", nameTheme);
document.getElementById("open-help").addEventListener("click", openHelp);
document.getElementById("zoom-in").addEventListener("click", () => zoom(1.3));
document.getElementById("zoom-out").addEventListener("click", () => zoom(1 / 1.3));
document.getElementById("zoom-fit").addEventListener("click", () => fit());

window.addEventListener("resize", () => letScroll(document));

draw(open);
nameTheme();
showAtFirst();
go(0);
