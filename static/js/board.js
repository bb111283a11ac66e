// Cards in the order they will print: drag a grip, or press the arrow keys on it.
// The server decides and answers with the board as it is now.

const BOARD = "sections";
let dragged = null; // { card, list, next }: what is in hand and where it was

let busy = false; // one move at a time: the next is counted on the board it made

const grips = (root) => root.querySelectorAll("details.move > summary");
const form = (card) => card.querySelector("details.move form");

async function send(card, fields) {
  if (busy) return;
  busy = true;
  document.getElementById(BOARD).setAttribute("aria-busy", "true");
  const data = new FormData(form(card));
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  const response = await fetch(form(card).action, { method: "POST", body: data });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById(BOARD);
  if (!response.ok || !fresh) {
    // Somebody was faster: their board, and the reason, are a reload away.
    location.reload();
    return;
  }
  document.getElementById(BOARD).replaceWith(document.importNode(fresh, true));
  const panel = page.getElementById("preflight");
  if (panel) document.getElementById("preflight").replaceWith(document.importNode(panel, true));
  busy = false;
  prepare();
  const moved = document.getElementById(card.id);
  moved?.classList.add("arrived");
  moved?.querySelector("summary")?.focus();
}

function keys(event) {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  event.preventDefault();
  const card = event.target.closest(".card");
  const presses = form(card).querySelectorAll("button[name=position]");
  const press = presses[event.key === "ArrowUp" ? 0 : 1];
  if (!press.disabled) send(card, { position: press.value });
}

// --- the pointer ---------------------------------------------------------------

function start(event) {
  if (event.button !== 0 || busy) return;
  const card = event.target.closest(".card");
  const from = { x: event.clientX, y: event.clientY };
  const move = (at) => {
    if (!dragged && Math.hypot(at.clientX - from.x, at.clientY - from.y) > 6) lift(card);
    if (dragged) hover(at.clientX, at.clientY);
  };
  const end = (at) => {
    listening.abort();
    if (dragged) drop(at.type === "pointerup");
  };
  // On the document: moving a card in the tree takes a pointer's capture from its grip.
  const listening = new AbortController();
  const { signal } = listening;
  document.addEventListener("pointermove", move, { signal });
  document.addEventListener("pointerup", end, { signal });
  document.addEventListener("pointercancel", end, { signal });
}

function lift(card) {
  dragged = { card, list: card.parentElement, next: card.nextElementSibling };
  card.classList.add("dragged");
}

function hover(x, y) {
  const under = document.elementsFromPoint(x, y);
  const over = under.map((each) => each.closest?.(".card")).find((each) => each && each !== dragged.card);
  if (over) {
    const box = over.getBoundingClientRect();
    over.parentElement.insertBefore(dragged.card, y < box.top + box.height / 2 ? over : over.nextSibling);
    return;
  }
  const section = under.map((each) => each.closest?.("[data-section]")).find(Boolean);
  if (section && !section.querySelector(".card")) section.append(dragged.card);
  if (y < 60) scrollBy(0, -12);
  if (y > innerHeight - 60) scrollBy(0, 12);
}

function drop(kept) {
  const { card, list, next } = dragged;
  dragged = null;
  // The press that ends a drag is followed by a click, which must not open the menu.
  const still = (event) => event.preventDefault();
  card.addEventListener("click", still);
  setTimeout(() => card.removeEventListener("click", still));
  card.classList.remove("dragged");
  const section = card.closest("[data-section]");
  const same = card.parentElement === list && card.nextElementSibling === next;
  if (!kept || same || !section) {
    list.insertBefore(card, next);
    return;
  }
  const cards = [...section.querySelectorAll(".card")];
  send(card, { section: section.dataset.section, position: cards.indexOf(card) });
}

function prepare() {
  for (const grip of grips(document)) {
    grip.addEventListener("keydown", keys);
    grip.addEventListener("pointerdown", start);
  }
}

prepare();
