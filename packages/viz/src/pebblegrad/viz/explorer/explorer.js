/* The keys, light and dark, and the help. The page starts here. */

const theme = document.getElementById("theme");
const help = document.getElementById("help");
const PAN = 80; // pixels that a key moves the graph by

// Light and dark: what the system says, until the address or the reader says otherwise.

const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme
  ? document.documentElement.dataset.theme === "dark" : systemIsDark.matches);
const nameTheme = () => { theme.textContent = isDark() ? "Light" : "Dark"; };

/** Take the theme that the address of the page asks for, as in `#theme=dark`. */
function takeTheme() {
  const asked = inAddress("theme");
  if (["light", "dark"].includes(asked)) document.documentElement.dataset.theme = asked;
  nameTheme();
}

function switchTheme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  nameTheme();
}

function openHelp() {
  pause();
  help.showModal();
  document.getElementById("help-title").focus();
}

// Keys

const keys = {
  ArrowRight: () => step(1),
  ArrowLeft: () => step(-1),
  Home: () => jump(0),
  End: () => jump(lastStep),
  " ": toggle,
  f: () => searchField.focus(),
  "/": () => searchField.focus(),
  "+": () => zoom(1.3),
  "=": () => zoom(1.3),
  "-": () => zoom(1 / 1.3),
  0: fitForReader,
  t: switchTheme,
  "?": openHelp,
};
const withShift = {
  ArrowRight: () => pan(-PAN, 0),
  ArrowLeft: () => pan(PAN, 0),
  ArrowDown: () => pan(0, -PAN),
  ArrowUp: () => pan(0, PAN),
};
const onBox = {
  Enter: open,
  " ": open,
  ArrowUp: (box) => focusBox(besides(box, -1)),
  ArrowDown: (box) => focusBox(besides(box, 1)),
};

const MOVING = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];

/** The keys that a control needs for itself: a field for text all, a button none here. */
function ownKeys(target) {
  if (target.closest("input[type=search]")) return { includes: () => true };
  if (target.closest("input[type=range]")) return MOVING;
  if (target.closest("select")) return ["ArrowUp", "ArrowDown", " ", "Enter"];
  return [];
}

/** What a key does here, or null if it is the browser's own. */
function actionOf({ key, shiftKey, target }) {
  if (ownKeys(target).includes(key)) return null;
  if (key.startsWith("Arrow") && shiftKey) return withShift[key];
  const box = focusedBox();
  if (box !== null && onBox[key]) return () => onBox[key](box);
  if (target.closest("button") && (key === "Enter" || key === " ")) return null;
  if (target.closest(".scroll, pre") && key.startsWith("Arrow")) return null;
  if (key === "Enter") return () => open(story.steps[walk.at].node);
  return keys[key] ?? null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || details.open || help.open) return;
  const action = actionOf(event);
  if (!action) return;
  event.preventDefault();
  action();
});

theme.addEventListener("click", switchTheme);
systemIsDark.addEventListener("change", nameTheme);
document.getElementById("open-help").addEventListener("click", openHelp);
document.getElementById("zoom-in").addEventListener("click", () => zoom(1.3));
document.getElementById("zoom-out").addEventListener("click", () => zoom(1 / 1.3));
document.getElementById("zoom-fit").addEventListener("click", fitForReader);

draw(open);
takeTheme();
showAtFirst();
go(stepInAddress() ?? 0);
window.addEventListener("hashchange", takeTheme);
new ResizeObserver(() => {
  letScroll(document);
  showAgain(story.steps[walk.at]);
}).observe(canvas);
