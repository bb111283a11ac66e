// What every page of the desk has: copying, questions in a dialog, shortcuts.
// Each is a comfort: without script every link and form does the same by itself.

function copyPresses(root) {
  for (const press of root.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) return;
    press.hidden = false;
    press.addEventListener("click", async () => {
      const text = document.getElementById(press.dataset.copy).textContent;
      await navigator.clipboard.writeText(text);
      const words = press.querySelector("span");
      const before = words.textContent;
      words.textContent = press.dataset.done;
      setTimeout(() => { words.textContent = before; }, 2000);
    });
  }
}

// A question's page, shown over the one it was asked from. Anything but a page with a
// question (a login, an error) is simply gone to.
async function ask(link) {
  const response = await fetch(link.href);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const question = page.getElementById("ask");
  if (!response.ok || !question) {
    location.assign(link.href);
    return;
  }
  const dialog = document.createElement("dialog");
  const heading = question.querySelector("h1");
  heading.id = "ask-heading";
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.append(document.importNode(question, true));
  document.body.append(dialog);
  copyPresses(dialog);
  for (const close of dialog.querySelectorAll("[data-close]")) {
    close.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.close();
    });
  }
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  dialog.showModal();
}

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable], dialog") !== null;
}

function shortcuts() {
  // The box says which key leads to it, where there are keys.
  const hasKeys = matchMedia("(hover: hover)").matches;
  for (const box of hasKeys ? document.querySelectorAll("[data-with-keys]") : []) {
    box.placeholder = box.dataset.withKeys;
  }
  let waiting = false; // after g
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target)) return;
    if (waiting) {
      waiting = false;
      const place = { t: "my_turn", i: "issue", b: "backlog" }[event.key];
      const link = place && document.querySelector(`[data-go="${place}"]`);
      if (link) location.assign(link.href);
      return;
    }
    if (event.key === "g") {
      waiting = true;
      setTimeout(() => { waiting = false; }, 1500);
    } else if (event.key === "n") {
      const box = document.querySelector('[data-shortcut="n"]');
      const write = document.querySelector('[data-go="write"]');
      if (box) {
        event.preventDefault();
        box.focus();
      } else if (write) location.assign(write.href);
    } else if (event.key === "?") {
      const help = document.querySelector('[data-go="more"]');
      if (help) location.assign(`${help.href}#shortcuts`);
    }
  });
}

function menus() {
  const shut = (except) => {
    for (const menu of document.querySelectorAll("details.menu-press[open], details.move[open]")) {
      if (!menu.contains(except)) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => shut(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target.closest("details[open]");
    if (open?.matches(".menu-press, .move")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  link.closest("details.menu-press")?.removeAttribute("open");
  ask(link);
});
// A form that was refused begins where the first thing is to mend.
document.querySelector(".board [aria-invalid=true]")?.focus();
copyPresses(document);
shortcuts();
menus();
