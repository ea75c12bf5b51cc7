import type { Property } from '../property.ts'
import { boundToken } from './bound-token.ts'
import { certificateBoundToken } from './certificate-bound-token.ts'
import { certificateText } from './certificate-text.ts'
import { certificateTime } from './certificate-time.ts'
import { changedToken } from './changed-token.ts'
import { configuration } from './config.ts'
import { gatewayCache } from './gateway-cache.ts'
import { identityFields } from './identity-fields.ts'
import { introspection } from './introspection.ts'
import { jsonText } from './json-text.ts'
import { keySet } from './key-set.ts'
import { lambdaEvent } from './lambda-event.ts'
import { proofUrl } from './proof-url.ts'
import { requestTarget } from './request-target.ts'
import { signedToken } from './signed-token.ts'
import { wire } from './wire.ts'

/** Every property, in the order of the pipeline. */
export const PROPERTIES: readonly Property[] = [
  lambdaEvent,
  requestTarget,
  changedToken,
  jsonText,
  signedToken,
  keySet,
  introspection,
  proofUrl,
  boundToken,
  certificateText,
  certificateTime,
  certificateBoundToken,
  configuration,
  wire,
  identityFields,
  gatewayCache,
]
