// `revocation`: where revoked tokens are listed and how old a list may be. An edge that cannot tell whether a token was
// revoked refuses it. Refuses bounds in which no list could be fresh. RFC 7009.

import { checkBinding } from '../binding.ts'
import { objectAt, type AddProblem, type JsonObject } from '../checks.ts'
import type { EdgeEnvironment } from '../edges/section.ts'
import type { Meanings } from '../meaning.ts'
import { defaultsOf, readerOf, whole } from '../setting.ts'
import { checkAdmin, type ResolvedRevocationAdmin, type RevocationAdminConfig } from './admin.ts'
import { checkDynamoDb, type DynamoDbConfig } from './dynamodb.ts'
import { checkLogout, type LogoutConfig, type ResolvedLogout } from './logout.ts'

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
    durableObject: checkBinding(given['durableObject'], 'revocation.durableObject', environment, addProblem),
    dynamodb: checkDynamoDb(given['dynamodb'], 'revocation.dynamodb', addProblem),
    refreshSeconds,
    staleSeconds,
    memoryBytes: read('memoryBytes'),
    maxEntries: read('maxEntries'),
    logout: checkLogout(given['logout'], issuers, addProblem),
    admin: checkAdmin(given['admin'], environment, addProblem),
  }
}
