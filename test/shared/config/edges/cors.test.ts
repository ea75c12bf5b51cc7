// `cors.headers` where bound tokens are accepted: scripts may send proofs, unless a list of headers says otherwise.

import { expect, test } from 'vitest'
import { resolveConfig, type CorsConfig, type IssuerConfig } from '../../../../shared/index.ts'
import { GOOD } from '../../../support/config-problems.ts'

const CORS: CorsConfig = { origins: ['https://app.example'], preflight: 'answer' }

function resolved(senderConstraint: NonNullable<IssuerConfig['senderConstraint']>, cors?: CorsConfig) {
  const main = { ...GOOD.issuers['main']!, senderConstraint } as IssuerConfig
  const { cors: found, warnings } = resolveConfig({
    ...GOOD,
    issuers: { main },
    publicUrls: ['https://api.example.com'],
    ...(cors && { cors }),
  })
  return { headers: found?.headers, warnings: warnings.map(({ path, message }) => `${path}: ${message}`) }
}

const USUAL = ['authorization', 'content-type']
const WARNING =
  'cors.headers: does not have "dpop", so scripts can send no proof and use no bound token; add it, if they shall'

test('by default scripts may send the field of proofs where proofs are accepted', () => {
  for (const demand of ['any', 'dpop', 'bound'] as const)
    expect(resolved(demand, CORS)).toEqual({ headers: [...USUAL, 'dpop'], warnings: [] })
  for (const demand of ['none', 'mtls'] as const)
    expect(resolved(demand, CORS)).toEqual({ headers: USUAL, warnings: [] })
})

test('a list of headers stands, with a warning where the field is not in it', () => {
  const withHeaders = (...headers: string[]): CorsConfig => ({ ...CORS, headers })
  expect(resolved('any', withHeaders('Authorization'))).toEqual({
    headers: ['authorization'],
    warnings: [WARNING],
  })
  expect(resolved('any', withHeaders('Authorization', 'DPoP'))).toEqual({
    headers: ['authorization', 'dpop'],
    warnings: [],
  })
  for (const demand of ['none', 'mtls'] as const)
    expect(resolved(demand, withHeaders('Authorization')).warnings).toEqual([])
})

test('nothing is said where the origin does CORS, or nobody does', () => {
  expect(resolved('any', { ...CORS, preflight: 'pass', headers: ['authorization'] }).warnings).toEqual([])
  expect(resolved('any')).toEqual({ headers: undefined, warnings: [] })
})
