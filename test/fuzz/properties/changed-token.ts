// A valid token that was changed without the key is never allowed, whatever the change.

import { base64url } from 'jose'
import fc from 'fast-check'
import { attackSegments } from '../segments.ts'
import { demand } from '../fixture.ts'
import {
  changeJson,
  changeText,
  jsonChanges,
  textChanges,
  type JsonChange,
  type TextChange,
} from '../mutate.ts'
import { property } from '../property.ts'

const PIECES = [
  '.', '..', '=', '==', '\n', '\r\n', ' ', '\t', ',', ', Bearer ', 'Bearer ', 'bearer', 'Basic ', '+', '/', '-', '_',
  '~', '%', '{', '}', '"', ';', '\u0000', 'é', 'A', 'AAAA', 'e30', '.e30.', 'eyJhbGciOiJub25lIn0', 'x'.repeat(9_000), '.'.repeat(500),
] // prettier-ignore

interface Input {
  readonly token: number
  /** Changes to the JSON of the header or the claims, with the signature kept. */
  readonly part: 'header' | 'claims' | 'neither'
  readonly json: readonly JsonChange[]
  readonly segments: readonly number[]
  readonly text: readonly TextChange[]
}

export const changedToken = property<Input>({
  name: 'changed token',
  about: 'valid tokens and their field, changed by somebody without the key',
  input: fc.record({
    token: fc.nat(3),
    part: fc.constantFrom('header', 'claims', 'neither'),
    json: jsonChanges(3),
    segments: fc.array(fc.nat(11), { maxLength: 3 }),
    text: fc.oneof(fc.constant([]), textChanges(PIECES, 3)),
  }),
  mustSee: ['deny', 'allow'],
  async check({ token: index, part, json, segments, text }, fixture) {
    const valid = fixture.tokens[index]!
    let parts = valid.split('.')
    if (part !== 'neither') {
      const at = part === 'header' ? 0 : 1
      const value: unknown = JSON.parse(new TextDecoder().decode(base64url.decode(parts[at]!)))
      parts[at] = base64url.encode(JSON.stringify(changeJson(value, json)))
    }
    parts = attackSegments(parts, segments, fixture.tokens[(index + 1) % fixture.tokens.length]!)
    const field = changeText(`Bearer ${parts.join('.')}`, text)
    const seen = await fixture.send({ method: 'GET', path: '/orders', authorization: [field] })
    for (const { edge, allow } of seen) {
      // HTTP servers receive fields without the white space around them.
      const carried = edge === 'worker' ? field.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '') : field
      const [scheme = ''] = /^bearer +/i.exec(carried) ?? []
      const same = scheme !== '' && fixture.tokens.includes(carried.slice(scheme.length))
      demand(allow === same, same ? `${edge} refuses a valid token` : `${edge} allows a changed token`)
    }
    return seen.some(({ allow }) => allow) ? 'allow' : 'deny'
  },
})
