// The store of used proofs behind a binding: the object of the first byte, a stub for every call, and a rejection
// wherever there is no answer. A call that is made again names the same insert.

import { describe, expect, test } from 'vitest'
import { createDurableObjectReplays } from '../../../functions/cloudflare/replays.ts'
import { createWorker } from '../../../functions/cloudflare/worker.ts'
import { createBoundClient, type ReplayPath } from '../../support/replay-pair.ts'

const nameOf = (first: number): Uint8Array => new Uint8Array(32).fill(7).fill(first, 0, 1)

/** A binding whose stubs answer with the results in turn, one result for each stub. */
function bindingOf(...results: readonly unknown[]) {
  const names: string[] = []
  const calls: [name: Uint8Array, until: number, claim: Uint8Array][] = []
  const store = createDurableObjectReplays({
    getByName(name) {
      const result = results[names.push(name) - 1]
      return {
        async insert(...given: (typeof calls)[number]) {
          calls.push(given)
          if (result instanceof Error) throw result
          return result
        },
      }
    },
  })
  return { names, calls, store }
}

const failing = (members: object): Error => Object.assign(new Error('broken'), members)

test('asks one of 256 objects, by a stub of its own for each call', async () => {
  const { store, names, calls } = bindingOf(true, false, true)
  expect(await store.insert(nameOf(0), 100)).toBe(true)
  expect(await store.insert(nameOf(0), 100)).toBe(false)
  expect(await store.insert(nameOf(255), 101)).toBe(true)
  expect(names).toEqual(['replays-0', 'replays-0', 'replays-255'])
  expect(calls.map(([name, until]) => [name[0], name.length, until])).toEqual([
    [0, 32, 100],
    [0, 32, 100],
    [255, 32, 101],
  ])
})

test('each insert has a claim of its own', async () => {
  const { store, calls } = bindingOf(true, true)
  await store.insert(nameOf(1), 100)
  await store.insert(nameOf(1), 100)
  const claims = calls.map(([, , claim]) => Buffer.from(claim).toString('hex'))
  expect(claims).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{32}$/)])
  expect(new Set(claims).size).toBe(2)
})

test.each([true, false])('asks again with the same claim where the platform says so: %j', async (isNew) => {
  const { store, names, calls } = bindingOf(failing({ retryable: true }), isNew)
  expect(await store.insert(nameOf(1), 100)).toBe(isNew)
  expect(names).toHaveLength(2)
  expect(calls[0]).toEqual(calls[1])
})

test.each([
  ['an exception', {}],
  ['an overload', { overloaded: true }],
  ['an overload that may be retried', { overloaded: true, retryable: true }],
])('rejects after %s, and asks once', async (_, members) => {
  const { store, names } = bindingOf(failing(members), true)
  await expect(store.insert(nameOf(1), 100)).rejects.toThrow('broken')
  expect(names).toHaveLength(1)
})

test('rejects after two errors that may be retried', async () => {
  const broken = failing({ retryable: true })
  await expect(bindingOf(broken, broken, true).store.insert(nameOf(1), 100)).rejects.toThrow('broken')
})

test.each([undefined, null, 0, 1, 'true', {}, [true]])('rejects where the answer is %j', async (answer) => {
  await expect(bindingOf(answer).store.insert(nameOf(1), 100)).rejects.toThrow('malformed')
})

describe('createWorker', () => {
  async function open(insert: () => Promise<unknown>) {
    const { config, token, prove } = await createBoundClient()
    let calls = 0
    const REPLAYS = { getByName: () => ({ insert: () => (calls++, insert()) }) }
    const worker = createWorker(
      config,
      { REPLAYS },
      { report: () => {}, keyCache: null, fetch: async () => new Response('from the origin') },
    )
    const ask = async (path: ReplayPath) => {
      const headers = { authorization: `DPoP ${token}`, dpop: prove(path) }
      const { status } = await worker.fetch(new Request(`https://api.example.com${path}`, { headers }))
      return [status, calls]
    }
    return { ask, config }
  }

  test('asks the binding about strong routes alone', async () => {
    const { ask } = await open(async () => true)
    expect([await ask('/plain'), await ask('/strong')]).toEqual([
      [200, 0],
      [200, 1],
    ])
  })

  test('refuses what the store had, and answers 503 where it does not tell', async () => {
    expect(await (await open(async () => false)).ask('/strong')).toEqual([401, 1])
    expect(await (await open(async () => undefined)).ask('/strong')).toEqual([503, 1])
    expect(await (await open(() => Promise.reject(new Error('down')))).ask('/strong')).toEqual([503, 1])
  })

  test('needs the binding', async () => {
    const { config } = await open(async () => true)
    expect(() => createWorker(config, {})).toThrow('dpop.replay.durableObject')
  })
})
