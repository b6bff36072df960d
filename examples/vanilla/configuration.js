// Which configuration of the gateway answers on the demo's pages. In a page of yours, your own stands
// in its place.

/** @typedef {{ readonly gateway: string, readonly configurationId?: string }} Demo */

/**
 * Which gateway answers, and under which configuration if that is known.
 *
 * @returns {Promise<Demo>}
 */
export async function readDemo() {
  const response = await fetch("/demo.json");
  return response.json();
}

/**
 * A gateway of your own has its own configurations: the page asks which one, once for each tab.
 *
 * @param {Demo} demo
 * @returns {Promise<string>}
 */
export async function chooseConfiguration({ configurationId }) {
  const key = "configurationId";
  const known = configurationId ?? sessionStorage.getItem(key);
  if (known) return known;
  const form = document.querySelector("#configuration");
  const field = form?.querySelector("input");
  if (!(form instanceof HTMLFormElement) || !field) throw new Error("The page has no form.");
  form.hidden = false;
  field.focus();
  const chosen = await new Promise((resolve) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = field.value.trim();
      if (given !== "") resolve(given);
    });
  });
  form.hidden = true;
  sessionStorage.setItem(key, chosen);
  return chosen;
}
