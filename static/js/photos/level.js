// Whether the tablet is held level, where it can tell: a line for an upright camera, a point for one that looks down.

const LEVEL_WITHIN = 1.5; // degrees
const RADIANS = Math.PI / 180;

export class Level {
  #isOn = false;
  /** @type {(event: DeviceOrientationEvent) => void} */
  #turn = (event) => this.#show(event);

  /** @param {HTMLElement} mark @param {HTMLButtonElement} button */
  constructor(mark, button) {
    this.mark = mark;
    this.button = button;
    this.line = mark.querySelector("i");
    button.hidden = !("DeviceOrientationEvent" in globalThis) || !matchMedia("(pointer: coarse)").matches;
    button.addEventListener("click", () => (this.#isOn ? this.stop() : this.start()));
  }

  async start() {
    const events = /** @type {{requestPermission?: () => Promise<string>}} */ (globalThis.DeviceOrientationEvent);
    const ask = events?.requestPermission; // Safari only
    if (ask && (await ask.call(DeviceOrientationEvent).catch(() => "denied")) !== "granted") return;
    this.#isOn = true;
    this.button.ariaPressed = "true";
    addEventListener("deviceorientation", this.#turn);
  }

  stop() {
    this.#isOn = false;
    this.button.ariaPressed = "false";
    this.mark.hidden = true;
    removeEventListener("deviceorientation", this.#turn);
  }

  /** @param {{beta: number | null, gamma: number | null}} angles in degrees */
  #show({ beta, gamma }) {
    if (beta === null || gamma === null) return;
    // Where "down" lies in the plane of the screen.
    const across = Math.cos(beta * RADIANS) * Math.sin(gamma * RADIANS);
    const down = Math.sin(beta * RADIANS);
    const turned = screen.orientation?.angle ?? 0;
    const looksDown = Math.hypot(across, down) < 0.3;
    const roll = Math.atan2(across, down) / RADIANS - turned;
    const off = looksDown
      ? Math.asin(Math.hypot(across, down)) / RADIANS
      : Math.abs(((((roll + 180) % 360) + 360) % 360) - 180);
    this.mark.hidden = false;
    this.mark.classList.toggle("is-level", off <= LEVEL_WITHIN);
    this.mark.classList.toggle("looks-down", looksDown);
    this.line.style.transform = looksDown ? `translate(${across * 120}px, ${down * 120}px)` : `rotate(${roll}deg)`;
  }
}
