import "@gatestream/ui/ui.css";
import "./app.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";

// Everything is laid out by logical properties: `?dir=rtl` shows it from right to left.
const isRightToLeft = new URLSearchParams(location.search).get("dir") === "rtl";
document.documentElement.dir = isRightToLeft ? "rtl" : "ltr";

const container = document.querySelector("#app");
if (container === null) throw new Error("The page has no #app.");
createRoot(container).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
