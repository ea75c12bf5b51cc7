// One entry of `issuers`: the `iss` and audience of its tokens, and the keys or endpoint that verify them. Refuses an
// issuer whose access tokens could not be told from its other tokens. RFC 8414, RFC 9068.

import type { IssuerTemplate } from '../../plan/values/issuers.ts'
import type { ProfileHint } from '../../token/looks-like.ts'
import { PROFILES, type ProfileName } from '../../token/profiles.ts'
import { DAY_SECONDS, type PlannedProfile, type ScopeClaim } from '../../token/profiles/profile.ts'
import { objectAt, type AddProblem } from '../checks.ts'
import type { Meanings, MemberOf } from '../meaning.ts'
import { openMembersOf } from '../open-settings.ts'
import type { SecretEnvironment } from '../secrets.ts'
import { checkSenderConstraint, type SenderConstraintDemand } from '../sender/constraint.ts'
import { seconds } from '../setting.ts'
import { candidatesFor } from './candidates.ts'
import { checkCombination } from './combination.ts'
import type { CustomProfile } from './custom-profile.ts'
import { introspectedProfile } from './introspected-profile.ts'
import type { IntrospectionConfig } from './introspection.ts'
import { checkKeys, KEYS_DEFAULTS, type KeysAndAlgorithms, type ResolvedKeys } from './keys.ts'
import { METHOD_NAMES, type MethodName, type ResolvedMethods } from './methods.ts'
import { checkPrincipal, checkProfile, checkScopes, checkSession } from './profile.ts'
import { checkProvider, type CheckConfig } from './provider-check.ts'
import { checkTenantSettings, type ResolvedTenant } from './tenants.ts'
import { checkTokenReader, type ResolvedTokenReader } from './token-reader.ts'
import { checkUserinfoClaim, type UserinfoConfig } from './userinfo.ts'

/** Settings of an issuer of any kind. */
interface AnyIssuer {
  /** How its opaque tokens begin. Needed where more than one issuer has opaque tokens. Default: none. */
  readonly prefix?: string | readonly string[]
  /** Where to fetch a claim about the user that the token lacks. Default: it is not fetched. */
  readonly userinfo?: UserinfoConfig
  /** The claim that identifies a user. `email` counts only if `email_verified` is true. Default: the profile's. */
  readonly principal?: { readonly claim: string }
  /** The claim of its access tokens that names the session, which a logout ends. Default: the profile's, or none. */
  readonly session?: { readonly claim: string }
  /**
   * Whether its access tokens have to be bound to their sender: docs/dpop.md. Default `none`: bound tokens are refused.
   */
  readonly senderConstraint?: SenderConstraintDemand
  /** Allowance for clocks that differ, on `exp`, `nbf` and `iat`. 0 to 300 seconds. Default 30. */
  readonly clockToleranceSeconds?: number
}

interface KeyedIssuerBase extends AnyIssuer {
  /**
   * The exact `iss` of its tokens, compared character by character (RFC 9068 section 4). https, or http on loopback.
   * `{tenantid}` in it is replaced by each of `tenants`.
   */
  readonly issuer: string
  /** Clients whose tokens are accepted, as the claim of the profile names them. Default: every client of the issuer. */
  readonly clients?: readonly string[]
  /** The claim that has the scopes, where the profile has a choice. Scopes are read from one claim alone. */
  readonly scopes?: Omit<ScopeClaim, 'oneOrList'>
  /** The same for tokens of the client-credentials grant. Default: as the profile says, else `scopes`. */
  readonly clientScopes?: Omit<ScopeClaim, 'oneOrList'>
  /** Tenants to accept, if the provider signs for many with the same keys. Only with `{tenantid}` in `issuer`. */
  readonly tenants?: readonly string[]
  /**
   * `issuer` member of the keys that may be used, if the provider spells it differently from `issuer`. Default: as
   * `issuer`, and for v1 tokens of Entra's public cloud also the issuer of v2 tokens.
   */
  readonly keyIssuer?: string
  /**
   * Longest `exp - iat` that is accepted; for an answer without `iat`, longest time until `exp`. 0 to 31 622 400
   * seconds. Default: the profile's, 86 400 (one day) for most.
   */
  readonly maxLifetimeSeconds?: number
  /** Introspection of its opaque tokens, if it issues them as well. Default: its opaque tokens are refused. */
  readonly introspection?: IntrospectionConfig
  readonly check?: never
}

/**
 * An issuer whose JWTs are verified here, with its public keys or with a shared secret. An ID token of the issuer is
 * refused, also where its `aud` names this API.
 */
export type KeyedIssuerConfig = KeyedIssuerBase &
  KeysAndAlgorithms &
  (
    | {
        /** The evidence that tells its access tokens from its other tokens: docs/providers.md. */
        readonly profile: ProfileName | CustomProfile
        /** Identifiers of this API. `aud` must have one of them; compared character by character. */
        readonly audience: string | readonly string[]
      }
    | {
        /** Access tokens of Cognito have no `aud`: their client must be one of `clients`. */
        readonly profile: 'cognito'
        readonly audience?: never
        readonly clients: readonly string[]
      }
  )

/** An issuer whose access tokens are accepted: JWTs that its keys verify, tokens that it introspects, or both. */
export type IssuerConfig = KeyedIssuerConfig | IntrospectedIssuerConfig | CheckedIssuerConfig

/** An issuer all of whose tokens are introspected, JWTs included. */
export interface IntrospectedIssuerConfig extends AnyIssuer {
  /** Its identifier, and the `iss` of its tokens. https, or http on loopback. */
  readonly issuer: string
  /** Identifiers of this API. `aud` of an answer must have one of them, unless `introspection.clients` decides. */
  readonly audience: string | readonly string[]
  /** Its introspection endpoint. */
  readonly introspection: IntrospectionConfig
  readonly check?: never
  readonly keys?: never
  readonly profile?: never
  readonly algorithms?: never
  /** Longest `exp - iat` of an answer with `exp`; without `iat`, longest time until `exp`. Default 86 400 seconds. */
  readonly maxLifetimeSeconds?: number
}

/** A provider without introspection, whose own API checks its tokens. The audience is the app, `check.clientId`. */
export interface CheckedIssuerConfig extends AnyIssuer {
  /** Its identifier, in place of the `iss` of tokens. Default: the base URL of the check. */
  readonly issuer?: string
  /** The provider, and your app there. */
  readonly check: CheckConfig
  readonly audience?: never
  readonly introspection?: never
  readonly keys?: never
  readonly profile?: never
  readonly algorithms?: never
  readonly maxLifetimeSeconds?: never
}

/** The members of an issuer that a stage replaces, each as a whole. */
export type IssuerOverrides =
  | Partial<KeyedIssuerConfig>
  | Partial<IntrospectedIssuerConfig>
  | Partial<CheckedIssuerConfig>

/** One accepted `iss`. Issuers with the same name (tenants) share one key store. */
export interface ResolvedIssuer extends ResolvedTenant {
  readonly name: string
  /** Empty where tokens have no `aud`; then `clients` is not `null`. */
  readonly audiences: ReadonlySet<string>
  /** `null`: every client. */
  readonly clients: ReadonlySet<string> | null
  readonly profile: PlannedProfile
  /** The claim that has the scopes: in tokens of users, and in those of the client-credentials grant. */
  readonly scopes: { readonly user: ScopeClaim; readonly client: ScopeClaim }
  /** The claim that identifies a user. */
  readonly principal: string
  readonly keys: ResolvedKeys
  /** Absent: `none`. */
  readonly senderConstraint?: SenderConstraintDemand
  readonly clockToleranceSeconds: number
  readonly maxLifetimeSeconds: number
  readonly opaque: ResolvedTokenReader
  /** Profiles that its tokens may have if the configured one is wrong, for the log. */
  readonly looksLike: readonly ProfileHint[]
}

/** An issuer with introspection or `check`. */
export interface IntrospectedIssuer extends ResolvedIssuer {
  readonly opaque: ResolvedTokenReader & { readonly reader: ResolvedMethods[MethodName] }
}

const CLOCK_TOLERANCE_SECONDS = seconds(0, 300, 30)

const maxLifetimeSeconds = (ofProfile: number) => seconds(0, 31_622_400, ofProfile)

export const ISSUER_DEFAULTS = {
  clockToleranceSeconds: CLOCK_TOLERANCE_SECONDS.default,
} as const satisfies Partial<ResolvedIssuer>

export const issuerMeanings = (): Meanings<
  Exclude<MemberOf<IssuerConfig>, MethodName | 'userinfo' | 'senderConstraint'>
> => ({
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
    meaning: 'what tells its access tokens from its other tokens: [providers.md](providers.md)',
  },
  clients: { absent: 'any', meaning: 'clients whose tokens are accepted' },
  scopes: {
    absent: 'of the profile',
    meaning: '`{ claim, shape }`: the claim with the scopes, if the profile has a choice',
  },
  clientScopes: { absent: 'of the profile', meaning: 'the same for tokens of the client-credentials grant' },
  principal: { absent: 'of the profile', meaning: '`{ claim }`: the claim that identifies a user' },
  session: {
    absent: 'of the profile, or none',
    meaning: '`{ claim }`: the claim that names the session: [revocation.md](revocation.md)',
  },
  tenants: { absent: 'absent', meaning: 'tenants to accept, each in place of `{tenantid}` in `issuer`' },
  keyIssuer: {
    absent: 'of the profile',
    meaning: '`issuer` member of the keys of Entra, with its `{tenantid}`, if it differs from `issuer`',
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
    row: CLOCK_TOLERANCE_SECONDS,
    meaning: 'for `exp`, `nbf` and `iat`; at most 300',
  },
  maxLifetimeSeconds: {
    absent: 'of the profile',
    row: maxLifetimeSeconds(DAY_SECONDS),
    meaning: 'longest `exp - iat`, or time until `exp` if an answer about an opaque token has no `iat`',
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
  'session',
  'algorithms',
  'senderConstraint',
  'clockToleranceSeconds',
  'maxLifetimeSeconds',
  ...METHOD_NAMES,
  'prefix',
  'userinfo',
] as const satisfies readonly MemberOf<IssuerConfig>[]

/** Checks everything about one entry of `issuers` but its values, which `deriveIssuer` checks. */
export function checkIssuer(
  name: string,
  value: unknown,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): IssuerTemplate {
  const path = `issuers.${name}`
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    addProblem(path, 'must be named with 1 to 32 of a-z, 0-9 and "-", a letter first')
  const given = objectAt(value, path, addProblem, ISSUER_MEMBERS)
  checkCombination(given, path, addProblem)
  const check =
    given['check'] === undefined
      ? null
      : checkProvider(given['check'], `${path}.check`, environment, addProblem)
  const keyed = given['keys'] !== undefined
  const named = keyed ? checkProfile(given['profile'], `${path}.profile`, addProblem) : PROFILES.rfc9068
  const { profile: described, scopes } = checkScopes(named, given, path, addProblem)
  const opaque = checkTokenReader(given, path, check, environment, addProblem)
  const profile = checkSession(
    given['session'],
    keyed ? described : introspectedProfile(opaque, described),
    `${path}.session`,
    addProblem,
  )
  checkUserinfoClaim(opaque.userinfo ?? {}, { profile, scopes }, path, addProblem)
  const keysGiven = { keys: given['keys'], algorithms: given['algorithms'] }
  const keys = checkKeys(keysGiven, path, environment, addProblem)
  checkTenantSettings(given, profile, path, addProblem)
  const structure = {
    name,
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
    ...checkSenderConstraint(given['senderConstraint'], path, addProblem),
    clockToleranceSeconds: CLOCK_TOLERANCE_SECONDS.check(
      given['clockToleranceSeconds'],
      `${path}.clockToleranceSeconds`,
      addProblem,
    ),
    maxLifetimeSeconds: maxLifetimeSeconds(profile.maxLifetimeSeconds).check(
      given['maxLifetimeSeconds'],
      `${path}.maxLifetimeSeconds`,
      addProblem,
    ),
    opaque,
  }
  return { given: openMembersOf(given), structure, candidates: candidatesFor(profile) }
}
