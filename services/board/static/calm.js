// Drawing that builds elements anew must not happen between a press and its release: the click would be lost.

let down = false;
const waiting = new Set();

addEventListener("pointerdown", () => { down = true; }, true);
for (const name of ["pointerup", "pointercancel", "blur"]) {
  addEventListener(name, () => {
    down = false;
    // The click comes after the release: what waited is drawn after it.
    setTimeout(() => {
      if (down) return;
      const draws = [...waiting];
      waiting.clear();
      for (const draw of draws) draw();
    }, 0);
  }, true);
}

/** A drawing function without arguments that waits while a pointer is pressed. */
export function calmly(draw) {
  return () => {
    if (down) waiting.add(draw); else draw();
  };
}
