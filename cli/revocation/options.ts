// Options of the commands that revoke. A message repeats no argument that may be a token.

import type { ParseArgsConfig } from 'node:util'
import { parseOptions } from '../command.ts'
import { Stop } from '../stop.ts'
import { refuseTokens } from './selection.ts'

/** As `parseOptions`, for commands to which somebody may pass a token. */
export function parseSafely<Given extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Given,
  help: string,
): ReturnType<typeof parseOptions<Given>> {
  refuseTokens(args)
  try {
    return parseOptions(args, options, help)
  } catch (error) {
    if (error instanceof Stop && error.message.startsWith('Unexpected argument'))
      throw new Stop(`An argument is no option; a token is passed with --token-file.\n\n${help}`, 2)
    throw error
  }
}
