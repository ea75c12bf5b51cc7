// Whether a token is for the resource that the requested path belongs to. RFC 8707 section 2.

import { failure } from '../failures/failure.ts'
import type { RouteRuleCheck, Subject } from './route-rule.ts'
import { member } from '../token/strict-json.ts'

/** Whether `aud` has this resource. Another audience of the same issuer is not enough. */
function isFor({ claims }: Subject, identifier: string): boolean {
  const aud = member(claims, 'aud')
  return Array.isArray(aud) ? aud.includes(identifier) : aud === identifier
}

/** For a configuration with resources. It comes before the conditions of the route. */
export const RESOURCE_RULES: readonly RouteRuleCheck[] = [
  {
    name: 'resource',
    check: (subject) =>
      subject.resource === null || isFor(subject, subject.resource.identifier)
        ? null
        : failure('audience_mismatch'),
  },
]
