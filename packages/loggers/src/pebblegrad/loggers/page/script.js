"use strict";
// Smoothing and reading values off. The page is whole without this script: the curves
// are drawn already, in pixels, and pixels are all that it needs. On the even axis the
// average of drawn heights is the drawn average of the values; on the logarithmic axis
// it is that of their logarithms. A curve of many points is drawn by the extremes of
// groups; its "data-means" is the path through the groups' means, which is smoothed.

// The moving average of TensorBoard: each value is weighted by (1 - weight), those
// before it by `weight` more for each step back, and the sum of weights is divided out.
function smoothed(path, weight) {
  let sum = 0, weights = 0;
  return path.replace(/([ML])([\d.-]+) ([\d.-]+)/g, (_, letter, x, y) => {
    sum = sum * weight + (1 - weight) * Number(y);
    weights = weights * weight + (1 - weight);
    return letter + x + " " + (sum / weights).toFixed(2);
  });
}

const curves = [...document.querySelectorAll("svg[data-left] path.curve")].map((path) => {
  const under = path.cloneNode();
  under.classList.add("under");
  under.removeAttribute("data-values");
  under.removeAttribute("data-means");
  path.before(under);
  const drawn = path.getAttribute("d");
  return { path, under, drawn, means: path.dataset.means ?? drawn };
});

function smooth(weight) {
  document.getElementById("weight").textContent = weight.toFixed(2);
  for (const { path, under, drawn, means } of curves) {
    path.setAttribute("d", weight > 0 ? smoothed(means, weight) : drawn);
    under.style.display = weight > 0 ? "" : "none";
  }
}

const slider = document.getElementById("smoothing");
if (slider) {
  slider.addEventListener("input", () => smooth(Number(slider.value)));
  smooth(Number(slider.value)); // a reloaded page keeps the slider where it was
}

function nearest(steps, wanted) {
  let best = 0;
  steps.forEach((step, index) => {
    if (Math.abs(step - wanted) < Math.abs(steps[best] - wanted)) best = index;
  });
  return best;
}

for (const chart of document.querySelectorAll("svg[data-left]")) {
  const { left, right, first, last } = Object.fromEntries(
    Object.entries(chart.dataset).map(([name, text]) => [name, Number(text)]),
  );
  const readout = chart.closest("figure").querySelector(".readout");
  const cursor = chart.querySelector(".cursor");
  const series = [...chart.querySelectorAll("path.curve[data-values]")]
    .filter((path) => path.dataset.steps) // without finite values there are no steps
    .map((path) => ({
      label: path.dataset.label,
      steps: path.dataset.steps.split(" ").map(Number),
      values: path.dataset.values.split(" "),
    }));
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * chart.viewBox.baseVal.width;
    const share = Math.min(1, Math.max(0, (x - left) / (right - left)));
    const step = first + share * (last - first);
    cursor.setAttribute("x1", left + share * (right - left));
    cursor.setAttribute("x2", left + share * (right - left));
    cursor.style.display = "";
    readout.textContent = series
      .map(({ label, steps, values }) => {
        const index = nearest(steps, step);
        return `${label ? label + ", " : ""}step ${steps[index]}: ${values[index]}`;
      })
      .join(" · ");
  });
  chart.addEventListener("pointerleave", () => {
    cursor.style.display = "none";
    readout.textContent = "";
  });
}
