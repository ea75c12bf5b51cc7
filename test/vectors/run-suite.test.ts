// Every suite with tiny vectors of our own: it passes unchanged, and it finds each mistake made in the vectors. The
// edges are opened once; `npm run test:vectors` opens them for every suite (test/system/vectors.test.ts).

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runSuite } from './run-suite.ts'
import { SUITES } from './suites.ts'
import { summarise } from './summary.ts'
import type { Tally } from './tally.ts'
import { tinyVectors, writeVectors, type Files } from './tiny-vectors.ts'
import { openVectorWorld, type VectorWorld } from './world.ts'

let tiny: Files
let world: VectorWorld
let directory: string
let closed: number

beforeAll(async () => {
  tiny = await tinyVectors()
  world = await openVectorWorld([tiny['ietf-jose-cookbook/jwk/one.json'], tiny['other']])
})

afterAll(() => world.close())

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanekeeper-vectors-'))
  closed = 0
})

afterEach(() => rmSync(directory, { recursive: true }))

const openOnce = async (): Promise<VectorWorld> => ({ ...world, close: async () => void closed++ })

/** The suites in these folders, in their run order. */
async function run(folders: readonly string[], change: (files: Files) => void = () => {}): Promise<Tally[]> {
  const files = structuredClone(tiny)
  change(files)
  writeVectors(directory, files)
  const tallies: Tally[] = []
  for (const suite of SUITES.filter(({ folder }) => folders.includes(folder)))
    tallies.push(...(await runSuite(suite, join(directory, suite.folder), () => {}, openOnce)))
  return tallies
}

test('every suite passes, and its cases are counted', async () => {
  const summary = summarise(await run(SUITES.map(({ folder }) => folder)))
  expect(summary).toContain('HS* is not for published keys')
  expect(summary.split('\n').at(-1)).toBe(
    'Ran 122 cases: 766 verdicts, 8 stated departures, 1 not built yet, 0 wrong.',
  )
  expect(closed).toBe(SUITES.length)
})

test('the edges are opened for the keys in the suite', async () => {
  writeVectors(directory, tiny)
  const published: unknown[] = []
  await runSuite(
    SUITES[0]!,
    join(directory, SUITES[0]!.folder),
    () => {},
    (keys) => {
      published.push(...keys)
      return openOnce()
    },
  )
  const { kid } = tiny['ietf-jose-cookbook/jwk/one.json']
  expect(published).toMatchObject([{ kid }, { kid, use: 'enc' }])
})

test('a suite counts as wrong if its edges do not open', async () => {
  writeVectors(directory, tiny)
  const refuse = () => Promise.reject(new Error('no edges'))
  const tallies = await runSuite(SUITES[0]!, join(directory, SUITES[0]!.folder), () => {}, refuse)
  expect(tallies).toMatchObject([{ suite: 'wycheproof', wrong: [{ what: 'no edges' }] }])
})

const SIGNATURES = 'wycheproof/json_web_signature_test.json'
const DPOP = 'rfc-examples/rfc9449.json'
const URLS = 'auth0-node-oauth2-jwt-bearer/htu_normalize.json'
const BEARER = 'auth0-node-oauth2-jwt-bearer/bearer_and_host.json'

describe('a suite finds what is wrong', () => {
  test.each<[suite: string, mistake: string, change: (files: Files) => void, found: string]>([
    [
      'wycheproof',
      'a tampered signature is ruled valid',
      (files) => (files[SIGNATURES].testGroups[0].tests[2].result = 'valid'),
      'refuse (signature_invalid), not accept',
    ],
    [
      'wycheproof',
      'a key for encryption is ruled usable',
      (files) => (files['wycheproof/json_web_key_test.json'].testGroups[0].tests[0].result = 'valid'),
      'refuse (mismatch), not accept',
    ],
    [
      'wycheproof',
      'a token that is none makes the stage throw',
      (files) => (files[SIGNATURES].testGroups[0].tests[0].jws = 42),
      'thrown: TypeError',
    ],
    [
      'wycheproof',
      'a file is missing',
      (files) => delete files['wycheproof/json_web_encryption_test.json'],
      'ENOENT',
    ],
    ['wycheproof', 'a file is no JSON', (files) => (files[SIGNATURES] = '{'), 'JSON'],
    [
      'wycheproof',
      'a file has no cases',
      (files) => (files[SIGNATURES] = { testGroups: [] }),
      'there are no cases',
    ],
    [
      'ietf-jose-cookbook',
      'the key is another',
      (files) => (files['ietf-jose-cookbook/jws/one.json'].input.key = { ...files['other'], kid: 'tiny' }),
      'refuse (signature_invalid), not accept',
    ],
    [
      'rfc-examples',
      'the key is another',
      (files) => (files['rfc-examples/rfc7515.json'].cases[0].jwk = { ...files['other'], kid: 'tiny' }),
      'refuse (signature_invalid), not accept',
    ],
    [
      'rfc-examples',
      'the figure is for another API',
      (files) => (files['rfc-examples/rfc9068.json'].claims.aud = 'https://other.example'),
      'refuse (audience_mismatch), not accept',
    ],
    [
      'rfc-examples',
      'the answer is about another API',
      (files) => (files['rfc-examples/rfc7662_8705.json'].introspection_responses[0].body.aud = 'https://x'),
      'refuse (audience_mismatch), not accept',
    ],
    [
      'rfc-examples',
      'the signed answer is about another client',
      (files) => delete files['rfc-examples/rfc9701.json'].claims.token_introspection.client_id,
      'refuse (token_kind_unproven), not accept',
    ],
    [
      'rfc-examples',
      'a proof for another method is ruled good',
      (files) => (files[DPOP].resource_server_cases[2].verdict = 'allow'),
      'core: refuse (dpop_proof_invalid), not accept',
    ],
    [
      'rfc-examples',
      'the good proof is ruled bad',
      (files) => (files[DPOP].resource_server_cases[0].verdict = 'deny'),
      'worker: accept (access_token), not refuse',
    ],
    [
      'rfc-examples',
      'a proof that was used before is ruled good',
      (files) => (files[DPOP].resource_server_cases[6].verdict = ['allow', 'allow']),
      'rest REQUEST: refuse (dpop_proof_replayed), not accept',
    ],
    [
      URLS.split('/')[0]!,
      'a URL has another canonical form',
      (files) => (files[URLS].cases[0].normalized = 'https://a.example/c'),
      'thrown: Error: node: https://a.example/b, not https://a.example/c',
    ],
    [
      URLS.split('/')[0]!,
      'a URL that is none has a canonical form',
      (files) => (files[URLS].cases[3].normalized = 'https://a.example/b'),
      'workerd: refuse (null), not accept',
    ],
    [
      BEARER.split('/')[0]!,
      'a Host that names no host is ruled valid',
      (files) => (files[BEARER].host[1].valid = true),
      'worker: refuse (host_unknown), not accept',
    ],
    [
      'json-test-suite',
      'well-formed JSON is ruled malformed',
      (files) => (files['json-test-suite/test_parsing.json'].cases[0].expect = 'reject'),
      'parse: accept (parsed), not refuse',
    ],
    [
      BEARER.split('/')[0]!,
      'a request without a token is ruled 403',
      (files) => (files[BEARER].bearer[1].verdict = '403'),
      'status 401 (credential_missing), not 403',
    ],
    [
      BEARER.split('/')[0]!,
      'another scheme is ruled to carry the token',
      (files) => (files[BEARER].bearer[0].request.authorization = 'foo token'),
      'refuse (credential_scheme), not accept',
    ],
  ])('%s: %s', async (folder, _, change, found) => {
    const tallies = await run([folder], change)
    expect(tallies.flatMap(({ wrong }) => wrong.map(({ what }) => what)).join('\n')).toContain(found)
  })
})
