// A press on [data-copy-from="#id"] copies that field's text and says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-from]");
  if (!button) return;
  const field = document.querySelector(button.dataset.copyFrom);
  field.focus();
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.copied;
  } catch {
    // No clipboard without https or permission: the text is selected, one key copies it.
    button.textContent = button.dataset.selected;
  }
});
