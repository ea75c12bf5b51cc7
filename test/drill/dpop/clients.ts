// Clients of the drill: a key, and tokens that are bound to it or to nobody.

import { createPrivateKey, sign, type JsonWebKey } from 'node:crypto'
import { createClientKey, makeProof, type ClientKey, type ProofChange } from '../../support/dpop-proofs.ts'
import type { Members } from '../../support/test-issuer.ts'
import { AUDIENCE } from './config.ts'

export const KID = 'drill'

/** Tokens outlive the drill. */
const LIFETIME_SECONDS = 80_000

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** An access token with these claims besides. */
export type IssueToken = (claims?: Members) => string

export function createTokens(issuer: string, privateJwk: object): IssueToken {
  const key = createPrivateKey({ key: privateJwk as JsonWebKey, format: 'jwk' })
  const header = encode({ alg: 'EdDSA', typ: 'at+jwt', kid: KID })
  let number = 0
  return (claims = {}) => {
    number++
    const now = Math.floor(Date.now() / 1000)
    const input = `${header}.${encode({
      iss: issuer,
      aud: AUDIENCE,
      sub: `user-${number}`,
      client_id: 'drill',
      jti: `token-${number}`,
      iat: now - 5,
      exp: now + LIFETIME_SECONDS,
      scope: 'read',
      ...claims,
    })}`
    return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`
  }
}

export const boundTo = ({ jkt }: ClientKey): Members => ({ cnf: { jkt } })

export interface DpopClient {
  readonly key: ClientKey
  readonly token: string
}

export function createDpopClient(issue: IssueToken): DpopClient {
  const key = createClientKey('ES256')
  return { key, token: issue(boundTo(key)) }
}

/** A route of the API. */
export interface Route {
  readonly method: string
  readonly path: string
}

/** A request, as its client sends it. */
export interface Sent extends Route {
  readonly authorization: string
  /** The values of its `DPoP` fields. */
  readonly proofs: readonly string[]
}

export const urlOf = ({ path }: Route): string => `${AUDIENCE}${path}`

export const proofFor = ({ key, token }: DpopClient, route: Route, change?: ProofChange): string =>
  makeProof(key, { method: route.method, url: urlOf(route), token }, change)

/** A good request, with a proof of its own. */
export const goodRequest = (client: DpopClient, { method, path }: Route, change?: ProofChange): Sent => ({
  method,
  path,
  authorization: `DPoP ${client.token}`,
  proofs: [proofFor(client, { method, path }, change)],
})
