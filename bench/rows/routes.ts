// Ten, a thousand and ten thousand routes, half of them with a parameter; requests go to all of them.

import type { LanekeeperConfig, RouteRule } from '../../shared/index.ts'
import { configFor, createDecide, withoutCache } from '../contestants/ours.ts'
import { figure } from '../present.ts'
import type { RunRow } from '../row.ts'
import { SCOPE } from '../world.ts'
import { flatTarget, timeSizes } from './flatness.ts'

const SIZES = [10, 1_000, 10_000] as const
const PATHS = 1_000

const routesOf = (count: number): RouteRule[] =>
  Array.from({ length: count }, (_, at) => ({
    path: at % 2 === 0 ? `/service-${at}/orders` : `/service-${at}/orders/{id}/items`,
    methods: ['GET'],
    scope: { allOf: [SCOPE] },
  }))

/** Paths in random order, spread over all routes. */
const pathsOf = (count: number): string[] =>
  Array.from({ length: PATHS }, (_, at) => {
    const route = (at * 7_919) % count
    return route % 2 === 0 ? `/service-${route}/orders` : `/service-${route}/orders/${at}/items`
  })

export const runRoutes: RunRow = async (bench) => {
  const { world } = bench
  const authorization = `Bearer ${await world.token('ES256')}`
  const starts: string[] = []

  function sized(count: number, change: (config: LanekeeperConfig) => LanekeeperConfig) {
    const config = change({ ...configFor(world, ['ES256']), routes: routesOf(count) })
    const startedAt = performance.now()
    const decide = createDecide(config)
    starts.push(`${figure(count)}: ${figure(performance.now() - startedAt, 1)} ms`)
    return {
      name: `${figure(count)} routes`,
      inputs: pathsOf(count),
      decide: (path: string) => decide(authorization, path),
    }
  }

  const anew = (config: LanekeeperConfig) => withoutCache(config) ?? config
  const groups = [
    await timeSizes(
      'the same token again',
      SIZES.map((count) => sized(count, (config) => config)),
      bench,
    ),
    await timeSizes(
      'verified anew',
      SIZES.map((count) => sized(count, anew)),
      bench,
    ),
  ]
  return {
    row: 'routes',
    groups,
    targets: [flatTarget('Routes 10 to 10,000, time for a decision', groups)],
    notes: [`Creating the authorizer, by number of routes: ${starts.slice(0, SIZES.length).join(', ')}.`],
  }
}
