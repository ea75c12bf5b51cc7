// `diagnostics`: to whom a response says which configuration answered. The Worker removes the field with the secret
// from each request.

import type { SecretRef } from '../../secrets/secret-ref.ts'
import { isJsonObject, objectAt, type AddProblem } from '../checks.ts'
import type { Meanings } from '../meaning.ts'
import { checkOwnHeader, checkOwnHeaderTogether } from '../own-header.ts'
import { checkEdgeSecret } from './edge-secret.ts'
import type { EdgeEnvironment, Section } from './section.ts'

/**
 * To whom a response says which configuration answered. For the Worker alone.
 *
 * The response to a request that has the secret in the header field has the field `x-lanekeeper-plan` with the hash of
 * the plan and the version of Lanekeeper (`plan` and `version` of the log), and no cache stores it. It decides nothing:
 * the secret replaces no token.
 */
export interface DiagnosticsConfig {
  /** Name of the header field of the request that has the secret. The Worker never sends it to the origin. */
  readonly header: string
  /** Where the secret is: 32 or more printable ASCII characters, without spaces. */
  readonly secret: SecretRef
}

/** `DiagnosticsConfig`; the name in lower case. */
export interface ResolvedDiagnostics {
  readonly header: string
  readonly secret: SecretRef
}

export const diagnosticsMeanings = (): Meanings<keyof DiagnosticsConfig> => ({
  header: {
    absent: 'required',
    meaning: 'request header with the secret; it never reaches the origin',
  },
  secret: {
    absent: 'required',
    meaning: 'where the secret is that lets a caller see the plan: 32 characters or more, without spaces',
  },
})

const MEMBERS = ['header', 'secret'] as const satisfies readonly (keyof DiagnosticsConfig)[]

function checkDiagnostics(
  value: unknown,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): ResolvedDiagnostics | null {
  if (value === undefined) return null
  const given = objectAt(value, 'diagnostics', addProblem, MEMBERS)
  if (!isJsonObject(value)) return null
  return {
    header: checkOwnHeader(given['header'], 'diagnostics.header', addProblem),
    // A key of fingerprints has the same form.
    secret: checkEdgeSecret(
      given['secret'],
      'fingerprint_key',
      'diagnostics.secret',
      environment,
      addProblem,
    ),
  }
}

const checkTogether: NonNullable<Section<ResolvedDiagnostics | null>['checkTogether']> = (
  diagnostics,
  config,
  environment,
  addProblem,
) => {
  if (diagnostics !== null)
    checkOwnHeaderTogether(diagnostics.header, 'diagnostics.header', config, environment, true, addProblem)
}

export const DIAGNOSTICS: Section<ResolvedDiagnostics | null> = {
  check: checkDiagnostics,
  checkTogether,
}
