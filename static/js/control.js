// The control room looks again by itself (htmx). Here is what makes that easy to live
// with; without script the page stands still and has a link to look again.

const progress = () => document.getElementById("progress");
const isBusy = () => document.hidden || document.querySelector("dialog[open]") !== null;

// A tab nobody looks at asks nothing, and a question that is open is not reloaded away.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target === progress() && isBusy()) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && progress()) htmx.trigger(progress(), "look");
});

// What was unfolded stays so.
let open = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target !== progress()) return;
  open = [...progress().querySelectorAll("details[open]")].map((each) => each.id);
});

// Said aloud only when there is something new to say: every tenth of the way.
let said = progress()?.dataset.said;
document.addEventListener("htmx:afterSettle", () => {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  const now = progress()?.dataset.said;
  if (now && now !== said) document.getElementById("said").textContent = now;
  said = now;
  tick();
});

function tick() {
  const clock = document.querySelector("[data-until]");
  if (!clock) return;
  const left = Math.max(0, Math.round((new Date(clock.dataset.until) - Date.now()) / 1000));
  const seconds = String(left % 60).padStart(2, "0");
  clock.textContent = left < 3600 ? `${Math.floor(left / 60)}:${seconds}` : "";
}
tick();
setInterval(tick, 1000);
