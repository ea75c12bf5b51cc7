// `diagnostics`: to whom a response says which configuration answered. RFC 9110 sections 5.1 and 5.6.2 (field names).
// Refuses header fields that something else reads or writes, because the Worker removes the field from each request.

import { isHttpToken } from '../../platform/http-token.ts'
import type { SecretRef } from '../../secrets/secret-ref.ts'
import { isJsonObject, isNonEmptyString, objectAt, type AddProblem } from '../checks.ts'
import type { Meanings } from '../meaning.ts'
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

/** Fields that have a meaning in HTTP, in browsers, or at Cloudflare. */
const USED =
  /^(?:accept|accept-.+|access-control-.+|age|authorization|cache-control|cdn-loop|cf-.+|connection|content-.+|cookie.*|date|dpop|expect|forwarded|from|host|if-.+|keep-alive|max-forwards|origin|pragma|priority|proxy-.+|range|referer|sec-.+|te|trace(?:parent|state)|trailer|transfer-encoding|true-client-ip|upgrade|upgrade-.+|user-agent|via|x-forwarded-.+|x-real-ip)$/

function checkHeader(value: unknown, addProblem: AddProblem): string {
  const path = 'diagnostics.header'
  if (!isNonEmptyString(value)) {
    addProblem(path, 'must be the name of a header field')
    return ''
  }
  const name = value.toLowerCase()
  if (!isHttpToken(name)) addProblem(path, `is ${JSON.stringify(value)}, which is no header name`)
  else if (USED.test(toCanonical(name)))
    addProblem(path, `is ${JSON.stringify(value)}, which has another meaning; take a name of your own`)
  return name
}

/** As servers read it that make variables of header names (RFC 3875 section 4.1.18). */
const toCanonical = (name: string): string => name.replace(/[^a-z0-9]/g, '-')

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
    header: checkHeader(given['header'], addProblem),
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
  { identity, origin, cors },
  { isRemoved = () => false },
  addProblem,
) => {
  if (diagnostics === null) return
  const { header } = diagnostics
  const path = 'diagnostics.header'
  if (toCanonical(header).startsWith(identity.headerPrefix))
    addProblem(path, 'is a name of the identity, which no client may set')
  else if (origin?.keepHeaders.has(header) === true)
    addProblem(path, 'is in origin.keepHeaders, and this field never reaches the origin')
  else if (isRemoved(header))
    addProblem(
      path,
      'is a name that proxies and frameworks write (docs/cloudflare.md); take a name of your own',
    )
  if (cors?.headers.includes(header) === true)
    addProblem(path, 'is in cors.headers; no script should have the secret')
}

export const DIAGNOSTICS: Section<ResolvedDiagnostics | null> = {
  check: checkDiagnostics,
  checkTogether,
}
