/** A value, or a function that is asked for it each time that it is needed. */
export type Given<Value extends object> = Value | (() => Value);

export function readGiven<Value extends object>(given: Given<Value>): Value {
  return typeof given === "function" ? given() : given;
}
