// The claims of a proof: RFC 9449 sections 4.2, 4.3 (6) to (11) and 11.1.

import { sha256 } from '../../support/dpop-proofs.ts'
import { now } from '../time.ts'
import { byClaims, withClaims, wrong } from './row.ts'
import type { SenderRow } from '../sender-row.ts'

const JTI: readonly SenderRow[] = [
  withClaims('jti of 256 characters', { jti: 'x'.repeat(256) }),
  ...[undefined, null, 7, '', ['x'], 'x'.repeat(257)].map((jti) =>
    byClaims('jti', String(JSON.stringify(jti)).slice(0, 20), { jti }),
  ),
]

const HTM: readonly SenderRow[] = [
  ...[undefined, null, 'get', 'Get', 'POST', 'HEAD', '', ' GET', 'GET ', ['GET']].map((htm) =>
    byClaims('htm', String(JSON.stringify(htm)), { htm }),
  ),
  wrong('htm', 'GET for HEAD', { method: 'HEAD', proof: { claims: { htm: 'GET' } } }),
  wrong('htm', 'GET for POST', { method: 'POST', proof: { claims: { htm: 'GET' } } }),
  wrong('htm', 'the method of an override', {
    method: 'POST',
    proof: { claims: { htm: 'GET' } },
    fields: (proof) => [
      ['DPoP', proof],
      ['X-HTTP-Method-Override', 'GET'],
    ],
  }),
]

const ATH: readonly SenderRow[] = [
  ...[undefined, null, '', 7].map((ath) => byClaims('ath', String(JSON.stringify(ath)), { ath })),
  wrong('ath', 'of another token of the same key', {
    proofFor: (_, world) => world.main.token({ claims: { scope: 'read write' } }),
  }),
  wrong('ath', 'of the token before it was refreshed', {
    proofFor: (_, world) => world.main.token({ claims: { iat: now() - 600, exp: now() + 5 } }),
  }),
  wrong('ath', 'of the token with its scheme', { proofFor: (token) => `DPoP ${token}` }),
  wrong('ath', 'in hex', {
    remake: (token) => ({ ath: Buffer.from(sha256(token), 'base64url').toString('hex') }),
  }),
  wrong('ath', 'padded', { remake: (token) => ({ ath: `${sha256(token)}=` }) }),
  wrong('ath', 'in base64', {
    remake: (token) => ({ ath: `${Buffer.from(sha256(token), 'base64url').toString('base64')}` }),
  }),
]

const TIMES: readonly SenderRow[] = [
  withClaims('iat 300 seconds ago', () => ({ iat: now() - 300 })),
  byClaims('iat', '301 seconds ago', () => ({ iat: now() - 301 })),
  withClaims('iat in 30 seconds', () => ({ iat: now() + 30 })),
  byClaims('iat', 'in 31 seconds', () => ({ iat: now() + 31 })),
  withClaims('iat with a fraction', () => ({ iat: now() - 0.5 })),
  byClaims('iat', 'in 30 seconds and a fraction', () => ({ iat: now() + 30.5 })),
  byClaims('iat', 'in milliseconds', () => ({ iat: now() * 1_000 })),
  byClaims('iat', 'as text', () => ({ iat: String(now()) })),
  byClaims('iat', 'in a list', () => ({ iat: [now()] })),
  ...[undefined, null, 0, -1, 1e300, true].map((iat) =>
    byClaims('iat', String(JSON.stringify(iat)), { iat }),
  ),
  wrong('iat', '1e999', {
    proof: () => ({ respell: (claims) => claims.replace(/"iat":\d+/, '"iat":1e999') }),
  }),
  withClaims('exp 29 seconds ago', () => ({ exp: now() - 29 })),
  byClaims('exp', '30 seconds ago', () => ({ exp: now() - 30 })),
  byClaims('exp', 'as text', () => ({ exp: String(now() + 60) })),
  byClaims('exp', 'null', { exp: null }),
  withClaims('nbf in 30 seconds', () => ({ nbf: now() + 30 })),
  byClaims('nbf', 'in 31 seconds', () => ({ nbf: now() + 31 })),
  byClaims('nbf', 'as text', () => ({ nbf: String(now()) })),
  withClaims('a nonce where none is demanded', { nonce: 'x' }),
  byClaims('nonce', 'a number', { nonce: 7 }),
]

export const CLAIM_ROWS: readonly SenderRow[] = [...JTI, ...HTM, ...ATH, ...TIMES]
