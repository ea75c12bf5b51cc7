// Part: signatures by RSA keys.

import { RSA } from '../keys/key-types/rsa.ts'
import type { Part } from './parts.ts'

export const rsa: Part = { keyTypes: [RSA] }
