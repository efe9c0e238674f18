// Progressive behaviour only: menus, dialogs, toasts, copying, keys. Every page works without it.

const TOAST_SECONDS = 10;
const ask = document.getElementById("ask");
const help = document.getElementById("help");

function closeMenus(except) {
  document.querySelectorAll(".j-menu[open]").forEach((menu) => {
    if (!menu.contains(except)) menu.open = false;
  });
}

function copy(button) {
  navigator.clipboard.writeText(button.dataset.copy);
  button.dataset.copied = "";
  setTimeout(() => delete button.dataset.copied, 1500);
}

document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest(selector);
  closeMenus(event.target);
  if (at(".j-menu-list a, .j-menu-list button")) setTimeout(closeMenus);
  if (at("[data-copy]")) copy(at("[data-copy]"));
  else if (at("[data-dismiss]")) at(".j-toast").remove();
  else if (at("[data-help]")) help.showModal();
  else if (at("dialog [data-close]")) {
    event.preventDefault();
    at("dialog").close();
  } else if (event.target === ask || event.target === help) event.target.close(); // the backdrop
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
  if (event.key === "Escape" && event.target.matches("[data-search], [data-jump]")) event.target.blur();
  if (event.target.matches("input, textarea, select, dialog *")) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    (document.querySelector("[data-search]") || document.querySelector("[data-jump]"))?.focus();
  } else if (event.key === "?") help?.showModal();
});

// What asks before it acts is swapped into the one dialog, and what was decided closes it.
document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx.target === ask && ask.childElementCount && !ask.open) ask.showModal();
  else if (ctx.request?.method === "POST" && ctx.response?.status < 400 && ask?.open) ask.close();
  leave();
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.request?.method === "POST") toast("The console does not answer. Look before you try again.");
});

function toast(text) {
  const box = document.createElement("div");
  box.className = "j-toast";
  box.dataset.state = "failed";
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  document.getElementById("toasts").replaceChildren(box);
}

function leave() {
  document.querySelectorAll(".j-toast:not([data-leaving])").forEach((box) => {
    box.dataset.leaving = "";
    setTimeout(() => box.remove(), TOAST_SECONDS * 1000);
  });
}

document.querySelectorAll("[data-help]").forEach((button) => { button.hidden = false; });
leave();

// A button or link says where it leads once, in formaction or href; its hx-post or hx-get is empty.
// What is in flight to an address is not sent there again: the second half of a double click.
const inFlight = new Set();

document.addEventListener("htmx:config:request", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  request.action ||= sourceElement.getAttribute("formaction") || sourceElement.getAttribute("href");
  if (request.method !== "POST") return;
  if (inFlight.has(request.action)) event.preventDefault();
  else {
    inFlight.add(request.action);
    event.detail.ctx.sentTo = request.action;
  }
});

const landed = (event) => inFlight.delete(event.detail.ctx?.sentTo);
// After the swap the element that asked may be gone, and its last event with it.
["htmx:after:request", "htmx:error", "htmx:finally:request"].forEach((name) => document.addEventListener(name, landed));

// The same for forms that the browser sends itself; a page it comes back to begins anew.
let sent = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sent.has(form)) event.preventDefault();
  else sent.add(form);
});

window.addEventListener("pageshow", () => { sent = new WeakSet(); });
