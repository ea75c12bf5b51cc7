// Checks of `introspection`, `check`, `userinfo` and `prefix`: an endpoint, credentials, one way to tell whose an
// opaque token is. A token is shown to the one issuer the configuration chooses, never to several in turn.

import { PROVIDER_CHECKS, type Provider } from '../../introspection/providers/index.ts'
import { SECRET_USE, type ClientAuthentication } from '../../introspection/secret-use.ts'
import {
  objectAt,
  checkOneOf,
  checkSeconds,
  checkStrings,
  checkUrl,
  isJsonObject,
  isNonEmptyString,
  type JsonObject,
  type AddProblem,
} from '../checks.ts'
import { isIdTokenClaim } from './custom-profile.ts'
import { DEFAULTS, type ResolvedIssuer, type ResolvedRoute } from '../config.ts'
import type {
  EndpointSource,
  ResolvedCheck,
  ResolvedIntrospection,
  ResolvedOpaque,
  ResolvedUserinfo,
} from './introspection.ts'
import { hasSharedSecret } from './keys.ts'
import { checkSecret, type SecretEnvironment } from '../secrets.ts'

function checkSource(given: JsonObject, path: string, addProblem: AddProblem): EndpointSource {
  const { endpoint, discovery } = given
  if ((endpoint === undefined) === (discovery === undefined))
    addProblem(path, 'must have exactly one of endpoint and discovery')
  if (discovery === undefined)
    return { endpoint: endpoint === undefined ? '' : checkUrl(endpoint, `${path}.endpoint`, addProblem) }
  const documents = ['openid-configuration', 'oauth-authorization-server'] as const
  return { discovery: checkOneOf(discovery, `${path}.discovery`, documents, addProblem) }
}

const checkMemory = (given: JsonObject, path: string, addProblem: AddProblem) => ({
  cacheSeconds: checkSeconds(
    given['cacheSeconds'],
    `${path}.cacheSeconds`,
    DEFAULTS.cacheSeconds,
    3_600,
    addProblem,
  ),
  timeoutMs:
    1000 *
    checkSeconds(
      given['timeoutSeconds'],
      `${path}.timeoutSeconds`,
      DEFAULTS.timeoutSeconds,
      5,
      addProblem,
      0.1,
    ),
})

function checkIntrospection(
  value: unknown,
  path: string,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ResolvedIntrospection {
  const given = objectAt(value, path, addProblem, [
    'endpoint',
    'discovery',
    'authentication',
    'clientId',
    'secret',
    'response',
    'jwt',
    'marks',
    'withoutSub',
    'clients',
    'cacheSeconds',
    'timeoutSeconds',
  ])
  const authentication = checkOneOf(
    given['authentication'],
    `${path}.authentication`,
    Object.keys(SECRET_USE) as ClientAuthentication[],
    addProblem,
  )
  const response = checkOneOf(
    given['response'] ?? DEFAULTS.response,
    `${path}.response`,
    ['json', 'jwt'],
    addProblem,
  )
  const marks =
    given['marks'] === undefined ? DEFAULTS.marks : checkStrings(given['marks'], `${path}.marks`, addProblem)
  if (marks.length > 0 && marks.every(isIdTokenClaim))
    addProblem(`${path}.marks`, 'has nothing that an answer about an ID token could not have, too')
  const { clientId, clients } = given
  if (
    clientId === undefined ? authentication !== 'bearer' || response === 'jwt' : !isNonEmptyString(clientId)
  )
    addProblem(`${path}.clientId`, 'must be our client_id at the issuer')
  return {
    kind: 'introspection',
    source: checkSource(given, path, addProblem),
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
    marks,
    withoutSub: checkOneOf(
      given['withoutSub'] ?? DEFAULTS.withoutSub,
      `${path}.withoutSub`,
      ['refuse', 'client'],
      addProblem,
    ),
    clients: clients === undefined ? null : new Set(checkStrings(clients, `${path}.clients`, addProblem)),
    ...checkMemory(given, path, addProblem),
  }
}

/** What `check` says, and the apps that stand in for the audience. */
export function checkProvider(
  value: unknown,
  path: string,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): { readonly reader: ResolvedCheck; readonly apps: readonly string[] } {
  const known = ['provider', 'clientId', 'secret', 'baseUrl', 'cacheSeconds', 'timeoutSeconds']
  const given = objectAt(value, path, addProblem, known)
  const provider = checkOneOf(
    given['provider'],
    `${path}.provider`,
    Object.keys(PROVIDER_CHECKS) as Provider[],
    addProblem,
  )
  const row = PROVIDER_CHECKS[provider]
  const { clientId } = given
  const apps = checkStrings(
    isNonEmptyString(clientId) ? [clientId] : clientId,
    `${path}.clientId`,
    addProblem,
  )
  if (row.needsSecret && apps.length > 1)
    addProblem(`${path}.clientId`, 'must be one app, because the secret is that of one')
  if (!row.needsSecret && given['secret'] !== undefined)
    addProblem(`${path}.secret`, `is not needed: ${provider} is asked with the token alone`)
  const baseUrl =
    given['baseUrl'] === undefined ? row.baseUrl : checkUrl(given['baseUrl'], `${path}.baseUrl`, addProblem)
  if (/[?]|\/$/.test(baseUrl)) addProblem(`${path}.baseUrl`, 'must not have a query or end with "/"')
  return {
    apps,
    reader: {
      kind: 'check',
      provider,
      clientId: apps[0] ?? '',
      secret: row.needsSecret
        ? checkSecret(given['secret'], 'client_secret', `${path}.secret`, environment, addProblem)
        : null,
      baseUrl,
      ...checkMemory(given, path, addProblem),
    },
  }
}

function checkUserinfo(value: unknown, path: string, addProblem: AddProblem): ResolvedUserinfo | null {
  if (value === undefined) return null
  const known = ['endpoint', 'discovery', 'claim', 'cacheSeconds', 'timeoutSeconds']
  const given = objectAt(value, path, addProblem, known)
  if (!isNonEmptyString(given['claim'])) addProblem(`${path}.claim`, 'must be the name of a claim')
  return {
    source: checkSource(given, path, addProblem),
    claim: String(given['claim']),
    ...checkMemory(given, path, addProblem),
  }
}

/** Characters of a token (RFC 6750 section 2.1); nothing that a JWT could begin with. */
const isPrefix = (text: string): boolean =>
  /^[A-Za-z0-9\-._~+/]{1,64}$/.test(text) && !/^e(?:[wy3]|$)/.test(text)

/** Everything an issuer says about opaque tokens. `reader`: of an issuer with `check`. */
export function checkOpaque(
  given: JsonObject,
  path: string,
  reader: ResolvedCheck | null,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ResolvedOpaque {
  const { introspection, prefix, keys } = given
  const asked =
    introspection === undefined
      ? null
      : checkIntrospection(introspection, `${path}.introspection`, environment, addProblem)
  const jwt = isJsonObject(introspection) ? introspection['jwt'] : undefined
  if (jwt !== undefined) checkOneOf(jwt, `${path}.introspection.jwt`, ['verify', 'introspect'], addProblem)
  if (jwt === 'verify' && keys === undefined)
    addProblem(`${path}.introspection.jwt`, 'needs keys to verify with')
  if (asked?.response === 'jwt' && (keys === undefined || hasSharedSecret(keys))) {
    const needed = keys === undefined ? 'keys' : 'public keys'
    addProblem(`${path}.introspection.response`, `needs ${needed}, which verify the signed answers`)
  }
  const prefixes =
    prefix === undefined
      ? []
      : checkStrings(isNonEmptyString(prefix) ? [prefix] : prefix, `${path}.prefix`, addProblem)
  if (prefixes.some((text) => !isPrefix(text)))
    addProblem(
      `${path}.prefix`,
      'must be 1 to 64 characters of a token, and not what a JWT begins with ("ey", "ew")',
    )
  if (prefixes.length > 0 && asked === null && reader === null)
    addProblem(
      `${path}.prefix`,
      'tells opaque tokens apart, and this issuer has neither introspection nor check',
    )
  const verifies = keys === undefined ? (asked === null ? 'refuse' : 'introspect') : 'verify'
  return {
    reader: reader ?? asked,
    prefixes,
    userinfo: checkUserinfo(given['userinfo'], `${path}.userinfo`, addProblem),
    jwt: jwt === 'introspect' ? 'introspect' : verifies,
  }
}

/** Whose an opaque token is must never be a guess: no two issuers may claim the same one. */
export function checkSelection(
  issuers: readonly ResolvedIssuer[],
  routes: readonly ResolvedRoute[],
  addProblem: AddProblem,
): void {
  const readers = issuers.filter(({ opaque }) => opaque.reader !== null)
  for (const [index, { name, opaque }] of readers.entries()) {
    for (const other of readers.slice(0, index)) {
      const clash = opaque.prefixes.find((text) =>
        other.opaque.prefixes.some((earlier) => earlier.startsWith(text) || text.startsWith(earlier)),
      )
      if (clash !== undefined)
        addProblem(`issuers.${name}.prefix`, `has ${clash}, which issuers.${other.name}.prefix claims too`)
    }
  }
  const open = readers.filter(({ opaque }) => opaque.prefixes.length === 0)
  for (const [index, { demand, issuer }] of routes.entries()) {
    if (issuer !== null && !issuers.some(({ name }) => name === issuer))
      addProblem(`routes[${index}].issuer`, `names ${issuer}, which is not among the issuers`)
    if (issuer === null && demand !== null && open.length > 1) {
      const names = open.map(({ name }) => name).join(' and ')
      addProblem(
        `routes[${index}].issuer`,
        `is needed: an opaque token could be of ${names}; name one here, or give all but one a prefix`,
      )
    }
  }
}
