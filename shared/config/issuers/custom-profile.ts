// A `profile` that the operator describes. A description whose evidence cannot tell an access token from an ID token is
// refused here, not at the first request. RFC 8725 sections 3.11 and 3.12; OpenID Connect Core 1.0 sections 2 and 5.1.

import {
  claim,
  DAY_SECONDS,
  type Evidence,
  type Profile,
  type ScopeClaim,
} from '../../token/profiles/profile.ts'
import {
  objectAt,
  checkFlag,
  checkOneOf,
  checkStrings,
  isJsonObject,
  isNonEmptyString,
  readRenamed,
  type JsonObject,
  type AddProblem,
} from '../checks.ts'
import {
  ACCESS_MEMBERS,
  areDecisive,
  KIND_CLAIMS,
  namesKind,
  NOT_DECISIVE,
  NOT_WAIVED,
} from './decisive-evidence.ts'

/** A claim or header member that a token must have: with any value, or exactly with `value`. */
export type EvidenceConfig =
  | { readonly claim: string; readonly value?: string; readonly header?: never }
  | { readonly header: string; readonly value?: string; readonly claim?: never }

interface DescribedProfile {
  /** Accepted `typ` of the header, in any case: `at+jwt`, `jwt`...; '' for a header without `typ`. */
  readonly typ: readonly string[]
  /**
   * `['nonce']`: its access tokens have a `nonce` as well, which otherwise refuses a token as an ID token. Only with
   * evidence that names the kind of the token (`token_use`, `typ`, `tokenName`, `purpose`). Default: none.
   */
  readonly waived?: readonly 'nonce'[]
  /** The claim that has the scopes, and its shape. */
  readonly scopes: ScopeClaim
  /** The claim that names the client, `client_id` or `azp` for most. */
  readonly client: string
  /** Any of these makes it a token of the client-credentials grant. Default: it is one if `sub` is the client. */
  readonly clientCredentials?: readonly EvidenceConfig[]
}

/**
 * The access tokens of a provider that has no profile, described by the operator. Evidence of another kind
 * (docs/decisions.md) still refuses a token, except what is in `waived`.
 */
export type CustomProfile = DescribedProfile &
  (
    | {
        /** Members of its access tokens. Each is required, and together they must be decisive (docs/providers.md). */
        readonly evidence: readonly EvidenceConfig[]
        readonly marks?: never
      }
    | {
        /**
         * The old name of `evidence`.
         *
         * @deprecated It goes away in 0.3.0.
         */
        readonly marks: readonly EvidenceConfig[]
        readonly evidence?: never
      }
  )

/** Claims that ID tokens have as well, or can be given by a mapping. None of them proves an access token. */
const ID_TOKEN_CLAIMS = new Set([
  ...['iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti', 'auth_time', 'nonce', 'acr', 'amr', 'azp'],
  ...['at_hash', 'c_hash', 's_hash', 'sid', 'sub_jwk', 'name', 'given_name', 'family_name', 'middle_name'],
  ...['nickname', 'preferred_username', 'profile', 'picture', 'website', 'email', 'email_verified', 'gender'],
  ...['birthdate', 'zoneinfo', 'locale', 'phone_number', 'phone_number_verified', 'address', 'updated_at'],
  ...['ver', 'version', 'tid', 'oid', 'upn', 'unique_name', 'username', 'groups', 'roles', 'uid', 'org_id'],
  // Of particular providers: in ID tokens of the same issuer or of another issuer of the provider.
  ...['aio', 'rh', 'uti', 'wids', 'puid', 'idp', 'login_hint', 'session_state', 'hd', 'org_name', 'firebase'],
  ...['appid', 'apptype', 'authmethod', 'event_id', 'origin_jti', 'cognito:groups', 'cognito:username'],
  ...['identities', 'pi.sri', 'sub_legacy', 'groups_direct', 'realm', 'auditTrackingId', 'subname'],
  ...['allowed-origins', 'rt_hash'],
])

/** Whether ID tokens may have this claim, so that it does not prove an access token. */
export const isIdTokenClaim = (name: string): boolean => ID_TOKEN_CLAIMS.has(name)

/** Claims with a known meaning that name the client. */
const CLIENT_CLAIMS = ['client_id', 'azp', 'cid', 'appid']

/** Whether a claim is known to name something else: the user, the audience or a scope must not become the client. */
const namesSomethingElse = (name: string): boolean =>
  !CLIENT_CLAIMS.includes(name) &&
  (isIdTokenClaim(name) || [...KIND_CLAIMS, ...ACCESS_MEMBERS].some((row) => row.name === name))

function checkEvidence(value: unknown, path: string, addProblem: AddProblem): Evidence[] {
  if (!Array.isArray(value) || value.length === 0) {
    addProblem(path, value === undefined ? 'is missing' : 'must be a list of at least one member')
    return []
  }
  return value.map((item, index) => {
    const at = `${path}[${index}]`
    const given = objectAt(item, at, addProblem, ['claim', 'header', 'value'])
    const { claim: claimName, header, value: wanted } = given
    if (isJsonObject(item) && isNonEmptyString(claimName) === isNonEmptyString(header))
      addProblem(at, 'must have exactly one of claim and header')
    if (wanted !== undefined && !isNonEmptyString(wanted))
      addProblem(`${at}.value`, 'must be a non-empty string')
    const name = isNonEmptyString(claimName) ? claimName : isNonEmptyString(header) ? header : ''
    const one = claim(name, ...(isNonEmptyString(wanted) ? [wanted] : []))
    return isNonEmptyString(header) ? { ...one, in: 'header' as const } : one
  })
}

export function checkScopeClaim(
  value: unknown,
  path: string,
  addProblem: AddProblem,
  known: readonly string[] = ['claim', 'shape', 'oneOrList'],
): ScopeClaim {
  const given = objectAt(value, path, addProblem, known)
  const oneOrList = checkFlag(given['oneOrList'], `${path}.oneOrList`, false, addProblem)
  const shape = checkOneOf(given['shape'], `${path}.shape`, ['string', 'list'], addProblem)
  const { claim: name } = given
  const rest = { shape, ...(oneOrList ? { oneOrList: true as const } : {}) }
  if (isNonEmptyString(name)) return { claim: name, ...rest }
  if (name === undefined) addProblem(`${path}.claim`, 'is missing')
  const names = name === undefined ? [] : checkStrings(name, `${path}.claim`, addProblem)
  if (names.includes('*')) addProblem(`${path}.claim`, 'has a "*"; write the name of that member')
  return { claim: names, ...rest }
}

/** Values of `typ`, in lower case and without `application/` (RFC 7515 section 4.1.9); '' for a header without it. */
function checkTypes(value: unknown, path: string, addProblem: AddProblem): string[] {
  const mayBeAbsent = Array.isArray(value) && value.includes('')
  const named = mayBeAbsent ? value.filter((name) => name !== '') : value
  const types = mayBeAbsent && (named as unknown[]).length === 0 ? [] : checkStrings(named, path, addProblem)
  return [
    ...types.map((name) => name.toLowerCase().replace(/^application\//, '')),
    ...(mayBeAbsent ? [''] : []),
  ]
}

const CUSTOM_MEMBERS = ['typ', 'evidence', 'waived', 'scopes', 'client', 'clientCredentials']

/**
 * Evidence of an ID token that access tokens of the provider have as well. Only `nonce` can be waived: every other
 * evidence in kind.ts is a proof. A claim that names the kind outweighs it; other evidence does not.
 */
function checkWaived(
  value: unknown,
  evidence: readonly Evidence[],
  path: string,
  addProblem: AddProblem,
): Profile['waived'] {
  if (value === undefined) return []
  const waived = checkStrings(value, path, addProblem)
  if (waived.some((kind) => kind !== 'nonce')) addProblem(path, 'can have nothing but nonce')
  if (!evidence.some(namesKind)) addProblem(path, NOT_WAIVED)
  return waived
}

/** A profile from its description. Adds a problem if an ID token could match it. */
export function checkCustomProfile(value: JsonObject, path: string, addProblem: AddProblem): Profile {
  const given = objectAt(value, path, addProblem, CUSTOM_MEMBERS, ['marks'])
  const { client } = given
  const typ = checkTypes(given['typ'], `${path}.typ`, addProblem)
  const members = readRenamed(given, path, 'evidence', 'marks', addProblem)
  const evidence = checkEvidence(members.value, members.path, addProblem)
  if (evidence.length > 0 && !areDecisive(typ, evidence)) addProblem(members.path, NOT_DECISIVE)
  if (!isNonEmptyString(client))
    addProblem(`${path}.client`, client === undefined ? 'is missing' : 'must be the name of a claim')
  else if (namesSomethingElse(client))
    addProblem(
      `${path}.client`,
      `cannot be ${client}, which does not name the client; most tokens have client_id or azp`,
    )
  const clientClaim = isNonEmptyString(client) ? client : ''
  const clientCredentials = given['clientCredentials']
  const scopes = checkScopeClaim(given['scopes'], `${path}.scopes`, addProblem)
  if (isNonEmptyString(client) && scopes.claim === client)
    addProblem(`${path}.client`, `cannot be ${client}, which has the scopes`)
  return {
    name: 'custom',
    typ,
    evidence: evidence.map((one) => [one]),
    otherKinds: [],
    waived: checkWaived(given['waived'], evidence, `${path}.waived`, addProblem),
    scopes: { choices: [scopes], standard: scopes },
    audience: 'aud',
    genericAudiences: [],
    client: clientClaim,
    user: 'sub',
    tokenId: 'jti',
    clientCredentialsWhen:
      clientCredentials === undefined
        ? [{ equal: ['sub', clientClaim] }]
        : checkEvidence(clientCredentials, `${path}.clientCredentials`, addProblem).map((one) => ({
            evidence: one,
          })),
    required: ['iss', 'exp', 'aud', 'iat', clientClaim],
    maxLifetimeSeconds: DAY_SECONDS,
  }
}
