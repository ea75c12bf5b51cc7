// Part: a configured key for the fingerprints of tokens in the log (`log.fingerprintKey`).

import { createLoadedKey } from '../audit/fingerprint-key.ts'
import type { Part } from './parts.ts'

export const fingerprintKey: Part = { fingerprintKey: createLoadedKey }
