// The functions of a configuration by the paths of their settings, for the checks of the compiler.

import type { ConfigEnvironment, ResolvedAuthorizer, ResolvedConfig } from '../../shared/index.ts'

/** The path of the settings of a function, and the settings. */
export type FunctionSettings = readonly [path: string, settings: ResolvedAuthorizer]

/** The function that runs, or for a build (`later`) every function, that of `aws` itself first. */
export function functionsOf(
  { aws }: ResolvedConfig,
  { authorizer, later }: Pick<ConfigEnvironment, 'authorizer' | 'later'>,
): readonly FunctionSettings[] {
  const running = authorizer ? `aws.authorizers.${authorizer}` : 'aws'
  const named = later === undefined ? [] : [...aws.authorizers]
  return [[running, aws], ...named.map(([name, one]) => [`aws.authorizers.${name}`, one] as const)]
}
