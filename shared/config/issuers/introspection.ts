// `issuers.NAME.introspection`: the introspection endpoint of an issuer and how its answers are read.
// RFC 7662, RFC 9701.

import { SECRET_USE, type ClientAuthentication } from '../../introspection/secret-use.ts'
import type { SecretRef } from '../../secrets/secret-ref.ts'
import {
  checkOneOf,
  checkStrings,
  isNonEmptyString,
  objectAt,
  readRenamed,
  type AddProblem,
} from '../checks.ts'
import type { Meanings, MemberOf } from '../meaning.ts'
import { checkSecret, type SecretEnvironment } from '../secrets.ts'
import { firstOf } from '../setting.ts'
import { isIdTokenClaim } from './custom-profile.ts'
import {
  ANSWER_DEFAULTS,
  ANSWER_TIMES,
  checkAnswerTimes,
  checkEndpoint,
  type AnswerTimes,
  type EndpointSource,
  type ResolvedMethod,
} from './endpoint.ts'

/**
 * Token introspection (RFC 7662) with JSON answers, or signed ones (RFC 9701). Tokens of the issuer that are no JWTs
 * are sent to its endpoint; JWTs only as `jwt` says.
 */
export type IntrospectionConfig = EndpointSource &
  AnswerTimes & {
    /** How Lanekeeper authenticates to the issuer. RFC 7662 section 2.1, RFC 6749 section 2.3.1, RFC 7523. */
    readonly authentication: ClientAuthentication
    /** Lanekeeper's client_id at the issuer. `bearer` needs none, unless answers are signed: it is their `aud`. */
    readonly clientId?: string
    /** Where the client secret, the bearer token or the private JWK is, as `authentication` says. */
    readonly secret: SecretRef
    /** `jwt`: only signed answers are accepted; the issuer's `keys` verify them. Default `json`. */
    readonly response?: 'json' | 'jwt'
    /** Whether its JWTs are verified here or introspected. Default `verify` with `keys`, else `introspect`. */
    readonly jwt?: 'verify' | 'introspect'
    /** Members that only an answer about an access token has. All are required. Default `['token_type']`. */
    readonly requiredMembers?: readonly string[]
    /**
     * The old name of `requiredMembers`.
     *
     * @deprecated It goes away in 0.3.0.
     */
    readonly marks?: readonly string[]
    /** A token whose answer has no `sub`: it is refused, or it is its client's own. Default `refuse`. */
    readonly withoutSub?: 'refuse' | 'client'
    /** Clients whose tokens are accepted, even if the answer has no `aud`. Default: any, and `aud` is required. */
    readonly clients?: readonly string[]
  }

/** `IntrospectionConfig` with every default filled in. */
export interface ResolvedIntrospection extends ResolvedMethod {
  readonly kind: 'introspection'
  readonly source: EndpointSource
  readonly authentication: ClientAuthentication
  readonly clientId: string
  readonly secret: SecretRef
}

const RESPONSE = firstOf('json', 'jwt')
const WITHOUT_SUB = firstOf('refuse', 'client')

export const INTROSPECTION_DEFAULTS = {
  response: RESPONSE.default,
  requiredMembers: ['token_type'],
  withoutSub: WITHOUT_SUB.default,
} as const satisfies Partial<IntrospectionConfig>

export const introspectionMeanings = (): Meanings<Exclude<MemberOf<IntrospectionConfig>, 'marks'>> => ({
  endpoint: { absent: 'this or `discovery`', meaning: 'URL of the introspection endpoint' },
  discovery: {
    absent: 'this or `endpoint`',
    meaning: 'metadata that names it: `openid-configuration` or `oauth-authorization-server`',
  },
  authentication: {
    absent: 'required',
    meaning: '`client_secret_basic`, `client_secret_post`, `private_key_jwt` or `bearer`',
  },
  clientId: { absent: 'required, but for `bearer`', meaning: "Lanekeeper's client_id at the issuer" },
  secret: {
    absent: 'required',
    meaning: 'where the secret, bearer token or private JWK is: [Secrets](opaque-tokens.md#secrets)',
  },
  response: {
    default: INTROSPECTION_DEFAULTS.response,
    row: RESPONSE,
    meaning: '`jwt`: only signed answers are accepted',
  },
  jwt: { absent: '`verify` with `keys`', meaning: '`introspect`: JWTs are introspected, too' },
  requiredMembers: {
    default: INTROSPECTION_DEFAULTS.requiredMembers,
    meaning: 'members that only an answer about an access token has',
  },
  withoutSub: {
    default: INTROSPECTION_DEFAULTS.withoutSub,
    row: WITHOUT_SUB,
    meaning: "a token whose answer has no `sub`: `refuse`, or `client` for the client's own token",
  },
  clients: { absent: 'any', meaning: 'clients whose tokens are accepted; needed if answers have no `aud`' },
  cacheSeconds: {
    default: ANSWER_DEFAULTS.cacheSeconds,
    row: ANSWER_TIMES.cacheSeconds,
    meaning: 'how long an answer is cached, and a revocation is not seen; at most 3600',
  },
  timeoutSeconds: {
    default: ANSWER_DEFAULTS.timeoutSeconds,
    row: ANSWER_TIMES.timeoutSeconds,
    meaning: 'for one answer, that of `discovery` too; 0.1 to 5',
  },
})

const MEMBERS = [
  'endpoint',
  'discovery',
  'authentication',
  'clientId',
  'secret',
  'response',
  'jwt',
  'requiredMembers',
  'withoutSub',
  'clients',
  'cacheSeconds',
  'timeoutSeconds',
] as const satisfies readonly MemberOf<IntrospectionConfig>[]

/** Without the values of `endpoint`, `clientId` and `clients`, which plan/values/lookups.ts adds. */
export function checkIntrospection(
  value: unknown,
  path: string,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ResolvedIntrospection {
  const given = objectAt(value, path, addProblem, MEMBERS, ['marks'])
  const authentication = checkOneOf(
    given['authentication'],
    `${path}.authentication`,
    Object.keys(SECRET_USE) as ClientAuthentication[],
    addProblem,
  )
  const response = RESPONSE.check(given['response'], `${path}.response`, addProblem)
  const members = readRenamed(given, path, 'requiredMembers', 'marks', addProblem)
  const requiredMembers =
    members.value === undefined
      ? INTROSPECTION_DEFAULTS.requiredMembers
      : checkStrings(members.value, members.path, addProblem)
  if (requiredMembers.length > 0 && requiredMembers.every(isIdTokenClaim))
    addProblem(
      members.path,
      'could match an answer about an ID token; add a member that only access tokens have',
    )
  const { clientId } = given
  if (
    clientId === undefined ? authentication !== 'bearer' || response === 'jwt' : !isNonEmptyString(clientId)
  )
    addProblem(`${path}.clientId`, 'must be the client_id of Lanekeeper at the issuer')
  return {
    kind: 'introspection',
    source: checkEndpoint(given, path, addProblem),
    authentication,
    clientId: 'none',
    secret: checkSecret(
      given['secret'],
      SECRET_USE[authentication],
      `${path}.secret`,
      environment,
      addProblem,
    ),
    response,
    requiredMembers,
    withoutSub:
      WITHOUT_SUB.check(given['withoutSub'], `${path}.withoutSub`, addProblem) === 'client'
        ? 'client_unless_named'
        : 'refuse',
    boundsLifetime: true,
    clients: null,
    ...checkAnswerTimes(given, path, addProblem),
  }
}
