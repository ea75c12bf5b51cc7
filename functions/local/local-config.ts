// lanekeeper.config.ts as the local run sees it: in the stage `local`, with the addresses of this run. A mistake
// in it is found here, before anything is built.

import config from '../../lanekeeper.config.ts'
import { resolveConfig, type ResolvedConfig } from '../../shared/index.ts'

export type LocalVariables = Readonly<
  Record<
    'LANEKEEPER_STAGE' | 'LOCAL_ISSUER' | 'LOCAL_AUDIENCE' | 'LOCAL_ORIGIN' | 'LOCAL_INTROSPECTION_KEY',
    string
  >
>

/** @throws {ConfigError} naming every problem with its path. */
export const readLocalConfig = (variables: LocalVariables): ResolvedConfig =>
  resolveConfig(config, { stage: variables.LANEKEEPER_STAGE, env: variables })

/** Every scope that some route asks for. */
export const scopesOf = ({ routes }: ResolvedConfig): string[] => [
  ...new Set(routes.flatMap(({ demand }) => [...(demand?.allOf ?? []), ...(demand?.anyOf ?? [])])),
]

const TOUR_ROUTES = ['GET /health', 'GET /orders', 'POST /orders', 'GET /invoices', 'POST /invoices']

/** Whether the configuration still has the routes that the tour asks for. */
export const fitsTour = ({ routes }: ResolvedConfig): boolean =>
  TOUR_ROUTES.every((wanted) =>
    routes.some(({ path, methods }) => methods.some((method) => `${method} ${path}` === wanted)),
  )

/** A public and a protected path to try, without parameters: what somebody else's routes have to offer. */
export function examplePaths({ routes }: ResolvedConfig): string[] {
  const plain = routes.filter(({ path, methods }) => methods.includes('GET') && !/[{$]/.test(path))
  const found = [plain.find(({ demand }) => demand === null), plain.find(({ demand }) => demand !== null)]
  return found.flatMap((route) => route?.path ?? [])
}
