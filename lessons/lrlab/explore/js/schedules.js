// The closed form of each of torch's schedulers: lr, and momentum where it moves, after `step` calls
// of step(). Where torch raises an error there is no value, NaN. tests/browser compares them.

const RATE = 0.95; // The factor of our MultiplicativeLR.

/** lr and momentum (undefined where the scheduler leaves it alone) after `step` calls. */
export function schedule(name, settings, step) {
  const found = forms[name](settings, step);
  return typeof found === "number" ? { lr: found } : found;
}

const NOTHING = { lr: NaN, momentum: NaN };

const forms = {
  LambdaLR: ({ lr0 }, t) => lr0 * (1 / Math.sqrt(t + 1)),

  MultiplicativeLR: ({ lr0 }, t) => lr0 * RATE ** t,

  StepLR: ({ lr0, step_size, gamma }, t) => lr0 * fallen(step_size, gamma, t),

  MultiStepLR({ lr0, milestone_1, milestone_2, gamma }, t) {
    const passed = [milestone_1, milestone_2].filter((milestone) => t >= milestone).length;
    return lr0 * gamma ** passed;
  },

  ExponentialLR: ({ lr0, gamma }, t) => lr0 * gamma ** t,

  ConstantLR({ lr0, factor, total_iters }, t) {
    if (total_iters === 0 || t < total_iters) return lr0 * factor; // torch asks for t === total_iters.
    return factor === 0 ? NaN : lr0;
  },

  LinearLR: ({ lr0, start_factor, end_factor, total_iters }, t) =>
    start_factor > 0 && start_factor <= 1 && end_factor >= 0 && end_factor <= 1
      ? lr0 * linear(start_factor, end_factor, total_iters, t)
      : NaN,

  PolynomialLR: ({ lr0, total_iters, power }, t) =>
    total_iters === 0 ? lr0 : lr0 * (1 - Math.min(t, total_iters) / total_iters) ** power,

  CosineAnnealingLR({ lr0, T_max, eta_min }, t) {
    if (T_max === 0) return t === 0 ? lr0 : NaN;
    return cosine(lr0, eta_min, t / T_max);
  },

  CosineAnnealingWarmRestarts({ lr0, T_0, T_mult, eta_min }, t) {
    if (T_0 < 1 || T_mult < 1) return NaN;
    let [since, period] = [t, T_0];
    if (T_mult === 1) since %= T_0;
    else {
      while (since >= period) {
        since -= period;
        period *= T_mult;
      }
    }
    return cosine(lr0, eta_min, since / period);
  },

  OneCycleLR(settings, t) {
    const { max_lr, total_steps, pct_start, anneal_strategy, div_factor, final_div_factor } = settings;
    const { three_phase, base_momentum, max_momentum, cycle_momentum } = settings;
    if (total_steps < 1 || t > total_steps || div_factor === 0) return NOTHING;
    const start = max_lr / div_factor;
    const [first, last] = [pct_start * total_steps - 1, total_steps - 1];
    const up = [first, start, max_lr, max_momentum, base_momentum];
    const end = start / final_div_factor;
    const phases = three_phase
      ? [
          up,
          [2 * pct_start * total_steps - 2, max_lr, start, base_momentum, max_momentum],
          [last, start, end, max_momentum, max_momentum],
        ]
      : [up, [last, max_lr, end, base_momentum, max_momentum]];
    const now = phases.findIndex(([until]) => t <= until);
    const phase = phases.at(now);
    const begun = phases[phases.indexOf(phase) - 1]?.[0] ?? 0;
    const [until, lrFrom, lrTo, momentumFrom, momentumTo] = phase;
    if (until === begun) return NOTHING; // torch divides by their difference.
    const share = (t - begun) / (until - begun);
    const between = anneal_strategy === "cos" ? cosine : (from, to) => (to - from) * share + from;
    const lr = between(lrFrom, lrTo, share);
    return cycle_momentum ? { lr, momentum: between(momentumFrom, momentumTo, share) } : lr;
  },

  CyclicLR(settings, t) {
    const { base_lr, max_lr, step_size_up, step_size_down, mode, gamma } = settings;
    const { cycle_momentum, base_momentum, max_momentum } = settings;
    if (step_size_up === 0) return NOTHING; // torch divides by it.
    const total = step_size_up + step_size_down;
    const ratio = step_size_up / total;
    const cycle = Math.floor(1 + t / total);
    const x = 1 + t / total - cycle;
    const share = x <= ratio ? x / ratio : (x - 1) / (ratio - 1);
    const heights = { triangular: 1, triangular2: 1 / 2 ** (cycle - 1), exp_range: gamma ** t };
    const height = heights[mode];
    const lr = base_lr + (max_lr - base_lr) * share * height;
    if (!cycle_momentum) return lr;
    return { lr, momentum: max_momentum - (max_momentum - base_momentum) * share * height };
  },

  SequentialLR(settings, t) {
    const { lr0, start_factor, total_iters, step_size, gamma, milestone } = settings;
    if (start_factor === 0) return NaN;
    if (t < milestone) return lr0 * linear(start_factor, 1, total_iters, t);
    if (step_size === 0 && t > 0) return NaN;
    return lr0 * fallen(step_size, gamma, t - milestone);
  },

  ChainedScheduler({ lr0, start_factor, total_iters, step_size, gamma }, t) {
    if (start_factor === 0) return NaN;
    return lr0 * linear(start_factor, 1, total_iters, t) * fallen(step_size, gamma, t);
  },

  ReduceLROnPlateau: () => NaN, // It depends on a metric.
};

/** StepLR's factor. With a step_size of 0 torch divides by it at the first call. */
function fallen(stepSize, gamma, t) {
  if (stepSize === 0) return t === 0 ? 1 : NaN;
  return gamma ** Math.floor(t / stepSize);
}

/** LinearLR's factor. With a total of 0 it never leaves its start. */
function linear(from, to, total, t) {
  return total === 0 ? from : from + ((to - from) * Math.min(t, total)) / total;
}

/** Half a wave of a cosine, from `from` at share 0 to `to` at share 1. */
function cosine(from, to, share) {
  return to + ((from - to) / 2) * (Math.cos(Math.PI * share) + 1);
}
