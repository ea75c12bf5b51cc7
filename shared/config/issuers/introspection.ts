// `issuers.NAME.introspection`: asking the issuer about its tokens. RFC 7662, RFC 9701.

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
  checkAnswerTimes,
  checkEndpoint,
  type AnswerTimes,
  type EndpointSource,
  type ResolvedMethod,
} from './endpoint.ts'

/** Token introspection (RFC 7662), with JSON answers or signed ones (RFC 9701). */
export type IntrospectionConfig = EndpointSource &
  AnswerTimes & {
    /** How Lanekeeper proves to the issuer who is asking. RFC 7662 section 2.1, RFC 6749 section 2.3.1, RFC 7523. */
    readonly authentication: ClientAuthentication
    /** Our client_id at the issuer. `bearer` needs none, unless answers are signed: then they are addressed to it. */
    readonly clientId?: string
    /** The client secret, the bearer token, or the private JWK, as `authentication` says. */
    readonly secret: SecretRef
    /** `jwt`: only signed answers are believed; the issuer's `keys` verify them. Default `json`. */
    readonly response?: 'json' | 'jwt'
    /** What becomes of its JWTs. Default `verify` with the issuer's `keys`; without `keys`, `introspect`. */
    readonly jwt?: 'verify' | 'introspect'
    /** Members that an answer about an access token has and one about anything else has not. Default `['token_type']`. */
    readonly requiredMembers?: readonly string[]
    /**
     * The old name of `requiredMembers`.
     *
     * @deprecated It goes away in 0.3.0.
     */
    readonly marks?: readonly string[]
    /** What a token is whose answer has no `sub`: nobody's, or its client's own. Default `refuse`. */
    readonly withoutSub?: 'refuse' | 'client'
    /** Clients whose tokens are for this API. What an answer without `aud` is judged by; it is refused without. */
    readonly clients?: readonly string[]
  }

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
  clientId: { absent: 'required, but for `bearer`', meaning: 'our client_id at the issuer' },
  secret: {
    absent: 'required',
    meaning: 'where the secret, bearer token or private JWK is: [Secrets](opaque-tokens.md#secrets)',
  },
  response: { default: INTROSPECTION_DEFAULTS.response, meaning: '`jwt`: only signed answers' },
  jwt: { absent: '`verify` with `keys`', meaning: '`introspect`: JWTs are asked about, too' },
  requiredMembers: {
    default: INTROSPECTION_DEFAULTS.requiredMembers,
    meaning: 'members that only an answer about an access token has',
  },
  withoutSub: {
    default: INTROSPECTION_DEFAULTS.withoutSub,
    meaning: "what an answer without `sub` is about: `client` for the client's own token",
  },
  clients: { absent: 'any', meaning: 'clients whose tokens are taken; needed where answers have no `aud`' },
  cacheSeconds: {
    default: ANSWER_DEFAULTS.cacheSeconds,
    meaning: 'how long facts are remembered, and a revocation is not seen; at most 3600',
  },
  timeoutSeconds: {
    default: ANSWER_DEFAULTS.timeoutSeconds,
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
    addProblem(members.path, 'has nothing that an answer about an ID token could not have, too')
  const { clientId, clients } = given
  if (
    clientId === undefined ? authentication !== 'bearer' || response === 'jwt' : !isNonEmptyString(clientId)
  )
    addProblem(`${path}.clientId`, 'must be our client_id at the issuer')
  return {
    kind: 'introspection',
    source: checkEndpoint(given, path, addProblem),
    authentication,
    clientId: isNonEmptyString(clientId) ? clientId : 'none',
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
    clients: clients === undefined ? null : new Set(checkStrings(clients, `${path}.clients`, addProblem)),
    ...checkAnswerTimes(given, path, addProblem),
  }
}
