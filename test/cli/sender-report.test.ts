// What `lanekeeper check` says about stages that accept bound tokens, as text and as JSON.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CheckDocument } from '../../cli/check-document.ts'
import { runCommand } from '../../cli/commands.ts'

let root: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-sender-report-')))
})

afterEach(() => rmSync(root, { recursive: true }))

const MAIN = {
  issuer: 'https://login.example.com',
  audience: 'https://api.example.com',
  profile: 'rfc9068',
  keys: { discovery: 'openid-configuration' },
  senderConstraint: 'any',
}
const CONFIG = {
  issuers: { main: MAIN },
  publicUrls: ['https://api.example.com'],
  routes: [
    { path: '/orders', methods: ['GET'], scope: 'none' },
    { path: '/pay', methods: ['POST'], scope: 'none', senderConstraint: 'dpop', replay: 'strong' },
    { path: '/old', methods: ['GET'], scope: 'none', senderConstraint: 'none' },
  ],
  dpop: { replay: { durableObject: 'REPLAYS', dynamodb: { table: 'replays' } } },
  origin: { url: 'https://orders.internal.example.com' },
  aws: { strategy: 'off' },
}

async function check(config: object, ...args: readonly string[]) {
  writeFileSync(join(root, 'lanekeeper.config.js'), `export default ${JSON.stringify(config)}`)
  const printed: string[] = []
  const exitCode = await runCommand(['check', ...args], {
    cwd: root,
    env: {},
    print: (text) => void printed.push(text),
    printError: (text) => void printed.push(text),
  })
  return { exitCode, text: printed.join('\n') }
}

async function stagesOf(config: object, ...args: string[]) {
  const document = JSON.parse((await check(config, '--json', ...args)).text) as CheckDocument
  return document.stages.map(({ name, cloudflare, aws, problems, notes }) => ({
    name,
    cloudflare,
    aws,
    problems: problems.map(({ path }) => path),
    notes: notes.filter((text) => /bound|proof|DPoP|dpop/.test(text)),
  }))
}

const ACCEPTED = 'tokens that are bound to a DPoP key are accepted with their proof: GET /orders; POST /pay'
const ALONE = 'unbound tokens are refused: POST /pay'
const STRONG =
  'used proofs are kept in the store of all instances (strong): POST /pay; for other routes in the memory of each instance'
const GATEWAY =
  'API Gateway cannot do all of DPoP: it sends no nonce, an HTTP API or a WebSocket API no challenge, and a REST API only the challenge of a gateway response, which is the same for every refusal (docs/dpop.md)'

describe('the notes', () => {
  test('say which routes accept and demand bound tokens, and what API Gateway cannot do, once', async () => {
    const [stage] = await stagesOf(CONFIG)
    expect(stage).toEqual({
      name: null,
      cloudflare: 'ok',
      aws: 'ok',
      problems: [],
      notes: [ACCEPTED, ALONE, STRONG, GATEWAY],
    })
    const stages = { one: {}, two: {} }
    const { text } = await check({ ...CONFIG, stages })
    for (const note of [ACCEPTED, ALONE, STRONG, GATEWAY])
      expect(text.split('\n').filter((line) => line.endsWith(note))).toEqual([`one, two: ${note}`])
  })

  test('say nothing about API Gateway for the Worker alone', async () => {
    const [stage] = await stagesOf(CONFIG, '--edge', 'cloudflare')
    expect(stage!.notes).toEqual([ACCEPTED, ALONE, STRONG])
  })

  test('say that a proof passes once in each instance where nothing is strong', async () => {
    const [stage] = await stagesOf({ ...CONFIG, routes: [CONFIG.routes[0]] })
    expect(stage!.notes).toEqual([
      'tokens that are bound to a DPoP key are accepted with their proof: GET /orders',
      'each instance remembers the proofs that it has seen; no route has replay strong, so another instance accepts a proof once more',
      GATEWAY,
    ])
  })

  test('are absent without bound tokens', async () => {
    const plain = { ...CONFIG, issuers: { main: { ...MAIN, senderConstraint: 'none' } } }
    const { dpop: _, ...without } = { ...plain, routes: [CONFIG.routes[0]] }
    expect((await stagesOf(without))[0]!.notes).toEqual([])
  })
})

describe('what API Gateway cannot do', () => {
  test.each<[string, object, readonly string[]]>([
    ['a strategy that keeps answers', { aws: {} }, ['aws.strategy']],
    ['nonces', { dpop: { ...CONFIG.dpop, nonce: { key: { env: 'KEY' } } } }, ['dpop.nonce']],
    ['a route with strong and no table', { dpop: {} }, ['dpop.replay.dynamodb']],
    [
      'no public URL',
      { publicUrls: undefined, resources: [{ identifier: 'https://api.example.com' }] },
      ['publicUrls'],
    ],
  ])('is a problem: %s', async (_, change, problems) => {
    const config = JSON.parse(JSON.stringify({ ...CONFIG, ...change })) as object
    expect(await stagesOf(config, '--edge', 'aws')).toMatchObject([{ aws: 'refused', problems }])
    expect(await stagesOf(CONFIG, '--edge', 'aws')).toMatchObject([{ aws: 'ok', problems: [] }])
  })

  test('is a problem, also where variables of the deployment are missing', async () => {
    const issuers = { main: { ...MAIN, issuer: '${env:ISSUER}' } }
    expect(await stagesOf({ ...CONFIG, issuers, aws: {} }, '--edge', 'aws')).toMatchObject([
      { aws: 'refused', problems: ['aws.strategy'] },
    ])
  })
})

test('a route with strong needs the store of the Worker, where the stage has one', async () => {
  const { durableObject: _, ...replay } = CONFIG.dpop.replay
  const without = { ...CONFIG, dpop: { replay } }
  expect(await stagesOf(without)).toMatchObject([
    { cloudflare: 'refused', aws: 'ok', problems: ['dpop.replay.durableObject'] },
  ])
  const { origin: _origin, ...gateway } = without
  expect(await stagesOf(gateway)).toMatchObject([{ cloudflare: 'no origin', aws: 'ok', problems: [] }])
})

describe('a stage with nonces', () => {
  const NONCE = { ...CONFIG.dpop, nonce: { key: { secretsStore: 'KEY' } } }
  const ALONE_NOTE =
    'dpop.nonce: this stage is for the Worker alone, because API Gateway sends no nonce; it is left out for API Gateway, and lanekeeper build --edge aws refuses it'

  test('is for the Worker alone where another one has none', async () => {
    const [worker, gateway] = await stagesOf({
      ...CONFIG,
      stages: { worker: { dpop: NONCE }, gateway: {} },
    })
    expect(worker).toMatchObject({ aws: 'left out', problems: [] })
    expect(worker!.notes).toContain(ALONE_NOTE)
    expect(worker!.notes).not.toContain(GATEWAY)
    expect(gateway).toMatchObject({ cloudflare: 'ok', aws: 'ok', problems: [] })
    expect(gateway!.notes).not.toContain(ALONE_NOTE)
  })

  test('is refused where no stage is left for API Gateway', async () => {
    const stages = await stagesOf({ ...CONFIG, dpop: NONCE, stages: { one: {}, two: {} } })
    for (const stage of stages)
      expect(stage).toMatchObject({ aws: 'refused', problems: ['dpop.nonce.key.secretsStore'] })
  })

  test('is refused where API Gateway alone is checked', async () => {
    const stages = { worker: { dpop: { ...NONCE, nonce: { key: { secretsManager: 'k' } } } }, gateway: {} }
    const found = await stagesOf({ ...CONFIG, stages }, '--edge', 'aws')
    expect(found).toMatchObject([{ aws: 'refused', problems: ['dpop.nonce'] }, { aws: 'ok' }])
  })
})
