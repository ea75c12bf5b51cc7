// The further parts of a request that checks of the core read (`Authorizer.needs`). A TOKEN event has none of them.

import type { AuthorizationRequest } from '../../shared/edge.ts'
import type { EventShape, ReadNeeds } from './event.ts'
import { fieldValues, objectOf, stringsOf, type UnknownObject } from './event-fields.ts'

/** Where API Gateway states the certificate. Of the handshake of a WebSocket API it documents none. */
const CERTIFICATE_IN: Readonly<Partial<Record<EventShape, string>>> = {
  rest_request: 'identity',
  http_1: 'identity',
  http_2: 'authentication',
}

/** The certificate and the end of its validity; `undefined`: the client presented none. */
function readCertificate(shape: EventShape, event: UnknownObject): AuthorizationRequest['clientCertificate'] {
  const context = objectOf(event['requestContext'])
  const { clientCertPem, validity } = objectOf(objectOf(context[CERTIFICATE_IN[shape] ?? ''])['clientCert'])
  const [pem] = stringsOf(clientCertPem)
  const [notAfter] = stringsOf(objectOf(validity)['notAfter'])
  if (pem === undefined) return undefined
  return { clientCertPem: pem, ...(notAfter === undefined ? {} : { 'validity.notAfter': notAfter }) }
}

export const readNeeds: ReadNeeds = (shape, event, { fields, clientCertificate }) => {
  const certificate = clientCertificate ? readCertificate(shape, event) : undefined
  return {
    // An HTTP API (dispatched-path.ts). Events of other APIs have no version.
    ...(event['version'] === undefined ? {} : { isPathDecoded: true }),
    ...(fields.length === 0
      ? {}
      : { fields: Object.fromEntries(fields.map((name) => [name, fieldValues(event, name)])) }),
    ...(certificate === undefined ? {} : { clientCertificate: certificate }),
  }
}
