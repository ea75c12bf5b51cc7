// `realm` of the challenges. RFC 9110 section 11.5.

import type { AddProblem } from './checks.ts'
import { withDefault } from './setting.ts'

function checkRealm(value: unknown, path: string, addProblem: AddProblem): string {
  if (typeof value !== 'string' || !/^[\x20\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(value))
    addProblem(path, 'must be 1 to 64 printable ASCII characters without quotes and backslashes')
  return String(value)
}

export const REALM = withDefault('api', checkRealm)

export const realmMeanings = () => ({
  realm: { default: REALM.default, meaning: '`realm` of the challenges' },
})
