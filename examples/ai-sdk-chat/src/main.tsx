import "./app.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";

const container = document.querySelector("#app");
if (container === null) throw new Error("The page has no #app.");
createRoot(container).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
