// The functions of a configuration by the paths of their settings, for the checks of the compiler.

import type { ResolvedAuthorizer, ResolvedConfig } from '../../shared/index.ts'

/** The path of the settings of a function, and the settings. */
export type FunctionSettings = readonly [path: string, settings: ResolvedAuthorizer]

/** Which functions are checked: every one before a deployment, and at start the one that runs. */
export type CheckedFunctions = { readonly isBuild: true } | { readonly authorizer: string | undefined }

/** `aws` itself comes first. */
export function functionsOf({ aws }: ResolvedConfig, checked: CheckedFunctions): readonly FunctionSettings[] {
  const isBuild = 'isBuild' in checked
  const running = isBuild || !checked.authorizer ? 'aws' : `aws.authorizers.${checked.authorizer}`
  const named = isBuild ? [...aws.authorizers] : []
  return [[running, aws], ...named.map(([name, one]) => [`aws.authorizers.${name}`, one] as const)]
}
