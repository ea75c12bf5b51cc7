// The store with bundled keys in front of it, by itself: what it imports, what it starts in the background and when it
// gives up. The verdicts, in every runtime, are in test/edges/bundled-keys.test.ts.

import { SHARED_KEYS } from '../../../shared/keys/shared-key-cache.ts'
import { build } from 'esbuild'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { isFailure } from '../../../shared/failures/failure.ts'
import { bundleKeys } from '../../../shared/compiler.ts'
import { webCrypto, type CachedKeys, type Ports } from '../../../shared/index.ts'
import { withBundledKeys } from '../../../shared/keys/bundled-key-store.ts'
import { keyFetchMs, type PublicKeyIssuer } from '../../../shared/keys/key-endpoint.ts'
import { createKeyStore, type KeyStore } from '../../../shared/keys/key-store.ts'
import { KEY_TYPES } from '../../../shared/keys/key-types/all.ts'
import type { KeyAnswer } from '../../../shared/keys/select-key.ts'
import type { PlannedKeySets } from '../../../shared/plan/plan.ts'
import { publicIssuer } from '../../support/public-issuer.ts'
import { generateKey, type SigningKey } from '../../support/test-issuer.ts'
import { elapse, neverEnding, pendingTimeouts, until } from '../../support/time.ts'

const URL_OF_KEYS = 'https://login.test.example/jwks'
const MAX_AGE_MS = 86_400_000

let key: SigningKey
let next: SigningKey
let issuer: PublicKeyIssuer
let clock: number
let published: readonly unknown[]
let fetches: number
let planned: PlannedKeySets

const serve = async () => {
  fetches++
  return new Response(JSON.stringify({ keys: published }))
}

beforeAll(async () => {
  ;[key, next] = await Promise.all([generateKey('ES256', 'one'), generateKey('ES256', 'two')])
  const plain = publicIssuer('https://login.test.example', URL_OF_KEYS, 'ES256')
  issuer = { ...plain, keys: { ...plain.keys, bundledMaxAgeMs: MAX_AGE_MS } }
})

beforeEach(async () => {
  clock = 1_800_000_000_000
  published = [key.publicJwk]
  const { bundledKeys } = await bundleKeys(
    { issuers: new Map([['main', issuer]]) },
    { fetch: serve, now: () => clock },
  )
  planned = bundledKeys!
  fetches = 0
})

function create(ports: Partial<Ports> = {}, bundledKeys = planned, keys = issuer.keys): KeyStore {
  const all: Ports = { fetch: serve, now: () => clock, report: () => {}, crypto: webCrypto, ...ports }
  const about = { ...issuer, keys }
  const store = createKeyStore(about, { ...all, keyTypes: KEY_TYPES, sharedKeys: SHARED_KEYS })
  return withBundledKeys(store, about, { bundledKeys } as never, all) ?? store
}

const requestFor = (kid: string | null) => ({ kid, algorithm: 'ES256', owner: null }) as const

const describeAnswer = (answer: KeyAnswer): string =>
  isFailure(answer)
    ? answer.code
    : `${answer.keys.length} ${answer.isBundled === true ? 'bundled' : 'published'}`

const ask = async (
  store: KeyStore,
  kid: string | null = 'one',
  waitUntil?: (work: Promise<unknown>) => void,
) => describeAnswer(await store.find(requestFor(kid), waitUntil))

test('bundled keys give no lease, and the published ones do, without a wait', async () => {
  const store = create()
  const work: Promise<unknown>[] = []
  const first = await store.find(requestFor('one'), (each) => void work.push(each))
  expect(first).toMatchObject({ lease: null, isBundled: true })
  expect(work).toHaveLength(1)
  await work[0]
  const second = store.find(requestFor('one'))
  expect(second).not.toBeInstanceOf(Promise)
  expect(second).toMatchObject({ lease: { isOver: false } })
  expect(second).not.toHaveProperty('isBundled')
  expect(fetches).toBe(1)
})

test('the same object stands for a bundled key each time', async () => {
  const store = create({ fetch: neverEndingOnce() })
  const answers = await Promise.all([1, 2, 3].map(() => store.find(requestFor('one'))))
  const keys = answers.map((answer) => (isFailure(answer) ? null : answer.keys[0]))
  expect(keys[0]).toBeTruthy()
  expect(new Set(keys).size).toBe(1)
})

function neverEndingOnce(): Ports['fetch'] {
  let isFirst = true
  return (_, init) => {
    if (!isFirst) return serve()
    isFirst = false
    fetches++
    return neverEnding(init)
  }
}

test('a first fetch that never settles does not prolong them', async () => {
  published = [next.publicJwk]
  const store = create({ fetch: neverEndingOnce() })
  const settleMs = keyFetchMs(issuer.keys) + 1_000
  expect(await ask(store)).toBe('1 bundled')
  clock += settleMs - 1
  expect(await ask(store)).toBe('1 bundled')
  clock += 1
  expect(fetches).toBe(1)
  // The store of published keys waits for the fetch of the request that has ended, and then fetches again.
  const waiting = ask(store)
  await until(() => pendingTimeouts() > 0)
  elapse(10_000)
  expect(await waiting).toBe('key_unknown')
  expect(fetches).toBe(2)
})

test('all work in the background is one piece for the platform, with what it does after the fetch', async () => {
  const written: CachedKeys[] = []
  let finishWriting = () => {}
  const store = create({
    keyCache: {
      read: async () => null,
      write: (_, cached) => {
        written.push(cached)
        return new Promise<void>((resolve) => void (finishWriting = resolve))
      },
    },
  })
  const work: Promise<unknown>[] = []
  expect(await ask(store, 'one', (each) => void work.push(each))).toBe('1 bundled')
  expect(work).toHaveLength(1)
  let isDone = false
  void work[0]!.then(() => void (isDone = true))
  await until(() => written.length === 1)
  expect(isDone).toBe(false)
  finishWriting()
  await work[0]
  expect(await ask(store)).toBe('1 published')
})

test('keys that another instance has fetched end them', async () => {
  const cached: CachedKeys = { keys: [next.publicJwk], fetchedAt: clock - 1_000 }
  const work: Promise<unknown>[] = []
  const store = create({ keyCache: { read: async () => cached, write: async () => {} } })
  expect(await ask(store, 'one', (each) => void work.push(each))).toBe('1 bundled')
  await Promise.all(work)
  expect(fetches).toBe(0)
  expect(await ask(store, 'two')).toBe('1 published')
  expect(await ask(store)).toBe('key_unknown')
})

test('a platform that is frozen after the answer has no work when it answers the first request', async () => {
  const store = create({ isFrozenAfterAnswer: true })
  const work: Promise<unknown>[] = []
  const keep = (each: Promise<unknown>) => void work.push(each)
  expect(await ask(store, 'one', keep)).toBe('1 bundled')
  expect([work.length, fetches]).toEqual([0, 0])
  expect(await ask(store, 'one', keep)).toBe('1 published')
  expect(fetches).toBe(1)
})

test('cryptography without importSpki gets the same key as a JWK', async () => {
  const { importSpki: _, ...crypto } = webCrypto
  const imported: unknown[] = []
  const store = create({
    crypto: {
      ...crypto,
      importKey(jwk, algorithm) {
        imported.push(jwk)
        return webCrypto.importKey(jwk, algorithm)
      },
    },
    isFrozenAfterAnswer: true,
  })
  expect(await ask(store)).toBe('1 bundled')
  const { kty, crv, x, y } = key.publicJwk
  expect(imported).toEqual([{ kty, crv, x, y }])
})

test('a key that cannot be imported causes the fetch', async () => {
  const [main] = planned['main']!.keys
  const broken = { main: { ...planned['main']!, keys: [{ ...main!, spki: 'AAAA' }] } }
  expect(await ask(create({ isFrozenAfterAnswer: true }, broken))).toBe('1 published')
  expect(fetches).toBe(1)
})

test('two bundled keys under one kid: neither is chosen, and the published keys decide', async () => {
  published = [key.publicJwk, { ...next.publicJwk, kid: 'one' }]
  const { bundledKeys } = await bundleKeys(
    { issuers: new Map([['main', issuer]]) },
    { fetch: serve, now: () => clock },
  )
  published = [key.publicJwk]
  expect(bundledKeys!['main']!.keys).toHaveLength(2)
  expect(await ask(create({}, bundledKeys))).toBe('1 published')
})

test.each<[string, () => KeyStore]>([
  ['none are in the plan', () => create({}, {})],
  ['those in the plan are of another issuer', () => create({}, { other: planned['main']! })],
  [
    'the configuration does not ask for them',
    () => {
      const { bundledMaxAgeMs: _, ...keys } = issuer.keys
      return create({}, planned, keys)
    },
  ],
])('nothing is bundled where %s', async (_, createStore) => {
  expect(await ask(createStore())).toBe('1 published')
  expect(fetches).toBe(1)
})

test('an artefact without the part has none of its code', async () => {
  const bundleOf = async (parts: readonly string[]) => {
    const root = join(import.meta.dirname, '../../..')
    const contents = ['assemble', 'plan/fill', ...parts.map((part) => `parts/${part}`)]
      .map((file) => `export * from './shared/${file}.ts'`)
      .join('\n')
    const { metafile, outputFiles } = await build({
      stdin: { contents, resolveDir: root, loader: 'ts' },
      bundle: true,
      format: 'esm',
      write: false,
      metafile: true,
      logLevel: 'error',
    })
    return { inputs: Object.keys(metafile.inputs), text: outputFiles[0]!.text }
  }
  const [without, withPart] = await Promise.all([
    bundleOf(['published-keys', 'ec']),
    bundleOf(['published-keys', 'ec', 'bundled-keys']),
  ])
  const isPart = (file: string) => file.endsWith('keys/bundled-key-store.ts')
  expect([without.inputs.some(isPart), withPart.inputs.some(isPart)]).toEqual([false, true])
  expect([without.text.includes('planBundled'), withPart.text.includes('planBundled')]).toEqual([false, true])
  expect(withPart.inputs.some((file) => file.endsWith('keys/bundle-keys.ts'))).toBe(false)
})
