// Small plane geometry for the map: no library for what takes twenty lines.

const key = (p) => `${p.x.toFixed(6)},${p.y.toFixed(6)}`;

/** Line segments on the outside of a set of cells: an edge that two cells share is inside and drops out. */
export function outline(cells) {
  const edges = new Map();
  for (const cell of cells) {
    cell.forEach((from, i) => {
      const to = cell[(i + 1) % cell.length];
      const [a, b] = [key(from), key(to)];
      if (a === b) return;
      const id = a < b ? `${a}|${b}` : `${b}|${a}`;
      if (edges.has(id)) edges.delete(id); else edges.set(id, [from, to]);
    });
  }
  return [...edges.values()];
}

/** The middle of a cell's bounding box and of its corners, weighted: good enough for a label. */
export function centre(points) {
  const n = points.length || 1;
  return { x: points.reduce((sum, p) => sum + p.x, 0) / n, y: points.reduce((sum, p) => sum + p.y, 0) / n };
}

/** Direction of travel on the screen, 0 = up, clockwise, in radians. */
export const heading = (from, to, stretch) => Math.atan2((to.x - from.x) * stretch, to.y - from.y);
