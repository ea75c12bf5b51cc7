// `mtls`: which client certificates prove the binding of a token, and a header field that may have one. RFC 8705
// section 3, RFC 9440.

import type { SecretRef } from '../../secrets/secret-ref.ts'
import { checkStrings, objectAt, optionalObjectAt, type AddProblem } from '../checks.ts'
import type { CheckedSettings, EdgeEnvironment } from '../edges/section.ts'
import type { Meanings } from '../meaning.ts'
import { checkOwnHeader, checkOwnHeaderTogether, toCanonical } from '../own-header.ts'
import { checkSecret } from '../secrets.ts'
import { defaultsOf, firstOf, readerOf, wordOf } from '../setting.ts'

/** Whose certificates count: those of a trusted chain, or every one whose key the client has. */
export type MtlsTrust = 'chain' | 'possession'

/** `rfc9440`: `:base64 of DER:`. `pem-urlencoded`: PEM, percent-encoded. `sha256-hex`: the fingerprint alone. */
export type MtlsHeaderFormat = 'rfc9440' | 'pem-urlencoded' | 'sha256-hex'

/**
 * `mtls`: which client certificates prove the binding of a token (RFC 8705 section 3), where an issuer has a
 * `senderConstraint` that takes tokens bound to a certificate. Does not turn the check on, and has no effect on other
 * tokens.
 */
export interface MtlsConfig {
  /**
   * On Cloudflare: `chain`: the certificate has a chain to a CA of the zone; `possession`: a self-signed one counts,
   * too (RFC 8705 section 2.2). API Gateway demands a chain to its truststore in any case. Default `chain`.
   */
  readonly trust?: MtlsTrust
  /**
   * Subject key identifiers of the CAs that issue the certificates, each in hexadecimal. For the Worker: API Gateway
   * does not state them. Default: every CA that the platform trusts.
   */
  readonly issuerSki?: readonly string[]
  /** The field in which a proxy that ends TLS passes the certificate on. Default: no field counts. */
  readonly header?: MtlsHeaderConfig
}

/** A header field with a certificate, and the secret without which it does not count. */
export interface MtlsHeaderConfig {
  /** Name of the field. The proxy overwrites or removes one that a client sends (RFC 9440 section 4). */
  readonly name: string
  readonly format: MtlsHeaderFormat
  /** What only the proxy can send. */
  readonly guard: {
    /** Name of the field with the secret, which the proxy sets in every request. */
    readonly header: string
    /** Where the secret is: 32 or more printable ASCII characters, without spaces. */
    readonly secret: SecretRef
  }
}

/** `MtlsConfig` with every default filled in; names of fields in lower case, identifiers too. */
export interface ResolvedMtls {
  readonly trust: MtlsTrust
  readonly issuerSki: ReadonlySet<string> | null
  readonly header: MtlsHeaderConfig | null
}

const ROWS = { trust: firstOf<MtlsTrust>('chain', 'possession') } as const

const FORMAT = wordOf<MtlsHeaderFormat>(['rfc9440', 'pem-urlencoded', 'sha256-hex'])

export const MTLS_DEFAULTS = { mtls: defaultsOf(ROWS) } as const

export const mtlsMeanings = (): Meanings<Exclude<keyof MtlsConfig, 'header'>> => ({
  trust: {
    default: MTLS_DEFAULTS.mtls.trust,
    row: ROWS.trust,
    meaning: 'on Cloudflare: `possession`: self-signed certificates count, too: [mtls.md](mtls.md)',
  },
  issuerSki: {
    absent: 'every CA that the platform trusts',
    meaning: 'for the Worker: subject key identifiers of the CAs of the certificates, in hexadecimal',
  },
})

export const mtlsHeaderMeanings = (): Meanings<Exclude<keyof MtlsHeaderConfig, 'guard'>> => ({
  name: {
    absent: 'no field counts',
    meaning: 'the field in which a proxy passes the certificate on: [mtls.md](mtls.md)',
  },
  format: { absent: 'required', row: FORMAT, meaning: 'how the certificate stands in the field' },
})

export const mtlsGuardMeanings = (): Meanings<keyof MtlsHeaderConfig['guard']> => ({
  header: { absent: 'required', meaning: 'the field with the secret of the proxy' },
  secret: {
    absent: 'required',
    meaning: 'where the secret is that only the proxy can send: 32 characters or more, without spaces',
  },
})

const PATH = 'mtls.header'

function checkIssuerSki(
  value: unknown,
  trust: MtlsTrust,
  addProblem: AddProblem,
): ReadonlySet<string> | null {
  if (value === undefined) return null
  const path = 'mtls.issuerSki'
  const given = checkStrings(value, path, addProblem)
  if (given.some((text) => !/^(?:[0-9a-f]{2}){1,64}$/i.test(text)))
    addProblem(path, 'must have identifiers in hexadecimal, without colons')
  // Anyone can make a self-signed certificate that names any issuer.
  if (trust === 'possession') addProblem(path, 'goes with trust: "chain" only')
  return new Set(given.map((text) => text.toLowerCase()))
}

function checkHeader(
  value: unknown,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): MtlsHeaderConfig | null {
  if (value === undefined) return null
  const { name, format, guard } = objectAt(value, PATH, addProblem, ['name', 'format', 'guard'])
  const { header, secret } = objectAt(guard, `${PATH}.guard`, addProblem, ['header', 'secret'])
  return {
    name: checkOwnHeader(name, `${PATH}.name`, addProblem),
    format: FORMAT.check(format, `${PATH}.format`, addProblem),
    guard: {
      header: checkOwnHeader(header, `${PATH}.guard.header`, addProblem),
      // A key of fingerprints has the same form.
      secret: checkSecret(secret, 'fingerprint_key', `${PATH}.guard.secret`, environment, addProblem),
    },
  }
}

/** `isUsed`: whether an issuer takes tokens that are bound to a certificate. `null`: none does. */
export function checkMtls(
  value: unknown,
  isUsed: boolean,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): ResolvedMtls | null {
  if (!isUsed && value !== undefined)
    addProblem(
      'mtls',
      'has no effect: no issuer has a senderConstraint that takes tokens bound to a certificate',
    )
  if (!isUsed) return null
  const given = optionalObjectAt(value, 'mtls', addProblem, ['trust', 'issuerSki', 'header'])
  const trust = readerOf(ROWS, given, 'mtls', addProblem)('trust')
  const issuerSki = checkIssuerSki(given['issuerSki'], trust, addProblem)
  const header = checkHeader(given['header'], environment, addProblem)
  if (issuerSki !== null && header !== null)
    addProblem('mtls.issuerSki', 'cannot be checked of a certificate in a header field')
  return { trust, issuerSki, header }
}

/** Adds a problem where another setting is about one of the fields. */
export function checkMtlsTogether(
  { header }: ResolvedMtls,
  config: Pick<CheckedSettings, 'identity' | 'origin' | 'cors'> & {
    readonly diagnostics: { readonly header: string } | null
  },
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): void {
  if (header === null) return
  const { name, guard } = header
  checkOwnHeaderTogether(name, `${PATH}.name`, config, environment, false, addProblem)
  checkOwnHeaderTogether(guard.header, `${PATH}.guard.header`, config, environment, true, addProblem)
  const others = [
    [name, 'mtls.header.name'],
    ...(config.diagnostics === null ? [] : [[config.diagnostics.header, 'diagnostics.header']]),
  ]
  for (const [other, path] of others)
    if (toCanonical(other!) === toCanonical(guard.header))
      addProblem(`${PATH}.guard.header`, `is also ${path}; the secret needs a field of its own`)
  if (config.diagnostics !== null && toCanonical(config.diagnostics.header) === toCanonical(name))
    addProblem(`${PATH}.name`, 'is also diagnostics.header')
}
