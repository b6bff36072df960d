// Only the demo needs this: your page writes `configuration-id` into its HTML, and no `hidden`.

import { chooseConfiguration, readDemo } from "/configuration.js";

const chat = /** @type {HTMLElement} */ (document.querySelector("gatestream-chat"));
chat.setAttribute("configuration-id", await chooseConfiguration(await readDemo()));
chat.hidden = false;
