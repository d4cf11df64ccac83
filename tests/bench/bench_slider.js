// Runs in the page: when did the slider move, and when was the new picture on the screen?
//
// A move is kept with the value that the slider took, the time at which the page was given the
// event (`at`) and the event's own time stamp (`hand`): Chromium keeps a mouse move back for the
// start of the next frame. A picture is there when the path of an SVG's mark, or the source of a
// loaded and decoded image, is a new one; a message posted from the next animation frame comes when
// that frame has been rendered: that is the time written down. Frames are asked for only then: a
// recorder that looks at every frame keeps the page animated, and each event of a page that is at
// rest for a learner would wait for the next tick of the clock.
([slider, shown, mark]) => {
  const path = () => shown.querySelector(`[data-mark="${mark}"]`)?.getAttribute("d");
  const source = () => {
    const image = shown.querySelector("img");
    return image?.complete && image.naturalWidth ? image.src : undefined;
  };
  const look = mark ? path : source;
  const moves = [];
  const frames = [];
  let event = { at: performance.now(), hand: performance.now() };
  let last = look();

  const hear = ({ timeStamp }) => (event = { at: performance.now(), hand: timeStamp });
  const kinds = ["keydown", "pointermove", "mousemove"];
  for (const each of kinds) window.addEventListener(each, hear, true);

  const value = () => Number(slider.getAttribute("aria-valuenow"));
  const moved = new MutationObserver(() => {
    if (value() !== moves.at(-1)?.value) moves.push({ ...event, value: value() });
  });
  moved.observe(slider, { attributes: true, attributeFilter: ["aria-valuenow"] });

  const rendered = new MessageChannel();
  rendered.port1.onmessage = ({ data }) => frames.push({ at: performance.now(), picture: data });
  const changed = () => {
    const picture = look();
    if (picture === undefined || picture === last) return;
    last = picture;
    requestAnimationFrame(() => rendered.port2.postMessage(picture));
  };
  const drawn = new MutationObserver(changed);
  drawn.observe(shown, { attributes: true, childList: true, subtree: true });
  shown.addEventListener("load", changed, true);

  window.lrlabBench = {
    count: () => frames.length,
    last: () => frames.at(-1)?.picture,
    stop() {
      moved.disconnect();
      drawn.disconnect();
      shown.removeEventListener("load", changed, true);
      for (const each of kinds) window.removeEventListener(each, hear, true);
      return { moves, frames };
    },
  };
}
