// The closed forms of the lessons. tests/browser compares each with the installed torch.

export const BATCHES = 430; // An epoch of MNIST has so many batches of 128 images.
const EPS = 1e-8; // ReduceLROnPlateau's default.

/** The lr of StepLR in an epoch, counted from 0; with a bug, in the epoch's first batch. */
export function stepLR({ lr0, step_size, gamma, bug = "none" }, epoch) {
  return lr0 * gamma ** drops[bug](epoch, step_size);
}

const drops = {
  none: (epoch, stepSize) => Math.floor(epoch / stepSize),
  "after every batch": (epoch, stepSize) => Math.floor((epoch * BATCHES) / stepSize),
  "before the batches": (epoch, stepSize) => Math.floor((epoch + 1) / stepSize),
  "made anew each epoch": (epoch, stepSize) => (stepSize === 1 ? epoch : 0),
};

/** θ before the first and after each of `steps` steps of gradient descent on ½·curvature·θ². */
export function quadraticPath({ theta0, curvature, lr, steps }) {
  return Array.from({ length: steps + 1 }, (_, t) => theta0 * (1 - lr * curvature) ** t);
}

/** The state of ReduceLROnPlateau (mode "min", threshold "rel") after each call of step(metric). */
export function reduceLROnPlateau(metrics, { lr0, factor, patience, threshold, cooldown }) {
  let [best, bad, resting, lr] = [Infinity, 0, 0, lr0];
  return metrics.map((metric) => {
    const better = metric < best * (1 - threshold);
    if (better) [best, bad] = [metric, 0];
    else bad += 1;
    if (resting > 0) [resting, bad] = [resting - 1, 0];
    const exceeded = bad > patience;
    if (exceeded) {
      const lower = lr * factor;
      if (lr - lower > EPS) lr = lower;
      [resting, bad] = [cooldown, 0];
    }
    return { better, exceeded, best, bad, resting, lr };
  });
}

/** A number as a reader would write it: 0.2, 96.0, 4.1e-5. */
export function number(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size >= 10 && size < 1e4) return value.toFixed(1);
  if (size !== 0 && (size < 1e-4 || size >= 1e4)) {
    const [digits, power] = value.toExponential(2).split("e");
    return `${Number(digits)}e${Number(power)}`;
  }
  return String(Number(value.toPrecision(3)));
}
