// The checks of a value by itself: a URL, a list of strings. They run when a configuration is resolved, and at the start
// of an edge whose plan has slots. None of them repairs a value or throws: it adds a problem with its path and returns a
// harmless value, so that the caller finds the other problems too.

import { isSecureUrl } from '../../platform/secure-url.ts'

/** `warning`: the configuration can be used, and something about it should be changed. */
export type AddProblem = (path: string, message: string, variable?: string, severity?: 'warning') => void

export const isNonEmptyString = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0

/** Why a string is not a URL. A bad port gets a message of its own, because it does not look like a mistake. */
function whyNoUrl(text: string): string {
  const [, port = ''] = /^[a-z]+:\/\/[^/?#@]*:([^/?#@\]]*)(?:[/?#]|$)/i.exec(text) ?? []
  const isPort = /^\d*$/.test(port) && Number(port) <= 65_535
  return isPort ? 'is not an absolute URL' : `has the port ${port}; it is a number up to 65535`
}

/** Not hosts that `URL` accepts and no request names: wildcards, lists, a leading dot. RFC 3986 section 3.2.2. */
const HOST = /^(?:\[.+\]|[\w-]+(?:\.[\w-]+)*\.?)$/

export function checkUrl(value: unknown, path: string, addProblem: AddProblem): string {
  if (!isNonEmptyString(value)) {
    addProblem(path, value === undefined ? 'is missing' : 'must be a URL')
    return ''
  }
  if (value.includes('${env:')) return value // substitute() adds the problem
  if (/[^\x21-\x7e]/.test(value)) addProblem(path, 'must be printable ASCII without spaces')
  if (!URL.canParse(value)) {
    addProblem(path, whyNoUrl(value))
    return value
  }
  const url = new URL(value)
  if (url.hostname !== '' && !HOST.test(url.hostname))
    addProblem(path, `names no host: ${url.hostname}; there are no patterns, write each host`)
  if (!isSecureUrl(url)) {
    addProblem(path, 'must use https (http is for localhost, 127.0.0.1 and [::1] only)')
  }
  if (url.username !== '' || url.password !== '') addProblem(path, 'must not carry a user name or password')
  if (url.hash !== '' || value.endsWith('#')) addProblem(path, 'must not have a fragment')
  return value
}

/** A non-empty array of non-empty strings, none of them twice. */
export function checkStrings(value: unknown, path: string, addProblem: AddProblem): string[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isNonEmptyString)) {
    addProblem(path, value === undefined ? 'is missing' : 'must be a list of at least one non-empty string')
    return []
  }
  const repeated = value.find((item, index) => value.indexOf(item) !== index)
  if (repeated !== undefined) addProblem(path, `lists ${JSON.stringify(repeated)} twice`)
  return value
}
