// What `lanekeeper explain` never prints: the token or a part of it, a proof, the key and the names of the log, and
// values of header members and claims other than those that a rule reads.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { nameToken } from '../../../shared/compiler.ts'
import { webCrypto } from '../../../shared/index.ts'
import { CONFIG, FINGERPRINT_KEY, MAIN, NOW, startWorld, type World } from './world.ts'

let world: World

beforeEach(async () => {
  world = await startWorld()
})

afterEach(() => world.close())

const SECRET = 'planted-secret'

const PLANTED = {
  sub: `${SECRET}-sub`,
  jti: `${SECRET}-jti`,
  email: `${SECRET}@example.com`,
  auth_time: SECRET,
  sid: SECRET,
  nested: { deep: [SECRET, { deeper: SECRET }] },
  roles: [SECRET],
  authorization_details: [{ type: 'payment', iban: SECRET }],
}

const HEADER = { kid: 'main', x5u: `https://${SECRET}`, secret: SECRET }

/** Pieces of a token, none of which may be printed. */
const piecesOf = (token: string): readonly string[] =>
  token.split('.').flatMap((part) => [part, part.slice(0, 16), part.slice(-16)])

async function expectHidden(args: readonly string[], hidden: readonly string[]): Promise<string> {
  let all = ''
  for (const more of [[], ['--json']]) {
    const { text, errors } = await world.run([...args, ...more], { env: { FINGERPRINT_KEY } })
    for (const secret of [SECRET, FINGERPRINT_KEY, ...hidden]) expect(text + errors).not.toContain(secret)
    all += text + errors
  }
  return all
}

const WITH_KEYS = ['--token-file', 'token', '--jwks', 'jwks.json']

test.each([
  ['allowed', {}],
  ['refused for its scope', { scope: 'other' }],
  ['refused for its time', { exp: NOW - 100 }],
  ['refused for its audience', { aud: 'https://other.example.com' }],
  ['refused for its kind', { nonce: SECRET }],
  ['refused for a claim', { client_id: undefined }],
  ['of another issuer', { iss: 'https://other.example.com' }],
])('a token that is %s', async (_, claims) => {
  const token = await world.token({ ...PLANTED, ...claims }, HEADER)
  const text = await expectHidden(['GET', '/orders', ...WITH_KEYS], piecesOf(token))
  expect(text).toMatch(/jti, (?:scope, )?email, auth_time, sid, nested, roles, authorization_details/)
  await expectHidden(['GET', '/orders', '--token-file', 'token'], piecesOf(token))
})

test('a claim that the matched route names is printed, and no other', async () => {
  const route = { path: '/org', methods: ['GET'], scope: 'none', authorizationDetails: ['account'] }
  const claims = { org_id: { equals: 'acme' } }
  world.config({ ...CONFIG, routes: [...CONFIG.routes, { ...route, claims }] })
  const token = await world.token({ ...PLANTED, org_id: 'umbrella' }, HEADER)
  const text = await expectHidden(['GET', '/org', ...WITH_KEYS], piecesOf(token))
  expect(text).toContain('org_id: umbrella; demanded: acme')
  expect(text).toContain('authorization_details: [payment]; demanded: account')
  expect(await expectHidden(['GET', '/orders', ...WITH_KEYS], piecesOf(token))).not.toContain('umbrella')
})

test.each([
  ['cut', (token: string) => token.slice(0, -20)],
  ['padded', (token: string) => `${token}==`],
  ['with another part', (token: string) => `${token}.${SECRET}`],
  ['in quotes', (token: string) => `"${token}"`],
  ['with its scheme', (token: string) => `Bearer ${token}`],
  ['opaque', () => `${SECRET}-opaque`],
  ['of control characters', (token: string) => `\u001b[2J${token}`],
])('a token that is %s', async (_, change) => {
  const token = await world.token(PLANTED, HEADER)
  world.write('token', change(token))
  await expectHidden(['GET', '/orders', ...WITH_KEYS], piecesOf(token))
})

test('a token among the arguments, and files that hold something else', async () => {
  const token = await world.token(PLANTED, HEADER)
  world.write('jwks.json', { secret: SECRET })
  for (const args of [
    ['GET', `/orders?access_token=${token}`],
    ['GET', token],
    ['GET', '/orders', `--header=Authorization: Bearer ${token}`],
    ['GET', '/orders', '--header', `X-Token: ${token}`],
    ['GET', '/orders', `--${token}`],
    ['GET', '/orders', '--token-file', token],
    ['GET', `/orders?access_token=${SECRET}`],
    ['GET', '/orders', '--header', `Authorization: Bearer ${SECRET}`],
    ['GET', '/orders', '--header', SECRET],
    ['GET', '/orders', ...WITH_KEYS],
  ]) {
    const { exitCode } = await world.run(args)
    expect(exitCode).toBe(2)
    await expectHidden(args, piecesOf(token))
  }
})

test('a proof, other header fields, and the names in a log', async () => {
  world.config({
    ...CONFIG,
    issuers: { main: { ...MAIN, senderConstraint: 'any' } },
    dpop: { algorithms: ['ES256'] },
    publicUrls: ['https://api.example.com'],
    aws: { strategy: 'off' },
  })
  const proof = await world.token({ htm: 'GET' })
  const token = await world.token({ ...PLANTED, cnf: { jkt: `${SECRET}-thumbprint` } }, HEADER)
  const name = (await nameToken(token, FINGERPRINT_KEY, webCrypto))!
  world.write('log', JSON.stringify({ event: 'decision', outcome: 'deny', token: name, sub: SECRET }))
  const text = await expectHidden(
    [
      ...['GET', '/orders', ...WITH_KEYS, '--header', `DPoP: ${proof}`, '--header', `Cookie: ${SECRET}`],
      ...['--log', 'log'],
    ],
    [...piecesOf(token), ...piecesOf(proof), name],
  )
  expect(text).toContain('dpop_proof_invalid')
  expect(text).toContain('No check reads: cookie.')
})

test('control characters of a token are escaped', async () => {
  await world.token({ client_id: 'a\u001b[2Jb\u202e', aud: 'x\u0007' })
  const { text } = await world.explain('GET', '/orders')
  expect(text).toContain('client: a\\u{1b}[2Jb\\u{202e}')
  expect(text).not.toMatch(/[\u001b\u202e\u0007]/)
})
