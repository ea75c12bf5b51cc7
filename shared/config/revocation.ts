// `revocation`: where revoked tokens are listed, how old a list may be, and who may write to it. An edge that cannot tell
// whether a token was revoked refuses it. Refuses bounds in which no list could be fresh.
// RFC 7009, OpenID Connect Back-Channel Logout 1.0.

import { findBindingProblem } from '../plan/environment.ts'
import type { SecretRef } from '../secrets/secret-ref.ts'
import { isCovered } from '../plan/values/published.ts'
import { findTargetProblem } from '../routes/target.ts'
import type { ResolvedRoute } from './config.ts'
import {
  checkStrings,
  isJsonObject,
  isNonEmptyString,
  list,
  objectAt,
  type AddProblem,
  type JsonObject,
} from './checks.ts'
import type { EdgeEnvironment } from './edges/section.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { Meanings } from './meaning.ts'
import { checkSecret } from './secrets.ts'
import { defaultsOf, optional, readerOf, whole, wordOf } from './setting.ts'

/**
 * What a route demands of the check: `strong`: the store is asked for every request; `off`: revoked tokens are accepted
 * until they expire.
 */
export type RevocationDemand = 'strong' | 'off'

/** A receiver of logout tokens (OpenID Connect Back-Channel Logout 1.0). */
export interface LogoutConfig {
  /** The path at which the Worker takes them. On AWS the function of `dist/lambda/logout.mjs` does, at any path. */
  readonly path: string
  /**
   * By the name of an issuer, the clients whose logout tokens it sends here: one of them must be in `aud`. A client has
   * the URL of the receiver as its `backchannel_logout_uri`.
   */
  readonly clients: Readonly<Record<string, string | readonly string[]>>
}

/** One secret, or two during a rotation. */
export type Credentials = SecretRef | readonly [SecretRef, SecretRef]

/** Who may write to the store and read it, over HTTP. */
export interface RevocationAdminConfig {
  /** The URL of the store Worker, without a path, for `lanekeeper revoke`. Default: it has to be passed with `--url`. */
  readonly url?: string
  /** The credential for adding and removing entries. */
  readonly revoke: Credentials
  /** The credential for reading entries and the record. It cannot change them. */
  readonly list: Credentials
}

/** A table of Amazon DynamoDB. */
export interface DynamoDbConfig {
  readonly table: string
  /** Default: that of the function. */
  readonly region?: string
}

/**
 * Revocation of tokens that have not expired. With this section every protected route refuses revoked tokens, unless it
 * says otherwise (`routes[].revocation`). Needs a store for each edge that is deployed.
 */
export interface RevocationConfig {
  /** The binding of the Worker to the store's Durable Object (`lanekeeper build --edge store`). For Cloudflare. */
  readonly durableObject?: string
  /** The table of the store. For AWS. */
  readonly dynamodb?: DynamoDbConfig
  /** How old the news of the store may be when a request is answered. 1 to 300 seconds. Default 5. */
  readonly refreshSeconds?: number
  /**
   * For how long requests are answered from older news while the store is out of reach; then they get 503. At least
   * `refreshSeconds`, at most 3 600. Default 60.
   */
  readonly staleSeconds?: number
  /** Most memory for entries in one instance, in bytes. 65 536 to 268 435 456. Default 50 331 648. */
  readonly memoryBytes?: number
  /** Most entries that the store takes. 100 to 5 000 000. Default 1 000 000. */
  readonly maxEntries?: number
  /** The receiver of logout tokens. Default: none. */
  readonly logout?: LogoutConfig
  /** The admin endpoint of the store Worker. Default: it answers 404. */
  readonly admin?: RevocationAdminConfig
}

/** `LogoutConfig`, checked. */
export interface ResolvedLogout {
  readonly path: string
  /** By the name of the issuer. */
  readonly clients: ReadonlyMap<string, ReadonlySet<string>>
}

export interface ResolvedRevocationAdmin {
  readonly url: string | null
  readonly revoke: readonly SecretRef[]
  readonly list: readonly SecretRef[]
}

/** `RevocationConfig` with every default filled in. */
export interface ResolvedRevocation {
  readonly durableObject: string | null
  readonly dynamodb: DynamoDbConfig | null
  readonly refreshSeconds: number
  readonly staleSeconds: number
  readonly memoryBytes: number
  readonly maxEntries: number
  readonly logout: ResolvedLogout | null
  readonly admin: ResolvedRevocationAdmin | null
}

const TIMES = {
  refreshSeconds: whole(1, 300, 5),
  staleSeconds: whole(1, 3_600, 60),
  memoryBytes: whole(65_536, 268_435_456, 50_331_648),
  maxEntries: whole(100, 5_000_000, 1_000_000),
} as const

export const REVOCATION_DEFAULTS = defaultsOf(TIMES)

export const ROUTE_REVOCATION = optional(wordOf<RevocationDemand>(['strong', 'off']))

export const revocationMeanings = (): Meanings<
  Exclude<keyof RevocationConfig, 'logout' | 'admin' | 'dynamodb'>
> => ({
  durableObject: {
    absent: 'required by the Worker',
    meaning: 'the binding to the Durable Object of the store Worker: [revocation.md](revocation.md)',
  },
  refreshSeconds: {
    default: REVOCATION_DEFAULTS.refreshSeconds,
    row: TIMES.refreshSeconds,
    meaning: 'how old the news of the store may be',
  },
  staleSeconds: {
    default: REVOCATION_DEFAULTS.staleSeconds,
    row: TIMES.staleSeconds,
    meaning: 'how old it may be while the store is out of reach; then 503',
  },
  memoryBytes: {
    default: REVOCATION_DEFAULTS.memoryBytes,
    row: TIMES.memoryBytes,
    meaning: 'most memory for entries in one instance; beyond it the store is asked for every request',
  },
  maxEntries: {
    default: REVOCATION_DEFAULTS.maxEntries,
    row: TIMES.maxEntries,
    meaning: 'most entries in the store; nothing is dropped where it is full',
  },
})

export const dynamoDbMeanings = (): Meanings<keyof DynamoDbConfig> => ({
  table: { absent: 'required by the Lambda', meaning: 'the table of the store' },
  region: { absent: 'that of the function', meaning: 'its region' },
})

export const logoutMeanings = (): Meanings<keyof LogoutConfig> => ({
  path: { absent: 'required', meaning: 'where the Worker takes logout tokens' },
  clients: {
    absent: 'required',
    meaning: 'by the name of an issuer: its clients, one of which must be in `aud` of a logout token',
  },
})

export const adminMeanings = (): Meanings<keyof RevocationAdminConfig> => ({
  url: { absent: 'passed with `--url`', meaning: 'the URL of the store Worker, for `lanekeeper revoke`' },
  revoke: {
    absent: 'required',
    meaning: 'where the credential for adding and removing entries is; a list of two during a rotation',
  },
  list: { absent: 'required', meaning: 'the same for reading entries and the record' },
})

function checkDynamoDb(value: unknown, addProblem: AddProblem): DynamoDbConfig | null {
  if (value === undefined) return null
  const path = 'revocation.dynamodb'
  const given = objectAt(value, path, addProblem, ['table', 'region'])
  const { table, region } = given
  if (!isNonEmptyString(table) || !/^[A-Za-z0-9_.-]{3,255}$/.test(table))
    addProblem(`${path}.table`, table === undefined ? 'is missing' : 'must be the name of a table')
  if (region !== undefined && (!isNonEmptyString(region) || !/^[a-z0-9-]+$/.test(region)))
    addProblem(`${path}.region`, 'must be the name of a region')
  return { table: String(table), ...(region === undefined ? {} : { region: String(region) }) }
}

function checkLogout(
  value: unknown,
  issuers: Iterable<string>,
  addProblem: AddProblem,
): ResolvedLogout | null {
  if (value === undefined) return null
  const at = 'revocation.logout'
  const given = objectAt(value, at, addProblem, ['path', 'clients'])
  const { path } = given
  if (
    !isNonEmptyString(path) ||
    !path.startsWith('/') ||
    /[{}?#]/.test(path) ||
    findTargetProblem(path, DEFAULT_LIMITS.maxPathBytes) !== null
  )
    addProblem(`${at}.path`, path === undefined ? 'is missing' : 'must be a path without parameters')
  const known = new Set(issuers)
  const clients = new Map<string, ReadonlySet<string>>()
  for (const [name, ids] of Object.entries(objectAt(given['clients'], `${at}.clients`, addProblem))) {
    if (!known.has(name)) addProblem(`${at}.clients.${name}`, `is no issuer; configured: ${list(known)}`)
    const listed = isNonEmptyString(ids) ? [ids] : checkStrings(ids, `${at}.clients.${name}`, addProblem)
    clients.set(name, new Set(listed))
  }
  if (isJsonObject(given['clients']) && clients.size === 0)
    addProblem(`${at}.clients`, 'must name the issuers whose logout tokens are accepted')
  return { path: String(path), clients }
}

/** A secret that the store Worker alone loads. Every other edge checks its form and does not look for it. */
function checkCredential(
  value: unknown,
  path: string,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): SecretRef {
  return environment.isStore === true
    ? checkSecret(value, 'fingerprint_key', path, environment, addProblem)
    : checkSecret(value, 'fingerprint_key', path, { env: environment.env }, (at, message, variable) =>
        variable === undefined ? addProblem(at, message) : undefined,
      )
}

function checkCredentials(
  value: unknown,
  path: string,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): readonly SecretRef[] {
  if (!Array.isArray(value)) return [checkCredential(value, path, environment, addProblem)]
  if (value.length < 1 || value.length > 2) addProblem(path, 'must be one secret, or two during a rotation')
  return value.map((one, index) => checkCredential(one, `${path}[${index}]`, environment, addProblem))
}

function checkAdmin(
  value: unknown,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): ResolvedRevocationAdmin | null {
  if (value === undefined) return null
  const at = 'revocation.admin'
  const given = objectAt(value, at, addProblem, ['url', 'revoke', 'list'])
  const { url } = given
  const isUrl = isNonEmptyString(url) && URL.canParse(url) && new URL(url).origin === url
  if (url !== undefined && !isUrl)
    addProblem(`${at}.url`, 'must be an origin, as in https://store.example.com')
  const isLoopback = isUrl && /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(url)
  if (isUrl && !url.startsWith('https:') && !isLoopback)
    addProblem(`${at}.url`, 'must be https, or http on loopback')
  const revoke = checkCredentials(given['revoke'], `${at}.revoke`, environment, addProblem)
  const listed = checkCredentials(given['list'], `${at}.list`, environment, addProblem)
  const texts = new Set(revoke.map((ref) => JSON.stringify(ref)))
  if (listed.some((ref) => texts.has(JSON.stringify(ref))))
    addProblem(`${at}.list`, 'must not be the credential of revoke')
  return { url: isUrl ? url : null, revoke, list: listed }
}

function checkBinding(value: unknown, environment: EdgeEnvironment, addProblem: AddProblem): string | null {
  const path = 'revocation.durableObject'
  if (value === undefined) return null
  if (!isNonEmptyString(value)) addProblem(path, 'must be the name of a binding')
  else if (environment.needsOrigin === true) {
    const binding = { path, name: value }
    const problem =
      environment.later === undefined ? findBindingProblem(binding, environment.env ?? {}) : null
    if (problem !== null) addProblem(problem.path, problem.message, problem.variable)
    environment.later?.binding(binding)
  }
  return String(value)
}

const MEMBERS = ['durableObject', 'dynamodb', ...Object.keys(TIMES), 'logout', 'admin'] as const

/** `issuers`: the names of the configured ones. `null`: revocation is not configured. */
export function checkRevocation(
  value: unknown,
  issuers: Iterable<string>,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): ResolvedRevocation | null {
  if (value === undefined) return null
  const given: JsonObject = objectAt(value, 'revocation', addProblem, MEMBERS)
  const read = readerOf(TIMES, given, 'revocation', addProblem)
  const [refreshSeconds, staleSeconds] = [read('refreshSeconds'), read('staleSeconds')]
  if (staleSeconds < refreshSeconds)
    addProblem('revocation.staleSeconds', `must be at least refreshSeconds, which is ${refreshSeconds}`)
  if (given['durableObject'] === undefined && given['dynamodb'] === undefined)
    addProblem('revocation', 'needs a store: durableObject for the Worker, dynamodb for the Lambda')
  return {
    durableObject: checkBinding(given['durableObject'], environment, addProblem),
    dynamodb: checkDynamoDb(given['dynamodb'], addProblem),
    refreshSeconds,
    staleSeconds,
    memoryBytes: read('memoryBytes'),
    maxEntries: read('maxEntries'),
    logout: checkLogout(given['logout'], issuers, addProblem),
    admin: checkAdmin(given['admin'], environment, addProblem),
  }
}

/** Refuses a demand of a route without the section, and a rule whose path the receiver of logout tokens has. */
export function checkRevocationTogether(
  revocation: ResolvedRevocation | null,
  routes: readonly ResolvedRoute[],
  addProblem: AddProblem,
): void {
  for (const [index, route] of routes.entries()) {
    if (revocation === null && route.revocation !== undefined)
      addProblem(`routes[${index}].revocation`, 'needs the section revocation')
    const path = revocation?.logout?.path
    if (path !== undefined && isCovered(path, route.path) && !/^\/\{/.test(route.path))
      addProblem(
        `routes[${index}].path`,
        `covers ${path}, where the Worker takes logout tokens; leave the rule out or give it another path`,
      )
  }
}
