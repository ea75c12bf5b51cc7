import { expect, test } from 'vitest'
import { NO_ANSWER, type Answer } from './answer.ts'
import { createDpopClient, createTokens } from './clients.ts'
import { STRONG } from './config.ts'
import type { Ask } from './edges.ts'
import { runOutage, type Fault } from './outage.ts'

const allow: Answer = { ...NO_ANSWER, verdict: 'allow' }
const replayed: Answer = { ...NO_ANSWER, verdict: 'refused', code: 'dpop_proof_replayed' }
const unavailable: Answer = {
  ...NO_ANSWER,
  verdict: 'unavailable',
  code: 'replay_unavailable',
  tookMs: 1_010,
}

const { privateKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
const issue = createTokens('https://issuer.example', await crypto.subtle.exportKey('jwk', privateKey))
const client = createDpopClient(issue)

interface Broken {
  /** What an instance answers where its store does not. */
  readonly whenDown?: Answer
  readonly whenPlain?: Answer
  /** The store begins anew after it was killed. */
  readonly forgets?: boolean
}

function run(fault: Fault, { whenDown = unavailable, whenPlain = allow, forgets = false }: Broken = {}) {
  const used = new Set<string>()
  let isDown = false
  const ask: Ask = async ({ path, proofs }) => {
    if (path !== STRONG.path) return whenPlain
    if (isDown) return whenDown
    const isNew = !used.has(proofs[0]!)
    used.add(proofs[0]!)
    return isNew ? allow : replayed
  }
  const store = {
    kill: async () => void (isDown = true),
    async start() {
      isDown = false
      if (forgets) used.clear()
    },
    delay: async (ms: number) => void (isDown = ms > 1_000),
  }
  const instances = { 'Worker 1': ask, 'Worker 2': ask }
  return runOutage({ edge: 'cloudflare', ask: instances, client, store, requests: 5, atOnce: 2 }, fault)
}

test.each(['killed', 'silent', 'slow'] as const)(
  'edges as they should be, with a store that is %s',
  async (fault) => {
    expect(await run(fault)).toEqual({
      ...{ edge: 'cloudflare', fault, otherCodes: 0, slowestMs: 1_010 },
      before: { allow: 5, other: 0 },
      strong: { allow: 0, refused: 0, unavailable: 10, none: 0 },
      plain: { allow: 10, other: 0 },
      after: { allow: 12, other: 0 },
      again: { sent: 10, twice: 0 },
    })
  },
)

test('a store that is slower than usual lets requests pass', async () => {
  expect(await run('slower than usual')).toMatchObject({
    strong: { allow: 10, refused: 0, unavailable: 0, none: 0 },
    again: { sent: 5, twice: 0 },
  })
})

test.each([
  ['allows without its store', { whenDown: allow }, { strong: { allow: 10 } }],
  ['blames the client', { whenDown: replayed }, { strong: { refused: 10 } }],
  ['has another reason', { whenDown: { ...unavailable, code: 'keys_unavailable' } }, { otherCodes: 10 }],
  ['fails on the other route', { whenPlain: unavailable }, { plain: { allow: 0, other: 10 } }],
  ['has a store that forgets', { forgets: true }, { again: { sent: 10, twice: 5 } }],
] as const)('an edge that %s is found', async (_, broken, figures) => {
  expect(await run('killed', broken)).toMatchObject(figures)
})
