/** The text of a style sheet, put into the build. */
declare module "*.css?raw" {
  const text: string;
  export { text as default };
}
