// The access token of a provider as data: header and claims, from the issuer's profile. All evidence of an access token
// is in it, every required claim, the scopes where the issuer has them, and no evidence of another kind.

import type { Evidence, Members, ResolvedIssuer, ScopeClaim } from './issuer-of-config.ts'

export interface TokenFacts {
  readonly subject: string
  /** The client: its id, as the claim of the profile names it. */
  readonly client: string
  /** Empty: the token has no `aud`. */
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  /** Seconds since the epoch. */
  readonly issuedAt: number
  readonly expiresAt: number
  /** Random: the name of the token. */
  readonly id: string
}

export interface TokenShape {
  readonly header: Members
  readonly claims: Members
}

/** Values of members whose value matters, or that would look odd. Every other one is the word `local`. */
const USUAL: Readonly<Record<string, unknown>> = {
  apptype: 'Public',
  grant_type: 'authorization_code',
  token_type: 'Bearer',
  token_use: 'access',
  tokenName: 'access_token',
  typ: 'Bearer',
  ver: '1.0',
}

const FILLER = 'local'

/** A value by which a token has this evidence. */
const valueFor = ({ name, values, prefix }: Evidence, id: string): unknown =>
  values?.[0] ?? (prefix === undefined ? (USUAL[name] ?? FILLER) : `${prefix}${id}`)

/** `JWT` where the profile accepts it in lower case; `undefined` for a header without `typ`. */
export function typOf({ profile }: ResolvedIssuer): string | undefined {
  const [typ = ''] = profile.typ
  if (typ === '') return undefined
  return typ === 'jwt' ? 'JWT' : typ
}

/** One value as it is, several as a list. RFC 7519 section 4.1.3. */
export const audienceClaim = (audience: readonly string[]): Members =>
  audience.length === 0 ? {} : { aud: audience.length === 1 ? audience[0] : audience }

/** The claim with the scopes, nested where the issuer nests it. No scopes: no claim. */
export function scopeClaim({ claim, shape, oneOrList }: ScopeClaim, scopes: readonly string[]): Members {
  if (scopes.length === 0) return {}
  const isList = oneOrList === true ? scopes.length > 1 : shape === 'list'
  const [name, ...path] = [claim].flat() as [string, ...string[]]
  const value: unknown = isList ? scopes : scopes.join(' ')
  return { [name]: path.reduceRight((inner, member) => ({ [member]: inner }), value) }
}

/** The claim that identifies the user, unless the edge fetches it from the userinfo endpoint. */
function userClaims({ profile, principal, opaque }: ResolvedIssuer, subject: string): Members {
  const names = new Set(['sub', profile.user, principal])
  if (opaque.userinfo !== null) names.delete(opaque.userinfo.claim)
  return Object.fromEntries([...names].flatMap((name) => Object.entries(userClaim(name, subject))))
}

/** An address counts only if it is verified. OpenID Connect Core 1.0 section 5.1. */
export const userClaim = (name: string, subject: string): Members =>
  name === 'email'
    ? { email: subject.includes('@') ? subject : `${subject}@example.com`, email_verified: true }
    : { [name]: subject }

/** By which Keycloak tells a user from a service account. */
const namesOfUser = ({ profile }: ResolvedIssuer, subject: string): Members =>
  profile.name === 'keycloak' ? { preferred_username: subject } : {}

const withoutUndefined = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

/** Adds the first item of each group of evidence of which the token has none. */
function addEvidence({ profile }: ResolvedIssuer, { header, claims }: TokenShape, id: string): TokenShape {
  const places = { header: { ...header }, claims: { ...claims } } as {
    header: Record<string, unknown>
    claims: Record<string, unknown>
  }
  const holderOf = (evidence: Evidence) => places[evidence.in ?? 'claims']
  const has = (evidence: Evidence) => {
    const value = holderOf(evidence)[evidence.name]
    if (value === undefined) return false
    if (evidence.prefix !== undefined) return String(value).startsWith(evidence.prefix)
    return evidence.values === undefined || evidence.values.includes(value as string)
  }
  for (const group of profile.evidence) {
    const [first] = group
    if (first !== undefined && !group.some(has)) holderOf(first)[first.name] = valueFor(first, id)
  }
  return places
}

/** The access token that the issuer would sign for a user. */
export function accessTokenOf(issuer: ResolvedIssuer, facts: TokenFacts): TokenShape {
  const { profile, tenant } = issuer
  const { subject, client, audience, scopes, issuedAt, expiresAt, id } = facts
  const stated: Members = {
    iss: issuer.issuer,
    ...userClaims(issuer, subject),
    ...audienceClaim(audience),
    ...(profile.client === 'aud' ? {} : { [profile.client]: client }),
    ...(profile.tenant === undefined || tenant === null ? {} : { [profile.tenant]: tenant }),
    ...(profile.tokenId === null ? {} : { [profile.tokenId]: id }),
    ...(profile.session === undefined ? {} : { [profile.session]: `session-${id}` }),
    ...namesOfUser(issuer, subject),
    ...scopeClaim(issuer.scopes.user, scopes),
    iat: issuedAt,
    exp: expiresAt,
  }
  const required = profile.required.filter((name) => !(name in stated) && name !== 'aud')
  const claims = { ...Object.fromEntries(required.map((name) => [name, USUAL[name] ?? FILLER])), ...stated }
  return addEvidence(issuer, { header: withoutUndefined({ typ: typOf(issuer) }), claims }, id)
}

/** What names the kind of an ID token in place of that of an access token. */
const ID_TOKEN_NAMES: Readonly<Record<string, string>> = {
  token_use: 'id',
  tokenName: 'id_token',
  typ: 'ID',
}

const isId = (value: unknown): boolean => typeof value === 'string' && value.startsWith('AT.')

/**
 * The ID token of the same sign-in, with this API in its audience, so that nothing but its kind is wrong. OpenID Connect
 * Core 1.0 section 2.
 */
export function idTokenOf(issuer: ResolvedIssuer, facts: TokenFacts): TokenShape {
  const { claims } = accessTokenOf(issuer, { ...facts, scopes: [] })
  const { source } = issuer.keys
  const kept = Object.entries(claims).map(([name, value]) => [
    name,
    (value === USUAL[name] ? ID_TOKEN_NAMES[name] : undefined) ?? (isId(value) ? `ID.${facts.id}` : value),
  ])
  return {
    header: issuer.profile.typ[0] === '' ? {} : { typ: 'JWT' },
    claims: {
      ...Object.fromEntries(kept),
      ...(issuer.profile.idTokensHaveMetadataIssuer === true && source?.discovery !== undefined
        ? { iss: source.metadataIssuer }
        : {}),
      aud: [...new Set([facts.client, ...facts.audience])],
      azp: facts.client,
      auth_time: facts.issuedAt,
      nonce: facts.id,
      at_hash: facts.id.slice(0, 22),
    },
  }
}
