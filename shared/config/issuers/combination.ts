// Which settings of an issuer may be combined.

import type { AddProblem } from '../checks.ts'
import type { JsonObject } from '../../token/strict-json.ts'
import { hasSharedSecret } from './keys.ts'

/** Settings about the verification of JWTs. They have no meaning for an issuer without keys. */
const KEYED_MEMBERS = ['profile', 'algorithms', 'clients', 'scopes', 'clientScopes', 'tenants', 'keyIssuer']

/** An issuer needs `keys`, `introspection` or `check`. Adds a problem for each setting that does not go with them. */
export function checkCombination(given: JsonObject, path: string, addProblem: AddProblem): void {
  const { check, keys, introspection } = given
  if (check !== undefined) {
    for (const name of ['audience', 'introspection', 'keys'])
      if (given[name] !== undefined) addProblem(`${path}.${name}`, 'does not go with check')
  } else if (keys === undefined && introspection === undefined)
    addProblem(
      `${path}.keys`,
      'is missing, and so are introspection and check; an issuer needs one of the three',
    )
  for (const name of given['tenants'] === undefined ? [] : ['introspection', 'prefix'])
    if (given[name] !== undefined) addProblem(`${path}.${name}`, 'does not go with tenants')
  for (const name of keys === undefined ? KEYED_MEMBERS : [])
    if (given[name] !== undefined) addProblem(`${path}.${name}`, 'is about JWTs, and needs keys')
  if (keys === undefined && introspection === undefined && given['maxLifetimeSeconds'] !== undefined)
    addProblem(`${path}.maxLifetimeSeconds`, 'needs keys or introspection')
  for (const name of hasSharedSecret(keys) ? ['tenants', 'keyIssuer'] : [])
    if (given[name] !== undefined) addProblem(`${path}.${name}`, 'does not go with a shared secret')
}
