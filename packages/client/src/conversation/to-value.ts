/** A value, or a function that returns it whenever it is needed. */
export type MaybeGetter<Value extends object> = Value | (() => Value);

export function toValue<Value extends object>(given: MaybeGetter<Value>): Value {
  return typeof given === "function" ? given() : given;
}
