// ietf-jose/cookbook: RFC 7520, RFC 7797, RFC 8037. Compact signatures verify at the signature stage, with the public
// half of the key that made them; in no serialisation is one of them an access token.

import { readdirSync } from 'node:fs'
import { base64url } from 'jose'
import { publicHalf, signatureDeparture, tokenText, type Jwk } from './jose-text.ts'
import { readData, ruled, type Suite, type VectorCase } from './suite.ts'
import type { VectorWorld } from './world.ts'

/** One operation of an example: its input, and the result in each serialisation. */
interface Example {
  readonly name: string
  readonly key: Jwk | undefined
  readonly output: Readonly<Record<string, unknown>>
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A file is one example, or several by name (the nested one). */
function examplesIn(value: unknown, name: string): Example[] {
  if (!isObject(value)) return []
  const { input, output } = value
  if (!isObject(output))
    return Object.entries(value).flatMap(([part, inner]) => examplesIn(inner, `${name} ${part}`))
  const key = isObject(input) && isObject(input['key']) ? input['key'] : undefined
  return [{ name, key, output }]
}

const signatureCase = (world: VectorWorld, { name, key, output }: Example): VectorCase => {
  const jws = output['compact'] as string
  const keys = [publicHalf(key!)]
  return {
    id: name,
    ...ruled('accept', signatureDeparture(jws, keys)),
    run: () => world.atStage({ jws, keys, until: 'signature' }),
  }
}

const bearerCases = (world: VectorWorld, { name, output }: Example): VectorCase[] =>
  Object.entries(output).map(([form, token]) => ({
    id: `${name}, ${form}`,
    expect: 'refuse',
    run: () => world.asBearer(tokenText(token)),
  }))

const ALGORITHM: Readonly<Record<string, string>> = {
  RSA: 'RS256',
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
  oct: 'HS256',
}

function keyDeparture(jwk: Jwk): string | null {
  if (jwk['kty'] === 'oct') return 'a symmetric key in a published set is left out'
  return 'd' in jwk ? 'a private key in a published set is left out: anybody may have it' : null
}

/** Whether the key is selected for a token that names it. */
function keyCase(world: VectorWorld, name: string, jwk: Jwk): VectorCase {
  const alg = ALGORITHM[String(jwk['crv'] ?? jwk['kty'])]
  const header = base64url.encode(JSON.stringify({ alg, kid: jwk['kid'] }))
  return {
    id: name,
    ...ruled('accept', keyDeparture(jwk)),
    run: () => world.atStage({ jws: `${header}.e30.`, keys: [jwk], until: 'key' }),
  }
}

export const JOSE_COOKBOOK: Suite = {
  folder: 'ietf-jose-cookbook',
  parts(directory, world) {
    const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .toSorted()
    const files = names.map((name) => [name.replace(/\.json$/, ''), readData<Jwk>(directory, name)] as const)
    const keys = files.filter(([, data]) => 'kty' in data)
    const examples = files
      .filter(([, data]) => !('kty' in data))
      .flatMap(([name, data]) => examplesIn(data, name))
    const signed = examples.filter(
      ({ key, output }) => key !== undefined && String(output['compact']).split('.').length === 3,
    )
    return [
      { name: 'JWK, choice of the key', cases: keys.map(([name, jwk]) => keyCase(world, name, jwk)) },
      {
        name: 'compact JWS, signature stage',
        cases: signed.map((example) => signatureCase(world, example)),
      },
      {
        name: 'every serialisation, as bearer',
        cases: examples.flatMap((example) => bearerCases(world, example)),
      },
    ]
  },
}
