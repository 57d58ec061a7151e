"use strict";
// Shows the values at the step under the pointer.
for (const svg of document.querySelectorAll("svg[data-chart]")) {
  const chart = JSON.parse(svg.dataset.chart), cursor = svg.querySelector(".cursor"), figure = svg.closest("figure");
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  figure.append(tip);

  const nearest = (line, step) => {
    let low = 0, high = line.steps.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (line.steps[middle] <= step) low = middle; else high = middle;
    }
    return step - line.steps[low] <= line.steps[high] - step ? low : high;
  };

  svg.addEventListener("pointermove", event => {
    const box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
    const x = (event.clientX - box.left) * scale, [from, to] = chart.x, [first, last] = chart.steps;
    const part = to > from ? Math.min(1, Math.max(0, (x - from) / (to - from))) : 0;
    const step = Math.round(first + part * (last - first)), at = from + part * (to - from);
    cursor.setAttribute("x1", at);
    cursor.setAttribute("x2", at);
    cursor.style.visibility = "visible";
    tip.replaceChildren(`step ${step.toLocaleString("en")}`);
    for (const line of chart.lines) {
      const i = nearest(line, step), row = document.createElement("div"), chip = document.createElement("i");
      chip.className = `chip c${line.colour}`;
      row.append(chip, `${line.name}: ${line.values[i]}${Math.abs(line.steps[i] - step) > (last - first) / 100 ? ` (step ${line.steps[i]})` : ""}`);
      tip.append(row);
    }
    tip.hidden = false;
    const inFigure = figure.getBoundingClientRect(), left = event.clientX - inFigure.left + 14;
    tip.style.left = `${Math.min(left, inFigure.width - tip.offsetWidth - 8)}px`;
    tip.style.top = `${event.clientY - inFigure.top + 14}px`;
  });
  svg.addEventListener("pointerleave", () => {
    tip.hidden = true;
    cursor.style.visibility = "hidden";
  });
}
