// The text of a header or of claims, changed before it is signed: white space, escapes, duplicate members, bytes that
// are not JSON. A token is allowed only if its text has one reading, and then with that reading.

import fc from 'fast-check'
import { CLAIMS, demand, HEADER, signed } from '../fixture.ts'
import { changeText, textChanges, type TextChange } from '../mutate.ts'
import { property } from '../property.ts'
import { readStrictly } from '../strict-reading.ts'

const PIECES = [
  ' ', '\n', '\t', '\r', '\f', '\u00a0', '\ufeff', '\u0000', '"', '\\', '\\u0063', '\\u0022', ',', ':', '{', '}', '[', ']',
  '"scope":"write"', ',"scope":"read write"', '"sc\\u006fpe":"write",', '"aud":"x",', '"__proto__":{},', '"iss":"https://evil.example",',
  'null', 'true', '1', '-', '1e400', '1E2', '0x1', '01', '.5', '/*', '*/', '//', "'", 'NaN', '[[[[[[[[[[[[[[[[[[[[', '"a":{"b":1},', '{}',
] // prettier-ignore

interface Input {
  readonly part: 'header' | 'claims'
  readonly changes: readonly TextChange[]
  /** A byte that replaces one of the text; `null`: none. */
  readonly byte: { readonly at: number; readonly value: number } | null
}

function strictly(bytes: Uint8Array): unknown {
  try {
    return readStrictly(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return undefined
  }
}

export const jsonText = property<Input>({
  name: 'JSON text',
  about: 'headers and claims as odd text, signed by the issuer',
  input: fc.record({
    part: fc.constantFrom('header', 'claims'),
    changes: fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 9, arbitrary: textChanges(PIECES, 3) },
    ),
    byte: fc.option(fc.record({ at: fc.nat(400), value: fc.nat(255) }), { freq: 5 }),
  }),
  mustSee: ['deny', 'allow'],
  async check({ part, changes, byte }, fixture) {
    const base = part === 'header' ? HEADER : CLAIMS
    const bytes = new TextEncoder().encode(changeText(JSON.stringify(base), changes))
    if (byte !== null && bytes.length > 0) bytes[byte.at % bytes.length] = byte.value
    const token = await signed(
      fixture.key,
      part === 'header' ? bytes : HEADER,
      part === 'claims' ? bytes : CLAIMS,
    )
    const seen = await fixture.send({ method: 'GET', path: '/orders', authorization: [`Bearer ${token}`] })
    const read = strictly(bytes)
    const isObject = typeof read === 'object' && read !== null && !Array.isArray(read)
    for (const { edge, allow, output } of seen) {
      demand(!allow || isObject, `${edge} allows a ${part} that strict JSON is not`)
      if (!allow || part === 'header' || edge !== 'core') continue
      const { scope, subject } = JSON.parse(output) as Record<string, string>
      const { scope: signedScope, sub } = read as Record<string, string>
      demand(scope === signedScope, 'the scope is another than was signed')
      demand(decodeURIComponent(subject!) === sub, 'the subject is another than was signed')
    }
    return seen.some(({ allow }) => allow) ? 'allow' : 'deny'
  },
})
