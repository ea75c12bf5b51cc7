// Part: signatures by Ed25519 keys.

import { OKP } from '../keys/key-types/okp.ts'
import type { Part } from './parts.ts'

export const okp: Part = { keyTypes: [OKP] }
