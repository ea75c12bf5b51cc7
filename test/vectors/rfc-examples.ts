// Figures of the RFCs and cases derived from them.

import { base64url } from 'jose'
import { signCompact, type Members } from '../support/test-issuer.ts'
import type { Jwk } from './jose-text.ts'
import { dpopFigures } from './dpop-figures.ts'
import { mtlsCases } from './mtls-cases.ts'
import { introspectionAnswers, signedAnswers } from './introspection.ts'
import { readData, ruled, type Part, type Suite, type VectorCase } from './suite.ts'
import type { VectorWorld } from './world.ts'

interface Derived {
  readonly id: string
}

const now = (): number => Math.floor(Date.now() / 1000)

const without = (members: Members, name: string): Members =>
  Object.fromEntries(Object.entries(members).filter(([member]) => member !== name))

function jws(directory: string, world: VectorWorld): Part[] {
  interface Example extends Derived {
    readonly jwk?: Jwk
    readonly token: string
    readonly signature: string
  }
  const { cases } = readData<{ cases: Example[] }>(directory, 'rfc7515.json')
  return [
    {
      name: 'RFC 7515, signature stage',
      cases: cases.map(({ id, jwk, token, signature }) => ({
        id,
        ...ruled(signature === 'valid' ? 'accept' : 'refuse'),
        run: () => world.atStage({ jws: token, keys: jwk === undefined ? [] : [jwk], until: 'signature' }),
      })),
    },
    {
      name: 'RFC 7515, as bearer',
      cases: cases.map(({ id, token }) => ({ id, expect: 'refuse', run: () => world.asBearer(token) })),
    },
  ]
}

/** The figure, moved to the present with its own lifetime, and the changes that its note describes. */
function accessToken(directory: string, world: VectorWorld): Part {
  interface Figure {
    readonly header: Members
    readonly claims: Members & { readonly iat: number; readonly exp: number }
  }
  const { header, claims: figure } = readData<Figure>(directory, 'rfc9068.json')
  const claims = { ...figure, iat: now() - 5, exp: now() - 5 + figure.exp - figure.iat }
  const figureCase = (
    id: string,
    expect: 'accept' | 'refuse',
    change: { header?: Members; claims?: Members } = {},
  ): VectorCase => ({
    id,
    expect,
    run: async () =>
      world.asBearer(await signCompact(world.figureKey, change.header ?? header, change.claims ?? claims)),
  })
  const unsigned = [{ ...header, alg: 'none' }, claims].map((part) => base64url.encode(JSON.stringify(part)))
  return {
    name: 'RFC 9068, as bearer',
    cases: [
      figureCase('the figure', 'accept'),
      figureCase('typ application/at+jwt', 'accept', { header: { ...header, typ: 'application/at+jwt' } }),
      figureCase('typ JWT', 'refuse', { header: { ...header, typ: 'JWT' } }),
      figureCase('typ missing', 'refuse', { header: without(header, 'typ') }),
      ...['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'].map((name) =>
        figureCase(`${name} missing`, 'refuse', { claims: without(claims, name) }),
      ),
      figureCase('exp as printed', 'refuse', { claims: figure }),
      { id: 'alg none', expect: 'refuse', run: () => world.asBearer(`${unsigned.join('.')}.`) },
    ],
  }
}

function introspectionResponse(directory: string, world: VectorWorld): Part {
  interface File {
    readonly jwt: string
    readonly header: Members
    readonly claims: Members
    readonly derived_cases: readonly Derived[]
  }
  const { jwt, header, claims, derived_cases: derived } = readData<File>(directory, 'rfc9701.json')
  const asBearer = derived.filter(({ id }) => id.endsWith('presented as a bearer token'))
  return {
    name: 'RFC 9701, as bearer',
    cases: [
      { id: 'the JWT as printed', expect: 'refuse', run: () => world.asBearer(jwt) },
      ...asBearer.map(({ id }): VectorCase => ({
        id: `${id}, signed by a key of the issuer`,
        expect: 'refuse',
        run: async () =>
          world.asBearer(await signCompact(world.figureKey, header, { ...claims, iat: now() - 5 })),
      })),
    ],
  }
}

export const RFC_EXAMPLES: Suite = {
  folder: 'rfc-examples',
  parts: (directory, world) => [
    ...jws(directory, world),
    accessToken(directory, world),
    introspectionResponse(directory, world),
    introspectionAnswers(directory, world),
    signedAnswers(directory, world),
    ...dpopFigures(directory, world),
    ...mtlsCases(directory, world),
  ],
}
