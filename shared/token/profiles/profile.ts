// A profile: the evidence that tells the access tokens of one provider from everything else that it signs, and the
// claims that a grant is made from. Data only; kind.ts, claims.ts and grant.ts apply it.
// RFC 8725 sections 3.11 and 3.12: no single member tells all kinds of tokens apart, so a profile names several.

import type { Principal } from '../../decision.ts'
import type { FailureCode } from '../../failures/failure.ts'
import { member, type JsonObject } from '../strict-json.ts'

/**
 * A header parameter or claim that is evidence of the kind of a token. Any value counts, or only one of `values`, or
 * only a string that begins with `prefix`.
 */
export interface Evidence {
  /** Absent: `claims`. */
  readonly in?: 'header' | 'claims'
  readonly name: string
  readonly values?: readonly string[]
  readonly prefix?: string
}

/**
 * The claim that has the scopes: its name or the path to a nested member ("*": a name that the operator configures).
 */
export interface ScopeClaim {
  readonly claim: string | readonly string[]
  /** `string`: words separated by single spaces (RFC 6749 section 3.3). `list`: a JSON array of such words. */
  readonly shape: 'string' | 'list'
  /** The issuer's serializer (.NET) writes one value of a claim as a string and several values as a list. */
  readonly oneOrList?: true
}

/** A condition that tells a client's own token (client-credentials grant) from a user's. */
export type PlannedCondition = (
  | {
      /** The first claim equals the second, with `prefix` before and `suffix` after the second. */
      readonly equal: readonly [string, string]
      readonly suffix?: string
      /** With a prefix both are compared in lower case, as the server that adds the prefix stores them. */
      readonly prefix?: string
    }
  /** The token has none of these claims. */
  | { readonly absent: readonly string[] }
  /**
   * The claim is a string that the pattern matches, which is the source of a regular expression.
   */
  | { readonly claim: string; readonly matches: string; readonly ignoreCase?: true }
  | { readonly evidence: Evidence }
) & {
  /** The principal of a token that meets the condition. Default: `client`. */
  readonly principal?: Principal['kind']
  /** Only a token with this claim can meet the condition. */
  readonly onlyWith?: string
}

/** `text` says in docs/providers.md what `matches` means. */
export type ClientCredentialsCondition = PlannedCondition & { readonly text?: string }

/** The members of a profile by which kind.ts tells access tokens from other tokens. */
export type KindProfile = Pick<Profile, 'name' | 'typ' | 'evidence'> &
  Partial<Pick<Profile, 'otherKinds' | 'waived'>>

/** What an edge reads of a profile. A plan has nothing else of it (config/planned-issuer.ts). */
export type PlannedProfile = KindProfile &
  Pick<
    Profile,
    | 'client'
    | 'user'
    | 'tokenId'
    | 'session'
    | 'otherwise'
    | 'required'
    | 'tenant'
    | 'idTokensHaveMetadataIssuer'
  > & {
    readonly scopes: Pick<Profile['scopes'], 'choices' | 'ignored'>
    readonly clientCredentialsWhen: readonly PlannedCondition[]
  }

export interface Profile {
  readonly name: string
  /** Accepted header `typ`, lower case and without `application/`; '' for none at all (RFC 7515 section 4.1.9). */
  readonly typ: readonly string[]
  /** Evidence of an access token: groups, of each of which a token must have at least one item. */
  readonly evidence: readonly (readonly Evidence[])[]
  /** Evidence of other kinds, besides the rows of kind.ts. */
  readonly otherKinds: readonly { readonly kind: FailureCode; readonly evidence: Evidence }[]
  /** Evidence of another kind, by its text in kind.ts, that access tokens of this provider may have, too. */
  readonly waived: readonly string[]
  readonly scopes: {
    /** Scopes are read from one of these, and never combined. */
    readonly choices: readonly ScopeClaim[]
    /** The default. `null`: the operator has to choose, and the chosen claim becomes evidence of an access token. */
    readonly standard: ScopeClaim | null
    /** The default for tokens of the client-credentials grant, where it differs. */
    readonly ofClients?: ScopeClaim
    /** Scopes that concern no API of the operator and are left out of every grant. */
    readonly ignored?: readonly string[]
  }
  /**
   * `aud` must name this API. `clients`: a configuration without an audience lists the clients, and refuses any `aud`.
   */
  readonly audience: 'aud' | 'clients'
  /** Audiences that identify no API of the operator. The configuration must not use them. */
  readonly genericAudiences: readonly string[]
  /** The claim that names the client. */
  readonly client: string
  /** The claim that names the user, unless `principal` is configured. */
  readonly user: string
  /** The claim that names the token; `null` if none does. */
  readonly tokenId: string | null
  /** The claim that names the session, by which a logout ends it. Absent: its access tokens have none. */
  readonly session?: string
  /** In order; the first condition that a token meets decides. */
  readonly clientCredentialsWhen: readonly ClientCredentialsCondition[]
  /** The principal of a token that meets no condition. Default: `user`. */
  readonly otherwise?: 'unknown'
  /** Claims that must be present. claims.ts checks the form of those that it knows. */
  readonly required: readonly string[]
  /** Longest `exp - iat`, unless configured. */
  readonly maxLifetimeSeconds: number
  /** The end of every `iss` of this provider. `{name}` is one path segment, `{tenantid}` the tenant's. */
  readonly issuerEnding?: string
  /** The claim that names the tenant, for providers that sign for many tenants with the same keys. */
  readonly tenant?: string
  /** The `issuer` member of the issuer's keys, by the beginning of `iss`, if that member differs from `iss`. */
  readonly keyIssuers?: Readonly<Record<string, string>>
  /**
   * The `iss` of ID tokens is that of the metadata. The `iss` of access tokens may be http: no keys are fetched by it.
   */
  readonly idTokensHaveMetadataIssuer?: true
  /**
   * How the `iss` of ID tokens is derived from `issuer` if the configuration has no metadata: this ending replaces
   * `issuerEnding`, and https replaces http.
   */
  readonly metadataIssuerEnding?: string
}

/**
 * Whether an issuer has the profile's ending, if the profile has one. In `/oauth2/{server}` `{server}` is one segment.
 */
export const endsAs = (
  issuer: string,
  { issuerEnding: ending }: { readonly issuerEnding?: string | undefined },
): boolean =>
  ending === undefined ||
  new RegExp(`${ending.replace(/[.+]/g, '\\$&').replace(/\{[a-z]+\}/g, '[^/]+')}$`).test(issuer)

export const DAY_SECONDS = 86_400

export const claim = (name: string, ...values: readonly string[]): Evidence => ({
  in: 'claims',
  name,
  ...(values.length === 0 ? {} : { values }),
})

export const hasEvidence = (evidence: Evidence, header: JsonObject, claims: JsonObject): boolean => {
  const holder = evidence.in === 'header' ? header : claims
  if (!Object.hasOwn(holder, evidence.name)) return false
  const value = member(holder, evidence.name)
  if (evidence.prefix !== undefined) return typeof value === 'string' && value.startsWith(evidence.prefix)
  return evidence.values === undefined || evidence.values.includes(value as string)
}

/**
 * Evidence as logs and pages show it: `azp`, `jti=AT.*`, `token_use=access`, `header:pi.atm`. Never a value of a token.
 */
export function evidenceText({ in: member, name, values, prefix }: Evidence): string {
  const value = prefix !== undefined ? `=${prefix}*` : values === undefined ? '' : `=${values.join('|')}`
  return `${member === 'header' ? 'header:' : ''}${name}${value}`
}

export function scopeClaimText({ claim: path, shape, oneOrList }: ScopeClaim): string {
  const other = shape === 'list' ? ' or one string' : ' or list'
  return `${typeof path === 'string' ? path : path.join('.')} (${shape}${oneOrList === true ? other : ''})`
}
