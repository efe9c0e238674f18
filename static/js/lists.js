// Lists: ticking rows, and moving through them by keyboard.

let lastTick = null;

function tick(box, event) {
  const boxes = [...box.closest("table").querySelectorAll("tbody [data-pick]")];
  if (box.matches("[data-pick-all]")) boxes.forEach((each) => { each.checked = box.checked; });
  else if (event.shiftKey && boxes.includes(lastTick)) {
    const [from, to] = [boxes.indexOf(lastTick), boxes.indexOf(box)].sort((a, b) => a - b);
    boxes.slice(from, to + 1).forEach((each) => { each.checked = box.checked; });
  }
  lastTick = box;
  showTicks();
}

function showTicks() {
  const boxes = [...document.querySelectorAll("tbody [data-pick]")];
  boxes.forEach((box) => box.closest("tr").setAttribute("aria-selected", String(box.checked)));
  const count = boxes.filter((box) => box.checked).length;
  const all = document.querySelector("[data-pick-all]");
  if (all) {
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  }
  const bar = document.querySelector(".j-select");
  if (!bar) return;
  bar.toggleAttribute("data-some", count > 0);
  bar.querySelector("[data-picked]").textContent = count;
}

function clear() {
  document.querySelectorAll("[data-pick]:checked").forEach((box) => { box.checked = false; });
  showTicks();
}

function move(key) {
  const rows = [...document.querySelectorAll(".j-table[data-keys] tbody tr")];
  const now = rows.findIndex((row) => "cursor" in row.dataset);
  if (key === "x") rows[now]?.querySelector("[data-pick]")?.click();
  else if (key === "Enter") rows[now]?.querySelector("a")?.click();
  else step(rows, now, key === "j" ? 1 : -1);
}

function step(rows, now, by) {
  const next = rows[Math.max(0, Math.min(rows.length - 1, now + by))];
  if (!next) return;
  if (rows[now]) delete rows[now].dataset.cursor;
  next.dataset.cursor = "";
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-pick], [data-pick-all]");
  if (box) tick(box, event);
  if (event.target.closest("[data-pick-none]")) clear();
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches("input:not([type=checkbox]), textarea, select, dialog *")) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (["j", "k", "x"].includes(event.key)) move(event.key);
  else if (event.key === "Enter" && !event.target.closest("a, button, summary, input")) move("Enter");
});

// A refresh may have brought rows that are not ticked, or taken ticked ones away.
document.addEventListener("htmx:after:swap", showTicks);
showTicks();
