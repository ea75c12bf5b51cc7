// The store behind a binding: a stub for every call, and a rejection wherever there is no answer of the expected form.
// An answer that is missing never means that there is no entry.

import { describe, expect, test } from 'vitest'
import { CHANGE_BYTES } from '../../../shared/edge.ts'
import { createDurableObjectStore } from '../../../functions/cloudflare/revocations.ts'

const KEYS = [new Uint8Array(32), new Uint8Array(32)]
const AUTHOR = { by: 'alice' }
const ENTRY = { kind: 'sub', issuer: 'https://a', id: 'a', notBefore: 1, until: 2 } as const
const TIMES = { notBefore: 1, until: 2 }

type Call = (...given: unknown[]) => unknown

/** A binding whose stubs answer a method with the results in turn, one result for each stub. */
function bindingOf(method: string, ...results: readonly unknown[]) {
  const names: string[] = []
  const calls: unknown[][] = []
  const namespace = {
    getByName(name: string) {
      const result = results[names.push(name) - 1]
      const call: Call = async (...given) => {
        calls.push(given)
        if (result instanceof Error) throw result
        return result
      }
      return { [method]: call }
    },
  }
  return { names, calls, store: createDurableObjectStore(namespace) }
}

type Store = ReturnType<typeof createDurableObjectStore>

const CHANGES = {
  ...{ version: 'v', hasMore: false, isReset: false, entries: 0 },
  changes: new Uint8Array(0),
}

const READS = [
  ['find', (store: Store) => store.find(KEYS), [TIMES, null]],
  ['changesSince', (store: Store) => store.changesSince('v'), CHANGES],
  ['list', (store: Store) => store.list(), { items: [], next: null }],
  ['records', (store: Store) => store.records('7'), { items: [], next: null }],
] as const

const WRITES = [
  ['revoke', (store: Store) => store.revoke([ENTRY], AUTHOR), ['stored']],
  ['unrevoke', (store: Store) => store.unrevoke([ENTRY], AUTHOR), [true]],
] as const

const failing = (members: object): Error => Object.assign(new Error('broken'), members)

describe.each([...READS, ...WRITES])('%s', (method, call, result) => {
  test('asks the one object, by a stub of its own for each call', async () => {
    const { store, names } = bindingOf(method, result, result)
    expect(await call(store)).toEqual(result)
    expect(await call(store)).toEqual(result)
    expect(names).toEqual(['revocations', 'revocations'])
  })

  test.each([
    ['an exception', {}],
    ['an overload', { overloaded: true }],
    ['an overload that may be retried', { overloaded: true, retryable: true }],
  ])('rejects after %s, and asks once', async (_, members) => {
    const { store, names } = bindingOf(method, failing(members), result)
    await expect(call(store)).rejects.toThrow('broken')
    expect(names).toHaveLength(1)
  })

  test('rejects after two errors that may be retried', async () => {
    const broken = failing({ retryable: true })
    const { store } = bindingOf(method, broken, broken, result)
    await expect(call(store)).rejects.toThrow('broken')
  })

  test.each([undefined, null, {}, [], 'x', [undefined, undefined, undefined]])(
    'rejects where the answer is %j',
    async (answer) => {
      await expect(call(bindingOf(method, answer).store)).rejects.toThrow(TypeError)
    },
  )
})

test.each(READS)(
  '%s is asked again, by another stub, after an error that may be retried',
  async (method, call, result) => {
    const { store, names } = bindingOf(method, failing({ retryable: true }), result)
    expect(await call(store)).toEqual(result)
    expect(names).toHaveLength(2)
  },
)

test.each(WRITES)('%s is not asked again: it may have been done', async (method, call, result) => {
  const { store, names } = bindingOf(method, failing({ retryable: true }), result)
  await expect(call(store)).rejects.toThrow('broken')
  expect(names).toHaveLength(1)
})

test.each([
  ...[undefined, {}, 'x', { ...TIMES, notBefore: '1' }, { ...TIMES, until: '2' }],
  ...[{ notBefore: 1 }, { until: 2 }, { ...TIMES, until: 2.5 }],
])('find rejects where one answer is %j', async (times) => {
  await expect(bindingOf('find', [TIMES, times]).store.find(KEYS)).rejects.toThrow(TypeError)
  expect(await bindingOf('find', [TIMES, null]).store.find(KEYS)).toEqual([TIMES, null])
})

test.each([CHANGE_BYTES - 1, CHANGE_BYTES + 1, 2 * CHANGE_BYTES - 1])(
  'changesSince rejects where there are %d bytes of changes',
  async (length) => {
    const read = (bytes: number) =>
      bindingOf('changesSince', { ...CHANGES, changes: new Uint8Array(bytes) }).store.changesSince('v')
    await expect(read(length)).rejects.toThrow('malformed')
    expect((await read(2 * CHANGE_BYTES)).changes).toHaveLength(2 * CHANGE_BYTES)
  },
)

test('the arguments are passed on', async () => {
  const asked = async (method: string, result: unknown, call: (store: Store) => Promise<unknown>) => {
    const { store, calls } = bindingOf(method, result)
    await call(store)
    return calls
  }
  expect(await asked('find', [null, null], (store) => store.find(KEYS))).toEqual([[KEYS]])
  expect(await asked('changesSince', CHANGES, (store) => store.changesSince(null))).toEqual([[null]])
  expect(await asked('revoke', ['full'], (store) => store.revoke([ENTRY], AUTHOR))).toEqual([
    [[ENTRY], AUTHOR],
  ])
  expect(await asked('unrevoke', [true], (store) => store.unrevoke([ENTRY], AUTHOR))).toEqual([
    [[ENTRY], AUTHOR],
  ])
  expect(await asked('list', { items: [] }, (store) => store.list())).toEqual([[null]])
  expect(await asked('records', { items: [] }, (store) => store.records('7'))).toEqual([['7']])
})
