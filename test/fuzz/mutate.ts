// Changes to JSON values and to texts, as data: fast-check finds, shrinks and prints the list of changes, which can be
// kept and replayed.

import fc from 'fast-check'

/** A change to one node of a JSON value; `at` modulo the number of nodes selects it. */
export interface JsonChange {
  readonly at: number
  readonly action: 'replace' | 'remove' | 'add' | 'rename' | 'wrap' | 'repeat'
  readonly name: string
  readonly value: unknown
}

/** Names with a meaning to a reader of tokens or of JavaScript objects. */
const NAMES = [
  'alg', 'typ', 'kid', 'crit', 'b64', 'zip', 'enc', 'cty', 'jwk', 'jku', 'x5u', 'x5c',
  'iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti', 'client_id', 'azp', 'scope', 'scp', 'permissions', 'roles',
  'cnf', 'nonce', 'at_hash', 'c_hash', 's_hash', 'events', 'token_use', 'token_introspection', 'htu', 'vp', 'act',
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '', ' ', 'Alg', 'a'.repeat(300),
] // prettier-ignore

/** Extreme values that a reader of JSON has to expect. */
const VALUES: readonly unknown[] = [
  null, true, false, 0, -0, -1, 1, 1.5, 1e21, 9_007_199_254_740_993, 4_102_444_800, -1e308,
  '', ' ', 'a', '\u0000', '\r\n', '\ud800', 'é', '\u202e', '\ufeff', '%00', '${env:HOME}', 'x'.repeat(5_000),
  'none', 'HS256', 'RS256', 'ES256', 'ES384', 'EdDSA', 'JWT', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'logout+jwt',
  'k1', 'k2', 'read', 'write', 'read write', 'read  write', 'admin', 'ID', 'id', 'Refresh', 'access',
  [], [null], [[]], ['read'], ['a', 1], {}, { a: {} }, { toString: 1 }, { length: 1 }, JSON.parse('{"__proto__":{"a":1}}'),
] // prettier-ignore

export const jsonValue = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
)

export const jsonChanges = (most: number): fc.Arbitrary<JsonChange[]> =>
  fc.array(
    fc.record({
      at: fc.nat(200),
      action: fc.constantFrom('replace', 'remove', 'add', 'rename', 'wrap', 'repeat'),
      name: fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 8 })),
      value: jsonValue,
    }),
    { minLength: 1, maxLength: most },
  )

type Node = { readonly holder: Record<string, unknown>; readonly key: string }

function nodesOf(holder: Record<string, unknown>, key: string): Node[] {
  const value = holder[key]
  const below =
    typeof value === 'object' && value !== null
      ? Object.keys(value).flatMap((name) => nodesOf(value as Record<string, unknown>, name))
      : []
  return [{ holder, key }, ...below]
}

const define = (holder: object, name: string, value: unknown): void =>
  void Object.defineProperty(holder, name, { value, enumerable: true, writable: true, configurable: true })

function changeNode({ holder, key }: Node, { action, name, value: given }: JsonChange): void {
  const value = structuredClone(given)
  const node = holder[key]
  if (action === 'replace') define(holder, key, value)
  else if (action === 'wrap') define(holder, key, [node])
  else if (action === 'remove') Array.isArray(holder) ? holder.splice(Number(key), 1) : delete holder[key]
  else if (action === 'repeat' && Array.isArray(holder)) holder.push(structuredClone(node))
  else if (action === 'rename' && !Array.isArray(holder)) {
    delete holder[key]
    define(holder, name, node)
  } else if (Array.isArray(node)) node.push(value)
  else if (typeof node === 'object' && node !== null) define(node, name, value)
  else define(holder, Array.isArray(holder) ? String(holder.length) : name, value)
}

/** A copy of a JSON value with the changes made, in order. */
export function changeJson(base: unknown, changes: readonly JsonChange[]): unknown {
  const top: Record<string, unknown> = { value: structuredClone(base) }
  for (const change of changes) {
    const nodes = nodesOf(top, 'value')
    const node = nodes[change.at % nodes.length]
    if (node === undefined) break
    changeNode(node, change)
    if (!Object.hasOwn(top, 'value')) top['value'] = null
  }
  return top['value']
}

/** A change to a text at a position: a number modulo its length. */
export interface TextChange {
  readonly at: number
  readonly action: 'put' | 'insert' | 'cut' | 'repeat' | 'case' | 'append' | 'prepend'
  readonly text: string
}

export const textChanges = (pieces: readonly string[], most: number): fc.Arbitrary<TextChange[]> =>
  fc.array(
    fc.record({
      at: fc.nat(5_000),
      action: fc.constantFrom('put', 'insert', 'cut', 'repeat', 'case', 'append', 'prepend'),
      text: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...pieces) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }) },
      ),
    }),
    { minLength: 1, maxLength: most },
  )

const swapCase = (text: string): string =>
  text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase()

export function changeText(base: string, changes: readonly TextChange[]): string {
  return changes.reduce((text, { at, action, text: piece }) => {
    const place = text.length === 0 ? 0 : at % text.length
    const [before, here, after] = [text.slice(0, place), text.slice(place, place + 1), text.slice(place + 1)]
    if (action === 'put') return before + piece + after
    if (action === 'insert') return before + piece + here + after
    if (action === 'cut') return before + after
    if (action === 'repeat') return before + here + here + after
    if (action === 'case') return before + swapCase(here) + after
    return action === 'append' ? text + piece : piece + text
  }, base)
}
