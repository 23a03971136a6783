// The one-euro filter: little lag where a joint is fast, little jitter where it is slow. Casiez and others, CHI 2012.

const CUTOFF = 1.5, SPEED = 6, DERIVATIVE = 1; // Hz at rest; more of them for each frame a second; Hz of the speed itself

class OneEuro {
  constructor() {
    this.value = this.speed = null;
  }
  step(value, seconds) {
    if (this.value === null) return (this.speed = 0), (this.value = value);
    const share = (cutoff) => 1 / (1 + 1 / (2 * Math.PI * cutoff * seconds));
    this.speed += share(DERIVATIVE) * ((value - this.value) / seconds - this.speed);
    return (this.value += share(CUTOFF + SPEED * Math.abs(this.speed)) * (value - this.value));
  }
}

// One for each coordinate of each joint; a joint that was out of view begins anew.
export class Smoother {
  constructor() {
    this.filters = {};
    this.before = null;
  }
  pose(joints, now) {
    const seconds = Math.max(0.001, this.before === null ? 0.03 : now - this.before), smooth = {};
    this.before = now;
    for (const [name, { x, y, visible }] of Object.entries(joints)) {
      if (!visible || !this.filters[name]) this.filters[name] = [new OneEuro(), new OneEuro()];
      const [a, b] = this.filters[name];
      smooth[name] = visible ? { x: a.step(x, seconds), y: b.step(y, seconds), visible } : { x, y, visible };
    }
    return smooth;
  }
}
