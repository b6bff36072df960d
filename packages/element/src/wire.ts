import { createInspector, inspectorListeners } from "@gatestream/ui";
import css from "@gatestream/ui/styles/inspector.css?raw";

export { createInspector, inspectorListeners, css };
