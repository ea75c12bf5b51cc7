// Issuers whose keys or answers come from this machine over http. Such an issuer is for the stage `local` alone: whoever
// listens at that port of the machine that runs an edge could make tokens for it.

import { isLoopbackHttp } from '../shared/compiler.ts'
import { ConfigError, type LanekeeperConfig, type ResolvedConfig } from '../shared/index.ts'
import { resolveStageConfig } from './stage-config.ts'

type ResolvedKeys =
  ResolvedConfig['issuers'] extends ReadonlyMap<string, infer One extends { keys: unknown }>
    ? One['keys']
    : never

/** The stage that runs on the machine of a developer. */
export const LOCAL_STAGE = 'local'

const isOnLoopback = (url: string | undefined): boolean =>
  url !== undefined && URL.canParse(url) && isLoopbackHttp(new URL(url))

function addressOf({ source }: ResolvedKeys): string | undefined {
  return source?.discovery === undefined ? source?.jwks_uri : source.url
}

/** The settings of a stage that name a server on loopback, each with its path and a problem. */
export function findLoopbackIssuers(
  { issuers }: Pick<ResolvedConfig, 'issuers'>,
  stage: string,
): readonly { readonly path: string; readonly message: string }[] {
  if (stage === LOCAL_STAGE) return []
  const paths = [...issuers.values()].flatMap(({ name, keys, opaque, issuer }) => {
    const { reader } = opaque
    const source = reader?.kind === 'introspection' ? reader.source : null
    const asked = source === null ? undefined : (source.endpoint ?? issuer)
    return [
      ...(isOnLoopback(addressOf(keys)) ? [`issuers.${name}.keys`] : []),
      ...(isOnLoopback(asked) ? [`issuers.${name}.introspection`] : []),
    ]
  })
  const message = `is http on loopback, which is for the stage ${LOCAL_STAGE} alone: anybody on that machine could make tokens`
  return [...new Set(paths)].map((path) => ({ path, message }))
}

/** @throws {ConfigError} with every such setting. Says nothing about a configuration that has other problems. */
export function refuseLoopbackIssuers(
  config: LanekeeperConfig,
  stage: string,
  env: Readonly<Record<string, string | undefined>>,
): void {
  let resolved: ResolvedConfig
  try {
    resolved = resolveStageConfig(config, stage, env).config
  } catch (error) {
    if (error instanceof ConfigError) return
    throw error
  }
  const problems = findLoopbackIssuers(resolved, stage)
  if (problems.length > 0) throw new ConfigError(problems, stage)
}
