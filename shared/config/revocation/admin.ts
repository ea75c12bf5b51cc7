// `revocation.admin`: who may write to the store Worker and read it. Refuses one credential for both, and a credential
// that is written out.

import type { SecretRef } from '../../secrets/secret-ref.ts'
import { isNonEmptyString, objectAt, type AddProblem } from '../checks.ts'
import type { EdgeEnvironment } from '../edges/section.ts'
import type { Meanings } from '../meaning.ts'
import { checkSecret } from '../secrets.ts'

/** One secret, alone or in a list, or two during a rotation. */
export type Credentials = SecretRef | readonly [SecretRef, SecretRef?]

/** Who may write to the store and read it, over HTTP. */
export interface RevocationAdminConfig {
  /**
   * The URL of the store Worker, without a path, for `lanekeeper revoke`. Default: it has to be passed with `--url`.
   */
  readonly url?: string
  /** The credential for adding and removing entries. */
  readonly revoke: Credentials
  /** The credential for reading entries and the record. It cannot change them. */
  readonly list: Credentials
}

export interface ResolvedRevocationAdmin {
  readonly url: string | null
  readonly revoke: readonly SecretRef[]
  readonly list: readonly SecretRef[]
}

export const adminMeanings = (): Meanings<keyof RevocationAdminConfig> => ({
  url: { absent: 'passed with `--url`', meaning: 'the URL of the store Worker, for `lanekeeper revoke`' },
  revoke: {
    absent: 'required',
    meaning: 'where the credential for adding and removing entries is; a list of two during a rotation',
  },
  list: { absent: 'required', meaning: 'the same for reading entries and the record' },
})

/** A secret that the store Worker alone loads. Every other edge checks its form and does not look for it. */
function checkCredential(
  value: unknown,
  path: string,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): SecretRef {
  return environment.isStore === true
    ? checkSecret(value, 'fingerprint_key', path, environment, addProblem)
    : checkSecret(value, 'fingerprint_key', path, { env: environment.env }, (at, message, variable) =>
        variable === undefined ? addProblem(at, message) : undefined,
      )
}

function checkCredentials(
  value: unknown,
  path: string,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): readonly SecretRef[] {
  if (!Array.isArray(value)) return [checkCredential(value, path, environment, addProblem)]
  if (value.length < 1 || value.length > 2) addProblem(path, 'must be one secret, or two during a rotation')
  return value.map((one, index) => checkCredential(one, `${path}[${index}]`, environment, addProblem))
}

export function checkAdmin(
  value: unknown,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): ResolvedRevocationAdmin | null {
  if (value === undefined) return null
  const at = 'revocation.admin'
  const given = objectAt(value, at, addProblem, ['url', 'revoke', 'list'])
  const { url } = given
  const isUrl = isNonEmptyString(url) && URL.canParse(url) && new URL(url).origin === url
  if (url !== undefined && !isUrl)
    addProblem(`${at}.url`, 'must be an origin, as in https://store.example.com')
  const isLoopback = isUrl && /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(url)
  if (isUrl && !url.startsWith('https:') && !isLoopback)
    addProblem(`${at}.url`, 'must be https, or http on loopback')
  const revoke = checkCredentials(given['revoke'], `${at}.revoke`, environment, addProblem)
  const listed = checkCredentials(given['list'], `${at}.list`, environment, addProblem)
  const texts = new Set(revoke.map((ref) => JSON.stringify(ref)))
  if (listed.some((ref) => texts.has(JSON.stringify(ref))))
    addProblem(`${at}.list`, 'must not be the credential of revoke')
  return { url: isUrl ? url : null, revoke, list: listed }
}
