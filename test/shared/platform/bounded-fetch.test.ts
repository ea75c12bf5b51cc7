// One request through a fetch that ignores its signal: the bounds hold all the same, and a body that is not read is
// cancelled. Time passes when the test says so.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { fetchBounded } from '../../../shared/platform/bounded-fetch.ts'
import type { HttpAnswer } from '../../../shared/index.ts'
import { elapse } from '../../support/time.ts'

const BOUNDS = { timeoutMs: 2_000, maxBytes: 4 }

const never = () => new Promise<never>(() => {})
const fails = () => Promise.reject(new Error('cannot be cancelled'))
const bytes = (length: number) => async () => ({ value: new Uint8Array(length) })
const END = async () => ({ done: true })

type Read = () => Promise<{ readonly done?: boolean; readonly value?: Uint8Array }>

/** An answer whose body returns the listed reads, and counts how often it was cancelled. */
function answer(status: number, reads: readonly Read[], cancelled: () => Promise<void> = async () => {}) {
  let cancels = 0
  let read = 0
  const cancel = () => (cancels++, cancelled())
  const response: HttpAnswer = {
    status,
    headers: { get: () => null },
    body: { cancel, getReader: () => ({ cancel, read: () => reads[read++]!() }) },
  }
  return { response, cancels: () => cancels, reads: () => read }
}

const ask = (fetch: () => Promise<HttpAnswer>, read?: readonly number[]) =>
  fetchBounded(fetch, 'https://as.example/', {}, BOUNDS, read)

/** The result after the timeout. Fails if there is a result just before it. */
async function atTheEnd<Result>(work: Promise<Result>): Promise<Result> {
  const early = Promise.race([work.then(() => 'early'), nextTurn('waiting')])
  elapse(BOUNDS.timeoutMs - 1)
  expect(await early).toBe('waiting')
  elapse(1)
  return work
}

test('a fetch that never answers', async () => {
  expect(await atTheEnd(ask(never))).toEqual({ problem: 'timeout' })
})

test('an answer that comes too late is cancelled', async () => {
  const late = Promise.withResolvers<HttpAnswer>()
  expect(await atTheEnd(ask(() => late.promise))).toEqual({ problem: 'timeout' })
  const { response, cancels } = answer(200, [END])
  late.resolve(response)
  await nextTurn()
  expect(cancels()).toBe(1)
})

test('a fetch that fails too late changes nothing', async () => {
  const late = Promise.withResolvers<HttpAnswer>()
  expect(await atTheEnd(ask(() => late.promise))).toEqual({ problem: 'timeout' })
  late.reject(new Error('late'))
  await nextTurn()
})

test.each([
  ['at once', [never]],
  ['after a while', [bytes(1), bytes(1), never]],
])('a body that stops %s is cancelled when its time is over', async (_, reads) => {
  const { response, cancels } = answer(200, reads)
  expect(await atTheEnd(ask(async () => response))).toEqual({ problem: 'timeout' })
  expect(cancels()).toBe(1)
})

const CANCELS: [string, () => Promise<void>][] = [
  ['is done', async () => {}],
  ['never ends', never],
  ['fails', fails],
]

test.each(CANCELS)(
  'a body that is not read is cancelled, without waiting for that: it %s',
  async (_, cancelled) => {
    const other = answer(500, [bytes(1), END], cancelled)
    expect(await ask(async () => other.response)).toMatchObject({ status: 500, bytes: new Uint8Array() })
    const redirect = answer(302, [bytes(1), END], cancelled)
    expect(await ask(async () => redirect.response, [302])).toEqual({ problem: 'redirect', status: 302 })
    const encoded = answer(200, [bytes(1), END], cancelled)
    const headers = { get: (name: string) => (name === 'content-encoding' ? 'x-gzip' : null) }
    expect(await ask(async () => ({ ...encoded.response, headers }))).toEqual({ problem: 'encoding' })
    const large = answer(200, [bytes(4), bytes(1), END], cancelled)
    expect(await ask(async () => large.response)).toEqual({ problem: 'too_large' })
    const broken = answer(200, [bytes(1), fails], cancelled)
    expect(await ask(async () => broken.response)).toEqual({ problem: 'no_answer' })
    const all = [other, redirect, encoded, large, broken]
    expect(all.map(({ cancels, reads }) => [cancels(), reads()])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
      [1, 2],
      [1, 2],
    ])
    elapse(BOUNDS.timeoutMs)
  },
)

test('a body that is read to its end is not cancelled', async () => {
  const read = answer(400, [bytes(1), bytes(3), END])
  expect(await ask(async () => read.response, [200, 400])).toMatchObject({
    status: 400,
    bytes: new Uint8Array(4),
  })
  expect([read.cancels(), read.reads()]).toEqual([0, 3])
  elapse(BOUNDS.timeoutMs)
  await nextTurn()
  expect(read.cancels()).toBe(0)
})

test('an answer without a body is empty', async () => {
  const { response } = answer(200, [])
  expect(await ask(async () => ({ ...response, body: null }))).toMatchObject({ bytes: new Uint8Array() })
  expect(await ask(async () => ({ ...response, status: 204, body: null }))).toMatchObject({ status: 204 })
  elapse(BOUNDS.timeoutMs)
})
