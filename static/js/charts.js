// Charts: <div class="j-chart"><script type="application/json">{data, layout}</script></div>.
// A figure names colours as "var(--j-c1)"; they are resolved here, again when the theme changes.

const root = document.documentElement;

const colour = (() => {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  return (name) => {
    root.style.setProperty("outline-color", name);
    probe.fillStyle = getComputedStyle(root).outlineColor;
    root.style.removeProperty("outline-color");
    return probe.fillStyle;
  };
})();

const resolve = (node) => {
  if (typeof node === "string") return node.startsWith("var(") ? colour(node) : node;
  if (Array.isArray(node)) return node.map(resolve);
  if (node && typeof node === "object") {
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolve(value)]));
  }
  return node;
};

const axis = (extra) => ({
  gridcolor: "var(--j-grid)", linecolor: "var(--j-line)", zeroline: false, fixedrange: true,
  tickangle: 0, tickfont: { size: 11, color: "var(--j-ink-2)" }, ...extra,
});

function layoutOf(figure, box) {
  const own = figure.layout || {};
  const layout = {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    showlegend: false, bargap: 0.28, hovermode: "x unified",
    margin: { l: 48, r: 16, t: 8, b: 24 },
    font: { family: getComputedStyle(document.body).fontFamily, size: 11, color: "var(--j-ink-2)" },
    hoverlabel: {
      bgcolor: "var(--j-surface)", bordercolor: "var(--j-line-strong)",
      font: { size: 12, color: "var(--j-ink)" },
    },
    ...own,
    xaxis: axis({ showgrid: false, ...own.xaxis }), yaxis: axis(own.yaxis),
  };
  if (box.clientWidth < 480) { // a narrow chart: a third of the ticks, no notes above the plot
    if (layout.xaxis.dtick) layout.xaxis.dtick *= 3;
    if (layout.xaxis.nticks) layout.xaxis.nticks = Math.ceil(layout.xaxis.nticks / 3);
    layout.annotations = (layout.annotations || []).filter((note) => note.name !== "wide");
  }
  return layout;
}

function plotIn(box) {
  const known = box.querySelector("[data-plot]");
  if (known) return known;
  const plot = document.createElement("div");
  plot.dataset.plot = "";
  box.append(plot);
  return plot;
}

function draw(box) {
  const figure = JSON.parse(box.querySelector("script[type='application/json']").textContent);
  const options = { displayModeBar: false, responsive: true, staticPlot: box.dataset.static === "true" };
  Plotly.react(plotIn(box), resolve(figure.data), resolve(layoutOf(figure, box)), options);
}

const drawAll = () => window.Plotly && document.querySelectorAll(".j-chart").forEach(draw);

drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);

// Only a chart that came with a swap is drawn: one whose numbers stayed is still standing.
document.addEventListener("htmx:after:swap", () => {
  if (!window.Plotly) return;
  document.querySelectorAll(".j-chart:not(:has([data-plot]))").forEach(draw);
});
