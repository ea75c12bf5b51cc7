// One issuer of the stage `local`: as it is configured, with the keys and endpoints of the local issuer. An issuer that
// the stage `local` gives keys or endpoints on loopback is somebody's own, and stays as it is.

import { isLoopbackHttp, isProfileName, PROFILES, PROVIDER_FACTS } from '../../shared/compiler.ts'
import { isObject, type JsonObject } from './json-object.ts'
import { placeholderIn } from './placeholders.ts'

export interface IssuerPlace {
  readonly name: string
  /** Where the local issuer answers for it. */
  readonly url: string
  /** What the stage `local` of the configuration says about it. */
  readonly override: JsonObject
}

export interface DerivedIssuer {
  readonly issuer: JsonObject
  readonly isForeign: boolean
  /** The variable that has its shared secret. */
  readonly sharedSecret: string | null
  readonly notes: readonly string[]
}

const isLoopback = (value: unknown): boolean =>
  typeof value === 'string' && URL.canParse(value) && isLoopbackHttp(new URL(value))

/** Whether these settings of the stage `local` name a server on loopback, or have keys inline. */
function hasOwnSource({ issuer, keys, introspection }: JsonObject): boolean {
  const sources = [keys, introspection].filter(isObject)
  const hasInline = sources.some(({ jwks }) => jwks !== undefined)
  const addresses = sources.flatMap(({ jwks_uri: uri, url, endpoint }) => [uri, url, endpoint])
  return hasInline || isLoopback(issuer) || addresses.some(isLoopback)
}

const LOCAL_AUDIENCE = 'https://api.local.example'
const LOCAL_TENANT = '00000000-0000-4000-8000-000000000000'

/** The end that every `iss` of the profile has. */
function endingOf(profile: unknown): string {
  const ending = isProfileName(profile)
    ? (PROFILES[profile] as { readonly issuerEnding?: string }).issuerEnding
    : undefined
  return (ending ?? '').replace('{tenantid}', LOCAL_TENANT).replace(/\{[a-z]+\}/, 'default')
}

/** Values in place of variables that nobody has set. */
function withDefaults(
  given: JsonObject,
  { name, url }: IssuerPlace,
): { issuer: JsonObject; notes: string[] } {
  const notes: string[] = []
  const fill = (member: string, value: unknown, standard: string): unknown => {
    const variable = placeholderIn(value)
    if (variable === null) return value
    notes.push(`issuers.${name}.${member}: ${variable} is not set, so it is ${standard}`)
    return standard
  }
  const { issuer, audience } = given
  const standard = `${url}${endingOf(given['profile'])}`
  const audiences: unknown = Array.isArray(audience)
    ? [...new Set(audience.map((one: unknown) => fill('audience', one, LOCAL_AUDIENCE)))]
    : fill('audience', audience, LOCAL_AUDIENCE)
  return {
    issuer: {
      ...given,
      ...(issuer === undefined ? {} : { issuer: fill('issuer', issuer, standard) }),
      ...(audience === undefined ? {} : { audience: audiences }),
    },
    notes,
  }
}

/** The member of an environment that belongs to one issuer. */
const variableOf = (name: string, what: string): string =>
  `LANEKEEPER_LOCAL_${name.toUpperCase().replaceAll('-', '_')}_${what}`

/** As it is configured: by metadata, or directly. */
function deriveKeys(keys: JsonObject, { name, url }: IssuerPlace): JsonObject {
  const { secret, discovery, metadataIssuer, timeoutSeconds } = keys
  if (secret !== undefined) return { ...keys, secret: { env: variableOf(name, 'KEY') } }
  const times = timeoutSeconds === undefined ? {} : { timeoutSeconds }
  if (discovery === undefined) return { jwks_uri: `${url}/jwks`, ...times }
  return {
    discovery,
    url: `${url}/.well-known/${String(discovery)}`,
    ...(metadataIssuer === undefined ? {} : { metadataIssuer }),
    ...times,
  }
}

/** An endpoint of the local issuer, with all other settings as they are. */
const atEndpoint = (
  { endpoint: _, discovery: __, ...settings }: JsonObject,
  endpoint: string,
): JsonObject => ({
  ...settings,
  endpoint,
})

/** A provider's own check becomes introspection: its API is not here. */
function introspectionFor({ check, ...given }: JsonObject, { name, url }: IssuerPlace): JsonObject {
  const { provider, clientId, baseUrl, cacheSeconds } = check as JsonObject
  const facts = PROVIDER_FACTS[provider as keyof typeof PROVIDER_FACTS]
  return {
    ...given,
    issuer: given['issuer'] ?? baseUrl ?? facts?.baseUrl,
    audience: clientId,
    introspection: {
      endpoint: `${url}/introspect`,
      authentication: 'bearer',
      secret: { env: variableOf(name, 'TOKEN') },
      ...(cacheSeconds === undefined ? {} : { cacheSeconds }),
    },
  }
}

export function deriveIssuer(given: JsonObject, place: IssuerPlace): DerivedIssuer {
  if (hasOwnSource(place.override)) return { issuer: given, isForeign: true, sharedSecret: null, notes: [] }
  const { issuer: filled, notes } = withDefaults(given, place)
  const { name, url } = place
  const { senderConstraint, ...plain } = filled
  if (senderConstraint !== undefined && senderConstraint !== 'none')
    notes.push(`issuers.${name}.senderConstraint: bound tokens are not made here; plain ones are accepted`)
  if (isObject(plain['check'])) {
    notes.push(`issuers.${name}.check: the API of the provider is not here; the local issuer answers for it`)
    return { issuer: introspectionFor(plain, place), isForeign: false, sharedSecret: null, notes }
  }
  const { keys, introspection, userinfo } = plain
  return {
    issuer: {
      ...plain,
      ...(isObject(keys) && { keys: deriveKeys(keys, place) }),
      ...(isObject(introspection) && { introspection: atEndpoint(introspection, `${url}/introspect`) }),
      ...(isObject(userinfo) && { userinfo: atEndpoint(userinfo, `${url}/userinfo`) }),
    },
    isForeign: false,
    sharedSecret: isObject(keys) && keys['secret'] !== undefined ? variableOf(name, 'KEY') : null,
    notes,
  }
}
