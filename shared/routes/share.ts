// Keeps one copy of a value that many routes or issuers have in common, so that it stays in the processor's cache: with
// ten thousand rules, reading a copy of each rule's own takes longer than matching the path.

/** Returns the first value that was passed with this text. `text`: the content of the value, which must not change. */
export type Share = <Value>(value: Value, text: string) => Value

export function createShare(): Share {
  const held = new Map<string, unknown>()
  return <Value>(value: Value, text: string) => {
    if (!held.has(text)) held.set(text, value)
    return held.get(text) as Value
  }
}
