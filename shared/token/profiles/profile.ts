// What a profile is: the facts by which the access tokens of one provider are told from everything else it
// signs, and where in them the facts of a grant stand. Data only; kind.ts, claims.ts and grant.ts apply it.
// RFC 8725 sections 3.11 and 3.12: no single mark tells tokens apart, so a profile names several.

import type { Principal } from '../../decision.ts'
import type { FailureCode } from '../../failures/failure.ts'
import { member, type JsonObject } from '../strict-json.ts'

/** A member that says something about the kind of a token: there at all, with one of some values, or with a prefix. */
export interface Evidence {
  readonly in: 'header' | 'claims'
  readonly name: string
  readonly values?: readonly string[]
  readonly prefix?: string
}

/** Where scopes stand: a claim, or the path to a nested one ("*" for a name of the operator's), and its shape. */
export interface ScopeClaim {
  readonly claim: string | readonly string[]
  /** `string`: words separated by single spaces (RFC 6749 section 3.3). `list`: a JSON array of such words. */
  readonly shape: 'string' | 'list'
  /** The serializer of the issuer writes one value of a claim as a string, and several as a list (.NET). */
  readonly oneOrList?: true
}

/** What tells a token of the client-credentials grant from a user's. */
export type ClientCredentialsCondition = (
  | {
      /** The first claim is the second, with `suffix` after it where there is one. */
      readonly equal: readonly [string, string]
      readonly suffix?: string
      /** Before the second; both are compared in lower case then, as the server that adds it stores them. */
      readonly prefix?: string
    }
  /** None of these claims is there. */
  | { readonly absent: readonly string[] }
  /** The claim is a string that the pattern matches; `text` says what that means. */
  | { readonly claim: string; readonly matches: RegExp; readonly text: string }
  | { readonly evidence: Evidence }
) & {
  /** What it tells. Default: `client`. */
  readonly principal?: Principal['kind']
  /** It counts only in tokens that have this claim. */
  readonly onlyWith?: string
}

export interface Profile {
  readonly name: string
  /** Accepted header `typ`, lower case and without `application/`; '' for none at all (RFC 7515 section 4.1.9). */
  readonly typ: readonly string[]
  /** Positive marks: of every group at least one. */
  readonly evidence: readonly (readonly Evidence[])[]
  /** Negative marks besides those of kind.ts. */
  readonly otherKinds: readonly { readonly kind: FailureCode; readonly evidence: Evidence }[]
  /** Negative marks of kind.ts, by their text, that access tokens of this provider carry all the same. */
  readonly waived: readonly string[]
  readonly scopes: {
    /** The operator picks one; there is no union. */
    readonly choices: readonly ScopeClaim[]
    /** `null`: it has to be picked, and the claim picked becomes a positive mark. */
    readonly standard: ScopeClaim | null
    /** The same for tokens of the client-credentials grant, where it differs. */
    readonly ofClients?: ScopeClaim
    /** Words that say nothing about any API. */
    readonly ignored?: readonly string[]
  }
  /** `aud`: it has to name this API. `clients`: without a configured audience there is none, and the client has to be listed. */
  readonly audience: 'aud' | 'clients'
  /** Audiences that say nothing about this API, because every token has them. */
  readonly genericAudiences: readonly string[]
  /** The claim that names the client. */
  readonly client: string
  /** The claim that names the user, unless configured. */
  readonly user: string
  /** The claim that names the token, if any does. */
  readonly tokenId: string | null
  /** In order: the first that is there decides. */
  readonly clientCredentialsWhen: readonly ClientCredentialsCondition[]
  /** Whose a token is that has none of the signs. Default: a user's. */
  readonly otherwise?: 'unknown'
  /** Claims that must be there (any type; their form is checked one by one). */
  readonly required: readonly string[]
  /** Longest `exp - iat`, unless configured. */
  readonly maxLifetimeSeconds: number
  /** How every `iss` of this provider ends; `{name}` is one segment, and `{tenantid}` the tenant's. */
  readonly issuerEnding?: string
  /** The claim that names the tenant, for providers that sign for many with the same keys. */
  readonly tenant?: string
  /** How `iss` begins and what the `issuer` members of its keys are then, where they are not spelled as `iss` is. */
  readonly keyIssuers?: Readonly<Record<string, string>>
  /** The provider's ID tokens have another `iss`: the one of its metadata. `iss` may be http then; it is not where keys come from. */
  readonly idTokensHaveMetadataIssuer?: true
  /** How that one ends where `iss` has `issuerEnding`, with https, unless the metadata is configured. */
  readonly metadataIssuerEnding?: string
}

/** Whether an issuer ends as those of the profile do, where they have an ending: in `/oauth2/{server}` `{name}` is one segment. */
export const endsAs = (issuer: string, { issuerEnding: ending }: Profile): boolean =>
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

/** How a mark is written in logs and pages: `jti`, `token_use=access`, `header pi.atm`. Never a value of a token. */
export function evidenceText({ in: member, name, values, prefix }: Evidence): string {
  const value = prefix !== undefined ? `=${prefix}*` : values === undefined ? '' : `=${values.join('|')}`
  return `${member === 'header' ? 'header:' : ''}${name}${value}`
}

export function scopeClaimText({ claim: path, shape, oneOrList }: ScopeClaim): string {
  const other = shape === 'list' ? ' or one string' : ' or list'
  return `${typeof path === 'string' ? path : path.join('.')} (${shape}${oneOrList === true ? other : ''})`
}
