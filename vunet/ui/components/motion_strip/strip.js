// Key poses in a row, played on the stage. In scope: the shared files; from Gradio element, props, server, watch.

const find = (selector) => element.querySelector(selector);
const tool = (name) => find('[data-do="' + name + '"]');

let keys = []; // {pose, step}: how long the way to the next one takes, relative to the others
let seconds = 0.6; // from key to key, on average
let frames = []; // all poses, from the server
let fps = 1; // of these
let ticket = 0; // of the last change: an answer to an earlier one is late
let playing = 0; // the animation frame of a motion that plays

const showOnStage = (pose, done) => tellStage(element, "show", { pose, done });

function say(text) {
  find(".vu-said").textContent = text;
}

// What the server answers, or null where it does not, or where it was overtaken.
async function asked(request) {
  const mine = ++ticket;
  const answer = (await server.plan({ ...request, language: LANGUAGE }).catch(() => null)) || { error: t("motion.silent") };
  if (mine !== ticket) return null;
  if (answer.error) say(answer.error);
  return answer.error ? null : answer;
}

async function change(next, tempo = seconds) {
  stop();
  ticket += 1;
  keys = next;
  seconds = tempo;
  props.value = motionOf();
  draw();
  await plan();
}

const motionOf = () => ({ keys: keys.map(({ pose }) => pose), seconds, steps: keys.map(({ step }) => step) });
const keysOf = (motion) => motion.keys.map((pose, i) => ({ pose, step: motion.steps?.[i] || 1 }));

async function plan() {
  frames = [];
  if (keys.length > 1) {
    const answer = await asked(motionOf());
    if (!answer) return;
    ({ poses: frames, fps } = answer);
    say(t("motion.length", keys.length, (frames.length / fps).toFixed(1)));
  } else say(t("motion.more"));
}

// The server may have been silent when it was asked for the poses: it is asked again.
async function play() {
  stop();
  if (!frames.length) await plan();
  if (!frames.length) return;
  const started = performance.now();
  let shown = -1;
  const step = (now) => {
    const index = Math.floor((Math.max(0, now - started) * fps) / 1000) % frames.length;
    if (index !== shown) showOnStage(frames[(shown = index)], false);
    mark(keyAt(index / frames.length));
    playing = requestAnimationFrame(step);
  };
  playing = requestAnimationFrame(step);
  tool("play").textContent = t("motion.stop");
}

function stop() {
  if (!playing) return;
  cancelAnimationFrame(playing);
  playing = 0;
  tool("play").textContent = t("motion.play");
  mark(-1);
  showOnStage(null, true);
}

// The key that a motion has passed, at a share of its time.
function keyAt(share) {
  let left = share * keys.reduce((sum, { step }) => sum + step, 0);
  return keys.findIndex(({ step }) => (left -= step) < 0);
}

function mark(now) {
  find(".vu-keys").querySelectorAll("li").forEach((item, i) => item.classList.toggle("vu-now", i === now));
}

function draw() {
  tool("clear").disabled = !keys.length;
  tool("play").disabled = keys.length < 2;
  tool("add").disabled = keys.length >= MOST;
  find("input").value = seconds;
  find("output").textContent = seconds.toFixed(2) + " s";
  find(".vu-keys").replaceChildren(...keys.map(({ pose }, i) => keyItem(pose, i)));
}

function keyItem(pose, i) {
  const item = document.createElement("li"), order = document.createElement("div");
  const show = button(thumbnail(pose, LIMBS), t("motion.key", i + 1), () => {
    stop();
    showOnStage(pose, true);
  });
  show.className = "vu-show";
  order.className = "vu-order";
  const swap = (j) => keys.map((key, k) => (k === i ? keys[j] : k === j ? keys[i] : key));
  const left = button("‹", t("motion.earlier", i + 1), () => rearrange(swap(i - 1), i - 1, 0));
  const right = button("›", t("motion.later", i + 1), () => rearrange(swap(i + 1), i + 1, 2));
  left.disabled = i === 0;
  right.disabled = i === keys.length - 1;
  order.append(left, button("×", t("motion.remove", i + 1), () => rearrange(keys.filter((_, k) => k !== i), i, 1)), right);
  item.append(show, order);
  return item;
}

// The list is drawn anew: the keyboard stays where it was.
function rearrange(next, item, which) {
  change(next);
  const items = find(".vu-keys").children, row = items[Math.min(item, items.length - 1)];
  (row ? row.querySelectorAll(".vu-order button")[which] : tool("add")).focus();
}

async function readyMade(motion) {
  stop();
  const pose = poseOnStage(element), answer = pose && (await asked({ motion, pose }));
  if (!answer) return;
  await change(keysOf(answer), answer.seconds || { wave: 0.35, turn: 0.3 }[motion] || 0.5);
  play();
}

const actions = {
  play: () => (playing ? stop() : play()),
  add: () => {
    stop();
    const pose = poseOnStage(element);
    if (pose) change([...keys, { pose, step: 1 }]);
  },
  walk: () => readyMade("walk"),
  wave: () => readyMade("wave"),
  turn: () => readyMade("turn"),
  clear: () => change([]),
};

// Ready-made motions as small figures that move while they are in view.
const poseOf = (places) => ({ joints: Object.fromEntries(NAMES.map((name, i) => [name, { x: places[i][0], y: places[i][1], visible: true }])) });
const figures = Object.entries(READY).map(([name, keys]) => {
  const node = button("", t("motion.ready." + name), () => readyMade(name));
  node.title = t("motion.ready." + name);
  find(".vu-ready").append(node);
  return { node, pictures: keys.map((key) => thumbnail(poseOf(key), LIMBS)) };
});
const still = matchMedia("(prefers-reduced-motion: reduce)");
let beat = 0;

function animate() {
  if (!element.isConnected) return clearInterval(animating);
  if (!element.offsetParent || document.hidden || (beat && still.matches)) return;
  for (const { node, pictures } of figures) node.replaceChildren(pictures[beat % pictures.length]);
  beat += 1;
}
const animating = setInterval(animate, 120);
animate();

find(".vu-tools").addEventListener("click", ({ target }) => {
  const pressed = target.closest("[data-do]");
  if (pressed && !pressed.disabled) actions[pressed.dataset.do]();
});
find("input").addEventListener("change", ({ target }) => change(keys, Number(target.value)));
find("input").addEventListener("input", ({ target }) => (find("output").textContent = Number(target.value).toFixed(2) + " s"));

// A motion from Python, of a session that was opened; it may have come before this tab was.
function receive() {
  if (props.value && props.value.opened) change(keysOf(props.value), props.value.seconds);
}

// What the mirror recorded, or read in a film.
document.addEventListener("vu-keys", ({ detail }) => element.isConnected && change(keysOf(detail), detail.seconds));

watch("value", receive);
stageOf(element)?.addEventListener("vu-grab", stop);
translate(element);
draw();
receive();
