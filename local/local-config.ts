// lanekeeper.config.ts as the local run sees it: in the stage `local`, with the addresses of this run. A mistake
// in it is found here, before anything is built.

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
 * The configuration, and all variables that it takes: those of the run, and of `env` what it names besides.
 *
 * @throws {ConfigError} naming every problem with its path.
 * @throws {Stop} where it has no stage to run.
 */
export function readLocalConfig(
  given: LocalVariables,
  env: Readonly<Record<string, string | undefined>> = {},
  from: LanekeeperConfig = config,
): { readonly config: ResolvedConfig; readonly variables: LocalVariables } {
  const stage = given.LANEKEEPER_STAGE
  if (!Object.hasOwn(from.stages ?? {}, stage))
    throw new Stop(
      `npm start runs the stage ${stage}, and lanekeeper.config.ts has no such stage (docs/configuration.md, "Stages").`,
      1,
    )
  for (let variables = given; ;) {
    try {
      return { config: resolveConfig(from, { stage, env: variables }), variables }
    } catch (error) {
      const lacking =
        error instanceof ConfigError ? error.problems.flatMap(({ variable }) => variable ?? []) : []
      const found = lacking.flatMap((name) => {
        const value = env[name]
        return value === undefined || value === '' || Object.hasOwn(variables, name)
          ? []
          : [[name, value] as const]
      })
      if (found.length === 0) throw error
      variables = { ...variables, ...Object.fromEntries(found) }
    }
  }
}

/** Every scope that some route asks for. */
export const scopesOf = ({ routes }: ResolvedConfig): string[] => [
  ...new Set(routes.flatMap(({ demand }) => [...(demand?.allOf ?? []), ...(demand?.anyOf ?? [])])),
]

/** A public and a protected path to try, of those that are served, without parameters: what somebody else's routes have to offer. */
export function examplePaths(
  { routes }: ResolvedConfig,
  isServed: (path: string) => boolean = () => true,
): string[] {
  const plain = routes.filter(
    ({ path, methods }) => methods.includes('GET') && !/[{$]/.test(path) && isServed(path),
  )
  const found = [plain.find(({ demand }) => demand === null), plain.find(({ demand }) => demand !== null)]
  return found.flatMap((route) => route?.path ?? [])
}
