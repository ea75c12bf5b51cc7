// What `lanekeeper check` says about stages that accept bound tokens, as text and as JSON.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CheckDocument } from '../../cli/check-document.ts'
import { runCommand } from '../../cli/commands.ts'
import { createCommandIo } from '../support/command-io.ts'

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
  const print = (text: string) => void printed.push(text)
  const { io } = createCommandIo({ cwd: root, print, printError: print })
  const exitCode = await runCommand(['check', ...args], io)
  return { exitCode, text: printed.join('\n') }
}

async function stagesOf(config: object, ...args: string[]) {
  const document = JSON.parse((await check(config, '--json', ...args)).text) as CheckDocument
  return document.stages.map(({ name, cloudflare, aws, problems, notes }) => ({
    name,
    cloudflare,
    aws,
    problems: problems.map(({ path }) => path),
    notes: notes.filter((text) => /bound|proof|DPoP|dpop|mtls|certificate/.test(text)),
  }))
}

const ACCEPTED = 'tokens that are bound to a DPoP key are accepted with their proof: GET /orders; POST /pay'
const CERTIFICATE =
  'tokens that are bound to a client certificate are accepted with this certificate: GET /orders'
const BOTH = 'tokens that are bound to both are accepted with both: GET /orders; POST /pay'
const ALONE = 'unbound tokens are refused: POST /pay'
const STRONG =
  'used proofs are kept in the store of all instances (strong): POST /pay; for other routes in the memory of each instance'
const GATEWAY =
  'API Gateway cannot do all of DPoP: it sends no nonce, an HTTP API or a WebSocket API no challenge, and a REST API only the challenge of a gateway response, which is the same for every refusal (docs/dpop.md)'

const GATEWAY_CERTIFICATES =
  'API Gateway asks for client certificates on custom domains alone, looks at no list of revoked ones, and states none to a TOKEN authorizer or in the handshake of a WebSocket API (docs/mtls.md)'

const ALL = [ACCEPTED, CERTIFICATE, BOTH, STRONG, ALONE, GATEWAY, GATEWAY_CERTIFICATES]

describe('the notes', () => {
  test('say which routes accept and demand bound tokens, and what API Gateway cannot do, once', async () => {
    const [stage] = await stagesOf(CONFIG)
    expect(stage).toEqual({
      name: null,
      cloudflare: 'ok',
      aws: 'ok',
      problems: [],
      notes: ALL,
    })
    const stages = { one: {}, two: {} }
    const { text } = await check({ ...CONFIG, stages })
    for (const note of ALL)
      expect(text.split('\n').filter((line) => line.endsWith(note))).toEqual([`one, two: ${note}`])
  })

  test('say nothing about API Gateway for the Worker alone', async () => {
    const [stage] = await stagesOf(CONFIG, '--edge', 'cloudflare')
    expect(stage!.notes).toEqual([ACCEPTED, CERTIFICATE, BOTH, STRONG, ALONE])
  })

  test('say that a proof passes once in each instance where nothing is strong', async () => {
    const [stage] = await stagesOf({ ...CONFIG, routes: [CONFIG.routes[0]] })
    expect(stage!.notes).toEqual([
      'tokens that are bound to a DPoP key are accepted with their proof: GET /orders',
      'tokens that are bound to a client certificate are accepted with this certificate: GET /orders',
      'tokens that are bound to both are accepted with both: GET /orders',
      'each instance remembers the proofs that it has seen; no route has replay strong, so another instance accepts a proof once more',
      GATEWAY,
      GATEWAY_CERTIFICATES,
    ])
  })

  const ofIssuer = (senderConstraint: string) => {
    const { dpop: _, ...config } = { ...CONFIG, routes: [CONFIG.routes[0]] }
    return { ...config, issuers: { main: { ...MAIN, senderConstraint } } }
  }
  const [IN_MEMORY, AT_ORDERS] = [
    'each instance remembers the proofs that it has seen; no route has replay strong, so another instance accepts a proof once more',
    'tokens that are bound to a client certificate are accepted with this certificate: GET /orders',
  ]
  const BOTH_AT_ORDERS = 'tokens that are bound to both are accepted with both: GET /orders'
  const BY_PROOF = 'tokens that are bound to a DPoP key are accepted with their proof: GET /orders'
  const NO_UNBOUND = 'unbound tokens are refused: GET /orders'

  test.each([
    ['mtls', [AT_ORDERS, NO_UNBOUND, GATEWAY_CERTIFICATES]],
    ['dpop', [BY_PROOF, IN_MEMORY, NO_UNBOUND, GATEWAY]],
    ['bound', [BY_PROOF, AT_ORDERS, BOTH_AT_ORDERS, IN_MEMORY, NO_UNBOUND, GATEWAY, GATEWAY_CERTIFICATES]],
  ])('name the methods of an issuer with %s', async (demand, notes) => {
    const [stage] = await stagesOf(ofIssuer(demand))
    expect(stage).toMatchObject({ cloudflare: 'ok', aws: 'ok', problems: [], notes })
  })

  test('are there where variables of the deployment are missing', async () => {
    const config = { ...ofIssuer('mtls'), publicUrls: ['${env:API_URL}'] }
    expect((await stagesOf(config))[0]!.notes).toEqual([AT_ORDERS, NO_UNBOUND, GATEWAY_CERTIFICATES])
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

describe('the fields of mtls.header', () => {
  const header = {
    name: 'Client-Cert',
    format: 'rfc9440',
    guard: { header: 'X-Proxy-Secret', secret: { secretsManager: 'proxy' } },
  }
  const WARNING = {
    path: 'mtls.header',
    message:
      'client-cert and x-proxy-secret, with the secret of the proxy, reach the integration of API Gateway, because an authorizer removes no field; the integration must not log or pass on the secret (docs/mtls.md)',
  }

  async function warningsOf(change: object, ...args: string[]) {
    const { text } = await check({ ...CONFIG, mtls: { header }, ...change }, '--json', ...args)
    return (JSON.parse(text) as CheckDocument).stages[0]!.warnings
  }

  test('have a warning for API Gateway, whose integration sees them', async () => {
    expect(await warningsOf({}, '--edge', 'aws')).toEqual([WARNING])
    expect(await warningsOf({ mtls: {} }, '--edge', 'aws')).toEqual([])
    const secret = { secretsStore: 'PROXY' }
    const ofWorker = { mtls: { header: { ...header, guard: { ...header.guard, secret } } } }
    expect(await warningsOf(ofWorker, '--edge', 'cloudflare')).toEqual([])
  })

  test('have none where every function refuses bound tokens', async () => {
    const [plain, bound] = [{ senderConstraint: 'none' }, { strategy: 'off' }]
    const ofFunctions = (authorizers: object) => warningsOf({ aws: { authorizers } }, '--edge', 'aws')
    expect(await warningsOf({ aws: plain }, '--edge', 'aws')).toEqual([])
    expect(await ofFunctions({ plain })).toEqual([])
    expect(await ofFunctions({ plain, bound })).toEqual([WARNING])
  })

  test('are printed with their stage', async () => {
    const { text } = await check({ ...CONFIG, mtls: { header } }, '--edge', 'aws')
    expect(text).toContain(`(none): warning: mtls.header: ${WARNING.message}`)
  })
})

describe('a stage that names the CAs of certificates', () => {
  const NOTE =
    'mtls.issuerSki: this stage is for the Worker alone, because API Gateway does not name the CA of a client certificate by its key; it is left out for API Gateway, and lanekeeper build --edge aws refuses it'
  const PINNED = { issuerSki: ['a95e'] }

  test('is for the Worker alone where another one names none', async () => {
    const [worker, gateway] = await stagesOf({ ...CONFIG, stages: { worker: { mtls: PINNED }, gateway: {} } })
    expect(worker).toMatchObject({ cloudflare: 'ok', aws: 'left out', problems: [] })
    expect(worker!.notes).toContain(NOTE)
    expect(gateway).toMatchObject({ cloudflare: 'ok', aws: 'ok', problems: [] })
    expect(gateway!.notes).not.toContain(NOTE)
  })

  test('may be the base of all others, which then name none', async () => {
    const [worker, gateway] = await stagesOf({
      ...CONFIG,
      mtls: PINNED,
      stages: { worker: {}, gateway: { mtls: {} } },
    })
    expect(worker).toMatchObject({ aws: 'left out', problems: [] })
    expect(gateway).toMatchObject({ aws: 'ok', problems: [] })
  })

  test('has both reasons beside nonces', async () => {
    const nonce = { key: { secretsStore: 'KEY' } }
    const worker = { mtls: PINNED, dpop: { ...CONFIG.dpop, nonce } }
    const [stage] = await stagesOf({ ...CONFIG, stages: { worker, gateway: {} } })
    expect(stage!.notes.filter((text) => text.includes('is for the Worker alone'))).toEqual([
      expect.stringMatching(/^dpop\.nonce: /),
      NOTE,
    ])
  })

  test('is refused where no stage is left for API Gateway, or API Gateway alone is checked', async () => {
    for (const stage of await stagesOf({ ...CONFIG, mtls: PINNED, stages: { one: {}, two: {} } }))
      expect(stage).toMatchObject({ cloudflare: 'ok', aws: 'refused', problems: ['mtls.issuerSki'] })
    const stages = { worker: { mtls: PINNED }, gateway: {} }
    expect(await stagesOf({ ...CONFIG, stages }, '--edge', 'aws')).toMatchObject([
      { aws: 'refused', problems: ['mtls.issuerSki'] },
      { aws: 'ok', problems: [] },
    ])
  })
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
