// What many routes or issuers have in common is held once, so that a decision finds it at hand whichever of them it is
// about: at ten thousand rules, looking at one copy for each takes longer than matching the path.

/** The first of all values with the same text, for each of them. The text is what the value says, and nobody changes it. */
export type Share = <Value>(value: Value, text: string) => Value

export function createShare(): Share {
  const held = new Map<string, unknown>()
  return <Value>(value: Value, text: string) => {
    if (!held.has(text)) held.set(text, value)
    return held.get(text) as Value
  }
}
