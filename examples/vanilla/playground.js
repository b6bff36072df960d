// Each option of the form is an attribute of the element, by its name.

import { chooseConfiguration, readDemo } from "/configuration.js";

const chat = /** @type {HTMLElement} */ (document.querySelector("gatestream-chat"));
const form = /** @type {HTMLFormElement} */ (document.querySelector("#options"));
const html = /** @type {HTMLElement} */ (document.querySelector("#html"));
const copy = /** @type {HTMLButtonElement} */ (document.querySelector("#copy"));

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/**
 * What an option is as an attribute: undefined for none, empty for one that is only there.
 *
 * @param {Control} control
 */
function attributeOf(control) {
  if (control instanceof HTMLInputElement && control.type === "checkbox") {
    if (!control.checked) return undefined;
    return control.value === "on" ? "" : control.value;
  }
  // The element has this colour anyhow.
  if (control instanceof HTMLInputElement && control.type === "color") {
    return control.value === control.defaultValue ? undefined : control.value;
  }
  const lines = control.value.split("\n").map((line) => line.trim());
  return lines.filter(Boolean).join(" | ") || undefined;
}

function show() {
  for (const control of form.querySelectorAll("[name]")) {
    const { name } = /** @type {Control} */ (control);
    const value = attributeOf(/** @type {Control} */ (control));
    // What has not changed is not shown anew.
    if (value === undefined) chat.removeAttribute(name);
    else if (chat.getAttribute(name) !== value) chat.setAttribute(name, value);
  }
  html.textContent = [
    '<script src="gatestream-chat.iife.min.js" defer></script>',
    "",
    "<gatestream-chat",
    ...[...chat.attributes].map(({ name, value }) => `  ${writeAttribute(name, value)}`),
    "></gatestream-chat>",
  ].join("\n");
}

/**
 * @param {string} name
 * @param {string} value
 */
function writeAttribute(name, value) {
  if (value === "") return name;
  return `${name}="${value.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"`;
}

form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
copy.addEventListener("click", async () => {
  await navigator.clipboard.writeText(html.textContent ?? "");
  copy.textContent = "Copied";
  setTimeout(() => (copy.textContent = "Copy"), 2000);
});
chat.setAttribute("configuration-id", await chooseConfiguration(await readDemo()));
chat.hidden = false;
show();
