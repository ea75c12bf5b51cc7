// Reads third-party JOSE material as leniently as it was written, to classify it before our code sees it.

export type Jwk = Readonly<Record<string, unknown>>

/** The header of a compact JWS or JWE, by the lenient decoder of Node; empty where there is none. */
export function headerOf(compact: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(compact.split('.')[0]!, 'base64url').toString())
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** The key as an issuer would publish it. */
export function publicHalf(jwk: Jwk): Jwk {
  const { d: _, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, oth: _oth, ...rest } = jwk
  return rest
}

/** A vector's token: a string, or an object in JSON serialisation. */
export const tokenText = (token: unknown): string =>
  typeof token === 'object' ? JSON.stringify(token) : (token as string)

/** Why this project refuses a signature that the data calls valid, by the class of the input; `null` if it does not. */
export function signatureDeparture(jws: string, keys: readonly Jwk[]): string | null {
  const alg = headerOf(jws)['alg']
  if (/[^A-Za-z0-9._-]/.test(jws))
    return 'characters outside base64url: a token has one spelling (RFC 7515 section 2)'
  if (typeof alg === 'string' && alg.startsWith('HS'))
    return 'HS* is not for published keys: an issuer cannot publish a shared secret (RFC 8725 section 3.1)'
  const [key, ...others] = keys
  return others.length === 0 && key?.['alg'] !== undefined && key['alg'] !== alg
    ? 'the alg of the JWK is not the alg of the header (RFC 7517 section 4.4)'
    : null
}
