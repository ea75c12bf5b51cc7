// One entry of `issuers`: whose tokens, for which audience, verified with which keys or introspected. RFC 8414, RFC 9068.

import { PROFILES, type ProfileName } from '../../token/profiles.ts'
import type { Profile, ScopeClaim } from '../../token/profiles/profile.ts'
import { checkSeconds, objectAt, type AddProblem } from '../checks.ts'
import type { Meanings, MemberOf } from '../meaning.ts'
import type { SecretEnvironment } from '../secrets.ts'
import { seconds } from '../setting.ts'
import { checkCombination } from './combination.ts'
import type { CustomProfile } from './custom-profile.ts'
import { kindEvidence } from './decisive-evidence.ts'
import { checkAudience, checkIss } from './identifiers.ts'
import type { IntrospectionConfig } from './introspection.ts'
import { checkKeys, KEYS_DEFAULTS, type KeysAndAlgorithms, type ResolvedKeys } from './keys.ts'
import { METHOD_NAMES, type MethodName, type ResolvedMethods } from './methods.ts'
import { checkPrincipal, checkProfile, checkScopes } from './profile.ts'
import { checkProvider, type CheckConfig } from './provider-check.ts'
import { checkTenants, type ResolvedTenant } from './tenants.ts'
import { checkTokenReader, type ResolvedTokenReader } from './token-reader.ts'
import { checkUserinfoClaim, type UserinfoConfig } from './userinfo.ts'

/** What any issuer may say besides. */
interface AnyIssuer {
  /** Beginnings by which its opaque tokens are known. Needed where more than one issuer has opaque tokens. */
  readonly prefix?: string | readonly string[]
  readonly userinfo?: UserinfoConfig
  /** The claim that identifies a user. `email` counts only if the issuer has verified it. Default: the profile's, else `sub`. */
  readonly principal?: { readonly claim: string }
  readonly clockToleranceSeconds?: number
}

interface KeyedIssuerBase extends AnyIssuer {
  /**
   * The exact `iss` of its tokens: compared character by character (RFC 9068 section 4). https, or http on
   * loopback. `{tenantid}` in it stands for each of `tenants`.
   */
  readonly issuer: string
  /** The client identifiers to accept. Default: any that the issuer knows. */
  readonly clients?: readonly string[]
  /** Where scopes stand, where the profile has a choice. Never more than one place. */
  readonly scopes?: Omit<ScopeClaim, 'oneOrList'>
  /** The same for tokens of the client-credentials grant. Default: as the profile says, else `scopes`. */
  readonly clientScopes?: Omit<ScopeClaim, 'oneOrList'>
  /** The tenants to accept, where the provider signs for many with the same keys. Only with `{tenantid}` in `issuer`. */
  readonly tenants?: readonly string[]
  /**
   * `issuer` member of the keys that may be used, where it is not spelled as `issuer` is. Default: as `issuer`, and for
   * v1 tokens of Entra's public cloud the issuer of v2 tokens.
   */
  readonly keyIssuer?: string
  /** Allowance for clocks that differ, on `exp`, `nbf` and `iat`. Default 30 seconds, at most 300. */
  readonly clockToleranceSeconds?: number
  /** Longest `exp - iat` accepted; of an answer without `iat`, longest time until `exp`. Default: the profile's, 86 400 seconds (one day) for most. */
  readonly maxLifetimeSeconds?: number
  /** For its opaque tokens, where it has them as well. */
  readonly introspection?: IntrospectionConfig
  readonly check?: never
}

/** An issuer whose JWTs are verified here, by its public keys or by a secret that it shares with us. */
export type KeyedIssuerConfig = KeyedIssuerBase &
  KeysAndAlgorithms &
  (
    | {
        /** Which marks tell its access tokens from everything else it signs: docs/providers.md. */
        readonly profile: ProfileName | CustomProfile
        /** Identifier of this API. One of them must be in `aud`. Compared character by character. */
        readonly audience: string | readonly string[]
      }
    | {
        /** Its access tokens have no `aud`: the client has to be one of `clients`. */
        readonly profile: 'cognito'
        readonly audience?: never
        readonly clients: readonly string[]
      }
  )

/** One issuer whose access tokens are accepted: by its keys, by asking it, or both. */
export type IssuerConfig = KeyedIssuerConfig | IntrospectedIssuerConfig | CheckedIssuerConfig

/** An issuer whose tokens are all read by introspection. */
export interface IntrospectedIssuerConfig extends AnyIssuer {
  readonly issuer: string
  readonly audience: string | readonly string[]
  readonly introspection: IntrospectionConfig
  readonly check?: never
  readonly keys?: never
  readonly profile?: never
  readonly algorithms?: never
  /** Longest life of a token, where the answer has `exp`: from `iat`, or what is left of it. Default 86 400 seconds. */
  readonly maxLifetimeSeconds?: number
}

/** A provider that is asked in its own way. Its audience is the app, `check.clientId`. */
export interface CheckedIssuerConfig extends AnyIssuer {
  /** What to call it in `iss`. Default: the base URL of the check. */
  readonly issuer?: string
  readonly check: CheckConfig
  readonly audience?: never
  readonly introspection?: never
  readonly keys?: never
  readonly profile?: never
  readonly algorithms?: never
  readonly maxLifetimeSeconds?: never
}

/** Members of an issuer that a stage replaces, each as a whole. */
export type IssuerOverrides =
  | Partial<KeyedIssuerConfig>
  | Partial<IntrospectedIssuerConfig>
  | Partial<CheckedIssuerConfig>

/** One `iss` that tokens may come from. Several of them may share a name, and then share one key store. */
export interface ResolvedIssuer extends ResolvedTenant {
  readonly name: string
  /** Empty where tokens have no `aud`; then `clients` is not `null`. */
  readonly audiences: ReadonlySet<string>
  readonly clients: ReadonlySet<string> | null
  readonly profile: Profile
  readonly scopes: { readonly user: ScopeClaim; readonly client: ScopeClaim }
  /** The claim that identifies a user. */
  readonly principal: string
  readonly keys: ResolvedKeys
  readonly clockToleranceSeconds: number
  readonly maxLifetimeSeconds: number
  readonly opaque: ResolvedTokenReader
}

/** One that is asked about its tokens. */
export interface IntrospectedIssuer extends ResolvedIssuer {
  readonly opaque: ResolvedTokenReader & { readonly reader: ResolvedMethods[MethodName] }
}

const CLOCK_TOLERANCE_SECONDS = seconds(0, 300, 30)

export const ISSUER_DEFAULTS = {
  clockToleranceSeconds: CLOCK_TOLERANCE_SECONDS.default,
} as const satisfies Partial<ResolvedIssuer>

export const issuerMeanings = (): Meanings<Exclude<MemberOf<IssuerConfig>, MethodName | 'userinfo'>> => ({
  issuer: {
    absent: 'required, but for `check`',
    meaning: 'exact `iss` of its access tokens; https, or http on loopback',
  },
  audience: {
    absent: 'required, but for `check` and `cognito`',
    meaning: 'identifier of this API, or a list; one must be in `aud`',
  },
  profile: {
    absent: 'required with `keys`',
    meaning: 'what its access tokens look like: [providers.md](providers.md)',
  },
  clients: { absent: 'any', meaning: 'client identifiers to accept' },
  scopes: {
    absent: 'of the profile',
    meaning: '`{ claim, shape }`: where scopes stand, where the profile has a choice',
  },
  clientScopes: { absent: 'of the profile', meaning: 'the same for tokens of clients themselves' },
  principal: { absent: 'of the profile', meaning: '`{ claim }`: what identifies a user' },
  tenants: { absent: 'absent', meaning: 'tenants to accept; `{tenantid}` in `issuer` stands for each' },
  keyIssuer: {
    absent: 'of the profile',
    meaning:
      '`issuer` member of the keys of Entra, `{tenantid}` and all, where it is not spelled as `issuer` is',
  },
  keys: {
    absent: 'this, `introspection` or `check`',
    meaning:
      'one of `{ discovery }`, `{ jwks_uri }`, `{ jwks }`, `{ jwksSecret }`, or a shared `{ secret }`: [Keys](#keys)',
  },
  algorithms: {
    default: KEYS_DEFAULTS.algorithms,
    meaning:
      'accepted: RS, PS and ES with 256, 384 and 512, EdDSA, Ed25519; with `secret` required, and HS256, HS384, HS512 alone',
  },
  clockToleranceSeconds: {
    default: ISSUER_DEFAULTS.clockToleranceSeconds,
    meaning: 'for `exp`, `nbf` and `iat`; at most 300',
  },
  maxLifetimeSeconds: {
    absent: 'of the profile',
    meaning: 'longest `exp - iat`, or time until `exp` where an answer about an opaque token has no `iat`',
  },
  prefix: { absent: 'none', meaning: 'beginning of its opaque tokens, or a list' },
})

const ISSUER_MEMBERS = [
  'issuer',
  'audience',
  'profile',
  'keys',
  'clients',
  'scopes',
  'clientScopes',
  'tenants',
  'keyIssuer',
  'principal',
  'algorithms',
  'clockToleranceSeconds',
  'maxLifetimeSeconds',
  ...METHOD_NAMES,
  'prefix',
  'userinfo',
] as const satisfies readonly MemberOf<IssuerConfig>[]

/** As `profile` is for JWTs, so are the marks of an introspection: where they name the kind, a `nonce` says nothing. */
function introspectedProfile({ reader }: ResolvedIssuer['opaque'], profile: Profile): Profile {
  const evidence = kindEvidence(reader?.requiredMembers ?? [])
  if (evidence.length === 0) return profile
  return { ...profile, evidence: evidence.map((one) => [one]), waived: ['nonce'] }
}

/** An entry, and what differs between the tenants that it stands for. */
export interface IssuerEntry {
  readonly issuer: Omit<ResolvedIssuer, keyof ResolvedTenant>
  readonly tenants: readonly ResolvedTenant[]
}

export function checkIssuer(
  name: string,
  value: unknown,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): IssuerEntry {
  const path = `issuers.${name}`
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    addProblem(path, 'must be named with 1 to 32 of a-z, 0-9 and "-", a letter first')
  const given = objectAt(value, path, addProblem, ISSUER_MEMBERS)
  checkCombination(given, path, addProblem)
  const provider =
    given['check'] === undefined
      ? null
      : checkProvider(given['check'], `${path}.check`, environment, addProblem)
  const keyed = given['keys'] !== undefined
  const named = keyed ? checkProfile(given['profile'], `${path}.profile`, addProblem) : PROFILES.rfc9068
  const issuer = checkIss(given['issuer'] ?? provider?.reader.baseUrl, named, `${path}.issuer`, addProblem)
  const audience =
    provider === null
      ? checkAudience(given, issuer, named, path, addProblem)
      : { audiences: new Set(provider.apps), clients: null }
  const { profile: described, scopes } = checkScopes(named, given, path, addProblem)
  const opaque = checkTokenReader(given, path, provider?.reader ?? null, environment, addProblem)
  const profile = keyed ? described : introspectedProfile(opaque, described)
  checkUserinfoClaim(opaque.userinfo ?? {}, { profile, scopes }, path, addProblem)
  const keysGiven = { keys: given['keys'], algorithms: given['algorithms'], issuer }
  const keys = checkKeys(keysGiven, path, environment, addProblem)
  const tenants = checkTenants({ name, issuer, profile, given, path }, addProblem)
  return {
    issuer: {
      name,
      ...audience,
      profile,
      scopes,
      principal: checkPrincipal(
        given['principal'],
        profile,
        given['tenants'] !== undefined,
        `${path}.principal`,
        addProblem,
      ),
      keys,
      clockToleranceSeconds: CLOCK_TOLERANCE_SECONDS.check(
        given['clockToleranceSeconds'],
        `${path}.clockToleranceSeconds`,
        addProblem,
      ),
      maxLifetimeSeconds: checkSeconds(
        given['maxLifetimeSeconds'],
        `${path}.maxLifetimeSeconds`,
        profile.maxLifetimeSeconds,
        31_622_400,
        addProblem,
      ),
      opaque,
    },
    tenants,
  }
}
