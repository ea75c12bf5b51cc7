// What `lanekeeper check` says about stages with `revocation`, as text and as JSON.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CheckDocument } from '../../cli/check-document.ts'
import { runCommand } from '../../cli/commands.ts'
import { STORE_WAIT_MS } from '../../shared/revocation/waits.ts'
import { createCommandIo } from '../support/command-io.ts'

let root: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-revocation-report-')))
})

afterEach(() => rmSync(root, { recursive: true }))

const WAIT = STORE_WAIT_MS / 1000
const CONFIG = {
  issuers: {
    main: {
      issuer: 'https://login.example.com',
      audience: 'https://api.example.com',
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
    },
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
  origin: { url: 'https://orders.internal.example.com' },
  revocation: { durableObject: 'REVOCATIONS', dynamodb: { table: 'revocations' } },
  aws: { resultTtlSeconds: 300, authorizers: { live: { resultTtlSeconds: 0 } } },
}

async function check(config: object, ...args: readonly string[]) {
  writeFileSync(join(root, 'lanekeeper.config.js'), `export default ${JSON.stringify(config)}`)
  const printed: string[] = []
  const print = (text: string) => void printed.push(text)
  const { io } = createCommandIo({ cwd: root, print, printError: print })
  const exitCode = await runCommand(['check', ...args], io)
  return { exitCode, text: printed.join('\n') }
}

const readDocument = async (config: object, ...args: string[]): Promise<CheckDocument> =>
  JSON.parse((await check(config, '--json', ...args)).text) as CheckDocument

const SUM = `5 age of the news + ${WAIT} waiting for the store + ${55 - WAIT} more while the store is out of reach`

test('N is printed for each edge and function as a sum of its parts', async () => {
  const { exitCode, text } = await check(CONFIG)
  expect(exitCode).toBe(0)
  expect(text).toContain(
    [
      '(none): a revocation is in effect everywhere after at most',
      `  Worker: 60 s = ${SUM} (${5 + WAIT} s while the store answers)`,
      `  Lambda: 367 s = ${SUM} + 7 until the function answers + 300 kept by the gateway (${312 + WAIT} s while the store answers)`,
      `  Lambda live: 60 s = ${SUM} (${5 + WAIT} s while the store answers)`,
      '',
    ].join('\n'),
  )
  expect(text).not.toContain('warning')
  expect(text).not.toContain('at most, in each instance')
})

test.each([
  ['cloudflare', /^ {2}Worker: /m, /^ {2}Lambda/m, 'closes it', '2 hours'],
  ['aws', /^ {2}Lambda: /m, /^ {2}Worker/m, '2 hours', 'closes it'],
])('--edge %s prints that edge alone', async (edge, there, absent, note, otherNote) => {
  const { text } = await check(CONFIG, '--edge', edge)
  expect(text).toMatch(there)
  expect(text).not.toMatch(absent)
  expect(text).toContain(note)
  expect(text).not.toContain(otherNote)
})

test('a route that demands less is a warning that names it, and has a line', async () => {
  const routes = [...CONFIG.routes, { path: '/feed', methods: ['GET'], scope: 'none', revocation: 'off' }]
  const { exitCode, text } = await check({ ...CONFIG, routes })
  expect(exitCode).toBe(0)
  expect(text).toContain(
    '(none): warning: routes[1].revocation (GET /feed): is off, which is less than the section revocation',
  )
  expect(text).toContain('  main, JWTs, routes with revocation off: 86730 s = 86400 until exp + 30 clock')
  const [stage] = (await readDocument({ ...CONFIG, routes })).stages
  expect(stage!.warnings).toEqual([
    { path: 'routes[1].revocation', message: expect.stringMatching(/^is off, /) },
  ])
})

test('routes with strong have a line of their own', async () => {
  const routes = [{ ...CONFIG.routes[0], revocation: 'strong' }]
  const { text } = await check({ ...CONFIG, routes })
  expect(text).toContain('  Worker, routes with revocation strong: 0 s = at once\n')
  expect(text).toContain(
    '  Lambda, routes with revocation strong: 307 s = 7 until the function answers + 300 kept by the gateway\n',
  )
  expect(text).not.toContain('  Worker: ')
})

describe('a route with strong', () => {
  const strong = [{ ...CONFIG.routes[0], revocation: 'strong' }]
  const kept = { resultTtlSeconds: 300, authorizers: { live: { resultTtlSeconds: 60 } } }
  const { dynamodb: _, ...ofWorker } = CONFIG.revocation
  const WARNING =
    '(none): warning: routes[0].revocation (GET /orders): is strong, and API Gateway keeps the answers of every function for 60 s or more: a revoked token may be accepted there for that long; serve the route with a function whose resultTtlSeconds is 0'

  test('whose answers API Gateway keeps in any case is a warning', async () => {
    const config = { ...CONFIG, routes: strong, aws: kept }
    const { exitCode, text } = await check(config)
    expect(exitCode).toBe(0)
    expect(text).toContain(`${WARNING}\n`)
    const [stage] = (await readDocument(config)).stages
    expect(stage!.warnings).toEqual([
      { path: 'routes[0].revocation', message: expect.stringMatching(/^is strong, .* for 60 s or more/) },
    ])
  })

  test.each<[string, object, ...string[]]>([
    ['a function keeps no answer', { aws: CONFIG.aws }],
    ['no lifetime is known', { aws: {} }],
    ['the route has the usual demand', { routes: CONFIG.routes }],
    ['API Gateway keeps no answer about it', { routes: [{ ...strong[0], path: '$connect' }] }],
    ['only the Worker has a store', { revocation: ofWorker }],
    ['API Gateway is left out', {}, '--edge', 'cloudflare'],
  ])('is none where %s', async (_, members, ...args) => {
    const { text } = await check({ ...CONFIG, routes: strong, aws: kept, ...members }, ...args)
    expect(text).not.toContain('is strong')
  })
})

test('the lifetime of cached answers that is not known is named', async () => {
  const note = 'aws.resultTtlSeconds is not configured'
  expect((await check({ ...CONFIG, aws: {} })).text).toContain(note)
  expect((await check({ ...CONFIG, aws: {} }, '--edge', 'cloudflare')).text).not.toContain(note)
  expect((await check(CONFIG)).text).not.toContain(note)
})

test('entries that are never dropped are named', async () => {
  const opaque = {
    issuer: 'https://opaque.example',
    audience: 'https://api.example.com',
    introspection: { endpoint: 'https://opaque.example/i', authentication: 'bearer', secret: { env: 'KEY' } },
  }
  const note = 'issuers.opaque: its answers may have no exp'
  const env = join(root, 'a.env')
  writeFileSync(env, 'KEY=abcdefghijklmnop')
  const { text } = await check({ ...CONFIG, issuers: { ...CONFIG.issuers, opaque } }, '--env-file', env)
  expect(text).toContain(note)
  expect(text).not.toContain('issuers.main: its answers')
})

test('--json has the rows with their edge, function and demand', async () => {
  const [stage] = (await readDocument(CONFIG)).stages
  expect(stage!.staleness.map(({ parts: _, ...row }) => row)).toEqual([
    ...[
      { edge: 'cloudflare', seconds: 60, reachableSeconds: 5 + WAIT },
      { edge: 'aws', seconds: 367, reachableSeconds: 312 + WAIT },
      { edge: 'aws', authorizer: 'live', seconds: 60, reachableSeconds: 5 + WAIT },
    ].map((row) => ({ issuer: 'main', tokens: 'jwt', demand: 'usual', ...row })),
  ])
  expect(stage!.notes[0]).toMatch(/^a revocation does not end an open WebSocket/)
})

test('without revocation nothing is added', async () => {
  const { revocation: _, ...without } = CONFIG
  const { text } = await check(without)
  expect(text).toContain(
    '(none): at most, in each instance\n  main, JWTs: 86730 s = 86400 until exp + 30 clock tolerance + 300 kept by the gateway\n',
  )
  expect(text).not.toMatch(/WebSocket|revocation is in effect/)
})
