// How things look on the map's canvas. State is shape and colour together: hollow waits, filled is under way, a tick is
// done, a diamond needs a person; a ring is late.

let palette = null;

export function colours() {
  if (palette) return palette;
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  palette = {
    wait: read("--wait-mark"), way: read("--way-mark"), done: read("--done-mark"), risk: read("--risk-mark"),
    person: read("--person-mark"), ink: read("--ink"), surface: read("--surface"), water: read("--water"),
    land: read("--line-strong"), areas: [0, 1, 2, 3, 4, 5].map((i) => read(`--area-${i}`)), areaLine: read("--area-line"),
  };
  return palette;
}

/** Stop and worker layers for Leaflet's canvas renderer. `L` is known only once Leaflet is there. */
export function makeSigns(L) {
  // The box that is painted anew must hold everything that is drawn (rings, the number above), or bits of it stay behind.
  const sign = (draw) => L.CircleMarker.extend({
    _updatePath() { paint(this, draw); },
    _updateBounds() {
      const { x, y } = this._point;
      this._pxBounds = L.bounds([x - 18, y - 27], [x + 18, y + 18]);
    },
  });
  return { Stop: sign(drawStop), Worker: sign(drawWorker), Kitchen: sign(drawKitchen) };
}

function paint(layer, draw) {
  const renderer = layer._renderer;
  if (!renderer._drawing || layer._empty()) return;
  const ctx = renderer._ctx;
  ctx.save();
  ctx.lineJoin = "round";
  ctx.lineCap = "round";
  draw(ctx, layer._point.x, layer._point.y, layer.options, colours());
  ctx.restore();
}

function circle(ctx, x, y, r) {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, Math.PI * 2);
}

export function drawStop(ctx, x, y, { tone, shape, late, dim, lit, number, near }, colour) {
  ctx.globalAlpha = dim ? 0.16 : 1;
  if (late) {
    circle(ctx, x, y, 8.5);
    ctx.strokeStyle = colour.risk;
    ctx.lineWidth = 2.5;
    ctx.stroke();
  }
  if (shape === "hollow") {
    circle(ctx, x, y, 4.5);
    ctx.fillStyle = colour.surface;
    ctx.fill();
    ctx.strokeStyle = colour[tone];
    ctx.lineWidth = 2;
    ctx.stroke();
  } else if (shape === "diamond") {
    ctx.beginPath();
    ctx.moveTo(x, y - 7.5); ctx.lineTo(x + 7.5, y); ctx.lineTo(x, y + 7.5); ctx.lineTo(x - 7.5, y);
    ctx.closePath();
    ctx.fillStyle = colour[tone];
    ctx.fill();
    ctx.strokeStyle = colour.surface;
    ctx.lineWidth = 1.5;
    ctx.stroke();
  } else if (shape === "cross") {
    ctx.beginPath();
    ctx.moveTo(x - 3, y - 3); ctx.lineTo(x + 3, y + 3); ctx.moveTo(x + 3, y - 3); ctx.lineTo(x - 3, y + 3);
    ctx.strokeStyle = colour[tone];
    ctx.lineWidth = 2;
    ctx.stroke();
  } else {
    if (shape === "tick" && !near) ctx.globalAlpha *= 0.8; // from afar what is over steps back behind what is to do
    circle(ctx, x, y, shape !== "tick" ? 5.5 : near ? 5 : 3.8);
    ctx.fillStyle = colour[tone];
    ctx.fill();
    ctx.strokeStyle = colour.surface;
    ctx.lineWidth = 1.5;
    ctx.stroke();
    if (shape === "tick" && near) {
      ctx.beginPath();
      ctx.moveTo(x - 2.2, y + 0.2); ctx.lineTo(x - 0.6, y + 1.8); ctx.lineTo(x + 2.3, y - 1.6);
      ctx.stroke();
    }
  }
  if (lit) {
    circle(ctx, x, y, 11);
    ctx.strokeStyle = colour.ink;
    ctx.lineWidth = 2.5;
    ctx.stroke();
  }
  if (number) label(ctx, x, y - 15, String(number), colour);
}

function label(ctx, x, y, text, colour) {
  ctx.font = "600 13px sans-serif";
  const width = Math.max(18, ctx.measureText(text).width + 9);
  ctx.fillStyle = colour.ink;
  ctx.beginPath();
  ctx.roundRect(x - width / 2, y - 9, width, 18, 9);
  ctx.fill();
  ctx.fillStyle = colour.surface;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(text, x, y + 0.5);
}

export function drawWorker(ctx, x, y, { heading, out, lit, dim, carer }, colour) {
  ctx.globalAlpha = dim ? 0.25 : 1;
  ctx.translate(x, y);
  if (lit) {
    circle(ctx, 0, 0, 13);
    ctx.fillStyle = "rgba(26, 34, 48, 0.14)";
    ctx.fill();
  }
  ctx.rotate(heading);
  ctx.beginPath();
  if (carer) { // walks: rounder and smaller than a rider's arrow
    ctx.moveTo(0, -8); ctx.quadraticCurveTo(7, -1, 4.5, 5); ctx.quadraticCurveTo(0, 8, -4.5, 5); ctx.quadraticCurveTo(-7, -1, 0, -8);
  } else {
    ctx.moveTo(0, -9.5); ctx.lineTo(6.5, 7); ctx.lineTo(0, 3.5); ctx.lineTo(-6.5, 7);
  }
  ctx.closePath();
  ctx.fillStyle = out ? colour.person : colour.ink;
  ctx.fill();
  ctx.strokeStyle = colour.surface;
  ctx.lineWidth = 1.75;
  ctx.stroke();
}

export function drawKitchen(ctx, x, y, { lit }, colour) {
  ctx.fillStyle = colour.surface;
  ctx.strokeStyle = colour.ink;
  ctx.lineWidth = lit ? 3 : 2;
  ctx.beginPath();
  ctx.moveTo(x - 8, y - 1.5); ctx.lineTo(x, y - 8.5); ctx.lineTo(x + 8, y - 1.5); ctx.lineTo(x + 8, y + 7.5); ctx.lineTo(x - 8, y + 7.5);
  ctx.closePath();
  ctx.fill();
  ctx.stroke();
  ctx.fillStyle = colour.ink;
  ctx.fillRect(x - 2, y + 1.5, 4, 6);
}

const SHAPES = { wait: "hollow", way: "filled", done: "tick", risk: "filled", person: "diamond" };
export const shapeOf = (state, tone) => (state === "cancelled" ? "cross" : SHAPES[tone]);
