// A plan holds a configuration as JSON: what is written is what is read, shared objects included, and what JSON cannot
// hold is refused.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import config from '../../../lanekeeper.config.ts'
import { encode } from '../../../shared/config/encode.ts'
import { resolveConfig } from '../../../shared/index.ts'
import { decode, type Json } from '../../../shared/plan/decode.ts'

function throughText(value: unknown): unknown {
  const { config: json, shared } = JSON.parse(JSON.stringify(encode(value))) as {
    readonly config: Json
    readonly shared: readonly Json[]
  }
  return decode(json, shared)
}

const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/), tie('tree'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
    fc.array(leaf, { maxLength: 4 }).map((items) => new Set(items)),
    fc.array(fc.tuple(fc.string(), tie('tree')), { maxLength: 4 }).map((entries) => new Map(entries)),
  ),
}))

test('any tree of data is read as it was written', () => {
  fc.assert(
    fc.property(tree, fc.boolean(), (value, isShared) => {
      const whole = isShared ? { one: value, other: [value, value] } : { one: value }
      expect(throughText(whole)).toEqual(whole)
    }),
  )
})

test('an object that stands in several places is one object again', () => {
  const resource = { identifier: 'r' }
  const list = [resource]
  const read = throughText({ resources: list, routes: [{ resources: [resource] }, { resources: list }] }) as {
    resources: object[]
    routes: { resources: object[] }[]
  }
  expect(read.routes[0]!.resources[0]).toBe(read.resources[0])
  expect(read.routes[1]!.resources).toBe(read.resources)
  const { shared } = encode({ one: { a: 1 }, other: { a: 1 } })
  expect(shared).toEqual([])
})

test.each(Object.keys(config.stages!))(
  'the configuration of the stage %s is read as it was written',
  (stage) => {
    const env = {
      LOCAL_ISSUER: 'http://127.0.0.1:1',
      LOCAL_AUDIENCE: 'a',
      LOCAL_ORIGIN: 'http://127.0.0.1:2',
      LOCAL_INTROSPECTION_KEY: JSON.stringify({ kty: 'EC', d: 'd' }),
    }
    const resolved = resolveConfig(config, { stage, env })
    expect(throughText(resolved)).toEqual(resolved)
  },
)

test.each<[string, unknown]>([
  ['Function', { a: () => 1 }],
  ['RegExp', { a: [/x/] }],
  ['Date', { a: new Date(0) }],
  ['bigint', { a: 1n }],
  ['symbol', { a: Symbol('s') }],
  ['$ref', { a: { $ref: 0 } }],
  ['$set', { a: [{ $set: [] }] }],
  ['$map', new Map([['a', { $map: [] }]])],
  ['__proto__', { a: JSON.parse('{ "__proto__": {} }') }],
])('%s is refused', (name, value) => {
  expect(() => encode(value)).toThrow(new RegExp(`a plan cannot hold a .*${name.replace('$', '\\$')}`, 'i'))
})

test('a member that is undefined is left out', () => {
  expect(encode({ a: undefined, b: 1 })).toEqual({ config: { b: 1 }, shared: [] })
})
