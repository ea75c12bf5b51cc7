// Reads JSON the slow way: one value, every member once. Written independently of the product, as the reference.

class NotStrict extends Error {}

/** Reads strict JSON. @throws if the text is anything else, or has a member twice. */
export function readStrictly(text: string): unknown {
  let at = 0
  const space = () => {
    while (' \t\n\r'.includes(text[at] ?? 'x')) at++
  }
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found === undefined) throw new NotStrict()
    at += found.length
    return found
  }
  const string = (): string =>
    JSON.parse(take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y)) as string

  function members(): unknown {
    const names = new Set<string>()
    const entries: [string, unknown][] = []
    take(/\{[ \t\n\r]*/y)
    while (text[at] !== '}') {
      if (entries.length > 0) take(/,[ \t\n\r]*/y)
      const name = string()
      if (names.has(name)) throw new NotStrict()
      names.add(name)
      space()
      take(/:/y)
      entries.push([name, value()])
    }
    at++
    return Object.fromEntries(entries)
  }

  function items(): unknown {
    const list: unknown[] = []
    take(/\[[ \t\n\r]*/y)
    while (text[at] !== ']') {
      if (list.length > 0) take(/,[ \t\n\r]*/y)
      list.push(value())
    }
    at++
    return list
  }

  function value(): unknown {
    space()
    const first = text[at]
    const read =
      first === '{'
        ? members()
        : first === '['
          ? items()
          : first === '"'
            ? string()
            : (JSON.parse(
                take(/true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y),
              ) as unknown)
    space()
    return read
  }

  const read = value()
  if (at !== text.length) throw new NotStrict()
  return read
}
