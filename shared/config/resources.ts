// `resources`: the protected resources of this deployment, each with its identifier and every path below it. What is
// derived from the values: plan/values/resources.ts. RFC 9728 sections 1.2 and 2, RFC 8707 section 2.

import { checkAudiences, checkPaths, deriveResource } from '../plan/values/resources.ts'
import { isNonEmptyString, objectAt, type AddProblem, type JsonObject } from './checks.ts'
import type { ResolvedIssuer } from './issuers/issuer.ts'
import type { Meanings } from './meaning.ts'
import type { SecretEnvironment } from './secrets.ts'

/** A protected resource of this deployment (RFC 9728), whose metadata the Worker serves. API Gateway serves none. */
export interface ResourceConfig {
  /** `resource`: its URL as clients know it, without a query; in the audience of an issuer. Covers every path below. */
  readonly identifier: string
  /** `resource_name`, for people. Default: none. */
  readonly name?: string
  /** `resource_documentation`: URL of a page for developers. Default: none. */
  readonly documentation?: string
}

/** A resource, with what is derived from its identifier and from the issuers. */
export interface ResolvedResource {
  readonly identifier: string
  /** Path of the identifier; `''` for the whole host. */
  readonly path: string
  /** Where its metadata is: `/.well-known/oauth-protected-resource` before its path. RFC 9728 section 3.1. */
  readonly metadataUrl: string
  /** Exact `iss` of every issuer that has the identifier in its audience. */
  readonly authorizationServers: readonly string[]
  readonly name: string | null
  readonly documentation: string | null
}

export const resourceMeanings = (): Meanings<keyof ResourceConfig> => ({
  identifier: {
    absent: 'required',
    meaning: 'URL of the API as clients know it; in the audience of an issuer. It covers every path below it',
  },
  name: { absent: 'absent', meaning: 'for people' },
  documentation: { absent: 'absent', meaning: 'URL of a page for developers' },
})

export function checkResources(
  value: unknown,
  issuers: readonly ResolvedIssuer[],
  { later }: SecretEnvironment,
  addProblem: AddProblem,
): readonly ResolvedResource[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length === 0) {
    addProblem('resources', 'must be a list of at least one resource')
    return []
  }
  const { open } = later ?? {}
  const addValueProblem = open?.only(addProblem) ?? addProblem
  const given: JsonObject[] = []
  const resources = value.map((each: unknown, index) => {
    const path = `resources[${index}]`
    const object = objectAt(each, path, addProblem, ['identifier', 'name', 'documentation'])
    if (object['name'] !== undefined && !isNonEmptyString(object['name']))
      addProblem(`${path}.name`, 'must be a non-empty string')
    given.push(object)
    return deriveResource(object, path, issuers, addValueProblem)
  })
  open?.keep({ resources: given })
  if (!open?.settings.some(({ path }) => /\.(?:audience|check\.clientId|identifier)\b/.test(path)))
    checkAudiences(resources, issuers, addProblem)
  if (!open?.settings.some(({ path }) => /\.identifier$/.test(path))) checkPaths(resources, addProblem)
  return resources
}
