// Writing an item: it keeps itself, shows itself as it will read, and says what the
// section wants. Composing Chinese is left alone until the words are there.

const form = document.getElementById("writing");
const said = document.getElementById("said");
const text = form.elements.commentary;
const IDLE = 1500; // milliseconds without a key

let composing = false;
form.addEventListener("compositionstart", () => { composing = true; });
form.addEventListener("compositionend", () => { composing = false; });

function idle(act, wait) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(function look() {
      if (composing) timer = setTimeout(look, wait);
      else act();
    }, wait);
  };
}

// --- it keeps itself --------------------------------------------------------------

const WORDS = ["headline", "commentary", "url", "label"];
const state = () => JSON.stringify([...new FormData(form)].filter(
  ([name, value]) => typeof value === "string" && !name.startsWith("picture-")
    && name !== "version" && name !== "csrfmiddlewaretoken",
));
let kept = state();
let running = false;
let leaving = false;

async function keep() {
  const now = state();
  const empty = WORDS.every((name) => !form.elements[name].value.trim());
  if (running || leaving || now === kept || empty) return;
  running = true;
  const data = new FormData(form);
  for (const name of [...data.keys()]) if (name.startsWith("picture-")) data.delete(name);
  data.delete("new_topic");
  try {
    const response = await fetch(form.dataset.autosave, {
      method: "POST", body: data,
    });
    const answer = await response.json();
    if (response.ok) {
      kept = now;
      form.elements.version.value = answer.version;
      said.textContent = answer.said;
      if (location.pathname !== answer.page) {
        history.replaceState(null, "", answer.page);
        form.action = answer.page;
        form.dataset.autosave = answer.autosave;
        form.elements.issue?.closest(".field").remove();
      }
    } else {
      said.textContent = answer.error;
    }
  } catch {
    said.textContent = form.dataset.failed;
  }
  running = false;
  if (state() !== now) later();
}

const later = idle(keep, IDLE);
if (form.dataset.autosave) {
  form.addEventListener("input", later);
  form.addEventListener("change", later);
}

let sent = false;
form.addEventListener("submit", () => { sent = leaving = true; });
addEventListener("beforeunload", (event) => {
  if (!sent && state() !== kept) event.preventDefault();
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit(form.querySelector('button[name="press"][value="save"]'));
  }
});

// --- as it will read --------------------------------------------------------------

const live = document.getElementById("live");
const fold = document.getElementById("live-fold");
let shown = null;

function show() {
  if (!fold.open || shown === text.value) return;
  shown = text.value;
  htmx.ajax("POST", live.dataset.url, { target: live, swap: "innerHTML", values: { commentary: shown } });
}

const showSoon = idle(show, 400);
text.addEventListener("input", showSoon);
fold.addEventListener("toggle", show);

// --- what a link leads to ----------------------------------------------------------

const url = form.elements.url;
const read = form.querySelector('button[value="read"]');
let lastRead = url.value;

function readPage() {
  if (!url.value.trim() || url.value === lastRead) return;
  lastRead = url.value;
  read.click();
}
url.addEventListener("change", readPage);
url.addEventListener("paste", () => setTimeout(readPage));
addEventListener("load", () => {
  if (url.value && !form.elements.headline.value) read.click();
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "source") return;
  const source = event.detail.target;
  const title = source.querySelector("[data-title]")?.dataset.title;
  if (title && !form.elements.headline.value) {
    form.elements.headline.value = title;
    later();
  }
  for (const press of source.querySelectorAll("[data-use-url]")) {
    press.hidden = false;
    press.addEventListener("click", () => {
      url.value = press.dataset.useUrl;
      readPage();
      later();
    });
  }
  for (const press of source.querySelectorAll("[data-use-picture]")) {
    press.addEventListener("click", usePicture);
  }
  for (const press of source.querySelectorAll("[data-dismiss]")) {
    press.addEventListener("click", (click) => {
      click.preventDefault();
      press.closest(".seen").remove();
      form.elements.headline.focus();
    });
  }
});

// The page's own picture goes where an address could be typed; without a script the
// same press sends the form, which comes back so.
function usePicture(press) {
  press.preventDefault();
  const fields = form.elements;
  fields["picture-new-address"].value = fields["picture-offered"].value;
  fields["picture-new-picture_credit"].value ||= fields["picture-offered-by"].value;
  document.getElementById("pictures").open = true;
  fields["picture-new-alt"].focus();
}

// --- what the section wants ---------------------------------------------------------

const section = form.elements.section;
function guide() {
  for (const words of document.querySelectorAll("[data-guidance]")) {
    words.hidden = words.dataset.guidance !== section.value;
  }
}
section.addEventListener("change", guide);
guide();
