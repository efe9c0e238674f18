// Live areas: an element with data-live asks for itself every few seconds (hx-trigger="every …").
// It rests in hidden tabs and while paused; an unchanged answer (304) leaves the page alone.

const badge = () => document.getElementById("live");
let paused = false;

const isPoll = (ctx) => ctx?.sourceEvent?.type === "every" && ctx.sourceElement.matches("[data-live]");

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (!isPoll(ctx)) return;
  if (document.hidden || paused || document.querySelector("dialog[open]")) {
    event.preventDefault();
    return;
  }
  if (ctx.sourceElement.dataset.etag) ctx.request.headers["If-None-Match"] = ctx.sourceElement.dataset.etag;
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const age = ctx.response.headers.get("X-Data-Age");
  if (age === null) return;
  const late = ctx.response.headers.get("X-Data-Late");
  if (!paused) show(late ? "late" : "on", Number(age), late);
});

document.addEventListener("htmx:error", (event) => {
  if (isPoll(event.detail.ctx)) show("late", 0, "The console does not answer");
});

function show(state, age, sentence) {
  const box = badge();
  if (!box) return;
  box.dataset.live = state;
  box.dataset.age = age;
  say(sentence || `Updated ${ago(age)}`);
}

function say(text) {
  const place = badge().querySelector("[data-age-text]");
  if (place.textContent !== text) place.textContent = text;
}

const ago = (seconds) => {
  if (seconds < 1) return "just now";
  return seconds < 60 ? `${seconds} s ago` : `${Math.floor(seconds / 60)} min ago`;
};

function tick() {
  const box = badge();
  if (!box || box.dataset.live !== "on") return;
  box.dataset.age = Number(box.dataset.age || 0) + 1;
  if (!document.hidden) say(`Updated ${ago(Number(box.dataset.age))}`);
}

function toggle(button) {
  paused = !paused;
  button.setAttribute("aria-pressed", String(paused));
  badge().dataset.live = paused ? "paused" : "on";
  say(paused ? "Paused" : `Updated ${ago(Number(badge().dataset.age))}`);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pause]");
  if (button) toggle(button);
});

const pause = document.querySelector("[data-pause]");
if (pause) pause.hidden = false;
setInterval(tick, 1000);
