// For tsc alone, which cannot read a component; vue-tsc, in the build, looks into each.
declare module "*.vue" {
  import type { Component } from "vue";
  const component: Component;
  export default component;
}
