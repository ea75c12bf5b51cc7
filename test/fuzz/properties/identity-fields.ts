// Identity headers made by the client, in every spelling and encoding that some server may read as ours, over a socket
// to workerd: none of them reaches the origin, and all of the verified ones do.

import fc from 'fast-check'
import { demand } from '../fixture.ts'
import { property } from '../property.ts'

const NAMES = [
  'subject',
  'principal',
  'client-id',
  'scope',
  'issuer',
  'expires-at',
  'assertion',
  'tenant',
  'admin',
  '',
]

/** Separators between the words of a name: every character that a field name may have, and escapes of it. */
const BETWEEN = [
  '-',
  '-',
  '-',
  '_',
  '.',
  '!',
  '#',
  '$',
  '%',
  '&',
  "'",
  '*',
  '+',
  '^',
  '`',
  '|',
  '~',
  '%2d',
  '%2D',
  '%5F',
  ' ',
  '\t',
  'é',
  '\u2010',
]
// prettier-ignore

const CANARY = 'mallory'

const VALUES = [
  CANARY,
  `${CANARY}%0d%0ax-lanekeeper-subject: ${CANARY}`,
  `=?utf-8?q?${CANARY}?=`,
  `"${CANARY}"`,
  `${CANARY}, user-1`,
  `é${CANARY}`,
]

interface Input {
  readonly target: string
  readonly fields: readonly {
    readonly words: readonly string[]
    readonly between: readonly string[]
    readonly upper: number
    readonly value: string
  }[]
  /** Field names in `Connection`, so that proxies would drop those fields, or ours with them. */
  readonly connection: string
}

/** Upper case for the letters whose bit in the mask is set. */
const mixCase = (text: string, mask: number): string =>
  [...text].map((letter, index) => ((mask >> (index % 30)) & 1 ? letter.toUpperCase() : letter)).join('')

const toName = ({ words, between, upper }: Input['fields'][number]): string =>
  mixCase(words.map((word, index) => (index === 0 ? word : `${between[index - 1]}${word}`)).join(''), upper)

/** The name as the most lenient server reads it: every escape and every separator is the same. */
const plain = (name: string): string =>
  name
    .replace(/%[0-9a-f]{2}/gi, '-')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-')

export const identityFields = property<Input>({
  name: 'identity fields',
  about: 'headers that look like ours, over a socket, to workerd',
  input: fc.record({
    target: fc.constantFrom('/orders', '/orders', '/health'),
    fields: fc.array(
      fc.record({
        words: fc.constantFrom(...NAMES).map((name) => ['x', 'lanekeeper', ...name.split('-')]),
        between: fc.array(fc.constantFrom(...BETWEEN), { minLength: 3, maxLength: 3 }),
        upper: fc.oneof(fc.constant(0), fc.nat()),
        value: fc.constantFrom(...VALUES),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    connection: fc.constantFrom(
      '',
      '',
      'x-lanekeeper-subject',
      'X_Lanekeeper_Scope, close',
      'x-lanekeeper-issuer;q=1',
    ),
  }),
  mustSee: ['allow', 'deny'],
  async check({ target, fields, connection }, fixture) {
    const edge = await fixture.wire()
    const { seen } = await edge.sendRaw({
      method: 'GET',
      target,
      fields: [
        ...(target === '/health' ? [] : [['Authorization', `Bearer ${fixture.tokens[0]}`] as const]),
        ...(connection === '' ? [] : [['Connection', connection] as const]),
        ...fields.map((field) => [toName(field), field.value] as const),
      ],
    })
    if (seen === undefined) return 'deny'
    const ours = seen.rawHeaders.flatMap((name, index) =>
      index % 2 === 0 && plain(name).startsWith('x-lanekeeper-') ? [[name, seen.rawHeaders[index + 1]!]] : [],
    )
    demand(
      ours.every(([, value]) => !value!.includes(CANARY)),
      'the origin gets an identity header of the client',
    )
    demand(
      ours.length === (target === '/health' ? 0 : 6),
      'the origin gets another number of identity headers',
    )
    return 'allow'
  },
})
