// The variables of a local run, for tests that build the stage `local` and start no run.

import { generateSigningKey } from '../../local/authorization-server/signing-keys.ts'
import type { LocalVariables } from '../../local/local-config.ts'
import { localVariables } from '../../local/local-run.ts'

/** `basePort`: of the run. */
export const exampleVariables = async (basePort = 8787): Promise<LocalVariables> =>
  localVariables(basePort, await generateSigningKey('ES256'))
