// Makes one token of an issuer of the configuration, as its provider would, or wrong in one named way. RFC 9068,
// RFC 7662 section 2.2 for what the issuer says about an opaque one.

import { randomBytes, randomUUID } from 'node:crypto'
import type { Members, ResolvedIssuer } from './issuer-of-config.ts'
import type { LocalKeys } from './keys.ts'
import { signToken, withoutSignature } from './sign.ts'
import { accessTokenOf, idTokenOf, userClaim, type TokenShape } from './token-shape.ts'
import { WRONG_WAYS, type WrongWayName } from './wrong-ways.ts'

/** What a token is asked for. A member that is left out has the default of its issuer. */
export interface TokenRequest {
  readonly scopes?: readonly string[]
  readonly audience?: readonly string[]
  readonly subject?: string
  readonly client?: string
  readonly expiresInSeconds?: number
  /** Claims over those of the issuer; `null`: the token lacks that claim. */
  readonly claims?: Members
  readonly opaque?: boolean
  readonly wrong?: WrongWayName
}

export interface MintedToken {
  readonly token: string
  /** `null`: the token is opaque. */
  readonly header: Members | null
  /** Those of the token, or what its issuer says about it. */
  readonly claims: Members
  /** The code with which the edges refuse it; `null`: it is a good token of its issuer. */
  readonly refusedWith: string | null
  /** Whether its issuer says that it is active. */
  readonly isActive: boolean
}

/** Why a token cannot be made, in a sentence for the person who asked. */
export class MintProblem extends Error {}

const DEFAULT_SECONDS = 3_600
const DEFAULT_SUBJECT = 'local-user'
const DEFAULT_CLIENT = 'local-client'

/** Longer than any difference between clocks that a configuration allows (300 seconds). */
const PAST_TOLERANCE_SECONDS = 600

function defaultAudience({ audiences, profile }: ResolvedIssuer, resources: readonly string[]): string[] {
  const all = [...new Set([...audiences, ...resources])]
  return profile.client === 'aud' ? all.slice(0, 1) : all
}

/** The first of the clients that the configuration accepts. */
function defaultClient({ clients, opaque, profile }: ResolvedIssuer, audience: readonly string[]): string {
  const [listed] = [...(clients ?? opaque.reader?.clients ?? [])]
  return profile.client === 'aud' ? (audience[0] ?? DEFAULT_CLIENT) : (listed ?? DEFAULT_CLIENT)
}

/** When the token was made and when it expires, in seconds since the epoch. */
function timesOf({ expiresInSeconds = DEFAULT_SECONDS, wrong }: TokenRequest, nowSeconds: number) {
  const isExpired = wrong === 'expired'
  const issuedAt = isExpired ? nowSeconds - 2 * PAST_TOLERANCE_SECONDS : nowSeconds
  return {
    issuedAt,
    expiresAt: isExpired ? nowSeconds - PAST_TOLERANCE_SECONDS : issuedAt + expiresInSeconds,
  }
}

function withClaims(shape: TokenShape, claims: Members): TokenShape {
  const kept = Object.entries({ ...shape.claims, ...claims }).filter(([, value]) => value !== null)
  return { ...shape, claims: Object.fromEntries(kept) }
}

/** Members that name the kind of a token in answers. They are stated if the configuration asks for them. */
const KIND_MEMBERS: Members = {
  token_type: 'Bearer',
  token_use: 'access',
  tokenName: 'access_token',
  typ: 'Bearer',
}

/** What the issuer says about a token that is active. RFC 7662 section 2.2. */
function answerAbout(
  issuer: ResolvedIssuer,
  claims: Members,
  client: string,
  scopes: readonly string[],
): Members {
  const answer: Record<string, unknown> = {
    ...claims,
    client_id: client,
    token_type: 'Bearer',
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
  }
  for (const name of issuer.opaque.reader?.requiredMembers ?? [])
    answer[name] ??= KIND_MEMBERS[name] ?? 'local'
  return answer
}

export interface Mint {
  readonly keys: LocalKeys
  readonly nowSeconds: number
  /** The scopes of all routes: those of a token that is asked for without any. */
  readonly allScopes: readonly string[]
  /** Identifiers of the configured resources. */
  readonly resources: readonly string[]
}

const idTokenAnswer = (claims: Members, client: string): Members => ({
  ...claims,
  client_id: client,
  token_type: 'id_token',
})

async function mintJwt(
  issuer: ResolvedIssuer,
  shape: TokenShape,
  wrong: WrongWayName | undefined,
  keys: LocalKeys,
): Promise<string> {
  const [algorithm] = issuer.keys.algorithms
  const name = issuer.name
  const key = await (wrong === 'wrong-key' ? keys.foreignKey : keys.signingKey).call(keys, name, algorithm!)
  return wrong === 'unsigned' ? withoutSignature(shape, key) : signToken(shape, key)
}

/** Whether its issuer is asked about each token. */
const asksIssuer = ({ opaque }: ResolvedIssuer, isOpaque: boolean): boolean =>
  isOpaque || opaque.jwt === 'introspect'

function demandPossible(issuer: ResolvedIssuer, { wrong }: TokenRequest, isOpaque: boolean): void {
  if (isOpaque && issuer.opaque.reader === null)
    throw new MintProblem(
      `issuers.${issuer.name} has no introspection, so a token of it that is opaque is refused unread.`,
    )
  if (wrong !== undefined && asksIssuer(issuer, isOpaque) && WRONG_WAYS[wrong].introspected === null)
    throw new MintProblem(
      `issuers.${issuer.name} is asked about this token, so no signature is checked: --${wrong} is not for it.`,
    )
}

/** @throws {MintProblem} if the issuer has no such token. */
export async function mintToken(
  issuer: ResolvedIssuer,
  request: TokenRequest,
  { keys, nowSeconds, allScopes, resources }: Mint,
): Promise<MintedToken> {
  const { wrong } = request
  const isOpaque = request.opaque ?? issuer.opaque.jwt !== 'verify'
  demandPossible(issuer, request, isOpaque)
  const audience = request.audience ?? defaultAudience(issuer, resources)
  const client = request.client ?? defaultClient(issuer, audience)
  const scopes = request.scopes ?? allScopes
  const facts = {
    subject: request.subject ?? DEFAULT_SUBJECT,
    ...{ client, audience, scopes },
    ...timesOf(request, nowSeconds),
    id: randomUUID(),
  }
  const made = wrong === 'id-token' ? idTokenOf(issuer, facts) : accessTokenOf(issuer, facts)
  const notBefore = wrong === 'not-yet' ? { nbf: nowSeconds + PAST_TOLERANCE_SECONDS } : {}
  const shape = withClaims(made, { ...notBefore, ...request.claims })
  const isAsked = asksIssuer(issuer, isOpaque)
  const said =
    wrong === 'id-token'
      ? idTokenAnswer(shape.claims, client)
      : answerAbout(issuer, shape.claims, client, scopes)
  const prefix = issuer.opaque.prefixes[0] ?? ''
  return {
    token: isOpaque
      ? `${prefix}${randomBytes(32).toString('base64url')}`
      : await mintJwt(issuer, shape, wrong, keys),
    header: isOpaque ? null : shape.header,
    claims: isAsked ? said : shape.claims,
    refusedWith: wrong === undefined ? null : WRONG_WAYS[wrong][isAsked ? 'introspected' : 'code'],
    isActive: wrong !== 'expired',
  }
}

/** What the userinfo endpoint says about the user of a token. OpenID Connect Core 1.0 section 5.3. */
export const userinfoAbout = ({ opaque }: ResolvedIssuer, { claims }: MintedToken): Members => {
  const subject = String(claims['sub'] ?? DEFAULT_SUBJECT)
  return { sub: subject, ...userClaim(opaque.userinfo?.claim ?? 'sub', subject) }
}
