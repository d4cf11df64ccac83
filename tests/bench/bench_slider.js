// Runs in the page: when did the slider move, and when was the new picture on the screen?
//
// A move is the input event's own timeStamp, kept with the value that the slider took. A picture
// counts in the first animation frame in which it is in the document: for an SVG the path of its
// mark, for an image one that is loaded and decoded. The message posted from that frame comes when the frame
// has been rendered: that is the time written down.
([slider, shown, kind]) => {
  const look = {
    svg: () => shown.querySelector('[data-mark="closed form"]')?.getAttribute("d"),
    img: () => {
      const image = shown.querySelector("img");
      return image?.complete && image.naturalWidth ? image.src : undefined;
    },
  }[kind];
  const moves = [];
  const frames = [];
  let event = performance.now();
  let last = look();
  let stopped = false;

  const hear = ({ timeStamp }) => (event = timeStamp);
  const kinds = ["keydown", "pointermove", "mousemove"];
  for (const each of kinds) window.addEventListener(each, hear, true);

  const value = () => Number(slider.getAttribute("aria-valuenow"));
  const moved = new MutationObserver(() => {
    if (value() !== moves.at(-1)?.value) moves.push({ at: event, value: value() });
  });
  moved.observe(slider, { attributes: true, attributeFilter: ["aria-valuenow"] });

  const rendered = new MessageChannel();
  rendered.port1.onmessage = ({ data }) => frames.push({ at: performance.now(), picture: data });
  const frame = () => {
    if (stopped) return;
    const picture = look();
    if (picture !== undefined && picture !== last) {
      last = picture;
      rendered.port2.postMessage(picture);
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);

  window.lrlabBench = {
    count: () => frames.length,
    last: () => frames.at(-1)?.picture,
    stop() {
      stopped = true;
      moved.disconnect();
      for (const each of kinds) window.removeEventListener(each, hear, true);
      return { moves, frames };
    },
  };
}
