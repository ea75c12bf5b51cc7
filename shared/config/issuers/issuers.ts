// `issuers`: every accepted `iss`, and which issuer an opaque token belongs to. Refuses issuers between which an opaque
// token could not be assigned.

import { deriveIssuer, toIssuerMap } from '../../plan/values/issuers.ts'
import { isJsonObject, objectAt, type AddProblem } from '../checks.ts'
import type { ResolvedRoute } from '../routes.ts'
import type { SecretEnvironment } from '../secrets.ts'
import { checkIssuer, type ResolvedIssuer } from './issuer.ts'

/** Every issuer, by its exact `iss`. */
export function checkIssuers(
  value: unknown,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ReadonlyMap<string, ResolvedIssuer> {
  const given = Object.entries(objectAt(value, 'issuers', addProblem))
  if (isJsonObject(value) && given.length === 0) addProblem('issuers', 'must have at least one issuer')
  const { open } = environment.later ?? {}
  const addValueProblem = open?.only(addProblem) ?? addProblem
  const checked = given.map(([name, issuer]) => {
    const template = checkIssuer(name, issuer, environment, addProblem)
    const issuers = deriveIssuer(template, addValueProblem)
    // A build fetches the keys that it bundles.
    if ('bundledMaxAgeMs' in template.structure.keys)
      for (const member of ['issuer', 'keys']) open?.refuse(`issuers.${name}.${member}`, addProblem)
    // No `iss` of ID tokens can be derived from an open one.
    return { template, issuers: open?.isOpen(`issuers.${name}.issuer`) ? issuers.slice(0, 1) : issuers }
  })
  open?.keep({ issuers: checked.map(({ template }) => template) })
  return toIssuerMap(
    checked.flatMap(({ issuers }) => issuers),
    addValueProblem,
  )
}

/** No opaque token may belong to two issuers, because it would be sent to one that did not issue it. */
export function checkSelection(
  issuers: readonly ResolvedIssuer[],
  routes: readonly ResolvedRoute[],
  addProblem: AddProblem,
): void {
  const readers = issuers.filter(({ opaque }) => opaque.reader !== null)
  for (const [index, { name, opaque }] of readers.entries()) {
    for (const other of readers.slice(0, index)) {
      const clash = opaque.prefixes.find((text) =>
        other.opaque.prefixes.some((earlier) => earlier.startsWith(text) || text.startsWith(earlier)),
      )
      if (clash !== undefined)
        addProblem(`issuers.${name}.prefix`, `has ${clash}, which overlaps issuers.${other.name}.prefix`)
    }
  }
  const open = readers.filter(({ opaque }) => opaque.prefixes.length === 0)
  for (const [index, { demand, issuer }] of routes.entries()) {
    if (issuer !== null && !issuers.some(({ name }) => name === issuer))
      addProblem(`routes[${index}].issuer`, `names ${issuer}, which is not among the issuers`)
    if (issuer === null && demand !== null && open.length > 1) {
      const names = open.map(({ name }) => name).join(' and ')
      addProblem(
        `routes[${index}].issuer`,
        `is needed: an opaque token could be of ${names}; name one here, or give all but one a prefix`,
      )
    }
  }
}
