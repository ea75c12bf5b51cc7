// Part: revoked tokens, with a look-up in the store for each token (`revocation.dynamodb`).

import { createLookupReader } from '../revocation/lookup-reader.ts'
import { createRevocationCheck } from '../revocation/revocation-part.ts'
import type { Part } from './parts.ts'

export const revocationLookups: Part = {
  revocation: (config, ports) => createRevocationCheck(config, ports, createLookupReader),
}
