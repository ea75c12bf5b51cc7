// Lanekeeper's core, with the configuration most people start with: one issuer, five routes, the key set fetched.

import { nodeCryptoSync, nodeCryptoAsync } from '../../functions/node/crypto.ts'
import {
  ConfigError,
  createAuthorizer,
  type LanekeeperConfig,
  type Ports,
  type PublicKeySource,
} from '../../shared/index.ts'
import { AUDIENCE, SCOPE, type Algorithm, type World } from '../world.ts'
import type { Contestant } from './contestant.ts'

export const PATH = '/orders/4711'

export const configFor = (
  { issuer, jwksUri }: World,
  algorithms: readonly Algorithm[],
  keys: PublicKeySource = { jwks_uri: jwksUri },
): LanekeeperConfig => ({
  issuers: {
    main: { issuer, audience: AUDIENCE, profile: 'rfc9068', keys, algorithms },
  },
  aws: { resultTtlSeconds: 0 },
  routes: [
    { path: '/health', methods: ['GET'], public: true },
    { path: '/orders', methods: ['GET'], scope: { allOf: [SCOPE] } },
    { path: '/orders', methods: ['POST'], scope: { allOf: [SCOPE, 'orders:write'] } },
    { path: '/orders/{id}', methods: ['GET'], scope: { allOf: [SCOPE] } },
    { path: '/invoices', methods: ['GET'], scope: { allOf: ['invoices:read'] } },
  ],
})

/** The routes, after 10,000 others. */
export const manyRoutes = (config: LanekeeperConfig): LanekeeperConfig => ({
  ...config,
  routes: [
    ...Array.from({ length: 10_000 }, (_, at) => ({
      path: `/service-${at}/orders/{id}`,
      methods: ['GET'],
      scope: 'none' as const,
    })),
    ...config.routes,
  ],
})

/** The issuer, before 1,000 others, each with a key set of its own. */
export const manyIssuers = (config: LanekeeperConfig): LanekeeperConfig => {
  const { main } = config.issuers
  const others = Array.from({ length: 1_000 }, (_, at) => {
    const issuer = `https://login-${at}.example.com`
    return [`issuer-${at}`, { ...main!, issuer, keys: { jwks_uri: `${issuer}/jwks` } }]
  })
  return { ...config, issuers: { ...config.issuers, ...Object.fromEntries(others) } }
}

/** The decision as an edge requests it. */
export function createDecide(config: LanekeeperConfig, ports: Partial<Ports> = {}) {
  const authorizer = createAuthorizer(config, { fetch, now: Date.now, report: () => {}, ...ports })
  return async (authorization: string, path = PATH): Promise<boolean> => {
    const request = { method: 'GET', path, authorization: [authorization], accessTokenInQuery: false }
    return (await authorizer.authorize(request)).allow
  }
}

/**
 * The same configuration without the cache of verified tokens; `null` if this version has no such cache to switch off.
 */
export function withoutCache(config: LanekeeperConfig): LanekeeperConfig | null {
  const limits = { tokenMemoryBytes: 0 } as LanekeeperConfig['limits'] & object
  try {
    const without = { ...config, limits }
    createAuthorizer(without, { fetch, now: Date.now, report: () => {} })
    return without
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}

export const OURS: Contestant = {
  name: 'lanekeeper',
  unchecked: 'nothing: also the route, the kind of token, and that no claim is there twice',
  create: async (world, algorithm) => createDecide(configFor(world, [algorithm])),
}

/** With the log line of each decision serialised, but not written to the console. */
export const OURS_LOGGED: Contestant = {
  ...OURS,
  name: 'lanekeeper and its log line',
  create: async (world, algorithm) => createDecide(configFor(world, [algorithm]), { report: writeLine }),
}

let written = 0
const writeLine: Ports['report'] = (event) => {
  written += JSON.stringify({ door: 'bench', ...event }).length
}

/** An instance of a Lambda handles one event at a time, and verifies on the thread that decides. */
export const OURS_ON_LAMBDA: Contestant = {
  ...OURS,
  name: 'lanekeeper as the Lambda verifies',
  create: async (world, algorithm) => createDecide(configFor(world, [algorithm]), { crypto: nodeCryptoSync }),
}

/** A server on Node that embeds the core, as the README says. */
export const OURS_ON_NODE: Contestant = {
  ...OURS,
  name: 'lanekeeper in a server on Node',
  create: async (world, algorithm) =>
    createDecide(configFor(world, [algorithm]), { crypto: nodeCryptoAsync }),
}
