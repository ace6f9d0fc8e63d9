/* Searching for a box by its name: the field, and the list of what was found under it. */

const searchForm = document.getElementById("search-form");
const searchField = document.getElementById("search");
const found = document.getElementById("found");
let cameFrom = null; // what had the focus before the search

function showFound() {
  const numbers = search(searchField.value);
  const asked = searchField.value.trim() !== "";
  found.hidden = !asked;
  const items = numbers.slice(0, 50).map((number) => {
    const { name, op, kind } = story.nodes[number];
    const text = name.startsWith(`${op ?? kind} #`) ? name : `${name}, ${op ?? kind}`;
    return make("li", {}, make("button", { type: "button", onclick: () => choose(number) }, text));
  });
  const words = numbers.length > 50 ? `${numbers.length} found, the first 50 are listed` : `${numbers.length} found`;
  document.getElementById("found-count").textContent = asked ? words : "";
  document.getElementById("found-list").replaceChildren(...items);
}

function clearSearch() {
  searchField.value = "";
  showFound();
}

function choose(number) {
  clearSearch();
  jump(stepOf(number, walk.at));
  focusBox(number);
}

/** Leave the search for where the reader was before it. */
function leaveSearch() {
  clearSearch();
  if (cameFrom?.isConnected) cameFrom.focus();
  else document.activeElement.blur();
}

/** Go along the field and the list under it. */
function moveInSearch(by) {
  const stops = [searchField, ...found.querySelectorAll("button")];
  stops[stops.indexOf(document.activeElement) + by]?.focus();
}

searchField.addEventListener("input", showFound);
searchForm.addEventListener("focusin", ({ relatedTarget }) => {
  if (!searchForm.contains(relatedTarget)) cameFrom = relatedTarget;
});
searchForm.addEventListener("keydown", (event) => {
  const does = {
    Escape: leaveSearch, ArrowDown: () => moveInSearch(1), ArrowUp: () => moveInSearch(-1),
  }[event.key];
  if (!does) return;
  event.preventDefault();
  event.stopPropagation(); // not a key of the page as well
  does();
});
searchForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const [number] = search(searchField.value);
  if (number !== undefined) choose(number);
});
