/* Going through the steps: one by one, by playing, or by the address of the page.
 *
 * What has happened is announced, and the address written, only when the walk rests:
 * ten steps in a second are one sentence to a screen reader, that of the last.
 */

const controls = Object.fromEntries(
  ["first", "back", "play", "next", "last", "jump", "speed", "said"]
    .map((id) => [id, document.getElementById(id)]),
);
const walk = { at: null, timer: null, resting: null };
const lastStep = story.steps.length - 1;
const REST = 900; // milliseconds; more than a step takes when playing fast

/** Go to a step, and show it. */
function go(to) {
  const isFirst = walk.at === null;
  walk.at = Math.min(Math.max(to, 0), lastStep);
  light(walk.at);
  showStep(walk.at, open);
  controls.jump.value = walk.at + 1;
  controls.jump.setAttribute("aria-valuetext", `step ${walk.at + 1} of ${lastStep + 1}`);
  // Not `disabled`: a button that is being used must not lose the focus.
  for (const name of ["first", "back"]) controls[name].setAttribute("aria-disabled", walk.at === 0);
  for (const name of ["next", "last"]) controls[name].setAttribute("aria-disabled", walk.at === lastStep);
  if (walk.at === lastStep) pause();
  clearTimeout(walk.resting);
  if (!isFirst) walk.resting = setTimeout(rest, REST);
}

function rest() {
  controls.said.textContent = `${progressText(walk.at)}: ${story.steps[walk.at].sentence}`;
  // A page inside another one, without an address of its own, has none to write.
  if (!/^(file|https?):$/.test(location.protocol)) return;
  const theme = inAddress("theme");
  history.replaceState(null, "", `#step=${walk.at + 1}${theme ? `&theme=${encodeURIComponent(theme)}` : ""}`);
}

/** What the address of the page asks for, as in `backward.html#step=12&theme=dark`. */
function inAddress(what) {
  return new URLSearchParams(location.hash.slice(1)).get(what);
}

/** The step that is asked for, or null. */
function stepInAddress() {
  const asked = inAddress("step") ?? "";
  return /^\d{1,9}$/.test(asked) ? Number(asked) - 1 : null;
}

function open(number) {
  pause();
  openBox(number, walk.at, (step) => { go(step); focusBox(number); });
}

function pause() {
  clearInterval(walk.timer);
  walk.timer = null;
  controls.play.textContent = "Play";
}

function play() {
  if (walk.at === lastStep) go(0);
  clearInterval(walk.timer);
  walk.timer = setInterval(() => go(walk.at + 1), Number(controls.speed.value));
  controls.play.textContent = "Pause";
}

const toggle = () => (walk.timer === null ? play() : pause());
const step = (by) => { pause(); go(walk.at + by); };
const jump = (to) => { pause(); go(to); };

controls.jump.max = lastStep + 1;
if (calm.matches) controls.speed.value = "4000"; // for those who asked for less motion
controls.first.addEventListener("click", () => jump(0));
controls.back.addEventListener("click", () => step(-1));
controls.play.addEventListener("click", toggle);
controls.next.addEventListener("click", () => step(1));
controls.last.addEventListener("click", () => jump(lastStep));
controls.jump.addEventListener("input", () => jump(Number(controls.jump.value) - 1));
controls.speed.addEventListener("change", () => { if (walk.timer !== null) play(); });
window.addEventListener("hashchange", () => {
  const asked = stepInAddress();
  if (asked !== null && asked !== walk.at) jump(asked);
});
