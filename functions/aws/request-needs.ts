// The further parts of a request that checks of the core read (`Authorizer.needs`). A TOKEN event has none of them.

import type { AuthorizationRequest, RequestNeeds } from '../../shared/edge.ts'
import { fieldValues, objectOf, type UnknownObject } from './event-fields.ts'

/** Header fields and the client certificate of a request, as far as they are needed, and how its path is shown. */
export type ReadNeeds = (
  event: UnknownObject,
  context: UnknownObject,
  needs: RequestNeeds,
) => Pick<AuthorizationRequest, 'fields' | 'clientCertificate' | 'isPathDecoded'>

export const readNeeds: ReadNeeds = (event, context, { fields, clientCertificate }) => {
  const { clientCert } = { ...objectOf(context['identity']), ...objectOf(context['authentication']) }
  const certificate = Object.entries(objectOf(clientCert)).filter(([, value]) => typeof value === 'string')
  return {
    // An HTTP API (dispatched-path.ts). Events of other APIs have no version.
    ...(event['version'] === undefined ? {} : { isPathDecoded: true }),
    ...(fields.length === 0
      ? {}
      : { fields: Object.fromEntries(fields.map((name) => [name, fieldValues(event, name)])) }),
    ...(!clientCertificate || certificate.length === 0
      ? {}
      : { clientCertificate: Object.fromEntries(certificate) as Record<string, string> }),
  }
}
