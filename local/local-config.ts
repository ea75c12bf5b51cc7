// Resolves lanekeeper.config.ts for the stage `local` with the addresses of this run. A mistake in the configuration
// stops the run here, before the build.

import config from '../lanekeeper.config.ts'
import { ConfigError, resolveConfig, type LanekeeperConfig, type ResolvedConfig } from '../shared/index.ts'
import { Stop } from '../cli/stop.ts'

export type LocalVariables = Readonly<
  Record<
    'LANEKEEPER_STAGE' | 'LOCAL_ISSUER' | 'LOCAL_AUDIENCE' | 'LOCAL_ORIGIN' | 'LOCAL_INTROSPECTION_KEY',
    string
  >
>

/**
 * The configuration, and its variables: those of the run, and further ones that it names from `env`.
 *
 * @throws {ConfigError} with the path of every problem.
 * @throws {Stop} if the configuration has no stage `local`.
 */
export function readLocalConfig(
  localVariables: LocalVariables,
  env: Readonly<Record<string, string | undefined>> = {},
  source: LanekeeperConfig = config,
): { readonly config: ResolvedConfig; readonly variables: LocalVariables } {
  const stage = localVariables.LANEKEEPER_STAGE
  if (!Object.hasOwn(source.stages ?? {}, stage))
    throw new Stop(
      `npm start runs the stage ${stage}, and lanekeeper.config.ts has no such stage (docs/configuration.md, "Stages").`,
      1,
    )
  for (let variables = localVariables; ;) {
    try {
      return { config: resolveConfig(source, { stage, env: variables }), variables }
    } catch (error) {
      const missing =
        error instanceof ConfigError ? error.problems.flatMap(({ variable }) => variable ?? []) : []
      const supplied = missing.flatMap((name) => {
        const value = env[name]
        return value === undefined || value === '' || Object.hasOwn(variables, name)
          ? []
          : [[name, value] as const]
      })
      if (supplied.length === 0) throw error
      variables = { ...variables, ...Object.fromEntries(supplied) }
    }
  }
}

/** The scopes of all routes. */
export const scopesOf = ({ routes }: ResolvedConfig): string[] => [
  ...new Set(routes.flatMap(({ demand }) => [...(demand?.allOf ?? []), ...(demand?.anyOf ?? [])])),
]

/**
 * One public and one protected GET path without parameters that are served, for examples where the routes are not the
 * demo's.
 */
export function examplePaths(
  { routes }: ResolvedConfig,
  isServed: (path: string) => boolean = () => true,
): string[] {
  const candidates = routes.filter(
    ({ path, methods }) => methods.includes('GET') && !/[{$]/.test(path) && isServed(path),
  )
  const examples = [
    candidates.find(({ demand }) => demand === null),
    candidates.find(({ demand }) => demand !== null),
  ]
  return examples.flatMap((route) => route?.path ?? [])
}
