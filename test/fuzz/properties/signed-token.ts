// Of all tokens that the issuer signs, only access tokens for this API are allowed. The reference verdict is written
// independently of the product, with jose: both must allow the same tokens.

import { createLocalJWKSet, jwtVerify } from 'jose'
import fc from 'fast-check'
import { AUDIENCE, CLAIMS, demand, HEADER, ISSUER, NOW, signed, type FuzzFixture } from '../fixture.ts'
import { changeJson, jsonChanges, type JsonChange } from '../mutate.ts'
import { property } from '../property.ts'

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: unknown): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= 1024 && value.isWellFormed()

const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 2.6e11

const OTHER_KIND_CLAIMS = [
  'nonce',
  'at_hash',
  'c_hash',
  's_hash',
  'events',
  'token_introspection',
  'htu',
  'vp',
  'cnf',
]

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

function isNamedOnce(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return !Object.hasOwn(value, '__proto__') && Object.values(value).every(isNamedOnce)
}

function isAccessToken(header: unknown, claims: unknown): boolean {
  if (!isObject(header) || !isObject(claims) || !isNamedOnce(header) || !isNamedOnce(claims)) return false
  if (depthOf(header) > 16 || depthOf(claims) > 16) return false
  const has = (object: JsonObject, name: string) => Object.hasOwn(object, name)
  if (['crit', 'enc', 'jwk'].some((name) => has(header, name))) return false
  if (has(header, 'b64') && header['b64'] !== true) return false
  if (has(header, 'zip') && header['zip'] !== 'NONE') return false
  if (has(header, 'cty') && (typeof header['cty'] !== 'string' || /jwt/i.test(header['cty']))) return false
  if (has(header, 'kid') && header['kid'] !== 'k1') return false
  if (typeof header['typ'] !== 'string' || !/^(application\/)?at\+jwt$/i.test(header['typ'])) return false
  if (OTHER_KIND_CLAIMS.some((name) => has(claims, name))) return false
  const kind = (name: string) => (has(claims, name) ? String(JSON.stringify(claims[name])).toLowerCase() : '')
  if (['"id"', '"refresh"'].includes(kind('token_use'))) return false
  if (['"id"', '"refresh"', '"offline"'].includes(kind('typ'))) return false
  if (!['sub', 'client_id', 'jti'].every((name) => has(claims, name) && isText(claims[name]))) return false
  if (['sub', 'client_id'].some((name) => encodeURIComponent(claims[name] as string).length > 2_048))
    return false
  if (claims['sub'] === claims['iss']) return false
  if (!['iat', 'exp'].every((name) => has(claims, name) && isTime(claims[name]))) return false
  const [iat, exp] = [claims['iat'] as number, claims['exp'] as number]
  if (iat > NOW + 30 || exp <= NOW - 30 || exp <= iat || exp - iat > 86_400) return false
  if (has(claims, 'nbf') && !(isTime(claims['nbf']) && claims['nbf'] <= NOW + 30)) return false
  const aud = typeof claims['aud'] === 'string' ? [claims['aud']] : claims['aud']
  if (!Array.isArray(aud) || aud.length === 0 || !aud.every(isText) || !aud.includes(AUDIENCE)) return false
  return typeof claims['scope'] === 'string' && /^[^\s"\\]+( [^\s"\\]+)*$/.test(claims['scope'])
}

async function pleasesJose(token: string, fixture: FuzzFixture): Promise<boolean> {
  try {
    await jwtVerify(token, createLocalJWKSet({ keys: [fixture.key.publicJwk as never] }), {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ['ES256'],
      typ: 'at+jwt',
      clockTolerance: 30,
      currentDate: new Date(NOW * 1000),
      requiredClaims: ['exp', 'iat', 'sub', 'client_id', 'jti'],
    })
    return true
  } catch {
    return false
  }
}

interface Input {
  readonly header: readonly JsonChange[]
  readonly claims: readonly JsonChange[]
}

const some = fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: jsonChanges(3) })

export const signedToken = property<Input>({
  name: 'signed token',
  about: 'headers and claims of every kind, signed by the issuer',
  input: fc.record({ header: some, claims: some }),
  mustSee: ['deny', 'allow'],
  async check(input, fixture) {
    const header = changeJson(HEADER, input.header)
    const claims = changeJson(CLAIMS, input.claims)
    const token = await signed(fixture.key, header, claims)
    const [seenHeader, seenClaims] = [header, claims].map((part): unknown => JSON.parse(JSON.stringify(part)))
    const good =
      token.length <= 8_192 && isAccessToken(seenHeader, seenClaims) && (await pleasesJose(token, fixture))
    const seen = await fixture.send({ method: 'GET', path: '/orders', authorization: [`Bearer ${token}`] })
    const permitted = good && (seenClaims as { scope: string }).scope.split(' ').includes('read')
    for (const { edge, allow, code } of seen) {
      demand(!allow || permitted, `${edge} allows what is no access token for this`)
      demand(allow || !permitted, `${edge} refuses an access token: ${code}`)
    }
    return seen.every(({ allow }) => allow) ? 'allow' : 'deny'
  },
})
