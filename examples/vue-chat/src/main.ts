import "@gatestream/ui/ui.css";
import "./app.css";
import { createApp } from "vue";
import App from "./App.vue";

// Everything is laid out by logical properties: `?dir=rtl` shows it from right to left.
const isRightToLeft = new URLSearchParams(location.search).get("dir") === "rtl";
document.documentElement.dir = isRightToLeft ? "rtl" : "ltr";

createApp(App).mount("#app");
