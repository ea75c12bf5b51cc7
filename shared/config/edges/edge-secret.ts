// A secret that only an edge in front of an origin loads. Every other edge checks its form and does not look for it.

import type { SecretRef, SecretUse } from '../../secrets/secret-ref.ts'
import type { AddProblem } from '../checks.ts'
import { checkSecret } from '../secrets.ts'
import type { EdgeEnvironment } from './section.ts'

/** As `checkSecret`. Where `needsOrigin` is not set, a missing variable or binding is no problem. */
export const checkEdgeSecret = (
  value: unknown,
  use: SecretUse,
  path: string,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): SecretRef =>
  environment.needsOrigin === true
    ? checkSecret(value, use, path, environment, addProblem)
    : checkSecret(value, use, path, { env: environment.env }, (at, message, variable) =>
        variable === undefined ? addProblem(at, message) : undefined,
      )
