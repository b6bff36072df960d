export { createMarkdownView } from "@gatestream/ui";
